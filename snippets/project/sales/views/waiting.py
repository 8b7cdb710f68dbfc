"""What takes too long, blocks, or never ends."""

import asyncio
import logging

from django.http import JsonResponse

from sales import orders
from sales.rates import hanging, partner, waiting

logger = logging.getLogger(__name__)


async def timeout(request):
    return JsonResponse(await orders.acheckout(orders.CART, waiting.within))


async def wait_for(request):
    return JsonResponse(await orders.acheckout(orders.CART, waiting.waited_for))


async def unavailable(request):
    return JsonResponse(await orders.acheckout(orders.CART, waiting.or_unavailable))


async def until_gone(request):
    return JsonResponse(await orders.acheckout(orders.CART, waiting.until_gone))


async def slow(request):
    return JsonResponse(await orders.acheckout(orders.CART, waiting.slow_quote))


async def blocking(request):
    return JsonResponse(await orders.acheckout(orders.CART, waiting.blocking))


def long_blocking(request):
    return JsonResponse(orders.checkout(orders.CART, waiting.long_blocking))


async def along_blocking(request):
    return JsonResponse(await orders.acheckout(orders.CART, waiting.along_blocking))


async def deadlock(request):
    return JsonResponse(await orders.acheckout(orders.CART, waiting.from_thread_safe_future))


async def lock_twice(request):
    return JsonResponse(await orders.acheckout(orders.CART, waiting.locked))


async def contextvar(request):
    return JsonResponse(await orders.acheckout(orders.CART, waiting.of_market))


async def recursion(request):
    return JsonResponse(await orders.acheckout(orders.CART, waiting.by_region))


def mutual_recursion(request):
    return JsonResponse(orders.checkout(orders.CART, waiting.by_bank))


# --8<-- [start:interleaved]
async def charge(request):
    cart = orders.CART_CHF if request.GET.get("currency") == "CHF" else orders.CART
    logger.info("order received")
    await asyncio.sleep(0.3)
    logger.info("charging the card")
    return JsonResponse(await orders.acheckout(cart, partner.quote))
# --8<-- [end:interleaved]


def partner_hangs(request):
    return JsonResponse(orders.checkout(orders.CART, hanging.from_partner))
