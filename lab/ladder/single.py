"""One client that asks one thing after another on one connection: how long a page takes when nobody else is there."""

import http.client
import statistics
import time
from urllib.parse import urlsplit

from lab.errors import LabError

PATIENCE = 60  # seconds for one answer


def ask(address, path, seconds, least=1):
    """
    Sends GET `path` to `address` (http://host:port) for `seconds`, at least `least` times.

    Returns a sample: {"throughput", "p50_ms", "p95_ms", "failed"}. Raises LabError when the first answer is none.
    """
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
    taken, failed, end = [], 0, None
    try:
        while end is None or len(taken) < least or time.perf_counter() < end:
            started = time.perf_counter()
            connection.request("GET", path)
            response = connection.getresponse()
            body = response.read()
            if end is None:  # the first one connects and is not counted
                if response.status != 200:
                    raise LabError(f"{path} answers {response.status}: {body[:300]!r}")
                end = time.perf_counter() + seconds
                continue
            taken.append(time.perf_counter() - started)
            failed += response.status != 200
    finally:
        connection.close()
    taken.sort()
    return {
        "throughput": len(taken) / sum(taken),
        "p50_ms": statistics.median(taken) * 1000,
        "p95_ms": taken[min(int(len(taken) * 0.95), len(taken) - 1)] * 1000,
        "failed": failed,
    }
