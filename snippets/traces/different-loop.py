import asyncio
from weakref import WeakKeyDictionary

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
locks = WeakKeyDictionary()  # event loop -> its lock: it orders the requests of one loop, not those of others


async def locked(currency):
    lock = locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())
    async with lock:
        await asyncio.sleep(0.5)
        return await partner.quote(currency)
# --8<-- [end:lock]


async def kept_future(request):
    return JsonResponse(await orders.acheckout(orders.CART, kept))


async def lock(request):
    return JsonResponse(await orders.acheckout(orders.CART, locked))
