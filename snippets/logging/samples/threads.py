"""Threads that you start yourself know nothing of the request, unless you hand them its context."""

import logging
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

logger = logging.getLogger(__name__)


def prices(ask, skus):
    """Ask for several prices at once; what the threads log carries the id of the request."""
    with ThreadPoolExecutor(max_workers=4) as pool:
        # A context runs in one thread at a time: so one copy for each.
        waiting = [pool.submit(copy_context().run, ask, sku) for sku in skus]
        return [one.result() for one in waiting]
