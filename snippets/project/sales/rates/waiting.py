"""Rates that take their time."""

import asyncio
import logging
import time
from contextvars import ContextVar

from . import partner, table

logger = logging.getLogger(__name__)


class RateUnavailable(Exception):
    pass


async def slow_quote(currency):
    await asyncio.sleep(3)
    return await partner.quote(currency)


# --8<-- [start:timeout]
async def within(currency):
    async with asyncio.timeout(0.2):
        return await slow_quote(currency)
# --8<-- [end:timeout]


# --8<-- [start:wait-for]
async def waited_for(currency):
    return await asyncio.wait_for(slow_quote(currency), 0.2)
# --8<-- [end:wait-for]


# --8<-- [start:wrapped]
async def or_unavailable(currency):
    try:
        async with asyncio.timeout(0.2):
            return await slow_quote(currency)
    except TimeoutError as error:
        raise RateUnavailable(currency) from error
# --8<-- [end:wrapped]


# --8<-- [start:disconnect]
async def until_gone(currency):
    try:
        return await slow_quote(currency)
    except asyncio.CancelledError:
        logger.exception("nobody waits for the rate any more")
        raise
# --8<-- [end:disconnect]


# --8<-- [start:blocking]
async def blocking(currency):
    time.sleep(0.7)
    return table.lookup(currency)
# --8<-- [end:blocking]


def long_blocking(currency):
    time.sleep(6)
    return table.lookup(currency)


async def along_blocking(currency):
    time.sleep(6)
    return table.lookup(currency)


# --8<-- [start:deadlock]
async def from_thread_safe_future(currency):
    loop = asyncio.get_running_loop()
    return asyncio.run_coroutine_threadsafe(partner.quote(currency), loop).result()
# --8<-- [end:deadlock]


# --8<-- [start:lock-twice]
lock = asyncio.Lock()


async def locked(currency):
    async with lock:
        return await also_locked(currency)


async def also_locked(currency):
    async with lock:
        return await partner.quote(currency)
# --8<-- [end:lock-twice]


# --8<-- [start:contextvar]
market = ContextVar("market")


async def of_market(currency):
    market.set("tokyo")
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, in_market, currency)


def in_market(currency):
    return table.lookup(currency) if market.get() == "tokyo" else 0
# --8<-- [end:contextvar]


# --8<-- [start:recursion]
async def by_region(currency, region="japan"):
    return await by_region(currency, {"japan": "asia", "asia": "japan"}[region])
# --8<-- [end:recursion]


# --8<-- [start:mutual-recursion]
def by_bank(currency):
    return by_branch(currency)


def by_branch(currency):
    return by_bank(currency)
# --8<-- [end:mutual-recursion]
