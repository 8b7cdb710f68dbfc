"""The database, from async views."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render

from sales import orders
from sales.models import Order
from sales.rates import database


async def query(request):
    return JsonResponse(await orders.acheckout(orders.CART, database.from_coroutine))


# --8<-- [start:template]
async def template(request):
    return render(request, "sales/orders.html", {"orders": Order.objects.all()})
# --8<-- [end:template]


async def foreign_key(request):
    return JsonResponse(await orders.acheckout(orders.CART, database.of_first_customer))


# --8<-- [start:user]
async def user(request):
    if request.user.is_authenticated:
        return HttpResponse("welcome back")
    return HttpResponse("hello")
# --8<-- [end:user]


async def atomic(request):
    return JsonResponse(await orders.acheckout(orders.CART, database.locked))


async def await_queryset(request):
    return JsonResponse(await orders.acheckout(orders.CART, database.awaited_queryset))


async def async_for_list(request):
    return JsonResponse(await orders.acheckout(orders.CART, database.looked_through))


# --8<-- [start:greeting]
async def greeting(request):
    return render(request, "sales/greeting.html", {"user": request.auser()})
# --8<-- [end:greeting]
