"""A bounded load: a few threads that ask again and again, and stop by themselves."""

import http.client
import threading
import time
from dataclasses import dataclass, field

from lab import client

LONGEST = 90  # seconds after which a load ends even if nobody stops it


@dataclass
class Count:
    """What the threads of one kind saw."""

    requests: int = 0
    failed: int = 0
    reasons: dict = field(default_factory=dict)
    pids: set = field(default_factory=set)
    slowest: float = 0.0  # seconds


class Load:
    """
    Context manager: GET `path` from `new` threads that connect anew for each request and `keep_alive` threads that
    keep their connection. `pause` seconds between two requests of a thread. Leaving the block ends the load.

    A request fails when there is no whole answer or its status is not 200. A keep-alive client that the server told
    "Connection: close" connects again without a failure, as every client does.
    """

    def __init__(self, address, path, new=0, keep_alive=0, pause=0.0, timeout=30):
        self.address, self.path, self.pause, self.timeout = address, path, pause, timeout
        self.new, self.keep_alive = Count(), Count()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(self.new, False)) for _ in range(new)]
        self._threads += [threading.Thread(target=self._run, args=(self.keep_alive, True)) for _ in range(keep_alive)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def requests(self):
        """Requests finished so far, failed ones included."""
        return self.new.requests + self.keep_alive.requests

    def pids(self):
        """Process ids that answered so far (from the answers of /request/)."""
        with self._lock:
            return self.new.pids | self.keep_alive.pids

    def _run(self, count, keep):
        connection = client.Connection(self.address, self.timeout) if keep else None
        end = time.monotonic() + LONGEST
        while not self._stop.is_set() and time.monotonic() < end:
            pid = reason = None
            start = time.monotonic()
            try:
                response = client.get(self.address, self.path, timeout=self.timeout, connection=connection)
                if response.status != 200:
                    reason = f"HTTP {response.status}"
                elif response.headers.get("content-type") == "application/json":
                    pid = response.json().get("pid")
            except http.client.ImproperConnectionState:
                raise  # a mistake in this client, no failure of the server
            except (OSError, http.client.HTTPException) as error:
                reason = type(error).__name__
            with self._lock:
                count.requests += 1
                count.slowest = max(count.slowest, time.monotonic() - start)
                if pid:
                    count.pids.add(pid)
                if reason:
                    count.failed += 1
                    count.reasons[reason] = count.reasons.get(reason, 0) + 1
            # After a failure a short rest, or a dead server would be asked thousands of times.
            self._stop.wait(max(self.pause, 0.05) if reason else self.pause)
        if connection:
            connection.close()
