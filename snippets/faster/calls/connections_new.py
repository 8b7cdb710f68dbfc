"""One client that keeps no connection: what is measured between connections_before.py and client.py."""

import httpx

client = httpx.Client(timeout=3.0, limits=httpx.Limits(max_keepalive_connections=0))


def stock(url):
    """Return the stock that the partner at url reports (int), or None."""
    try:
        response = client.get(url)
        response.raise_for_status()
        return int(response.text)
    except (httpx.HTTPError, ValueError):
        return None
