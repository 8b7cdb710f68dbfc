"""
One function per behaviour: asks a running setup a question and says what happened.

A probe gets a lab.serve.Running and returns a Result. It waits for conditions with a deadline, never for a fixed
time. PROBES at the end says for which setups a probe makes sense and how the server has to be started for it.
"""

import http.client
import os
import re
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect as websocket_connect

from lab import client, output
from lab.errors import LabError
from lab.load import Load
from lab.recipes import Setup
from lab.serve import Running, wait_until

EVERY_VIEW = [
    "/",
    "/async/",
    "/healthz/",
    "/products/",
    "/async/products/",
    "/request/",
    "/slow/?seconds=0.2",
    "/async/slow/?seconds=0.2",
    "/async/blocking/?seconds=0.2",
    "/compute/?seconds=0.2",
    "/stream/",
    "/async/stream/",
]
FORGED = "203.0.113.9"  # an address reserved for documentation


@dataclass(frozen=True)
class Result:
    """What a probe found. `outcome` holds run after run; `figures` are of this run only."""

    outcome: str
    did: list
    figures: dict = field(default_factory=dict)
    output: str = ""
    versions: dict = field(default_factory=dict)  # of what the probe itself started, e.g. {"postgresql": "15.18"}


# --- what it serves


def http_views(server: Running) -> Result:
    """Asks every view once, and runs the recipe's own check.sh."""
    failed = [f"{path}: {status}" for path in EVERY_VIEW if (status := server.get(path).status) != 200]
    did = [f"GET {path}" for path in EVERY_VIEW]
    checked = server.setup.proxy or server.recipe
    done = server.run(server.script("check.sh", checked))
    did.append((checked.folder / "check.sh").read_text().strip())
    if done.returncode:
        failed.append(f"check.sh: {done.stderr.strip()}")
    if server.setup.proxy:
        did += ["GET /static/shop/shop.css", "GET / over plain HTTP"]
        if server.get("/static/shop/shop.css").headers.get("content-type") != "text/css":
            failed.append("/static/shop/shop.css is not served by nginx")
        redirect = client.get(server.plain, "/")
        if (redirect.status, redirect.headers.get("location")) != (301, f"https://{client.HOST}/"):
            failed.append("plain HTTP is not redirected to HTTPS")
    return Result("does-not-answer" if failed else "answers", did, output="\n".join([*failed, done.stdout.strip()]))


def websocket(server: Running) -> Result:
    """Opens a WebSocket with the Origin that a browser would send, and sends one message."""
    did = [f"WebSocket /ws/echo/ with Origin: https://{client.HOST}", 'send "hello"']
    with server.address.connect(timeout=10) as connected:
        try:
            # ws: even through the proxy, because the socket has done TLS already.
            opened = websocket_connect(
                f"ws://{client.HOST}/ws/echo/", sock=connected, origin=f"https://{client.HOST}", proxy=None
            )
        except InvalidStatus as refused:
            return Result(f"http-{refused.response.status_code}", did[:1])
        with opened as socket:
            socket.send("hello")
            answer = socket.recv(timeout=10)
    if answer != "hello":
        return Result("does-not-echo", did, output=repr(answer))
    script = (server.setup.proxy or server.recipe).folder / "check-websocket.sh"
    done = server.run(server.script(script.name, server.setup.proxy or server.recipe))
    if " 101 " not in done.stdout:
        raise LabError(f"{script.parent.name}/check-websocket.sh does not see the WebSocket: {done.stdout!r}")
    return Result("echoes", [*did, "sh check-websocket.sh"], output=done.stdout.strip())


def _stream(path):
    def probe(server: Running) -> Result:
        mark = server.mark()
        response = server.get(path)
        if response.status != 200 or response.body.count(b"piece") != 5:
            raise LabError(f"{server.setup.name}: {path} answered {response.status} {response.body!r}.")
        # Five pieces take 1.2 s. All at once means that the first one came with the last.
        pieces = response.last - response.first > 0.6
        return Result(
            "piece-by-piece" if pieces else "all-at-once",
            [f"GET {path}: five pieces, one every 0.3 s"],
            {
                "seconds_until_first_piece": round(response.first, 2),
                "seconds_until_last_piece": round(response.last, 2),
            },
            output.lines_with(server.log(mark), "StreamingHttpResponse|warn"),
        )

    return probe


