"""Where nginx and the server meet: limits, time-outs, connections that are kept open, and what the client gets to see."""

import contextlib
import re
import socket
import threading
import time

from lab import client
from lab.errors import LabError
from lab.output import lines_with
from lab.probes.common import Result, run_shipped
from lab.serve import Running, free_ports, wait_until

MIB = 1024 * 1024
LINE_SECONDS = 0.3  # what a message takes between proxy and server; nobody is that far away, but a busy machine is late
RACES = 3
IDLE_SECONDS = 8

# Views that say when they are through, and one that takes a POST.
VIEWS = """

import asyncio
import logging
import time

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

logger = logging.getLogger("shop.views")


def patient(request):
    time.sleep(4)
    logger.info("sync view: through")
    return HttpResponse("done")


async def async_patient(request):
    try:
        await asyncio.sleep(4)
    except asyncio.CancelledError:
        logger.info("async view: cancelled")
        raise
    logger.info("async view: through")
    return HttpResponse("done")


@csrf_exempt
def note(request):
    return HttpResponse("noted")


urlpatterns += [path("patient/", patient), path("async/patient/", async_patient), path("note/", note)]
"""


def _nginx(server, mark=0):
    """What nginx wrote into its error log from character `mark` on, without the time and the numbers of the connection."""
    text = server.proxy_log_file.read_text(errors="replace") if server.proxy_log_file.exists() else ""
    lines = [re.sub(r"^\S+ \S+ (\[\w+\]) \S+ (?:\*\d+ )?", r"\1 ", line) for line in text[mark:].splitlines()]
    return "\n".join(re.sub(r"client: [\d.]+", "client: 203.0.113.9", line) for line in lines)


def _nginx_mark(server):
    return len(server.proxy_log_file.read_text(errors="replace")) if server.proxy_log_file.exists() else 0


def _said(server, pattern, mark):
    """Waits until nginx's error log holds a pattern, and returns its lines that do."""
    if not wait_until(lambda: re.search(pattern, _nginx(server, mark)), 10):
        raise LabError(f"{server.setup.name}: nginx does not log {pattern!r}. {_nginx(server, mark)}")
    return lines_with(_nginx(server, mark), pattern)


def _with_views(server):
    urls = server.project / "config" / "urls.py"
    urls.write_text(urls.read_text() + VIEWS)


# What nginx refuses


def body_too_large(server: Running) -> Result:
    """An upload of 11 MB, where nginx allows 10."""
    mark, log = _nginx_mark(server), server.mark()
    with contextlib.closing(client.Connection(server.address, timeout=20)) as connection:
        connection.putrequest("POST", "/request/")
        connection.putheader("Content-Length", str(11 * MIB))
        connection.endheaders()
        status = connection.getresponse().status
    said = _said(server, "too large", mark)
    if "/request/" in server.log(log):
        raise LabError(f"{server.setup.name}: the request reached Django. {server.tail()}")
    return Result(f"error-{status}", [f"POST /request/ that announces 11 MiB: answered {status}"], {}, said)


# What the client sees when the server does not answer


def bad_gateway(server: Running) -> Result:
    """A worker that dies while it works on a request."""
    mark = _nginx_mark(server)
    status = server.get("/exit/").status
    return Result(f"error-{status}", [f"GET /exit/, a view that ends its process: answered {status}"], {}, _said(server, "upstream", mark))


def upstream_gone(server: Running) -> Result:
    """A server that is not running."""
    mark = _nginx_mark(server)
    run_shipped(server, "stop.sh")
    if not wait_until(lambda: not server.alive(), 60):
        raise LabError(f"{server.setup.name} still runs 60 s after stop.sh. {server.tail()}")
    status = server.get("/healthz/").status
    return Result(f"error-{status}", ["sh stop.sh", f"GET /healthz/: answered {status}"], {}, _said(server, "connect", mark))


