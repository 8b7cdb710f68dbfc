"""Second level: what the lines of an order cost. `lookup` gives the rate of a currency."""

from asgiref.sync import sync_to_async

from .rates import table


def subtotal(lines):
    return sum(line["price"] * line["quantity"] for line in lines)


def total(lines, currency, lookup):
    rate = lookup(currency)
    return subtotal(lines) / rate


async def atotal(lines, currency, lookup):
    rate = await lookup(currency)
    return subtotal(lines) / rate


async def atotal_both_ways(lines, currency):
    rate = await sync_to_async(table.lookup)(currency)
    return subtotal(lines) / rate
