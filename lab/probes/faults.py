"""Faults and deploys: a killed worker, a reload, a stop, settings that do not load, a request that takes too long."""

import http.client
import os
import re
import signal
import threading
import time

from lab.errors import LabError
from lab.load import Load
from lab.probes.common import Result, run_shipped, settled_workers, without_frames
from lab.serve import Running, wait_until

BROKEN = "DEBUG = Flase"


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
        return Result("keeps-trying", did, {}, without_frames(server.log()))
    return Result("server-exits", did, {"exit_code": server.process.returncode}, without_frames(server.log()))


def reload_broken_settings(server: Running) -> Result:
    """Breaks settings.py, sees that reload.sh refuses, then sends the SIGHUP that reload.sh would have kept back."""
    # A worker that is still starting would read the broken settings even without a reload.
    with Load(server.address, "/request/", new=4) as load:
        if not wait_until(lambda: load.pids() >= settled_workers(server), 20):
            raise LabError(f"{server.setup.name}: not every worker answers. {server.tail()}")
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
