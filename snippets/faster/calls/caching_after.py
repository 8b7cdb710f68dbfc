"""The stock of a product, asked of the partner once a minute and not for each page."""

import logging

from django.core.cache import cache

from calls.client import stock

SECONDS = 60  # how old a stock may be that a page shows
logger = logging.getLogger(__name__)


def cached_stock(url):
    """Return the stock that the partner at url reports or has reported lately (int), or None."""
    found = ask(cache.get, url)
    if found is None:
        found = stock(url)
        if found is not None:  # a failure is asked again, not kept for a minute
            ask(cache.set, url, found, SECONDS)
    return found


def ask(method, *arguments):
    """Return what a method of the cache returns, or None: a cache that is down must not take the page with it."""
    try:
        return method(*arguments)
    except Exception as error:  # each backend raises errors of its own
        logger.warning("cache: %r", error)
        return None
