"""Database connections."""

from django.http import JsonResponse

from sales import orders
from sales.rates import database


def checkout(request):
    return JsonResponse(orders.checkout(orders.CART, database.by_currency))


def with_retry(request):
    return JsonResponse(orders.checkout(orders.CART, database.by_currency_with_retry))


def slow_query(request):
    return JsonResponse(orders.checkout(orders.CART, database.by_slow_query))
