"""How much it costs to cross between synchronous and asynchronous code: so many times in one request."""

import time

from asgiref.sync import async_to_sync, sync_to_async
from django.http import JsonResponse


def nothing():
    """Synchronous code that takes no time."""


async def nothing_async():
    """Asynchronous code that takes no time."""


async def to_sync(request):
    """An async view that calls synchronous code n times."""
    count = int(request.GET.get("n", 0))
    started = time.perf_counter()
    for _ in range(count):
        await sync_to_async(nothing)()
    return JsonResponse({"crossings": count, "microseconds": (time.perf_counter() - started) * 1e6})


def to_async(request):
    """A synchronous view that calls asynchronous code n times; each call starts an event loop under WSGI."""
    count = int(request.GET.get("n", 0))
    started = time.perf_counter()
    for _ in range(count):
        async_to_sync(nothing_async)()
    return JsonResponse({"crossings": count, "microseconds": (time.perf_counter() - started) * 1e6})
