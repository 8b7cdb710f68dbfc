"""The stock of several products in one call, for a partner that offers it."""

import httpx

from calls.client import client


def stocks(url, products):
    """Return the stock of each product (list of int or None, in the order of products)."""
    query = "".join(f"&product={product}" for product in products)
    try:
        response = client.get(url + query)
        response.raise_for_status()
        found = [int(number) for number in response.text.split()]
    except (httpx.HTTPError, ValueError):
        found = []
    # One failure now is a failure for all of them.
    return found if len(found) == len(products) else [None] * len(products)
