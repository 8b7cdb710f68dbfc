"""Several things at once, and what goes on after the answer."""

import gc

from django.http import HttpResponse, JsonResponse

from sales import orders
from sales.rates import tasks


async def gather(request):
    return JsonResponse(await orders.acheckout(orders.CART, tasks.average))


async def return_exceptions(request):
    return JsonResponse(await orders.acheckout(orders.CART, tasks.average_of_known))


async def task_group(request):
    return JsonResponse(await orders.acheckout(orders.CART, tasks.average_of_group))


async def nested_groups(request):
    return JsonResponse(await orders.acheckout(orders.CART, tasks.average_of_markets))


async def in_turn(request):
    return JsonResponse(await orders.acheckout(orders.CART, tasks.both_in_turn))


async def receipt(request):
    return JsonResponse(await orders.acheckout(orders.CART, tasks.with_receipt))


async def confirmation(request):
    return JsonResponse(await orders.acheckout(orders.CART, tasks.with_confirmation))


async def callback(request):
    return JsonResponse(await orders.acheckout(orders.CART, tasks.with_expiry))


async def collect_garbage(request):
    """What the interpreter does by itself every now and then."""
    gc.collect()
    return HttpResponse("done")