stream_sync = _stream("/stream/")
stream_async = _stream("/async/stream/")


def stream_buffered(server: Running) -> Result:
    """Streams with the generator that fits the interface, and without the header that tells nginx not to buffer."""
    return (stream_sync if server.recipe.interface == "wsgi" else stream_async)(server)


def without_accel_header(server: Running):
    """Takes X-Accel-Buffering out of the project's views before the start."""
    views = server.project / "shop" / "views.py"
    text = views.read_text()
    if '{"X-Accel-Buffering": "no"}' not in text:
        raise LabError("shop/views.py no longer sets X-Accel-Buffering: mend lab/probes.py.")
    views.write_text(text.replace('{"X-Accel-Buffering": "no"}', "{}"))


# --- faults and deploys


def worker_killed(server: Running) -> Result:
    """Kills a worker that is answering with kill -9 while others ask."""
    before = _settled_workers(server)
    mark = server.mark()
    with Load(server.address, "/request/", new=2, pause=0.05) as load:
        if not wait_until(lambda: load.pids() & before, 20):
            raise LabError(f"{server.setup.name}: no worker answers. {server.tail()}")
        os.kill(min(load.pids() & before), signal.SIGKILL)
        killed = time.monotonic()
        found = wait_until(lambda: load.pids() - before or not server.alive(), 30)
        seconds = time.monotonic() - killed
        if found and server.alive():
            enough = load.requests() + 20
            wait_until(lambda: load.requests() >= enough, 10)
    figures = {"requests": load.requests(), "failed_requests": load.new.failed}
    if not server.alive():
        outcome = "server-exits"
    elif not found:
        outcome = "gone"
    else:
        outcome = "replaced"
        figures = {"seconds_until_new_worker": round(seconds, 2), **figures}
    return Result(
        outcome,
        [
            "GET /request/ every 50 ms by two clients, on new connections",
            "kill -9 of a worker that answers",
        ],
        figures,
        _server_lines(server, mark),
    )


def reload_under_load(server: Running) -> Result:
    """Sends SIGHUP under load and waits until all workers are new ones."""
    before = _settled_workers(server)
    mark = server.mark()
    with Load(server.address, "/slow/?seconds=0.05", new=3, keep_alive=2) as load:

        def more(count):
            target = load.requests() + count
            if not wait_until(lambda: load.requests() >= target, 60):
                raise LabError(f"{server.setup.name}: the load came to a halt. {server.tail()}")

        more(40)
        _run_shipped(server, "reload.sh")
        replaced = wait_until(lambda: server.alive() and not server.workers() & before and _full(server, before), 60)
        if not server.alive():
            raise LabError(f"{server.setup.name} ended on SIGHUP. {server.tail()}")
        if not replaced:
            raise LabError(f"{server.setup.name}: old workers are still there 60 s after SIGHUP. {server.tail()}")
        more(40)
    reasons = {**load.new.reasons, **load.keep_alive.reasons}
    return Result(
        "some-lost" if load.new.failed or load.keep_alive.failed else "none-lost",
        [
            "three clients on new connections and two on keep-alive connections: GET /slow/?seconds=0.05",
            "sh reload.sh (SIGHUP to the main process)",
            "until every worker is a new one, and 40 requests longer",
        ],
        {
            "requests_new_connections": load.new.requests,
            "failed_new_connections": load.new.failed,
            "requests_keep_alive": load.keep_alive.requests,
            "failed_keep_alive": load.keep_alive.failed,
        },
        "\n".join([_server_lines(server, mark), *(f"client: {count} times {reason}" for reason, count in reasons.items())]),
    )


