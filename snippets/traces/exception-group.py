import asyncio
import logging

from django.http import JsonResponse

from sales import orders
from sales.rates import partner

logger = logging.getLogger(__name__)


async def average(currency):
    tasks = []
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(partner.quote(name)) for name in (currency, "CHF", "SEK")]
    except* KeyError as errors:
        # Each member by itself: the group's own message says nothing about them.
        for error in errors.exceptions:
            logger.warning("no rate for %s", error)
    known = [task.result() for task in tasks if not task.cancelled() and not task.exception()]
    return sum(known) / len(known) if known else 163


async def checkout(request):
    return JsonResponse(await orders.acheckout(orders.CART, average))
