"""A new client, and with it a new connection, for each call."""

import httpx


def stock(url):
    """Return the stock that the partner at url reports (int), or None."""
    try:
        # Reads the file of certificates, connects, asks, and throws all of it away.
        response = httpx.get(url, timeout=3.0)
        response.raise_for_status()
        return int(response.text)
    except (httpx.HTTPError, ValueError):
        return None
