from django.http import JsonResponse

from sales import orders
from sales.rates import partner, waiting


async def blocked_loop(request):
    # Never wait with .result() for what the same event loop has to do.
    return JsonResponse(await orders.acheckout(orders.CART, partner.quote))


async def locked(currency):
    async with waiting.lock:
        return await partner.quote(currency)  # the inner function takes no lock: its caller holds it


async def lock_twice(request):
    return JsonResponse(await orders.acheckout(orders.CART, locked))
