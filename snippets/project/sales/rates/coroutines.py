"""Rates for which an await is missing, or stands where it does not belong."""

from functools import wraps

from . import partner, table


# --8<-- [start:missing-await]
async def with_margin(currency):
    return partner.quote(currency) * 1.02
# --8<-- [end:missing-await]


# --8<-- [start:sync-decorator]
def positive(function):
    @wraps(function)
    def checked(*args):
        rate = function(*args)
        if rate <= 0:
            raise ValueError("a rate has to be positive")
        return rate

    return checked


@positive
async def checked(currency):
    return await partner.quote(currency)
# --8<-- [end:sync-decorator]


# --8<-- [start:never-awaited]
async def noted(currency):
    rate = await partner.quote(currency)
    note(currency, rate)
    return rate


async def note(currency, rate):
    """Would write the rate down."""
# --8<-- [end:never-awaited]


# --8<-- [start:await-result]
async def awaited_result(currency):
    return await cached(currency)


def cached(currency):
    return {"EUR": 163}[currency]
# --8<-- [end:await-result]


# --8<-- [start:for-over-async]
async def from_history(currency):
    for rate in history(currency):
        return rate


async def history(currency):
    for days in range(3):
        yield await partner.quote(currency) + days
# --8<-- [end:for-over-async]


# --8<-- [start:stop-iteration]
async def first_match(currency):
    rates = iter([])
    return next(rates)
# --8<-- [end:stop-iteration]


# --8<-- [start:never-awaited-sync]
def noted_by_table(currency):
    rate = table.lookup(currency)
    note(currency, rate)
    return rate
# --8<-- [end:never-awaited-sync]
