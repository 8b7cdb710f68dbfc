import time

from django.db import OperationalError, connection
from django.http import JsonResponse

from sales import orders
from sales.rates import database


def by_currency(currency):
    """Reads, and tries once more. Not for writes: they may have been done before the connection broke."""
    try:
        database.by_currency(currency)
        time.sleep(1)  # meanwhile the database is restarted
        return database.by_currency(currency)
    except OperationalError:
        # A transaction is lost with its connection. And where the connection works, something else is wrong.
        if connection.in_atomic_block or connection.is_usable():
            raise
        connection.close()  # within a request, Django does not reconnect by itself
        return database.by_currency(currency)


def checkout(request):
    return JsonResponse(orders.checkout(orders.CART, by_currency))
