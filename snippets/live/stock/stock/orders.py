"""What the views ask for."""

import asyncio
import threading

from asgiref.sync import async_to_sync

from stock import supplier

cache_lock = threading.Lock()
shelf_lock = asyncio.Lock()
ledger_lock = asyncio.Lock()


async def price(sku):
    return await supplier.ask(sku)


def blocking_price(sku):
    return supplier.blocking_ask(sku)


def listed_price(sku):
    return open(__file__).readline()


async def prices(skus):
    for sku in skus:
        yield await supplier.ask(sku)


def cached_price(sku):
    with cache_lock:
        return async_to_sync(fill_cache)(sku)


async def fill_cache(sku):
    with cache_lock:  # the thread above has it, and waits for this coroutine
        return await supplier.ask(sku)


async def move_in(sku):
    async with shelf_lock:
        await asyncio.sleep(0.5)
        async with ledger_lock:
            return sku


async def move_out(sku):
    async with ledger_lock:
        await asyncio.sleep(0.5)
        async with shelf_lock:
            return sku
