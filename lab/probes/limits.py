"""What a server does with connections that stay open, with clients that dawdle, and with requests that are too large."""

import contextlib
import http.client
import threading
import time

from lab import client
from lab.errors import LabError
from lab.probes.common import Result
from lab.serve import Running

DAWDLERS = 16  # twice what the recipes work on at the same time
PATIENCE = 5  # seconds that another client waits meanwhile
KIB = 1024
HEADER_SIZES = [4, 8, 16, 32, 64, 128]  # KiB
URL_SIZES = [2, 4, 8, 16, 32, 64, 128]
CLOSES_WITHIN = 70  # seconds; nginx gives a silent client 60 s
# With this cookie the CSRF middleware reads the body of a POST to look for the token; over HTTPS it wants a Referer first.
FORM = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Cookie": f"csrftoken={'a' * 32}",
    "Referer": f"https://{client.HOST}/",
}


def keep_alive(server: Running) -> Result:
    """Asks twice on one connection."""
    connection = client.Connection(server.address, timeout=10)
    try:
        first = client.get(server.address, "/healthz/", connection=connection)
        if first.status != 200:
            raise LabError(f"{server.setup.name}: /healthz/ answered {first.status}.")
        opened = connection.sock
        if opened is None:  # http.client closes after "Connection: close"
            outcome = "closed"
        else:
            try:
                client.get(server.address, "/healthz/", connection=connection)
                outcome = "reused"
            except (OSError, http.client.HTTPException):
                outcome = "closed-without-saying-so"
    finally:
        connection.close()
    said = first.headers.get("connection", "none")
    return Result(outcome, ["GET /healthz/ twice on one connection", f"header Connection of the first answer: {said}"])


def _head(method, path, headers):
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode()


HALF_HEAD = _head("GET", "/healthz/", {"Host": client.HOST, "X-Half": "a"})
HALF_BODY = (
    _head("POST", "/request/", {"Host": client.HOST, **FORM, "Content-Length": "1000", "Connection": "close"})
    + b"\r\n\r\n" + b"a=" + b"b" * 300
)  # fmt: skip


def _dawdle(server, half, said):
    with contextlib.ExitStack() as stack:
        for _ in range(DAWDLERS):
            connected = stack.enter_context(contextlib.closing(server.address.connect(timeout=10)))
            connected.sendall(half)
        served, slowest = True, 0.0
        # The first answer may come before the server has read what the dawdlers sent.
        for _ in range(5):
            start = time.monotonic()
            try:
                served = served and server.get("/healthz/", timeout=PATIENCE).status == 200
            except (OSError, http.client.HTTPException):
                served = False
            slowest = max(slowest, time.monotonic() - start)
            if not served:
                break
    return Result(
        "others-served" if served else "others-wait",
        [f"{DAWDLERS} clients {said} and say no more", f"GET /healthz/ five times, each awaited for {PATIENCE} s"],
        {"other_seconds": round(slowest, 2)},
    )


def slow_headers(server: Running) -> Result:
    """Clients that send half of their headers (known as slowloris) while somebody else asks."""
    return _dawdle(server, HALF_HEAD, "send the first lines of a request")


def slow_bodies(server: Running) -> Result:
    """Clients that announce a body and send a part of it while somebody else asks."""
    return _dawdle(server, HALF_BODY, "send a POST with 302 of the 1000 bytes of its body")


def slow_closed(server: Running) -> Result:
    """After how long the server closes a connection that is silent, has half a head or half a body."""
    found = {}

    def watch(name, data):
        with contextlib.closing(server.address.connect(timeout=CLOSES_WITHIN)) as connected:
            start = time.monotonic()
            connected.sendall(data)
            try:
                while connected.recv(4096):
                    pass
            except TimeoutError:
                return
            except OSError:
                pass
            found[name] = round(time.monotonic() - start, 1)

    kinds = {"silent_closed_seconds": b"", "half_head_closed_seconds": HALF_HEAD, "half_body_closed_seconds": HALF_BODY}
    threads = [threading.Thread(target=watch, args=kind) for kind in kinds.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    closed = len(found)
    return Result(
        "all-closed" if closed == len(kinds) else "some-closed" if closed else "none-closed",
        ["three clients: one says nothing, one sends half a head, one half a body", f"wait {CLOSES_WITHIN} s for the server to close"],
        found,
    )


def _largest(server, sizes, ask):
    """Asks with growing sizes until one is refused: (outcome, figures)."""
    accepted = 0
    for size in sizes:
        try:
            status = ask(size * KIB).status
        except (OSError, http.client.HTTPException):
            return "closed", {"largest_kib": accepted, "refused_kib": size}
        if status != 200:
            return f"error-{status}", {"largest_kib": accepted, "refused_kib": size}
        accepted = size
    return "accepted", {"largest_kib": accepted}


def header_limit(server: Running) -> Result:
    """A cookie that grows until the server refuses it."""
    outcome, figures = _largest(server, HEADER_SIZES, lambda size: server.get("/healthz/", {"Cookie": "a=" + "b" * size}, timeout=10))
    return Result(outcome, [f"GET /healthz/ with a cookie of {', '.join(map(str, HEADER_SIZES))} KiB, until one is refused"], figures)


def url_limit(server: Running) -> Result:
    """A URL that grows until the server refuses it."""
    outcome, figures = _largest(server, URL_SIZES, lambda size: server.get("/healthz/?a=" + "b" * size, timeout=10))
    return Result(outcome, [f"GET /healthz/ with a query of {', '.join(map(str, URL_SIZES))} KiB, until one is refused"], figures)


def body_limit(server: Running) -> Result:
    """A form of 3 MB, which is more than Django's DATA_UPLOAD_MAX_MEMORY_SIZE."""
    did = ["POST /request/ with a form of 3,000,000 bytes"]
    head = _head("POST", "/request/", {"Host": client.HOST, **FORM, "Content-Length": "3000000", "Connection": "close"})
    with contextlib.closing(server.address.connect(timeout=30)) as connected:
        try:
            with contextlib.suppress(ConnectionError):  # whoever answers early may close before everything is sent
                connected.sendall(head + b"\r\n\r\na=" + b"b" * 2_999_998)
            answer = http.client.HTTPResponse(connected)
            answer.begin()
        except (OSError, http.client.HTTPException):
            return Result("closed", did)
    return Result(f"error-{answer.status}" if answer.status != 200 else "accepted", did)
