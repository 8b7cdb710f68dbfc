import asyncio
import logging

from django.http import JsonResponse

from sales import orders
from sales.rates import partner

logger = logging.getLogger(__name__)
USUAL = 163


async def average(currency):
    names = [currency, "CHF", "SEK"]
    quotes = await asyncio.gather(*map(partner.quote, names), return_exceptions=True)
    for name, quote in zip(names, quotes):
        if isinstance(quote, BaseException):  # a cancelled one is no Exception
            logger.warning("no rate for %s", name, exc_info=quote)
    known = [quote for quote in quotes if not isinstance(quote, BaseException)]
    return sum(known) / len(known) if known else USUAL


async def checkout(request):
    return JsonResponse(await orders.acheckout(orders.CART, average))
