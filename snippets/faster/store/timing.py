"""Where the time of each request went.

Put "store.timing.timing" (under the name of your own app) first in MIDDLEWARE.
"""

import logging
import time
from urllib.parse import quote

from django.db import connection

logger = logging.getLogger(__name__)


class Queries:
    """Counts the queries of one request and how long they took."""

    def __init__(self):
        self.count = 0
        self.seconds = 0.0

    def __call__(self, execute, sql, params, many, context):
        """Run one query, as Django asks a wrapper to, and count it."""
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.count += 1
            self.seconds += time.perf_counter() - started


def timing(get_response):
    """Log wall time, CPU time and database time (ms), and the number of queries."""

    def middleware(request):
        queries = Queries()
        wall, cpu = time.perf_counter(), time.thread_time()
        with connection.execute_wrapper(queries):
            response = get_response(request)
        wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
        logger.info(
            "%s %s wall=%.0f cpu=%.0f db=%.0f queries=%d",
            request.method,
            quote(request.path),  # a line feed in a path would make a second line
            wall * 1000,
            cpu * 1000,
            queries.seconds * 1000,
            queries.count,
        )
        return response

    return middleware