def sigterm_in_flight(server: Running) -> Result:
    """Stops the server with stop.sh while a sync and an async request of 2 s are being worked on."""
    mark = server.mark()
    answers = []

    def ask(path):
        try:
            answers.append(server.get(path).status)
        except (OSError, http.client.HTTPException) as error:
            answers.append(type(error).__name__)

    threads = [threading.Thread(target=ask, args=(path,)) for path in ("/slow/?seconds=2", "/async/slow/?seconds=2")]
    for thread in threads:
        thread.start()
    server.wait_for_log("waiting for 2.0 s", mark, count=2)
    stopped = time.monotonic()
    _run_shipped(server, "stop.sh")
    exited = wait_until(lambda: not server.alive(), 60)
    seconds = time.monotonic() - stopped
    for thread in threads:
        thread.join()
    if not exited:
        raise LabError(f"{server.setup.name} still runs 60 s after SIGTERM. {server.tail()}")
    return Result(
        "finished" if answers == [200, 200] else "lost",
        ["GET /slow/?seconds=2 and GET /async/slow/?seconds=2", "sh stop.sh (SIGTERM) while both are worked on"],
        {"seconds_until_exit": round(seconds, 2), "exit_code": server.process.returncode},
        _server_lines(server, mark),
    )


def _run_shipped(server, name):
    done = server.run(server.script(name))
    if done.returncode:
        raise LabError(f"snippets/{server.recipe.name}/{name} fails: {done.stderr.strip()}")


def _settled_workers(server):
    """The workers once their number no longer changes from one look to the next."""
    found = wait_until(lambda: (now := server.workers()) and len(now) >= 2 and server.workers() == now and now, 20, 0.2)
    if not found:
        raise LabError(f"{server.setup.name} has fewer than two workers. {server.tail()}")
    return found


def _full(server, before):
    return len(server.workers()) == len(before)


def _server_lines(server, mark):
    """What the server itself said: the log without the lines of single requests."""
    requests = re.compile(r'"(GET|POST) |waiting for|blocking for|"GET|HTTP/1\.[01]" ')
    return "\n".join(line for line in server.log(mark).splitlines() if not requests.search(line))


# --- behind a proxy


def _seen(server, headers=None, address=None):
    response = client.get(address or server.address, "/request/", headers)
    if response.status != 200:
        raise LabError(f"{server.setup.name}: /request/ answered {response.status}.")
    return response.json()


def _remote_addr(seen):
    """REMOTE_ADDR as a reader would see it printed: an address, '' or None."""
    return seen["remote_addr"] if seen["remote_addr"] else repr(seen["remote_addr"])


def forwarded_proto(server: Running) -> Result:
    """Whether Django takes the request for HTTPS."""
    if server.setup.proxy:
        seen = _seen(server)
        did = [f"GET https://{client.HOST}/request/ from {client.CLIENT_ADDRESS}; nginx adds the headers"]
    else:
        seen = _seen(server, {"X-Forwarded-Proto": "https", "X-Forwarded-For": FORGED})
        did = [f"GET /request/ with X-Forwarded-Proto: https and X-Forwarded-For: {FORGED}, as a proxy would send it"]
    return Result("https" if seen["is_secure"] else "http", did, {"remote_addr": _remote_addr(seen)})


def forwarded_spoofed(server: Running) -> Result:
    """A client claims what only the proxy may claim."""
    claims = {"X-Forwarded-Proto": "https", "X-Forwarded-For": FORGED, "X_Forwarded_Proto": "https"}
    plain = client.get(server.plain, "/request/", claims)
    believed = plain.status != 301
    # Over HTTPS the lie is the other way round: if it got through, Django would say http.
    seen = _seen(server, {"X-Forwarded-Proto": "http", "X-Forwarded-For": FORGED})
    believed = believed or FORGED in f"{seen['remote_addr']} {seen['x_forwarded_for']}" or not seen["is_secure"]
    return Result(
        "believed" if believed else "ignored",
        [
            f"GET http://{client.HOST}/request/ with X-Forwarded-Proto: https and X-Forwarded-For: {FORGED}: "
            f"answered {plain.status}",
            f"GET https://{client.HOST}/request/ from {client.CLIENT_ADDRESS} with X-Forwarded-Proto: http "
            f"and X-Forwarded-For: {FORGED}",
        ],
        {"remote_addr": _remote_addr(seen)},
    )


# --- limits and mistakes


BROKEN = "DEBUG = Flase"


