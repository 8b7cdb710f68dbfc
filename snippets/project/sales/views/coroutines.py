"""An await that is missing, or one too many."""

from django.http import HttpResponse, JsonResponse

from sales import orders
from sales.rates import coroutines, partner


async def missing_await(request):
    return JsonResponse(await orders.acheckout(orders.CART, coroutines.with_margin))


async def sync_decorator(request):
    return JsonResponse(await orders.acheckout(orders.CART, coroutines.checked))


async def never_awaited(request):
    return JsonResponse(await orders.acheckout(orders.CART, coroutines.noted))


async def await_result(request):
    return JsonResponse(await orders.acheckout(orders.CART, coroutines.awaited_result))


async def for_over_async(request):
    return JsonResponse(await orders.acheckout(orders.CART, coroutines.from_history))


async def stop_iteration(request):
    return JsonResponse(await orders.acheckout(orders.CART, coroutines.first_match))


# --8<-- [start:returns-coroutine]
def receipt(request):
    return write_receipt(orders.CART)


async def write_receipt(cart):
    total = await orders.acheckout(cart, partner.quote)
    return HttpResponse(f"total: {total['total']}")
# --8<-- [end:returns-coroutine]


def never_awaited_sync(request):
    return JsonResponse(orders.checkout(orders.CART, coroutines.noted_by_table))
