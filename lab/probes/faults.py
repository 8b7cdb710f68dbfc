"""Faults: a worker that dies in several ways, a main process that dies, requests that take too long."""

import contextlib
import http.client
import os
import signal
import threading
import time
from dataclasses import replace

from lab import processes
from lab.errors import LabError
from lab.load import Load
from lab.output import lines_with
from lab.probes.common import Result, settled_workers
from lab.serve import Running, wait_until

LETTERS = 28  # for the view holds-gil: 10 s to 20 s on most machines, and each letter more doubles it


def worker_killed(server: Running) -> Result:
    """Kills a worker that is answering with kill -9 while others ask."""
    return _one_worker_dies(
        server, lambda pids: os.kill(min(pids), signal.SIGKILL), "kill -9 of a worker that answers"
    )


def exit_in_view(server: Running) -> Result:
    """Asks for a view that calls os._exit(), as a crash in C code would end the worker."""

    def ask(_pids):
        with contextlib.suppress(OSError, http.client.HTTPException):
            server.get("/exit/")

    return _one_worker_dies(server, ask, "GET /exit/: the view calls os._exit(1)")


def with_exit_code_3(server: Running):
    """Makes the view end its process with exit code 3 instead of 1."""
    views = server.project / "shop" / "views.py"
    text = views.read_text()
    if "os._exit(1)" not in text:
        raise LabError("shop/views.py no longer calls os._exit(1): mend lab/probes/faults.py.")
    views.write_text(text.replace("os._exit(1)", "os._exit(3)"))


def exit_code_3(server: Running) -> Result:
    """The same with the exit code by which a worker of Gunicorn says that it cannot start."""
    found = exit_in_view(server)
    return replace(found, did=[line.replace("os._exit(1)", "os._exit(3)") for line in found.did])


def crash_again(server: Running) -> Result:
    """Asks four times in a row for the view that ends its worker, each time as soon as the server answers again."""
    settled_workers(server)
    mark = server.mark()
    asked = 0

    def answers():
        with contextlib.suppress(OSError, http.client.HTTPException):
            return server.get("/healthz/", timeout=2).status == 200

    while asked < 4 and wait_until(lambda: not server.alive() or answers(), 40) and server.alive():
        with contextlib.suppress(OSError, http.client.HTTPException):
            server.get("/exit/", timeout=10)
        asked += 1
    wait_until(lambda: not server.alive() or answers(), 40)
    # A server that gives up may answer for a moment longer.
    gone = wait_until(lambda: not server.alive(), 3)
    return Result(
        "server-exits" if gone else "keeps-serving",
        ["GET /exit/ (the view calls os._exit(1)) four times, each time as soon as GET /healthz/ is answered"],
        {"crashes": asked, "exit_code": server.process.returncode} if gone else {"crashes": asked},
        server.own_lines(mark),
    )


def _one_worker_dies(server, end, said):
    before = settled_workers(server)
    mark = server.mark()
    with Load(server.address, "/request/", new=2, pause=0.05) as load:
        if not wait_until(lambda: load.pids() & before, 20):
            raise LabError(f"{server.setup.name}: no worker answers. {server.tail()}")
        end(load.pids() & before)
        ended = time.monotonic()
        # Once in a hundred runs Uvicorn is waiting for a sign of life of that very worker, and goes on waiting until
        # its health check has run out: 10 s in the recipes.
        found = wait_until(lambda: load.pids() - before or not server.alive(), 40)
        seconds = time.monotonic() - ended
        if found and server.alive():
            enough = load.requests() + 20
            wait_until(lambda: load.requests() >= enough or not server.alive(), 10)
    figures = {"requests": load.requests(), "failed_requests": load.new.failed}
    if not server.alive():
        outcome = "gone" if server.recipe.processes == "one" else "server-exits"
        figures["exit_code"] = server.process.returncode
    elif not found:
        outcome = "not-replaced"
    else:
        outcome = "replaced"
        figures = {"seconds_until_new_worker": round(seconds, 2), **figures}
    return Result(
        outcome,
        ["GET /request/ every 50 ms by two clients, on new connections", said],
        figures,
        server.own_lines(mark),
    )


