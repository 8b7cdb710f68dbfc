"""Exit status 0 when Django answers 200 on /healthz/, else 1. Needs nothing but Python."""

import http.client
import os
import sys

# A name that Django accepts: the first of its own list, ".example.com" without the dot.
host = os.environ.get("DJANGO_ALLOWED_HOSTS", "").split(",")[0].lstrip("*.") or "localhost"
# Less than --timeout of HEALTHCHECK, so that the reason gets into the
# log. Does not follow redirects, unlike urllib.
connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=2)
try:
    connection.request("GET", "/healthz/", headers={"Host": host})
    status = connection.getresponse().status
except (OSError, http.client.HTTPException) as error:
    sys.exit(f"no answer: {error!r}")
if status != 200:
    sys.exit(f"HTTP {status} for the host {host}")
