"""Deploys: a reload, a stop, settings that do not load, long-lived connections meanwhile."""

import contextlib
import http.client
import re
import shutil
import threading
import time

from websockets.exceptions import ConnectionClosed

from lab import client
from lab.errors import LabError
from lab.load import Load
from lab.probes.common import Result, ready_workers, run_shipped, settled_workers, without_frames
from lab.serve import Running, wait_until

BROKEN = "DEBUG = Flase"
# What `manage.py check` does not notice
BROKEN_MIDDLEWARE = 'MIDDLEWARE += ["shop.middleware.DoesNotExist"]'
BROKEN_CONFIGURATION = "workers = "
BROKEN_OPTION = "proceses = 2"
SLOW_START = 6  # seconds that the application takes to load
# What /healthz/ says after with_release(), and what that means after a reload
NEW_CODE = {
    "views new, settings new": "new-code",
    "views new, settings old": "mixed",
    "views old, settings old": "old-code",
}

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
        did = _reload(server)
        replaced = wait_until(lambda: not server.alive() or (not server.workers() & before and _full(server, before)), 60)
        if not replaced:
            raise LabError(f"{server.setup.name}: old workers are still there 60 s after the reload. {server.tail()}")
        more(40)
    reasons = {**load.new.reasons, **load.keep_alive.reasons}
    lost = load.new.failed or load.keep_alive.failed
    return Result(
        "server-exits" if not server.alive() else "some-lost" if lost else "none-lost",
        [
            "three clients on new connections and two on keep-alive connections: GET /slow/?seconds=0.05",
            did,
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


def _reload(server, checked=True):
    """
    Runs reload.sh; sends SIGHUP where the recipe has none, to see what that does. Returns what was done.

    With checked=False the checks at the top of reload.sh are left out where it ends in a SIGHUP.
    """
    if not server.recipe.has("reload.sh"):
        server.signal("HUP")
        return "kill -HUP of the main process"
    by_signal = "kill -HUP" in (server.recipe.folder / "reload.sh").read_text()
    if by_signal and not checked:
        server.signal("HUP")
        return "kill -HUP of the main process"
    run_shipped(server, "reload.sh")
    return "sh reload.sh (SIGHUP to the main process)" if by_signal else "sh reload.sh"


def stops_otherwise(recipe):
    """True for a recipe whose stop.sh sends another signal than SIGTERM."""
    text = (recipe.folder / "stop.sh").read_text() if recipe.has("stop.sh") else ""
    return "kill -" in text and "kill -TERM" not in text


def _stop(server):
    """Runs stop.sh and says so."""
    run_shipped(server, "stop.sh")
    found = re.search(r"kill -([A-Z]+)", (server.recipe.folder / "stop.sh").read_text())
    return f"sh stop.sh (SIG{found.group(1)})" if found else "sh stop.sh"


def _sigterm(server):
    server.signal("TERM")
    return "kill -TERM of the main process"


def sigterm_in_flight(server: Running) -> Result:
    """Sends SIGTERM, by stop.sh where it does that, while a sync and an async request of 2 s are being worked on."""
    return _stop_in_flight(server, _sigterm if stops_otherwise(server.recipe) else _stop)


def stop_in_flight(server: Running) -> Result:
    """The same with stop.sh, for a recipe that stops with another signal than SIGTERM."""
    return _stop_in_flight(server, _stop)


def _stop_in_flight(server, stop):
    ready_workers(server)
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
    did = stop(server)
    exited = wait_until(lambda: not server.alive(), 60)
    seconds = time.monotonic() - stopped
    for thread in threads:
        thread.join()
    figures = {"seconds_until_exit": round(seconds, 2), "exit_code": server.process.returncode}
    if not exited:
        figures = {"answered_requests": answers.count(200)}
    return Result(
        "keeps-running" if not exited else "finished" if answers == [200, 200] else "lost",
        ["GET /slow/?seconds=2 and GET /async/slow/?seconds=2", f"{did} while both are worked on"],
        figures,
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
    # Each worker that tries prints the error once, and no recipe starts with more than five.
    tried = wait_until(lambda: not server.alive() or len(re.findall("^NameError", server.log(), re.M)) >= 5, 60)
    wait_until(lambda: not server.alive(), 3)
    if not tried:
        raise LabError(f"{server.setup.name} neither ends nor tries again with broken settings. {server.tail()}")
    did = [f'a line "{BROKEN}" at the end of config/settings.py', "start"]
    # A server with five workers prints as much on its way out.
    if not wait_until(lambda: not server.alive(), 3):
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
    if server.recipe.has("gunicorn.conf.py"):
        breaks.append((server.project / "gunicorn.conf.py", BROKEN_CONFIGURATION, "SyntaxError"))
    if server.recipe.has("uwsgi.ini"):
        breaks.append((server.project / "uwsgi.ini", BROKEN_OPTION, "unknown config directive"))
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
        # Gunicorn may take its graceful_timeout of 30 s to end, and answers nobody meanwhile. Granian ends one old worker
        # after the other, 5 s apart, and answers until the last one.
        wait_until(lambda: not server.alive() or (time.monotonic() - sent > 15 and not load.new.failed), 60)
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
    did = _reload(server, checked=False)
    thread.join()
    if not wait_until(lambda: not server.alive() or not server.workers() & before, 60):
        raise LabError(f"{server.setup.name}: old workers are still there 60 s after the reload. {server.tail()}")
    (status, seconds), = answers
    return Result(
        "finished" if status == 200 else "cut",
        [f"GET {path}", f"{did} while it is worked on"],
        {"seconds": round(seconds, 2), "graceful_timeout": 1},
        without_frames(server.own_lines(mark)),
    )


def with_release(server: Running):
    """Makes /healthz/ say which version of the settings and of the views answers."""
    _add_line(server.project / "config" / "settings.py", 'RELEASE = "old"')
    _replace(server.project / "shop" / "views.py", 'HttpResponse("ok\\n"', 'HttpResponse("views old, settings " + settings.RELEASE')
    _replace(server.project / "shop" / "views.py", "from django.http import", "from django.conf import settings\nfrom django.http import")


def _replace(file, old, new):
    text = file.read_text()
    if old not in text:
        raise LabError(f"{file.name} of the project no longer has {old!r}: mend lab/probes/deploys.py.")
    file.write_text(text.replace(old, new))


def reload_new_code(server: Running) -> Result:
    """Changes a view and the settings, reloads, and asks which of them answer."""
    before = settled_workers(server)
    if (said := server.get("/healthz/").body.decode()) != "views old, settings old":
        raise LabError(f"{server.setup.name}: /healthz/ answers {said!r}.")
    _replace(server.project / "shop" / "views.py", '"views old', '"views new')
    _replace(server.project / "config" / "settings.py", 'RELEASE = "old"', 'RELEASE = "new"')
    mark = server.mark()
    did = _reload(server)
    if not wait_until(lambda: not server.alive() or (not server.workers() & before and _full(server, before)), 60):
        raise LabError(f"{server.setup.name}: old workers are still there 60 s after the reload. {server.tail()}")
    if not server.alive():
        said = "server-exits"
    else:
        said = server.get("/healthz/").body.decode()
    return Result(
        NEW_CODE.get(said, said),
        ["change a view in shop/views.py and a value in config/settings.py", did, f"GET /healthz/: {said}"],
        {},
        server.own_lines(mark),
    )


def with_symlink(server: Running):
    """Makes the project folder a symbolic link to releases/1, as many deployments do, with releases/2 beside it."""
    with_release(server)
    releases = server.folder / "releases"
    releases.mkdir()
    server.project.rename(releases / "1")
    shutil.copytree(releases / "1", releases / "2")
    _replace(releases / "2" / "shop" / "views.py", '"views old', '"views new')
    _replace(releases / "2" / "config" / "settings.py", 'RELEASE = "old"', 'RELEASE = "new"')
    server.project.symlink_to(releases / "1")


def with_symlink_in_shell(server: Running):
    """The same for a server that is started by hand: after cd, PWD holds the path with the link."""
    with_symlink(server)
    server.environment["PWD"] = str(server.project)


def reload_symlink(server: Running) -> Result:
    """Points the symbolic link to the new release, reloads, and asks which release answers."""
    before = ready_workers(server)
    if (said := server.get("/healthz/").body.decode()) != "views old, settings old":
        raise LabError(f"{server.setup.name}: /healthz/ answers {said!r}.")
    link = server.folder / "next"
    link.symlink_to(server.folder / "releases" / "2")
    link.replace(server.project)
    mark = server.mark()
    did = _reload(server, checked=False)
    wait_until(lambda: not server.alive() or (not server.workers() & before and _full(server, before)), 60)
    said = server.get("/healthz/").body.decode() if server.alive() else "server-exits"
    return Result(
        NEW_CODE.get(said, said),
        ["the project folder is a symbolic link to a release; point it to another one with a new view and new settings", did,
         f"GET /healthz/: {said}"],
        {},
        without_frames(server.own_lines(mark)).replace(f"{server.folder}/releases", "/srv/releases"),
    )  # fmt: skip


def with_slow_start(server: Running):
    """Makes the settings take SLOW_START seconds to load as soon as a file "slow" lies beside manage.py."""
    _add_line(
        server.project / "config" / "settings.py",
        f'if (BASE_DIR / "slow").exists():\n    import time\n\n    time.sleep({SLOW_START})',
    )


def reload_slow_start(server: Running) -> Result:
    """Reloads under load an application that takes 6 s to load."""
    before = settled_workers(server)
    (server.project / "slow").touch()
    mark = server.mark()
    slowest = 0.0
    with Load(server.address, "/slow/?seconds=0.05", new=3, keep_alive=2, pause=0.05) as load:
        if not wait_until(lambda: load.requests() >= 20, 30):
            raise LabError(f"{server.setup.name}: the load came to a halt. {server.tail()}")
        did = _reload(server, checked=False)
        given_up = r"aborting the restart"
        replaced = wait_until(
            lambda: not server.alive()
            or (not server.workers() & before and _full(server, before))
            or re.search(given_up, server.log(mark)),
            60,
        )
        if not replaced:
            raise LabError(f"{server.setup.name}: old workers are still there 60 s after the reload. {server.tail()}")
        enough = load.requests() + 40
        wait_until(lambda: not server.alive() or load.requests() >= enough, 60)
        slowest = max(load.new.slowest, load.keep_alive.slowest)
    if not server.alive():
        outcome = "server-exits"
    elif re.search(given_up, server.log(mark)):
        outcome = "old-workers-serve"
    else:
        outcome = "some-lost" if load.new.failed or load.keep_alive.failed else "none-lost"
    return Result(
        outcome,
        [
            f"config/settings.py takes {SLOW_START} s to load from now on",
            "three clients on new connections and two on keep-alive connections: GET /slow/?seconds=0.05 every 50 ms",
            did,
            "until every worker is a new one and 40 more requests are answered",
        ],
        {
            "slowest_seconds": round(slowest, 2),
            "requests": load.requests(),
            "failed_requests": load.new.failed + load.keep_alive.failed,
        },
        server.own_lines(mark),
    )


def _open_websocket(server):
    return client.websocket(server.address, "/ws/echo/", close_timeout=1)


def _closing(server, act):
    """Opens a WebSocket, calls act(), and waits up to 15 s for the end of the connection: outcome, figures."""
    with _open_websocket(server) as socket:
        socket.send("hello")
        socket.recv(timeout=10)
        started = time.monotonic()
        act()
        try:
            socket.recv(timeout=15)
            raise LabError(f"{server.setup.name}: something arrived on the WebSocket.")
        except TimeoutError:
            return "stays-open", {}
        except ConnectionClosed as closed:
            seconds = {"seconds": round(time.monotonic() - started, 2)}
            if closed.rcvd:
                return "closed-properly", {"close_code": closed.rcvd.code, **seconds}
            return "cut", seconds


def stop_websocket(server: Running) -> Result:
    """Stops the server while a WebSocket is open and idle."""
    ready_workers(server)
    mark = server.mark()
    outcome, figures = _closing(server, lambda: run_shipped(server, "stop.sh"))
    wait_until(lambda: not server.alive(), 60)  # the next probe starts anew
    if not wait_until(lambda: not server.alive(), 20):
        server.stop()  # or the next question would be asked of a server that is on its way out
    return Result(outcome, ["open a WebSocket, say nothing", "sh stop.sh (SIGTERM)"], figures, server.own_lines(mark))


def reload_websocket(server: Running) -> Result:
    """Reloads while a WebSocket is open and idle."""
    before = ready_workers(server)
    mark = server.mark()
    did = []
    outcome, figures = _closing(server, lambda: did.append(_reload(server, checked=False)))
    wait_until(lambda: not server.alive() or (not server.workers() & before and _full(server, before)), 60)
    return Result(outcome, ["open a WebSocket, say nothing", *did], figures, server.own_lines(mark))


def stop_endless_stream(server: Running) -> Result:
    """Stops the server while a client reads a stream that does not end."""
    path = "/stream/endless/" if server.recipe.interface == "wsgi" else "/async/stream/endless/"
    ready_workers(server)
    mark = server.mark()
    connection = client.Connection(server.address, timeout=20)
    try:
        connection.request("GET", path, headers={"Host": client.HOST})
        response = connection.getresponse()
        response.read1(100)
        stopped = time.monotonic()
        did = _stop(server)

        def read():
            # AttributeError: the connection is closed below while this still reads.
            with contextlib.suppress(OSError, http.client.HTTPException, AttributeError):
                while response.read1(100):
                    pass

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        ended = wait_until(lambda: not server.alive(), 15)
        seconds = time.monotonic() - stopped
    finally:
        connection.close()
    return Result(
        "ends" if ended else "keeps-running",
        [f"GET {path}: a piece every 0.3 s, without end", did, "wait up to 15 s for the server to end"],
        {"seconds_until_exit": round(seconds, 2), "exit_code": server.process.returncode} if ended else {},
        without_frames(server.own_lines(mark)),
    )


def reload_endless_stream(server: Running) -> Result:
    """Reloads while a client reads a stream that does not end, and looks whether the old worker ever goes."""
    path = "/stream/endless/" if server.recipe.interface == "wsgi" else "/async/stream/endless/"
    before = settled_workers(server)
    mark = server.mark()
    connection = client.Connection(server.address, timeout=20)
    try:
        connection.request("GET", path, headers={"Host": client.HOST})
        response = connection.getresponse()
        response.read1(100)
        started = time.monotonic()
        did = _reload(server, checked=False)

        def read():
            # AttributeError: the connection is closed below while this still reads.
            with contextlib.suppress(OSError, http.client.HTTPException, AttributeError):
                while response.read1(100):
                    pass

        threading.Thread(target=read, daemon=True).start()
        gone = wait_until(lambda: not server.alive() or not server.workers() & before, 50)
        seconds = time.monotonic() - started
    finally:
        connection.close()
    if not server.alive():
        outcome = "server-exits"
    elif not gone:
        outcome = "keeps-running"
    else:
        outcome = "cut" if seconds < 10 else "cut-late"
    return Result(
        outcome,
        [f"GET {path}: a piece every 0.3 s, without end", did, "wait up to 50 s for the old workers to be gone"],
        {"seconds": round(seconds, 2)} if gone else {"old_workers_left": len(server.workers() & before)},
        without_frames(server.own_lines(mark)),
    )


def with_slow_loading(server: Running):
    """Makes the settings take SLOW_START seconds to load, and say when that begins."""
    _add_line(
        server.project / "config" / "settings.py",
        f'(BASE_DIR / "loading").touch()\nimport time\n\ntime.sleep({SLOW_START})',
    )


def stop_during_start(server: Running) -> Result:
    """Stops the server while the application is being loaded."""
    begun = wait_until(lambda: not server.alive() or (server.project / "loading").exists(), 30)
    if not begun or not server.alive():
        raise LabError(f"{server.setup.name} did not come to load the application. {server.tail()}")
    stopped = time.monotonic()
    did = _stop(server)
    ended = wait_until(lambda: not server.alive(), 60)
    seconds = time.monotonic() - stopped
    if not ended:
        outcome = "keeps-running"
    else:
        outcome = "stops" if seconds < SLOW_START / 2 else "waits-until-loaded" if seconds < SLOW_START + 5 else "waits-to-the-end"
    return Result(
        outcome,
        [f"config/settings.py takes {SLOW_START} s to load", "start", f"{did} as soon as the loading has begun"],
        {"seconds_until_exit": round(seconds, 2), "exit_code": server.process.returncode} if ended else {},
        without_frames(server.log()),
    )
