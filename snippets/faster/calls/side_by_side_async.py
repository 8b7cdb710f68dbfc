"""The same from an asynchronous view."""

import asyncio

import httpx

TIMEOUT = httpx.Timeout(connect=1.0, read=3.0, write=3.0, pool=1.0)


async def stock(client, url):
    """Return the stock that the service at url reports (int), or None."""
    try:
        response = await client.get(url)
        response.raise_for_status()
    except httpx.HTTPError:
        return None
    return int(response.text)


async def stocks(urls):
    """Return what each service reports (list, in the order of urls)."""
    async with httpx.AsyncClient(timeout=TIMEOUT) as client:
        return await asyncio.gather(*(stock(client, url) for url in urls))
