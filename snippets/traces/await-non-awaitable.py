from django.http import JsonResponse
from django.urls import path

from sales import consumers, orders
from sales.models import Rate
from sales.rates import coroutines


# --8<-- [start:queryset]
async def first_rate(currency):
    rate = await Rate.objects.filter(currency=currency).afirst()
    return rate.yen
# --8<-- [end:queryset]


# --8<-- [start:result]
async def cached(currency):
    return coroutines.cached(currency)
# --8<-- [end:result]


# --8<-- [start:consumer]
websockets = [
    path("ws/as-asgi/", consumers.AsyncCheckout.as_asgi()),
]
# --8<-- [end:consumer]


async def queryset(request):
    return JsonResponse(await orders.acheckout(orders.CART, first_rate))


async def result(request):
    return JsonResponse(await orders.acheckout(orders.CART, cached))
