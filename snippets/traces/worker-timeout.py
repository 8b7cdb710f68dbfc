import asyncio

from django.http import JsonResponse

from sales import orders
from sales.rates import waiting


async def in_thread(currency):
    # The event loop stays free and tells Gunicorn that the worker lives, however long the thread takes.
    # For code that uses the ORM, sync_to_async: it runs where Django closes the connections again.
    return await asyncio.to_thread(waiting.long_blocking, currency)


async def checkout(request):
    return JsonResponse(await orders.acheckout(orders.CART, in_thread))