def with_short_patience(server: Running):
    """Lets nginx wait for 2 s only, and adds views that take 4 s."""
    _with_views(server)

    def edit(text):
        if "proxy_read_timeout 60s" not in text:
            raise LabError("nginx's configuration no longer says proxy_read_timeout 60s: mend lab/probes/frontier.py.")
        return text.replace("proxy_read_timeout 60s", "proxy_read_timeout 2s")

    server.proxy_edit = edit


def _fate(server, path, kind, mark):
    """What became of a view after its client was gone: "finishes" or "cancelled"."""
    pattern = rf"(?<!a){kind} view: (through|cancelled)"
    if not wait_until(lambda: re.search(pattern, server.log(mark)), 15):
        raise LabError(f"{server.setup.name}: {path} neither ends nor is cancelled. {server.tail()}")
    return "finishes" if re.search(pattern, server.log(mark)).group(1) == "through" else "is cancelled"


def gateway_timeout(server: Running) -> Result:
    """Views of 4 s behind an nginx that waits for 2 s: what does the client see, and what becomes of the views?"""
    mark, log = _nginx_mark(server), server.mark()
    start = time.monotonic()
    status = server.get("/patient/").status
    seconds = time.monotonic() - start
    said = _said(server, "timed out", mark)
    fate = _fate(server, "/patient/", "sync", log)
    server.get("/async/patient/")
    async_fate = _fate(server, "/async/patient/", "async", log)
    time_line = lines_with(server.log(log), "view: ")
    return Result(
        f"error-{status}-{'async-cancelled' if async_fate == 'is cancelled' else 'work-goes-on'}",
        ["proxy_read_timeout 2s", f"GET /patient/, a sync view of 4 s: answered {status} after {seconds:.1f} s, the view {fate}",
         f"GET /async/patient/, an async view of 4 s: the view {async_fate}"],
        {"seconds": round(seconds, 2)},
        f"{said}\n{time_line}",
    )  # fmt: skip


def client_gone(server: Running) -> Result:
    """Clients that give up after half a second: nginx's 499, and what becomes of the views."""
    log = server.mark()
    access = server.folder / "nginx-access.log"
    for path in ("/patient/", "/async/patient/"):
        with contextlib.suppress(TimeoutError):
            server.get(path, timeout=0.5)
    fates = {kind: _fate(server, path, kind, log) for path, kind in (("/patient/", "sync"), ("/async/patient/", "async"))}
    if not wait_until(lambda: access.exists() and access.read_text().count(" 499 ") >= 2, 10):
        raise LabError(f"{server.setup.name}: no 499 in nginx's access log.")
    lines = [re.sub(r"^\S+ - - \[[^]]*\] ", "203.0.113.9 - - ", line) for line in access.read_text().splitlines() if " 499 " in line]
    return Result(
        "async-cancelled" if fates["async"] == "is cancelled" else "work-goes-on",
        [f"GET {path}, a view of 4 s; the client closes the connection after 0.5 s: the view {fate}"
         for path, fate in (("/patient/", fates["sync"]), ("/async/patient/", fates["async"]))],
        {},
        "\n".join([*lines, lines_with(server.log(log), "view: ")]),
    )  # fmt: skip


# Limits per client


