"""Views that hang: their supplier does not answer, or they wait for each other."""

import logging

from asgiref.sync import sync_to_async
from django.http import HttpResponse, StreamingHttpResponse

from stock import orders

logger = logging.getLogger(__name__)


def sync_price(request):
    """Waits on a thread, as it should be under WSGI."""
    logger.info("hangs now")
    return HttpResponse(orders.blocking_price("cup"))


async def async_price(request):
    """Waits in an await: the event loop serves others meanwhile."""
    logger.info("hangs now")
    return HttpResponse(await orders.price("cup"))


async def blocking_price(request):
    """The mistake: waits on the thread of the event loop, so that nobody is served."""
    logger.info("hangs now")
    return HttpResponse(orders.blocking_price("cup"))


async def cached_price(request):
    """The mistake: a thread holds a lock and waits for the event loop, which waits for the lock."""
    logger.info("hangs now")
    return HttpResponse(await sync_to_async(orders.cached_price)("cup"))


def leaking_price(request):
    """Leaves a file open."""
    logger.info("hangs now")
    return HttpResponse(orders.listed_price("cup"))


async def stream_prices(request):
    """Waits in the middle of a streaming response."""
    logger.info("hangs now")
    return StreamingHttpResponse(orders.prices(["cup", "tin"]))


async def move_in(request):
    """Together with move_out(): each holds the lock that the other one waits for."""
    logger.info("hangs now")
    await orders.move_in("cup")
    return HttpResponse("moved")


async def move_out(request):
    logger.info("hangs now")
    await orders.move_out("cup")
    return HttpResponse("moved")