def master_killed(server: Running) -> Result:
    """Kills the main process with kill -9 and looks whether its workers go on."""
    workers = settled_workers(server)
    mark = server.mark()
    server.signal("KILL")
    killed = time.monotonic()
    ended = wait_until(lambda: not server.alive() and not processes.living(workers), 5)
    answer = None
    if not ended:
        # Gunicorn's sync worker looks for its parent after each request: so each orphan is asked a few times.
        for _ in range(10 * len(workers)):
            answer = None
            with contextlib.suppress(OSError, http.client.HTTPException):
                answer = server.get("/healthz/", timeout=2).status
            if answer is None:
                break
        ended = wait_until(lambda: not processes.living(workers), 2)
    seconds = time.monotonic() - killed
    outcome = "workers-end" if ended else "orphans-serve" if answer == 200 else "orphans-stay"
    left = processes.living(workers)
    for pid in left:  # Supervisor gives each program a group of its own, so ending the server's group leaves them
        os.kill(pid, signal.SIGKILL)
    return Result(
        outcome,
        ["kill -9 of the main process", "wait up to 5 s for the workers to end; when they have not, GET /healthz/ ten times per worker"],
        {"seconds": round(seconds, 2)} if ended else {"workers_left": len(left)},
        server.own_lines(mark),
    )


def recycling(server: Running) -> Result:
    """Keeps asking while each worker leaves after 40 requests, until every worker has been replaced twice over."""
    first = settled_workers(server)
    mark = server.mark()
    with Load(server.address, "/request/", new=3, keep_alive=2, pause=0.02) as load:
        wait_until(lambda: not server.alive() or (len(load.pids() - first) >= 2 * len(first)), 60)
        if server.alive():
            enough = load.requests() + 20
            wait_until(lambda: load.requests() >= enough or not server.alive(), 30)
    replaced = len(load.pids() - first)
    failed = load.new.failed + load.keep_alive.failed
    if not server.alive():
        outcome = "server-exits"
    elif replaced < 2 * len(first):
        outcome = "not-replaced"
    else:
        outcome = "some-lost" if failed else "none-lost"
    return Result(
        outcome,
        [
            "three clients on new connections and two on keep-alive connections: GET /request/ every 20 ms",
            "until each worker has been replaced twice",
        ],
        {
            "workers_replaced": replaced,
            "requests_new_connections": load.new.requests,
            "failed_new_connections": load.new.failed,
            "requests_keep_alive": load.keep_alive.requests,
            "failed_keep_alive": load.keep_alive.failed,
        },
        "\n".join(server.own_lines(mark).splitlines()[:30]),
    )


def request_hangs(server: Running) -> Result:
    """Asks for a view that takes 5 s from a server whose time limit, where it has one, is 2 s."""
    paths = ["/slow/?seconds=5"]
    if server.recipe.interface == "asgi":
        paths.append("/async/slow/?seconds=5")
    return _hangs(server, paths)


def request_hangs_blocking(server: Running) -> Result:
    """The same with an async view that blocks the event loop for 5 s."""
    return _hangs(server, ["/async/blocking/?seconds=5"])


def _hangs(server, paths):
    mark = server.mark()
    found = {}

    def ask(path):
        start = time.monotonic()
        try:
            status = server.get(path).status
            outcome = "not-interrupted" if status == 200 else f"error-{status}"
        except (OSError, http.client.HTTPException):
            outcome = "connection-dropped"
        found[path] = outcome, time.monotonic() - start

    threads = [threading.Thread(target=ask, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcomes = {outcome for outcome, _ in found.values()}
    if len(outcomes) > 1:
        raise LabError(f"{server.setup.name}: the kinds of views differ ({found}): make two behaviours of them.")
    return Result(
        outcomes.pop(),
        [f"GET {path}" for path in paths],
        {"seconds": round(max(seconds for _, seconds in found.values()), 2)},
        server.own_lines(mark),
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