def _burst(server, requests):
    """Sends requests at the same time, each (method, path): their statuses, in any order."""
    statuses = []

    def ask(method, path):
        with contextlib.closing(client.Connection(server.address, timeout=30)) as connection:
            connection.request(method, path, headers={"Host": client.HOST, "Connection": "close"})
            statuses.append(connection.getresponse().status)

    threads = [threading.Thread(target=ask, args=request) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def rate_limit(server: Running) -> Result:
    """More requests than the burst allows, one after the other; then a pause; and static files."""
    mark = _nginx_mark(server)
    statuses = [server.get("/healthz/").status for _ in range(60)]
    refused = statuses.count(429)
    static = [server.get("/static/shop/shop.css").status for _ in range(60)]
    later = wait_until(lambda: server.get("/healthz/").status == 200, 10, 0.3)
    outcome = "error-429" if refused and set(statuses) == {200, 429} and set(static) == {200} and later else "unexpected"
    said = _said(server, "limiting requests", mark).splitlines()[0] if refused else ""
    return Result(
        outcome,
        [f"GET /healthz/ 60 times in a row: {statuses.count(200)} times 200, {refused} times 429",
         "GET /static/shop/shop.css 60 times in a row: always 200", "GET /healthz/ a little later: 200"],
        {"requests": len(statuses), "refused": refused, "first_refused": statuses.index(429) + 1 if refused else 0},
        said,
    )  # fmt: skip


def login_limit(server: Running) -> Result:
    """Twelve log-ins in a row from one address. The project has no log-in, so what nginx lets through is a 404."""
    statuses = []
    for _ in range(12):
        statuses += _burst(server, [("POST", "/accounts/login/")])
    refused = statuses.count(429)
    reading = server.get("/accounts/login/").status
    return Result(
        "error-429" if refused and reading != 429 else "unexpected",
        [f"POST /accounts/login/ twelve times in a row: {len(statuses) - refused} reach Django, {refused} times 429",
         f"GET /accounts/login/ then: {reading}, the page itself is not limited"],
        {"requests": len(statuses), "refused": refused},
    )  # fmt: skip


def at_once_limit(server: Running) -> Result:
    """Fourteen requests of 1 s at the same time from one address, where ten are allowed."""
    mark = _nginx_mark(server)
    statuses = _burst(server, [("GET", "/slow/?seconds=1")] * 14)
    refused = statuses.count(429)
    return Result(
        "error-429" if refused == 4 and statuses.count(200) == 10 else "unexpected",
        ["GET /slow/?seconds=1 by fourteen clients with one address at the same time"],
        {"requests": len(statuses), "refused": refused},
        _said(server, "limiting connections", mark).splitlines()[0] if refused else "",
    )


# Connections that stay open


class Line:
    """
    A long line between proxy and server: hands everything on, each piece LINE_SECONDS later. `closed` is set when the
    server has closed a connection, which is before the proxy can know.
    """

    def __init__(self, port):
        self.target = port
        self.listening = socket.create_server(("127.0.0.1", free_ports(1)[0]))
        self.port = self.listening.getsockname()[1]
        self.closed = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):  # closed at the end of the run
            while True:
                near, _ = self.listening.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self.target))
                except OSError:  # the server does not listen yet
                    near.close()
                    continue
                threading.Thread(target=self._carry, args=(near, far, None), daemon=True).start()
                threading.Thread(target=self._carry, args=(far, near, self.closed), daemon=True).start()

    def _carry(self, source, target, closed):
        while True:
            try:
                piece = source.recv(65536)
            except OSError:
                piece = b""
            if not piece and closed:
                closed.set()
            time.sleep(LINE_SECONDS)  # small pieces, one at a time: no need to keep them apart
            try:
                if piece:
                    target.sendall(piece)
                    continue
                target.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            return

    def end(self):
        """Stops listening; what is open ends with the server and the proxy."""
        self.listening.close()


def with_long_line(server: Running):
    """Puts a Line between the proxy and the server, and a view that takes a POST into the project."""
    _with_views(server)
    line = server.line = Line(server.port)
    server.proxy_edit = lambda text: text.replace(f"127.0.0.1:{server.port}", f"127.0.0.1:{line.port}")


