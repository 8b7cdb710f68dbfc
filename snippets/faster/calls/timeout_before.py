"""The stock of a product, however long the partner takes to answer."""

import httpx

client = httpx.Client(timeout=None)  # as requests and urllib do unless told otherwise


def stock(url):
    """Return the stock that the partner at url reports (int)."""
    response = client.get(url)
    response.raise_for_status()
    return int(response.text)
