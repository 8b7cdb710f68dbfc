import asyncio
import time

from django.http import JsonResponse

from sales import orders
from sales.rates import table


def blocking(currency):
    """Sync code that waits: in a thread it holds up nobody else. Without the ORM, or it needs sync_to_async."""
    time.sleep(0.7)
    return table.lookup(currency)


async def in_thread(currency):
    return await asyncio.to_thread(blocking, currency)


async def checkout(request):
    return JsonResponse(await orders.acheckout(orders.CART, in_thread))