def keep_alive_race(server: Running) -> Result:
    """Sends a request at the very moment when the server has closed the connection that the proxy is about to use again."""
    statuses = {"GET": [], "POST": []}
    closed = 0
    mark = _nginx_mark(server)
    try:
        for method in ("GET", "POST"):
            for _ in range(RACES):
                server.line.closed.clear()
                if _burst(server, [("GET", "/note/")]) != [200]:
                    raise LabError(f"{server.setup.name}: /note/ does not answer. {server.tail()}")
                if not server.line.closed.wait(IDLE_SECONDS):
                    break  # the server keeps its connections longer: there is nothing to race with
                closed += 1
                statuses[method] += _burst(server, [(method, "/note/")])
            else:
                continue
            statuses[method] += _burst(server, [(method, "/note/")])
    finally:
        server.line.end()
    failed = {method: found.count(502) for method, found in statuses.items()}
    did = [f"between nginx and the server a line on which everything takes {LINE_SECONDS} s",
           f"GET /note/; wait until the server closes the idle connection, for {IDLE_SECONDS} s at the most"]  # fmt: skip
    if closed:
        did.append("then, while the news is still on its way, a request by a second client; three times each with GET and POST")
    else:
        did.append("it does not close it; a GET and a POST by a second client")
    did += [f"{method}: answered {', '.join(map(str, found))}" for method, found in statuses.items()]
    outcome = "none-lost" if not any(failed.values()) else "post-502" if not failed["GET"] else "get-and-post-502"
    return Result(
        outcome,
        did,
        {"get_502": failed["GET"], "post_502": failed["POST"], "requests": sum(map(len, statuses.values()))},
        _said(server, "upstream", mark).splitlines()[-1].replace(f":{server.line.port}", f":{server.port}") if any(failed.values()) else "",
    )


def keep_alive_timeout(server: Running) -> Result:
    """For how long the server keeps a connection after an answer, when nothing else comes."""
    longest = 70
    with contextlib.closing(server.address.connect(timeout=longest)) as connected:
        connected.sendall(f"GET /healthz/ HTTP/1.1\r\nHost: {client.HOST}\r\n\r\n".encode())
        head = connected.recv(65536)
        if b" 200 " not in head:
            raise LabError(f"{server.setup.name}: /healthz/ answered {head[:60]!r}.")
        start = time.monotonic()
        try:
            while connected.recv(65536):
                start = time.monotonic()
        except TimeoutError:
            return Result("kept", ["GET /healthz/ with keep-alive", f"wait {longest} s: the server keeps the connection"])
        except OSError:
            pass
        seconds = time.monotonic() - start
    outcome = "closed-at-once" if seconds < 0.5 else "closed-after-idle"
    figures = {} if outcome == "closed-at-once" else {"seconds": round(seconds, 1)}
    return Result(outcome, ["GET /healthz/ with keep-alive", "wait until the server closes the connection"], figures)


# The innermost limit

SLEEP = """

from django.db import connection
from django.http import HttpResponse
from django.urls import path


def sleep(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(4)")
    return HttpResponse("slept")


urlpatterns += [path("sleep/", sleep)]
"""


def with_short_statements(server: Running):
    """Lets PostgreSQL end a query after 1 s, and adds a view whose query takes 4 s."""
    urls, settings = server.project / "config" / "urls.py", server.project / "config" / "settings.py"
    urls.write_text(urls.read_text() + SLEEP)
    text = settings.read_text()
    if "statement_timeout=15000" not in text:
        raise LabError("The settings no longer say statement_timeout=15000: mend lab/probes/frontier.py.")
    settings.write_text(text.replace("statement_timeout=15000", "statement_timeout=1000"))


def statement_timeout(server: Running) -> Result:
    """A query that takes longer than PostgreSQL is told to allow."""
    mark = server.mark()
    start = time.monotonic()
    status = server.get("/sleep/").status
    seconds = time.monotonic() - start
    server.wait_for_log("statement timeout", mark)
    message = re.findall(r"^[\w.]+: .*statement timeout.*", server.log(mark), re.M)
    again = server.get("/products/").status
    return Result(
        f"error-{status}" if again == 200 else "broken",
        ["statement_timeout=1000", f"GET of a view whose query takes 4 s: answered {status} after {seconds:.1f} s",
         f"GET /products/ then: {again}"],
        {"seconds": round(seconds, 2)},
        "\n".join(dict.fromkeys(message)),
    )  # fmt: skip
