"""One client for the process: it keeps connections, and every call has an end."""

import httpx

client = httpx.Client(
    # Seconds: to connect, between two pieces of the answer, to send,
    # and until one of the kept connections is free.
    timeout=httpx.Timeout(connect=1.0, read=3.0, write=3.0, pool=1.0),
)


def stock(url):
    """Return the stock that the service at url reports (int), or None."""
    try:
        response = client.get(url)
        response.raise_for_status()
        return int(response.text)
    # Timeouts, refused connections, 4xx and 5xx; a maintenance page that answers 200.
    except (httpx.HTTPError, ValueError):
        return None  # the page says "stock unknown" instead of failing
