"""How long each request stood in line before Django saw it.

The proxy has to say when it passed the request on (nginx: proxy_set_header X-Request-Start "t=${msec}";).
Put "measuring.queue_time.queue_time" (under the name of your own app) first in MIDDLEWARE.
"""

import logging
import re
import time
from urllib.parse import quote

logger = logging.getLogger(__name__)
STAMP = re.compile(r"t=(\d+\.\d+)")  # seconds since 1970; the clocks of both machines have to agree


def queue_time(get_response):
    """Log the time from the proxy to this line (ms)."""

    def middleware(request):
        if found := STAMP.fullmatch(request.headers.get("X-Request-Start", "")):
            queue = (time.time() - float(found[1])) * 1000
            logger.info("%s %s queue=%.0f", request.method, quote(request.path), queue)
        return get_response(request)

    return middleware