def break_settings(server: Running):
    """Adds a line to the copied project's settings that Python cannot run."""
    settings = server.project / "config" / "settings.py"
    settings.write_text(f"{settings.read_text()}\n{BROKEN}\n")


def start_broken_settings(server: Running) -> Result:
    """Starts with settings that do not load, and sees whether the server gives up."""
    # Each worker that tries prints the error once: five are more than the two of the first start.
    tried = wait_until(lambda: not server.alive() or len(re.findall("^NameError", server.log(), re.M)) >= 5, 60)
    if not tried:
        raise LabError(f"{server.setup.name} neither ends nor tries again with broken settings. {server.tail()}")
    did = [f'a line "{BROKEN}" at the end of config/settings.py', "start"]
    if server.alive():
        return Result("keeps-trying", did, {}, _without_frames(server.log()))
    return Result("server-exits", did, {"exit_code": server.process.returncode}, _without_frames(server.log()))


def reload_broken_settings(server: Running) -> Result:
    """Breaks settings.py, sees that reload.sh refuses, then sends the SIGHUP that reload.sh would have kept back."""
    break_settings(server)
    refused = server.run(server.script("reload.sh"))
    if refused.returncode == 0:
        raise LabError(f"snippets/{server.recipe.name}/reload.sh reloads in spite of broken settings.")
    if server.get("/healthz/").status != 200:
        raise LabError(f"{server.setup.name} no longer answers although reload.sh refused.")
    mark = server.mark()
    before = server.workers()
    server.signal("HUP")
    sent = time.monotonic()
    with Load(server.address, "/request/", new=1, pause=0.1) as load:
        wait_until(lambda: "NameError" in server.log(mark), 30)
        enough = load.requests() + 40
        # Gunicorn may take its graceful_timeout of 30 s to end, and answers nobody meanwhile.
        wait_until(lambda: not server.alive() or (load.requests() >= enough and not load.new.failed), 60)
    figures = {}
    if not server.alive():
        outcome = "server-exits"
        figures = {"seconds_until_exit": round(time.monotonic() - sent, 2), "exit_code": server.process.returncode}
    elif load.new.failed == 0 and load.pids() <= before:
        outcome = "old-workers-serve"
    else:
        outcome = "partly-serves"
    return Result(
        outcome,
        [f'a line "{BROKEN}" at the end of config/settings.py', "sh reload.sh refuses: manage.py check fails",
         "kill -HUP of the main process all the same, and GET /request/ every 100 ms"],
        figures,
        _without_frames(_server_lines(server, mark)),
    )  # fmt: skip


def request_hangs(server: Running) -> Result:
    """Asks for 5 s from a server whose time limit is 2 s; under ASGI also with a view that blocks the event loop."""
    paths = ["/slow/?seconds=5"]
    if server.recipe.interface == "asgi":
        paths.append("/async/blocking/?seconds=5")
    mark = server.mark()
    outcomes, longest = set(), 0.0
    for path in paths:
        start = time.monotonic()
        try:
            status = server.get(path).status
            outcomes.add("not-interrupted" if status == 200 else f"error-{status}")
        except (OSError, http.client.HTTPException):
            outcomes.add("connection-dropped")
        longest = max(longest, time.monotonic() - start)
    if len(outcomes) > 1:
        raise LabError(f"{server.setup.name}: the kinds of views differ ({outcomes}): make two behaviours of them.")
    return Result(
        outcomes.pop(),
        [f"GET {path}" for path in paths],
        {"seconds": round(longest, 2)},
        _server_lines(server, mark),
    )


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


def _simultaneous(path, n):
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


# --- errors


def _traceback(path):
    """A probe that asks for a failing view and counts the frames of the traceback in the server's log."""

    def probe(server: Running) -> Result:
        mark = server.mark()
        status = server.get(path).status
        if status != 500:
            raise LabError(f"{server.setup.name}: {path} answered {status} instead of 500.")
        server.wait_for_log("KeyError: 'pot'", mark)
        log = server.log(mark)
        printed = re.search(r"[^\n]*Internal Server Error[^\n]*\nTraceback.*?\nKeyError: 'pot'", log, re.S)
        if not printed:
            raise LabError(f"{server.setup.name}: the traceback of {path} looks different than expected:\n{log}")
        files = re.findall(r'^  File "([^"]+)"', printed.group(), re.M)
        return Result(
            "printed",
            [f"GET {path}: answered 500"],
            {
                "frames": len(files),
                "own_frames": sum(file.startswith(str(server.project)) for file in files),
                "asgiref_frames": sum("/asgiref/" in file for file in files),
            },
            printed.group(),
        )

    return probe


