"""Event loops and threads."""

from asgiref.sync import sync_to_async
from django.http import JsonResponse

from sales import orders
from sales.rates import loops


async def async_to_sync(request):
    return JsonResponse(await orders.acheckout(orders.CART, loops.through_async_to_sync))


async def asyncio_run(request):
    return JsonResponse(await orders.acheckout(orders.CART, loops.through_asyncio_run))


def get_event_loop(request):
    return JsonResponse(orders.checkout(orders.CART, loops.through_current_loop))


async def kept_future(request):
    return JsonResponse(await orders.acheckout(orders.CART, loops.through_kept_future))


async def lock(request):
    return JsonResponse(await orders.acheckout(orders.CART, loops.through_lock))


async def own_loop(request):
    return JsonResponse(await sync_to_async(orders.checkout)(orders.CART, loops.through_own_loop))


def outlives(request):
    return JsonResponse(orders.checkout(orders.CART, loops.with_note))
