"""The same bug five-fold: what differs is only how the business code is reached."""

import traceback

from asgiref.sync import sync_to_async
from django.http import HttpResponse, JsonResponse

from sales import orders


def sync_checkout(request):
    return JsonResponse(orders.checkout(orders.CART_CHF))


async def async_checkout(request):
    return JsonResponse(orders.checkout(orders.CART_CHF))


async def checkout_both_ways(request):
    return JsonResponse(await sync_to_async(orders.checkout_both_ways)(orders.CART_CHF))


def sync_stack(request):
    """Where are we? Printed to standard error, as a debugger or a profiler would show it."""
    traceback.print_stack()
    return HttpResponse("see the log")


async def async_stack(request):
    traceback.print_stack()
    return HttpResponse("see the log")


async def fine_checkout(request):
    """With a currency that the rates know."""
    return JsonResponse(orders.checkout(orders.CART))
