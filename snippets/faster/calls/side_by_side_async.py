"""The same from an asynchronous view."""

import asyncio
import logging

import httpx

logger = logging.getLogger(__name__)
CERTIFICATES = httpx.create_ssl_context()  # read once: each client would do it again, and the event loop would stand still
TIMEOUT = httpx.Timeout(connect=1.0, read=3.0, write=3.0, pool=1.0)


async def stock(client, url):
    """Return the stock that the service at url reports (int), or None."""
    try:
        response = await client.get(url)
        response.raise_for_status()
        return int(response.text)
    except (httpx.HTTPError, ValueError) as error:
        logger.warning("stock: %r", error)
        return None


async def stocks(urls):
    """Return what each service reports (list, in the order of urls)."""
    async with httpx.AsyncClient(verify=CERTIFICATES, timeout=TIMEOUT) as client:
        return await asyncio.gather(*(stock(client, url) for url in urls))
