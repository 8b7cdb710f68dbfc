"""The stock of a product, asked of the partner once a minute and not for each page."""

from django.core.cache import cache

from calls.client import stock

SECONDS = 60  # how old a stock may be that a page shows


def cached_stock(url):
    """Return the stock that the partner at url reports or has reported lately (int), or None."""
    found = cache.get(url)
    if found is None:
        found = stock(url)
        if found is not None:  # a failure is asked again, not kept for a minute
            cache.set(url, found, timeout=SECONDS)
    return found
