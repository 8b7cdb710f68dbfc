from functools import wraps

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import JsonResponse

from sales import orders
from sales.rates import partner


# --8<-- [start:missing-await]
async def with_margin(currency):
    return await partner.quote(currency) * 1.02
# --8<-- [end:missing-await]


# --8<-- [start:decorator]
def positive(function):
    def check(rate):
        if rate <= 0:
            raise ValueError("a rate has to be positive")
        return rate

    if iscoroutinefunction(function):

        @wraps(function)
        async def checked(*args):
            return check(await function(*args))

    else:

        @wraps(function)
        def checked(*args):
            return check(function(*args))

    return checked
# --8<-- [end:decorator]


# --8<-- [start:middleware]
class Audit:
    sync_capable = False
    async_capable = True

    def __init__(self, get_response):
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request):
        response = await self.get_response(request)
        response["X-Audit"] = "seen"
        return response
# --8<-- [end:middleware]


async def missing_await(request):
    return JsonResponse(await orders.acheckout(orders.CART, with_margin))


async def sync_decorator(request):
    return JsonResponse(await orders.acheckout(orders.CART, positive(partner.quote)))
