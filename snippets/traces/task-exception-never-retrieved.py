import asyncio
import logging

from django.http import JsonResponse

from sales import orders
from sales.rates import partner, tasks

logger = logging.getLogger(__name__)
running = set()  # the event loop itself keeps only weak references


def in_background(coroutine, what):
    """Starts a task, keeps it until it ends, and logs its failure with what it was about."""
    task = asyncio.create_task(coroutine, name=what)
    running.add(task)
    task.add_done_callback(ended)


def ended(task):
    running.discard(task)
    if not task.cancelled() and (error := task.exception()):
        logger.error("%s failed", task.get_name(), exc_info=error)


async def with_receipt(currency):
    rate = await partner.quote(currency)
    in_background(tasks.send_receipt("CHF"), "receipt of order 1")
    return rate


async def checkout(request):
    return JsonResponse(await orders.acheckout(orders.CART, with_receipt))
