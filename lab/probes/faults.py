"""Faults and deploys: a killed worker, a reload, a stop, settings that do not load, a request that takes too long."""

import http.client
import os
import re
import signal
import threading
import time

from lab.errors import LabError
from lab.load import Load
from lab.output import lines_with
from lab.probes.common import Result, run_shipped, settled_workers, without_frames
from lab.serve import Running, wait_until

BROKEN = "DEBUG = Flase"
# What `manage.py check` does not notice
BROKEN_MIDDLEWARE = 'MIDDLEWARE += ["shop.middleware.DoesNotExist"]'
BROKEN_CONFIGURATION = "workers = "
LETTERS = 28  # for the view holds-gil: 10 s to 20 s on most machines, and each letter more doubles it


def worker_killed(server: Running) -> Result:
    """Kills a worker that is answering with kill -9 while others ask."""
    before = settled_workers(server)
    mark = server.mark()
    with Load(server.address, "/request/", new=2, pause=0.05) as load:
        if not wait_until(lambda: load.pids() & before, 20):
            raise LabError(f"{server.setup.name}: no worker answers. {server.tail()}")
        os.kill(min(load.pids() & before), signal.SIGKILL)
        killed = time.monotonic()
        # Once in a hundred runs Uvicorn is waiting for a sign of life of that very worker, and goes on waiting until
        # its health check has run out: 10 s in the recipes.
        found = wait_until(lambda: load.pids() - before or not server.alive(), 40)
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
        server.own_lines(mark),
    )


def reload_under_load(server: Running) -> Result:
    """Sends SIGHUP under load and waits until all workers are new ones."""
    before = settled_workers(server)
    mark = server.mark()
    with Load(server.address, "/slow/?seconds=0.05", new=3, keep_alive=2) as load:

        def more(count):
            target = load.requests() + count
            if not wait_until(lambda: load.requests() >= target, 60):
                raise LabError(f"{server.setup.name}: the load came to a halt. {server.tail()}")

        more(40)
        run_shipped(server, "reload.sh")
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
        "\n".join([server.own_lines(mark), *(f"client: {count} times {reason}" for reason, count in reasons.items())]),
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
    run_shipped(server, "stop.sh")
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
        server.own_lines(mark),
    )


def _full(server, before):
    return len(server.workers()) == len(before)


def break_settings(server: Running):
    """Adds a line to the copied project's settings that Python cannot run."""
    _add_line(server.project / "config" / "settings.py", BROKEN)


def _add_line(file, line):
    file.write_text(f"{file.read_text()}\n{line}\n")


def _reload_is_refused(server, because):
    """Sees that reload.sh refuses, names `because` while doing so, and leaves the same workers serving."""
    before = server.workers()
    refused = server.run(server.script("reload.sh"))
    if refused.returncode == 0:
        raise LabError(f"snippets/{server.recipe.name}/reload.sh reloads in spite of {because}.")
    if because not in refused.stdout + refused.stderr:
        raise LabError(f"snippets/{server.recipe.name}/reload.sh refuses, but not for {because}: {refused.stderr}")
    if server.get("/healthz/").status != 200 or server.workers() != before:
        raise LabError(f"{server.setup.name} was not left alone although reload.sh refused. {server.tail()}")


def start_broken_settings(server: Running) -> Result:
    """Starts with settings that do not load, and sees whether the server gives up."""
    # Each worker that tries prints the error once: five are more than the two of the first start.
    tried = wait_until(lambda: not server.alive() or len(re.findall("^NameError", server.log(), re.M)) >= 5, 60)
    if not tried:
        raise LabError(f"{server.setup.name} neither ends nor tries again with broken settings. {server.tail()}")
    did = [f'a line "{BROKEN}" at the end of config/settings.py', "start"]
    if server.alive():
        return Result("keeps-trying", did, {}, without_frames(server.log()))
    return Result("server-exits", did, {"exit_code": server.process.returncode}, without_frames(server.log()))


def reload_broken_settings(server: Running) -> Result:
    """Breaks what a reload reads, sees that reload.sh refuses, then sends the SIGHUP that it would have kept back."""
    # A worker that is still starting would read the broken settings even without a reload.
    with Load(server.address, "/request/", new=4) as load:
        if not wait_until(lambda: load.pids() >= settled_workers(server), 20):
            raise LabError(f"{server.setup.name}: not every worker answers. {server.tail()}")
    settings = server.project / "config" / "settings.py"
    breaks = [(settings, BROKEN_MIDDLEWARE, "shop.middleware")]
    if server.recipe.server == "gunicorn":
        breaks.append((server.project / "gunicorn.conf.py", BROKEN_CONFIGURATION, "SyntaxError"))
    did = []
    for file, line, because in breaks:
        whole = file.read_text()
        _add_line(file, line)
        _reload_is_refused(server, because)
        file.write_text(whole)
        did.append(
            f"a line {line!r} at the end of {file.relative_to(server.project)}: "
            "sh reload.sh refuses, the server answers; line removed"
        )
    break_settings(server)
    _reload_is_refused(server, "NameError")
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
        [*did, f"a line {BROKEN!r} at the end of config/settings.py: sh reload.sh refuses, the server answers",
         "kill -HUP of the main process all the same, and GET /request/ every 100 ms"],
        figures,
        without_frames(server.own_lines(mark)),
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
        server.own_lines(mark),
    )


def reload_long_request(server: Running) -> Result:
    """Reloads while a sync request is worked on that takes longer than the server's patience of 1 s."""
    path = "/slow/?seconds=4"
    before = settled_workers(server)
    mark = server.mark()
    answers = []

    def ask():
        start = time.monotonic()
        try:
            status = server.get(path).status
        except (OSError, http.client.HTTPException):
            status = None
        answers.append((status, time.monotonic() - start))

    thread = threading.Thread(target=ask)
    thread.start()
    server.wait_for_log("waiting for 4.0 s", mark)
    server.signal("HUP")
    thread.join()
    if not wait_until(lambda: not server.alive() or not server.workers() & before, 60):
        raise LabError(f"{server.setup.name}: old workers are still there 60 s after SIGHUP. {server.tail()}")
    (status, seconds), = answers
    return Result(
        "finished" if status == 200 else "cut",
        [f"GET {path}", "kill -HUP of the main process while it is worked on"],
        {"seconds": round(seconds, 2), "graceful_timeout": 1},
        without_frames(server.own_lines(mark)),
    )


def holds_gil(server: Running) -> Result:
    """Asks for a view that keeps the interpreter's lock for longer than the server's time limit of 2 s."""
    path = f"/holds-gil/?n={LETTERS}"
    mark = server.mark()
    start = time.monotonic()
    try:
        interrupted = server.get(path, timeout=120).status != 200
    except (OSError, http.client.HTTPException):
        interrupted = True
    seconds = time.monotonic() - start
    if interrupted:
        server.wait_for_log("WORKER TIMEOUT", mark)
    elif seconds < 5:
        raise LabError(f"{path} took only {seconds:.1f} s: raise LETTERS in lab/probes/faults.py.")
    return Result(
        "worker-killed" if interrupted else "not-interrupted",
        [f"GET {path}: one call of re.match() that keeps the lock of the interpreter"],
        {"seconds": round(seconds, 2)},
        lines_with(server.log(mark), "WORKER TIMEOUT", r"exited with|was sent SIG"),
    )
