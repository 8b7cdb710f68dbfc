"""The stock of several products: one call for each, one after another."""

from calls.client import stock


def stocks(url, products):
    """Return the stock of each product (list of int or None, in the order of products)."""
    return [stock(f"{url}&product={product}") for product in products]
