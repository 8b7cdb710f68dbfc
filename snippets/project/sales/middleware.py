"""Middleware of every kind: sync, async, both, and two that are wrong."""

import asyncio

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.utils.decorators import async_only_middleware, sync_and_async_middleware, sync_only_middleware

from . import orders


@sync_only_middleware
def sync_audit(get_response):
    def audit(request):
        return get_response(request)

    return audit


@async_only_middleware
def async_audit(get_response):
    async def audit(request):
        return await get_response(request)

    return audit


@sync_and_async_middleware
def audit(get_response):
    if iscoroutinefunction(get_response):

        async def both(request):
            return await get_response(request)

    else:

        def both(request):
            return get_response(request)

    return both


# --8<-- [start:debug-loop]
@async_only_middleware
def debug_loop(get_response):
    """Asyncio's debug mode for servers that switch it off again, whatever PYTHONASYNCIODEBUG says."""

    async def debug(request):
        asyncio.get_running_loop().set_debug(True)
        return await get_response(request)

    return debug
# --8<-- [end:debug-loop]


# --8<-- [start:raises]
def last_order(get_response):
    """Fails itself, after the view has answered."""

    def middleware(request):
        response = get_response(request)
        if "checkout" in request.path:
            response["X-Total"] = str(orders.checkout(orders.CART_CHF)["total"])
        return response

    return middleware
# --8<-- [end:raises]


# --8<-- [start:claims-async]
class ClaimsAsync:
    """Says that it is async, and uses the coroutine as if it were the response."""

    sync_capable = False
    async_capable = True

    def __init__(self, get_response):
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request):
        response = self.get_response(request)
        response["X-Audit"] = "seen"
        return response
# --8<-- [end:claims-async]
