import asyncio

from django.http import JsonResponse

from sales import orders
from sales.rates import partner

# --8<-- [start:value]
answer = None  # the value, not the future it came from


async def kept(currency):
    global answer
    if answer is None:
        answer = await partner.quote(currency)
    return answer
# --8<-- [end:value]


# --8<-- [start:lock]
def lock_of(loop):
    """The lock of an event loop. Kept on the loop, it goes with it. It orders the requests of that loop, not those of others."""
    if not hasattr(loop, "quote_lock"):
        loop.quote_lock = asyncio.Lock()
    return loop.quote_lock


async def locked(currency):
    async with lock_of(asyncio.get_running_loop()):
        await asyncio.sleep(0.5)
        return await partner.quote(currency)
# --8<-- [end:lock]


async def kept_future(request):
    return JsonResponse(await orders.acheckout(orders.CART, kept))


async def lock(request):
    return JsonResponse(await orders.acheckout(orders.CART, locked))