def error_default_logging(server: Running) -> Result:
    """A failing view, with Django's own LOGGING and DEBUG=False."""
    mark = server.mark()
    status = server.get("/checkout/").status
    if status != 500:
        raise LabError(f"{server.setup.name}: /checkout/ answered {status} instead of 500.")
    server.get("/healthz/")  # what is logged about the first request is written before the answer to the second
    log = server.log(mark)
    return Result(
        "traceback" if "Traceback" in log else "no-traceback",
        ["LOGGING not set in the settings, DEBUG=False", "GET /checkout/: answered 500", "GET /healthz/"],
        {},
        log,
    )


def lifespan(server: Running) -> Result:
    """What the log says when Uvicorn tries the lifespan protocol, as it does when it is not told otherwise."""
    lines = output.lines_with(server.log(), "lifespan")
    return Result("appears-unsupported" if lines else "silent", ["start", "GET /healthz/: answered 200"], {}, lines)


def lifespan_on(server: Running) -> Result:
    """What happens when the lifespan protocol is insisted on."""
    if not wait_until(lambda: not server.alive(), 30):
        raise LabError(f"{server.setup.name} still runs with the lifespan protocol on. {server.tail()}")
    return Result(
        "does-not-start",
        ["start"],
        {"exit_code": server.process.returncode},
        _without_frames(server.log()),
    )


def wrong_interface(server: Running) -> Result:
    """Asks a server that was given the application of the other interface."""

    def first_answer():
        try:
            return server.get("/healthz/", timeout=5).status
        except (OSError, http.client.HTTPException):
            return None if server.alive() else "exit"

    status = wait_until(first_answer, 60, 0.1)
    if status is None:
        raise LabError(f"{server.setup.name} neither answers nor ends. {server.tail()}")
    if status == 200:
        outcome = "serves"
    else:
        outcome = "does-not-serve"
        server.wait_for_log("TypeError|Error", 0)
    errors = re.findall(r"^\w*Error: .*", server.log(), re.M)
    return Result(
        outcome,
        ["GET /healthz/"],
        {"status": status} if status != "exit" else {"exit_code": server.process.returncode},
        errors[0] if errors else _server_lines(server, 0),
    )


def _without_frames(log):
    """A log with the frames of its tracebacks left out, repeated lines once."""
    kept = []
    for line in log.splitlines():
        frame = line.startswith(("  File ", "    ")) or line.lstrip().startswith(("|", "+-"))
        if not frame and (not kept or kept[-1] != line):
            kept.append(line)
    return "\n".join(kept)


# --- the database


def _connections(holds, limit):
    """
    A probe that counts what PostgreSQL still has open after requests.

    `limit` connections or fewer, but more than none, is the outcome `holds`; more than that is "grows".
    """

    def probe(server: Running) -> Result:
        database = server.database
        paths = ("/products/", "/async/products/")
        done = 0
        # One after another, then eight clients at once: both kinds of views.
        for number in range(20):
            done += server.get(paths[number % 2]).status == 200
        loads = [Load(server.address, path, new=4) for path in paths]
        with loads[0], loads[1]:
            wait_until(lambda: sum(load.requests() for load in loads) >= 100, 60)
        failed = sum(load.new.failed for load in loads)
        done += sum(load.requests() for load in loads)
        # A connection is closed just after the answer, so the last ones are given a moment.
        wait_until(lambda: database.open_connections() == 0, 2, 0.2)
        left = database.open_connections()
        outcome = "none-left" if left == 0 else holds if left <= limit else "grows"
        return Result(
            outcome,
            ["20 requests one after another, then eight clients at once, until 120 requests are done",
             "GET /products/ and GET /async/products/ in turn",
             "SELECT count(*) FROM pg_stat_activity"],
            {"open_connections": left, "requests": done, "failed_requests": failed},
            _last_error(server),
            {"postgresql": database.version},
        )  # fmt: skip

    return probe


