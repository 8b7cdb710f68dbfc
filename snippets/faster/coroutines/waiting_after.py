"""The same wait as a coroutine: the event loop takes other requests meanwhile."""

import asyncio

from django.http import HttpResponse

WAIT = 0.1  # seconds that the other service takes


async def waiting(request):
    """Answer after the wait."""
    await asyncio.sleep(WAIT)
    return HttpResponse("done")
