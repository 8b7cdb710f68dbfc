"""Rates for which somebody mixes up event loops and threads."""

import asyncio

from asgiref.sync import async_to_sync, sync_to_async

from . import partner, table


# --8<-- [start:async-to-sync]
async def through_async_to_sync(currency):
    return async_to_sync(partner.quote)(currency)
# --8<-- [end:async-to-sync]


# --8<-- [start:asyncio-run]
async def through_asyncio_run(currency):
    return asyncio.run(partner.quote(currency))
# --8<-- [end:asyncio-run]


# --8<-- [start:get-event-loop]
def through_current_loop(currency):
    loop = asyncio.get_event_loop()
    return loop.run_until_complete(partner.quote(currency))
# --8<-- [end:get-event-loop]


# --8<-- [start:future]
answer = None  # of the first request, kept for all


async def through_kept_future(currency):
    global answer
    if answer is None:
        answer = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(0.3, answer.set_result, 163)
        return 163
    return await answer
# --8<-- [end:future]


# --8<-- [start:lock]
lock = asyncio.Lock()


async def through_lock(currency):
    async with lock:
        await asyncio.sleep(0.5)
        return await partner.quote(currency)
# --8<-- [end:lock]


# --8<-- [start:own-loop]
def through_own_loop(currency):
    return asyncio.run(from_table(currency))


async def from_table(currency):
    return await sync_to_async(table.lookup)(currency)
# --8<-- [end:own-loop]


# --8<-- [start:outlives]
def with_note(currency):
    return async_to_sync(quote_and_note)(currency)


async def quote_and_note(currency):
    asyncio.create_task(note(currency))
    return await partner.quote(currency)


async def note(currency):
    await asyncio.sleep(0.2)  # by now the sync caller has gone on
    return await sync_to_async(table.lookup)(currency)
# --8<-- [end:outlives]