def database_full(server: Running) -> Result:
    """Takes every connection that PostgreSQL has for ordinary users, then asks for a view that reads the database."""
    code = (
        "import os, psycopg\n"
        "held = []\n"
        "try:\n"
        "    while True:\n"
        "        held.append(psycopg.connect(host='127.0.0.1', port=os.environ['DB_PORT'], user='shop', dbname='shop'))\n"
        "except psycopg.OperationalError:\n"
        "    print(len(held), flush=True)\n"
        "input()\n"
    )
    mark = server.mark()
    with server.helper(code) as helper:
        taken = int(helper.stdout.readline())
        statuses = [server.get(path).status for path in ("/products/", "/async/products/")]
        helper.stdin.write("\n")
        helper.stdin.flush()
        helper.wait(30)
    failed = sum(status != 200 for status in statuses)
    return Result(
        "error-500" if statuses == [500, 500] else "served" if not failed else "partly-served",
        [f"another program opens {taken} connections, until PostgreSQL refuses",
         "GET /products/ and GET /async/products/"],
        {"requests": len(statuses), "failed_requests": failed},
        _last_error(server, mark),
        {"postgresql": server.database.version},
    )  # fmt: skip


def _last_error(server, mark=0):
    """The last exception of the log, without its traceback."""
    errors = re.findall(r"^[\w.]+(?:Error|Timeout|Configured): .*", server.log(mark), re.M)
    return errors[-1] if errors else ""


# --- which probe for which setup


@dataclass(frozen=True)
class Probe:
    """A behaviour, the function that finds it out, and how the server has to be started for it."""

    behaviour: str
    ask: Callable[[Running], Result]
    edit: Callable[[Setup, str], str] | None = None  # changes the start command
    environment: dict = field(default_factory=dict)  # added to the project's django.env
    before: Callable[[Running], None] | None = None  # called before the start, may edit the copied project
    starts: bool = True  # False: the server is not expected to serve
    database: bool = False  # True: the project uses PostgreSQL
    alone: bool = False  # True: the copied project is of no use to other probes afterwards
    where: Callable[[Setup], bool] = lambda setup: True  # for which setups the question makes sense

    def start(self):
        """What two probes need to have in common to share a start."""
        return self.edit, self.environment, self.before, self.starts, self.database, self.alone and self.behaviour


def _behind(setup):
    return setup.proxy is not None


def _plain(setup):
    """One setup per server: what a proxy or a socket in front of it does not change."""
    return setup.proxy is None and not setup.recipe.unix_socket


def _plain_asgi(setup):
    return _plain(setup) and setup.recipe.interface == "asgi"


# How a probe changes the start command. Gunicorn's options are in its configuration file: an argument goes before it.


def _changed(command, old, new):
    if old not in command:
        raise LabError(f"The start command {command!r} has no {old!r}: mend lab/probes.py.")
    return command.replace(old, new)


def _one_worker(setup, command):
    if setup.recipe.server == "gunicorn":
        return f"{command} --workers 1"
    return _changed(command, "--workers 2", "--workers 1")


def _time_limit(setup, command):
    if setup.recipe.server == "gunicorn":
        return f"{command} --timeout 2"
    return _changed(command, "--timeout-worker-healthcheck 30", "--timeout-worker-healthcheck 2")


def _other_interface(setup, command):
    if setup.recipe.server == "gunicorn":
        return f"{command} config.asgi:application"
    return _changed(command, "config.asgi", "config.wsgi")


def _default_trust(setup, command):
    return _changed(command, " --forwarded-allow-ips '*'", "")


def _lifespan_auto(setup, command):
    return _changed(command, " --lifespan off", "")


def _default_health_check(setup, command):
    # Uvicorn may notice a worker that dies during its start only when the health check has run out: 5 s by default.
    if setup.recipe.server == "gunicorn":
        return command
    return _changed(command, " --timeout-worker-healthcheck 30", "")


