"""Rates from a partner, whose client is async. What it answers is made up here: no network is needed."""

import asyncio


async def quote(currency):
    await asyncio.sleep(0.01)
    return {"EUR": 163, "USD": 151}[currency]
