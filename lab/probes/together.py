"""Requests at the same time on one worker: waiting, computing, blocking the event loop."""

import threading
import time

from lab import output
from lab.errors import LabError
from lab.probes.common import Result
from lab.serve import Running


def blocked_loop(server: Running) -> Result:
    """Asks for something else while an async view blocks the only worker."""
    blocked_seconds = 3
    mark = server.mark()
    thread = threading.Thread(target=server.get, args=(f"/async/blocking/?seconds={blocked_seconds}",))
    thread.start()
    server.wait_for_log("blocking for", mark)
    other = server.get("/healthz/").last
    thread.join()
    return Result(
        "others-wait" if other > blocked_seconds / 2 else "others-served",
        [f"GET /async/blocking/?seconds={blocked_seconds}", "GET /healthz/ while it blocks"],
        {"blocked_seconds": blocked_seconds, "other_seconds": round(other, 2)},
    )


def simultaneous(path, n):
    """A probe that asks for `path`, which names its seconds, once alone, then `n` times at once."""
    seconds = float(path.rpartition("=")[2])

    def probe(server: Running) -> Result:
        single = server.get(path).last
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(server.get(path).status)) for _ in range(n)]
        start = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wall = time.monotonic() - start
        if answers != [200] * n:
            raise LabError(f"{server.setup.name}: {path} answered {answers}.")
        # Together takes as long as one, one after another n times as long; halfway between is the line.
        return Result(
            "together" if wall < seconds * (n + 1) / 2 else "one-after-another",
            [f"GET {path}, once", f"GET {path}, {n} at once"],
            {"wall_seconds": round(wall, 2), "single_seconds": round(single, 2), "n": n},
        )

    return probe


def default_threads(server: Running) -> Result:
    """How many requests that wait a server takes on at once when it is not told a number of threads."""
    n = 40
    found = simultaneous("/slow/?seconds=1", n)(server)
    warnings = output.lines_with(server.log(), "WARNING")
    return Result(found.outcome, found.did, found.figures, warnings)