def _lifespan_on(setup, command):
    return _changed(_default_health_check(setup, command), "--lifespan off", "--lifespan on")


WORKERS_TIMES_THREADS = 8  # of the recipes; the pools of the probe hold as many: 2 workers with 4 each

# In this order on one start: those that only ask first, the one that stops the server last.
PROBES = [
    Probe("http", http_views),
    Probe("websocket", websocket),
    Probe("stream-sync", stream_sync),
    Probe("stream-async", stream_async),
    Probe("forwarded-proto", forwarded_proto),
    Probe("forwarded-spoofed", forwarded_spoofed, where=_behind),
    Probe("traceback-sync-view", _traceback("/checkout/"), where=_plain),
    Probe("traceback-async-view", _traceback("/async/checkout/"), where=_plain),
    Probe("worker-killed", worker_killed),
    Probe("reload-under-load", reload_under_load),
    Probe("sigterm-in-flight", sigterm_in_flight),
    Probe("forwarded-proto-header-set", forwarded_proto, environment={"DJANGO_BEHIND_HTTPS_PROXY": "1"}),
    Probe(
        "forwarded-proto-default-trust",
        forwarded_proto,
        edit=_default_trust,
        where=lambda setup: setup.recipe.server == "uvicorn" and bool(setup.recipe.unix_socket),
    ),
    Probe("stream-buffered", stream_buffered, before=without_accel_header, where=_behind),
    Probe("reload-broken-settings", reload_broken_settings, alone=True, where=_plain),
    Probe(
        "start-broken-settings",
        start_broken_settings,
        edit=_default_health_check,
        before=break_settings,
        starts=False,
        where=_plain,
    ),
    Probe("request-hangs", request_hangs, edit=_time_limit, where=_plain),
    Probe("blocked-loop", blocked_loop, edit=_one_worker, where=_plain_asgi),
    Probe("waiting-sync", _simultaneous("/slow/?seconds=1", 4), edit=_one_worker, where=_plain),
    Probe("waiting-async", _simultaneous("/async/slow/?seconds=1", 4), edit=_one_worker, where=_plain),
    Probe("waiting-blocking", _simultaneous("/async/blocking/?seconds=1", 4), edit=_one_worker, where=_plain),
    Probe("computing", _simultaneous("/compute/?seconds=0.5", 4), edit=_one_worker, where=_plain),
    Probe(
        "error-default-logging", error_default_logging, environment={"DJANGO_DEFAULT_LOGGING": "1"}, where=_plain
    ),
    Probe("lifespan", lifespan, edit=_lifespan_auto, where=_plain_asgi),
    Probe("lifespan-on", lifespan_on, edit=_lifespan_on, starts=False, where=_plain_asgi),
    Probe("wrong-interface", wrong_interface, edit=_other_interface, starts=False, where=_plain),
    Probe(
        "db-connections-age-0",
        _connections("as-many-as-threads", WORKERS_TIMES_THREADS),
        environment={"DB_CONN_MAX_AGE": "0"},
        database=True,
        where=_plain,
    ),
    Probe("db-full", database_full, environment={"DB_CONN_MAX_AGE": "0"}, database=True, where=_plain),
    Probe(
        "db-connections-age-60",
        _connections("as-many-as-threads", WORKERS_TIMES_THREADS),
        environment={"DB_CONN_MAX_AGE": "60"},
        database=True,
        where=_plain,
    ),
    Probe(
        "db-connections-pool",
        _connections("as-many-as-pool", WORKERS_TIMES_THREADS),
        environment={"DB_POOL_SIZE": "4"},
        database=True,
        where=_plain,
    ),
]


def probes_for(setup):
    """The probes that make sense for a setup, in the order in which they can share a start."""
    return [probe for probe in PROBES if probe.where(setup)]


def probe(behaviour):
    """The probe of that name. Raises LabError for an unknown one."""
    known = {probe.behaviour: probe for probe in PROBES}
    if behaviour not in known:
        raise LabError(f"There is no behaviour {behaviour!r}. Known behaviours: {', '.join(known)}.")
    return known[behaviour]
