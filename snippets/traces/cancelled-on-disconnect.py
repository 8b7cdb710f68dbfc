import asyncio
import logging

from django.http import JsonResponse

from sales import orders
from sales.rates import waiting

logger = logging.getLogger(__name__)


async def until_gone(currency):
    try:
        return await waiting.slow_quote(currency)
    except asyncio.CancelledError:
        logger.info("cancelled while we asked for %s (client gone, or the server stops)", currency)
        raise  # or the request goes on for nobody


async def checkout(request):
    return JsonResponse(await orders.acheckout(orders.CART, until_gone))
