"""One client for the process: it keeps connections, and every call has an end."""

import logging

import httpx

logger = logging.getLogger(__name__)
CONNECTIONS = 8 * 16  # threads of the server, times calls of one page at the same time
client = httpx.Client(
    # Seconds: to connect, between two pieces of the answer, to send,
    # and until one of the kept connections is free.
    timeout=httpx.Timeout(connect=1.0, read=3.0, write=3.0, pool=1.0),
    # With fewer, calls wait for one of them and fail with PoolTimeout. The default is 100, of which 20 are kept.
    limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
)


def stock(url):
    """Return the stock that the service at url reports (int), or None."""
    try:
        response = client.get(url)
        response.raise_for_status()
        return int(response.text)
    # Timeouts, refused connections, 4xx and 5xx; a maintenance page that answers 200.
    except (httpx.HTTPError, ValueError) as error:
        logger.warning("stock: %r", error)
        return None  # the page says "stock unknown" instead of failing
