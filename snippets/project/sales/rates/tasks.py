"""Rates for which several things happen at once, or after the answer."""

import asyncio

from . import partner, table


# --8<-- [start:gather]
async def average(currency):
    quotes = await asyncio.gather(partner.quote(currency), partner.quote("CHF"), partner.quote("SEK"))
    return sum(quotes) / len(quotes)
# --8<-- [end:gather]


# --8<-- [start:return-exceptions]
async def average_of_known(currency):
    quotes = await asyncio.gather(partner.quote(currency), partner.quote("CHF"), return_exceptions=True)
    return sum(quotes) / len(quotes)
# --8<-- [end:return-exceptions]


# --8<-- [start:task-group]
async def average_of_group(currency):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(partner.quote(name)) for name in (currency, "CHF", "SEK")]
    return sum(task.result() for task in tasks) / len(tasks)
# --8<-- [end:task-group]


# --8<-- [start:nested-groups]
async def average_of_markets(currency):
    async with asyncio.TaskGroup() as markets:
        tasks = [markets.create_task(average_of_group(currency)) for _ in range(2)]
    return tasks[0].result()
# --8<-- [end:nested-groups]


# --8<-- [start:in-turn]
async def both_in_turn(currency):
    first = asyncio.create_task(partner.quote("CHF"))
    second = asyncio.create_task(partner.quote("SEK"))
    return await first + await second
# --8<-- [end:in-turn]


# --8<-- [start:receipt]
async def with_receipt(currency):
    rate = await partner.quote(currency)
    asyncio.create_task(send_receipt("CHF"))
    return rate


async def send_receipt(currency):
    await asyncio.sleep(0.05)
    return receipt_text(currency)


def receipt_text(currency):
    return f"1 {currency} = {table.lookup(currency)} yen"
# --8<-- [end:receipt]


# --8<-- [start:confirmation]
async def with_confirmation(currency):
    asyncio.create_task(confirmed())
    return await partner.quote(currency)


async def confirmed():
    await asyncio.get_running_loop().create_future()  # which nobody else holds, and nobody will set
# --8<-- [end:confirmation]


# --8<-- [start:callback]
async def with_expiry(currency):
    asyncio.get_running_loop().call_later(0.05, expire, "CHF")
    return await partner.quote(currency)


def expire(currency):
    return receipt_text(currency)
# --8<-- [end:callback]
