"""Rates from the database."""

import time

from django.db import OperationalError, connection, transaction

from sales.models import Order, Rate


def by_currency(currency):
    return Rate.objects.get(currency=currency).yen


# --8<-- [start:retry]
def by_currency_with_retry(currency):
    try:
        by_currency(currency)
        time.sleep(1)  # meanwhile the database is restarted
        return by_currency(currency)
    except OperationalError:
        return by_currency(currency)
# --8<-- [end:retry]


# --8<-- [start:query]
async def from_coroutine(currency):
    return Rate.objects.get(currency=currency).yen
# --8<-- [end:query]


# --8<-- [start:foreign-key]
async def of_first_customer(currency):
    order = await Order.objects.aget(number=1)
    return len(order.customer.name)
# --8<-- [end:foreign-key]


# --8<-- [start:atomic]
async def locked(currency):
    with transaction.atomic():
        rate = await Rate.objects.aget(currency=currency)
        return rate.yen
# --8<-- [end:atomic]


# --8<-- [start:await-queryset]
async def awaited_queryset(currency):
    rates = await Rate.objects.filter(currency=currency)
    return rates[0].yen
# --8<-- [end:await-queryset]


# --8<-- [start:async-for-list]
async def looked_through(currency):
    async for rate in await all_rates():
        if rate.currency == currency:
            return rate.yen


async def all_rates():
    return [rate async for rate in Rate.objects.all()]
# --8<-- [end:async-for-list]


# --8<-- [start:slow-query]
def by_slow_query(currency):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1)")
    return by_currency(currency)
# --8<-- [end:slow-query]
