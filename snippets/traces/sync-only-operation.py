from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render

from sales import orders
from sales.models import Order, Rate


# --8<-- [start:query]
async def by_currency(currency):
    rate = await Rate.objects.aget(currency=currency)
    return rate.yen
# --8<-- [end:query]


async def query(request):
    return JsonResponse(await orders.acheckout(orders.CART, by_currency))


# --8<-- [start:template]
async def template(request):
    # A list: everything the template will touch is here before it is rendered.
    found = [order async for order in Order.objects.select_related("customer")]
    return render(request, "sales/orders.html", {"orders": found})
# --8<-- [end:template]


# --8<-- [start:foreign-key]
async def of_first_customer(currency):
    order = await Order.objects.select_related("customer").aget(number=1)
    return len(order.customer.name)
# --8<-- [end:foreign-key]


async def foreign_key(request):
    return JsonResponse(await orders.acheckout(orders.CART, of_first_customer))


# --8<-- [start:user]
async def user(request):
    user = await request.auser()
    if user.is_authenticated:
        return HttpResponse("welcome back")
    return HttpResponse("hello")
# --8<-- [end:user]


# --8<-- [start:atomic]
@sync_to_async
def locked(currency):
    with transaction.atomic():
        return Rate.objects.select_for_update().get(currency=currency).yen
# --8<-- [end:atomic]


async def atomic(request):
    return JsonResponse(await orders.acheckout(orders.CART, locked))
