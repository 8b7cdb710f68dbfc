"""Rates that are booked with the partner, to the end, even when nobody waits for them any more."""

import asyncio

from . import partner


# --8<-- [start:booked]
async def booked(currency):
    return await asyncio.shield(book(currency))


async def book(currency):
    await asyncio.sleep(0.2)
    return await partner.quote(currency)
# --8<-- [end:booked]


# --8<-- [start:waited]
async def waited(currency):
    thread = in_thread(currency)
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        return await thread  # it cannot be stopped, so wait for it, and take what it raises
# --8<-- [end:waited]


def in_thread(currency):
    """Stands in for run_in_executor() with a function that raises CancelledError, so that it runs without threads, too."""
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    loop.call_later(0.2, future.set_exception, asyncio.CancelledError())
    return future
