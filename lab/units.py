"""
Ask the systemd units that the recipes ship, each on a booted systemd of its own (lab.booted).

    python -m lab.units                           every unit, written to evidence/<recipe>-under-systemd/
    python -m lab.units gunicorn-gthread-unix     the units of one recipe (more than one may be named)
    python -m lab.units --behaviour unit-start    one behaviour
    python -m lab.units --check                   write nothing; say what differs from the records

A question gets a lab.booted.Machine on which nothing runs and every file is as shipped, and returns a Result.
"""

import argparse
import contextlib
import http.client
import re
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab import booted, client, recipes, record, serve
from lab.booted import Machine
from lab.errors import LabError
from lab.load import Load
from lab.probes.common import Result
from lab.probes.deploys import BROKEN
from lab.probes import faults, limits, proxy, serving
from lab.probes.serving import EVERY_VIEW
from lab.serve import wait_until

SYSTEMD = recipes.SNIPPETS / "systemd"
SETTINGS = f"{booted.PROJECT}/config/settings.py"
# Frames of tracebacks as the journal has them: behind date, host and program
FRAME = re.compile(r"^\w+ +\d+ [\d:]+ \S+ \S+: (  File |    |  \||  \+)")
NOT_OURS = re.compile(r'"GET |waiting for [\d.]+ s|^\S+ \d+ [\d:]+ \S+ systemd\[1\]: [\w@.-]+: Consumed ')


def start(machine: Machine) -> Result:
    """Starts the service and asks at once, then again until there is an answer."""
    mark = machine.mark()
    began = time.monotonic()
    machine.must("systemctl", "start", *filter(None, [machine.socket, machine.service]))
    returned = time.monotonic()
    at_once = machine.answers(timeout=20)
    if not at_once and not wait_until(machine.answers, 60, 0.05):
        raise LabError(f"{machine.setup.name} does not answer 60 s after systemctl start.\n{machine.tail()}")
    answered = time.monotonic()
    return Result(
        "answers-at-once" if at_once else "answers-later",
        [machine.command(), "GET /healthz/ as soon as it returns, then every 50 ms until it is answered"],
        {"seconds_until_start_returns": round(returned - began, 2), "seconds_until_answer": round(answered - began, 2)},
        _own_lines(machine, mark),
    )


def socket_access(machine: Machine) -> Result:
    """Connects to the Unix socket as the user of nginx and as somebody else."""
    machine.start()
    path = machine.unix_socket()
    connect = ["/usr/bin/python3", "-c", f"import socket; socket.socket(socket.AF_UNIX).connect('{path}')"]
    done = {user: machine.run("runuser", "--user", user, "--", *connect) for user in ("www-data", "nobody")}
    nginx, other = (done[user].returncode == 0 for user in done)
    listing = machine.must("namei", "--long", path)
    refused = done["nobody"].stdout.strip().splitlines()[-1:]
    return Result(
        "group-only" if nginx and not other else "everybody" if other else "nobody",
        [machine.command(), f"connect to {path} as www-data, the user of nginx on Debian, and as nobody", f"namei -l {path}"],
        {},
        "\n".join([f"$ namei -l {path}", listing.strip(), "", *(f"nobody: {line}" for line in refused)]),
    )


def main_killed(machine: Machine) -> Result:
    """Kills the main process with kill -9 while a client asks."""
    return _main_killed(machine, [])


def main_killed_alone(machine: Machine) -> Result:
    """The same with KillMode=process: systemd then ends the main process only, and no worker."""
    machine.drop_in("[Service]\nKillMode=process\n")
    return _main_killed(machine, ["KillMode=process in the unit"])


def _main_killed(machine, did):
    machine.start()
    wait_until(lambda: len(machine.processes()) >= _count(machine), 20, 0.1)
    before, main = machine.processes(), machine.main_pid()
    mark = machine.mark()
    with Load(machine.address(), "/healthz/", new=2, pause=0.05) as load:
        if not wait_until(lambda: load.requests() >= 10, 20):
            raise LabError(f"{machine.setup.name}: the load does not begin. {machine.tail()}")
        failed = load.new.failed
        machine.must("kill", "-KILL", str(main))
        killed = time.monotonic()
        back = wait_until(lambda: machine.main_pid() not in (0, main) and machine.answers(), 60, 0.1)
        seconds = time.monotonic() - killed
        enough = load.requests() + 20
        wait_until(lambda: load.requests() >= enough, 20)
        time.sleep(2)  # workers that belong to nobody any more may end a moment later
        orphans = machine.processes() & before
    outcome = "stays-down" if not back else "restarted-beside-orphans" if orphans else "restarted"
    return Result(
        outcome,
        [*did, machine.command(), "GET /healthz/ every 50 ms by two clients, on new connections", "kill -9 of the main process"],
        {
            "seconds_until_answer": round(seconds, 2),
            "requests": load.requests(),
            "failed_requests": load.new.failed - failed,
            **({"workers_left": len(orphans)} if orphans else {}),
        },
        _own_lines(machine, mark),
    )


def reload(machine: Machine) -> Result:
    """systemctl reload under load, until every worker is a new one."""
    machine.start()
    workers = _answering(machine)
    mark = machine.mark()
    with Load(machine.address(), "/slow/?seconds=0.05", new=3, keep_alive=2) as load:
        _more(machine, load, 40)
        machine.must("systemctl", "reload", machine.service)
        if not wait_until(lambda: not machine.processes() & workers, 60, 0.2):
            raise LabError(f"{machine.setup.name}: old workers are still there 60 s after the reload. {machine.tail()}")
        _more(machine, load, 40)
    return _loaded(load, [f"systemctl reload {machine.name}"], _own_lines(machine, mark))


def restart(machine: Machine) -> Result:
    """systemctl restart under load. Keep-alive connections end with the process; the question is about new ones."""
    machine.start()
    mark = machine.mark()
    with Load(machine.address(), "/slow/?seconds=0.05", new=3, keep_alive=2) as load:
        _more(machine, load, 40)
        machine.must("systemctl", "restart", machine.service)
        if not wait_until(machine.answers, 60, 0.1):
            raise LabError(f"{machine.setup.name} does not answer after systemctl restart. {machine.tail()}")
        _more(machine, load, 40)
        slowest = load.new.slowest
    found = _loaded(load, [f"systemctl restart {machine.name}"], _own_lines(machine, mark))
    return Result(
        "some-lost" if load.new.failed else "none-lost", found.did, {**found.figures, "slowest_seconds": round(slowest, 2)}, found.output
    )


def _answering(machine):
    """
    The processes that answer requests, as the machine counts, once every worker has. (A helper process never answers,
    hence the 1,000 requests. A worker that has not answered may still be loading the application.)
    """
    wait_until(lambda: len(machine.processes()) >= _count(machine), 20, 0.1)
    children = machine.processes() - {machine.main_pid()}
    with Load(machine.address(), "/request/", new=4) as load:
        wait_until(lambda: load.requests() >= 1000 or load.requests() >= 200 and children <= load.pids(), 20)
    return load.pids()


def _more(machine, load, count):
    target = load.requests() + count
    if not wait_until(lambda: load.requests() >= target, 60):
        raise LabError(f"{machine.setup.name}: the load came to a halt. {machine.tail()}")


def _loaded(load, did, output):
    reasons = {**load.new.reasons, **load.keep_alive.reasons}
    return Result(
        "some-lost" if load.new.failed or load.keep_alive.failed else "none-lost",
        ["three clients on new connections and two on keep-alive connections: GET /slow/?seconds=0.05", *did],
        {
            "requests_new_connections": load.new.requests,
            "failed_new_connections": load.new.failed,
            "requests_keep_alive": load.keep_alive.requests,
            "failed_keep_alive": load.keep_alive.failed,
        },
        "\n".join([output, *(f"client: {count} times {reason}" for reason, count in reasons.items())]),
    )


def reload_broken(machine: Machine) -> Result:
    """systemctl reload with settings that do not load: the checks in the unit come before the signal."""
    machine.start()
    workers = _answering(machine)
    settings = machine.project / "config" / "settings.py"
    settings.write_text(f"{settings.read_text()}\n{BROKEN}\n")
    mark = machine.mark()
    done = machine.systemctl("reload", machine.service)
    time.sleep(3)  # a signal that should not have been sent would show by now
    kept = wait_until(lambda: workers <= machine.processes(), 5, 0.2) and machine.answers(timeout=20)
    return Result(
        "refused" if done.returncode and kept else "refused-but-changed" if done.returncode else "reloaded",
        [machine.command(), f'a line "{BROKEN}" at the end of config/settings.py', f"systemctl reload {machine.name}",
         "3 s later, GET /healthz/ and a look at the processes"],
        {"exit_code": done.returncode},
        f"$ systemctl reload {machine.name}\n{done.stdout.strip()}\n\n$ journalctl -u {machine.name}\n{_without_frames(_own_lines(machine, mark))}",
    )  # fmt: skip


def start_broken(machine: Machine) -> Result:
    """systemctl start with settings that do not load; looks again 20 s later."""
    settings = machine.project / "config" / "settings.py"
    settings.write_text(f"{settings.read_text()}\n{BROKEN}\n")
    mark = machine.mark()
    done = machine.systemctl("start", *filter(None, [machine.socket, machine.service]))
    given_up = wait_until(lambda: machine.show("ActiveState") == "failed", 20, 0.5)
    restarts = int(machine.show("NRestarts"))
    # Whether systemd gives up within 20 s depends on how fast the machine is, so it is no outcome.
    outcome = "restarted-in-vain" if given_up or restarts else "looks-healthy"
    log = _without_frames(_own_lines(machine, mark)).splitlines()
    return Result(
        outcome,
        [f'a line "{BROKEN}" at the end of config/settings.py', machine.command(), "wait 20 s"],
        {"start_exit_code": done.returncode, "restarts": restarts},
        "\n".join([f"$ {machine.command()}; echo $?", *done.stdout.strip().splitlines(), str(done.returncode), "", *_shortened(log, 16)]),
    )


def _shortened(lines, most):
    if len(lines) <= most:
        return lines
    return [*lines[: most - 8], f"[… {len(lines) - most} lines …]", *lines[-8:]]


def never_gives_up(machine: Machine) -> Result:
    """The drop-in restart.conf: after a time of failures that is longer than systemd's patience, does it come back?"""
    machine.drop_in((SYSTEMD / "restart.conf").read_text().replace("RestartSec=5", "RestartSec=1"), "restart.conf")
    good = f"{booted.PROJECT}/.venv/bin/{machine.name}"
    machine.must("mv", good, f"{good}.away")
    mark = machine.mark()
    machine.systemctl("start", machine.service)
    failed = wait_until(lambda: int(machine.show("NRestarts")) >= 8, 40, 0.5)
    machine.must("mv", f"{good}.away", good)
    back = wait_until(machine.answers, 20, 0.2)
    return Result(
        "comes-back" if failed and back else "stays-down",
        ["the drop-in restart.conf, with RestartSec=1", f"the program is not there, {machine.command()}",
         "eight restarts later the program is there again; nobody does anything else"],
        {"restarts": int(machine.show("NRestarts"))},
        "\n".join(_own_lines(machine, mark).splitlines()[-8:]),
    )  # fmt: skip


def socket_gives_up(machine: Machine) -> Result:
    """A socket-activated service that fails until systemd gives up: what becomes of the socket?"""
    machine.edit_unit(f"/.venv/bin/{machine.name} ", f"/venv/bin/{machine.name} ")
    mark = machine.mark()
    machine.systemctl("start", machine.socket, machine.service)
    if not wait_until(lambda: machine.show("ActiveState") == "failed", 40, 0.5):
        raise LabError(f"{machine.setup.name}: systemd does not give up. {machine.tail()}")
    state = machine.systemctl("is-active", machine.socket).stdout.strip()
    log = machine.run("journalctl", "--quiet", f"--unit={machine.service}", f"--unit={machine.socket}", f"--after-cursor={mark}").stdout
    return Result(
        "socket-closed" if state == "failed" else "socket-stays",
        ["ExecStart names a program that is not there", machine.command(), f"systemctl is-active {machine.socket}: {state}"],
        {},
        "\n".join(log.splitlines()[-6:]),
    )


def stop_in_flight(machine: Machine) -> Result:
    """systemctl stop while a request of 3 s is worked on."""
    return _stop_in_flight(machine, [])


def stop_everything(machine: Machine) -> Result:
    """The same under KillMode=control-group, systemd's default: every process gets the SIGTERM, not only the main one."""
    machine.drop_in("[Service]\nKillMode=control-group\n")
    return _stop_in_flight(machine, ["KillMode=control-group in the unit"])


def stop_too_soon(machine: Machine) -> Result:
    """The same with a TimeoutStopSec that is shorter than the request."""
    machine.drop_in("[Service]\nTimeoutStopSec=1\n")
    return _stop_in_flight(machine, ["TimeoutStopSec=1 in the unit"])


def _stop_in_flight(machine, did):
    machine.start()
    _answering(machine)  # a worker that still loads the application may not hear a signal
    mark = machine.mark()
    answers = []

    def ask():
        try:
            answers.append(client.get(machine.address(), "/slow/?seconds=3").status)
        except (OSError, http.client.HTTPException) as error:
            answers.append(type(error).__name__)

    thread = threading.Thread(target=ask)
    thread.start()
    in_files = ["sh", "-c", "grep -qs 'waiting for 3.0 s' /var/log/django/*"]  # where Supervisor writes them
    if not wait_until(lambda: "waiting for 3.0 s" in machine.journal(mark) or not machine.run(*in_files).returncode, 20, 0.1):
        raise LabError(f"{machine.setup.name}: the request does not arrive. {machine.tail()}")
    began = time.monotonic()
    machine.must("systemctl", "stop", machine.service)
    seconds = time.monotonic() - began
    thread.join()
    return Result(
        "finished" if answers == [200] else "lost",
        [*did, "GET /slow/?seconds=3", f"systemctl stop {machine.name} while it is worked on"],
        {"seconds_until_exit": round(seconds, 2)},
        _own_lines(machine, mark),
    )


def environment(machine: Machine) -> Result:
    """Changes the environment file: when does the server see it?"""
    machine.start()
    other = "shop.example.org"

    def known():
        with contextlib.suppress(OSError, http.client.HTTPException):
            return client.get(machine.address(), "/healthz/", {"Host": other}).status == 200

    file = machine.root / booted.ENVIRONMENT.lstrip("/")
    file.write_text(file.read_text().replace("DJANGO_ALLOWED_HOSTS=", f"DJANGO_ALLOWED_HOSTS={other},"))
    workers = _answering(machine)
    machine.must("systemctl", "reload", machine.service)
    if not wait_until(lambda: not machine.processes() & workers, 60, 0.2):
        raise LabError(f"{machine.setup.name}: old workers are still there 60 s after the reload. {machine.tail()}")
    after_reload = bool(known())
    machine.must("systemctl", "restart", machine.service)
    after_restart = wait_until(known, 20, 0.2)
    return Result(
        "reload-too" if after_reload else "restart-only" if after_restart else "not-at-all",
        [f"{other} added to DJANGO_ALLOWED_HOSTS in {booted.ENVIRONMENT}", f"systemctl reload {machine.name}",
         f"GET /healthz/ with Host: {other}: {200 if after_reload else 400}", f"systemctl restart {machine.name}",
         f"GET /healthz/ with Host: {other}: {200 if after_restart else 400}"],
    )  # fmt: skip


def hardened(machine: Machine) -> Result:
    """The drop-in hardening.conf: what systemd-analyze says, and whether everything still works."""
    def exposure():
        text = machine.must("systemd-analyze", "security", "--no-pager", machine.service)
        return text, float(re.search(r"exposure level for \S+: ([\d.]+)", text).group(1))

    machine.start()
    _, plain = exposure()
    machine.systemctl("stop", machine.service)
    machine.drop_in((SYSTEMD / "hardening.conf").read_text(), "hardening.conf")
    machine.start()
    text, tight = exposure()
    failed = [f"{path}: {status}" for path in EVERY_VIEW if (status := client.get(machine.address(), path).status) != 200]
    did = [machine.command(), f"systemd-analyze security {machine.name}", "the drop-in hardening.conf", machine.command(),
           f"systemd-analyze security {machine.name}", "every view of the project"]  # fmt: skip
    if machine.show("CanReload") == "yes":
        workers = _answering(machine)
        done = machine.systemctl("reload", machine.service)
        did.append(f"systemctl reload {machine.name}")
        # mod_wsgi replaces a process when the next request comes.
        if done.returncode or not wait_until(lambda: machine.answers() and not machine.processes() & workers, 60, 0.2):
            failed.append(f"reload: {done.stdout.strip()}")
    if failed:
        raise LabError(f"{machine.setup.name} does not work with hardening.conf: {failed}\n{machine.tail()}")
    return Result("serves", did, {"exposure_before": plain, "exposure_after": tight}, text.strip().splitlines()[-1])


def _wrong(old, new, said):
    """A question: the unit with a mistake in it, and what systemd says. The outcome is systemd's own name for it."""

    def ask(machine):
        machine.edit_unit(*(part.replace("{name}", machine.name) for part in (old, new)))
        mark = machine.mark()
        done = machine.systemctl("start", machine.service)
        if not wait_until(lambda: machine.show("ActiveState") == "failed", 40, 0.5):
            raise LabError(f"{machine.setup.name} does not fail with {new!r}. {machine.tail()}")
        log = machine.journal(mark)
        status = re.search(r"status=(\d+/[A-Z_]+)", log)
        outcome = status.group(1).lower().replace("/", "-") if status else machine.show("Result")
        began = log.splitlines()
        shown = [*began[: next((n for n, line in enumerate(began) if "Scheduled restart" in line), 3) + 1], *began[-3:]]
        return Result(
            outcome,
            [said, machine.command()],
            {"start_exit_code": done.returncode, "restarts": int(machine.show("NRestarts"))},
            "\n".join([f"$ {machine.command()}; echo $?", *done.stdout.strip().splitlines(), str(done.returncode), "",
                       f"$ journalctl -u {machine.name}", *dict.fromkeys(shown)]),
        )  # fmt: skip

    return ask


def shared_folder(machine: Machine) -> Result:
    """Two services with the same RuntimeDirectory: what is left for one when the other stops?"""
    machine.start()
    other = "blog.service"
    unit = (machine.root / "etc/systemd/system" / machine.service).read_text()
    config = (machine.project / "gunicorn.conf.py").read_text().replace("/run/django/app.sock", "/run/django/blog.sock")
    machine.write(f"{booted.PROJECT}/blog.conf.py", config.replace("/run/django/gunicorn.pid", "/run/django/blog.pid"))
    machine.write(f"/etc/systemd/system/{other}", unit.replace("gunicorn.conf.py", "blog.conf.py"))
    machine.must("systemctl", "daemon-reload")
    machine.must("systemctl", "start", other)
    before = machine.must("sh", "-c", "ls /run/django | tr '\\n' ' '").strip()
    machine.must("systemctl", "stop", other)
    after = machine.run("ls", "/run/django")
    answers = machine.answers()
    machine.run("rm", f"/etc/systemd/system/{other}")
    return Result(
        "serves" if answers else "socket-gone",
        [machine.command(), "systemctl start blog, a second service with RuntimeDirectory=django",
         "systemctl stop blog", "GET /healthz/ of the first service"],
        {},
        f"$ ls /run/django\n{before}\n$ systemctl stop blog\n$ ls /run/django\n{after.stdout.strip()}\n"
        f"$ systemctl is-active {machine.name}\n{machine.systemctl('is-active', machine.service).stdout.strip()}",
    )  # fmt: skip


def template(machine: Machine) -> Result:
    """gunicorn@.service with two projects of two users; one of them is stopped."""
    shipped = SYSTEMD / "gunicorn@.service"
    machine.write(f"/etc/systemd/system/{shipped.name}", shipped.read_text())
    for name in ("shop", "blog"):
        machine.must("useradd", "--system", "--shell", "/usr/sbin/nologin", name)
        machine.must("cp", "-r", booted.PROJECT, f"/srv/{name}")
        machine.must("sh", "-c", f"sed -i 's|^#!{booted.PROJECT}/|#!/srv/{name}/|' /srv/{name}/.venv/bin/gunicorn")
        machine.must("chown", name, f"/srv/{name}/db.sqlite3")
        machine.write(f"/etc/{name}/django.env", (recipes.PROJECT / "django.env").read_text())
    machine.must("systemctl", "daemon-reload")
    machine.must("systemctl", "start", "gunicorn@shop", "gunicorn@blog")

    def answers(name):
        address = booted.Inside(unix_socket=f"/run/{name}/app.sock", leader=machine.leader)
        with contextlib.suppress(OSError, http.client.HTTPException):
            return client.get(address, "/healthz/", timeout=5).status == 200

    both = answers("shop") and answers("blog")
    listing = machine.must("sh", "-c", "systemctl list-units --plain --no-legend --no-pager 'gunicorn@*'; ls -ld /run/shop /run/blog")
    machine.must("systemctl", "stop", "gunicorn@blog")
    alone = answers("shop") and not answers("blog")
    machine.must("systemctl", "stop", "gunicorn@shop")
    return Result(
        "independent" if both and alone else "entangled",
        ["systemctl start gunicorn@shop gunicorn@blog", "GET /healthz/ of both: answered", "systemctl stop gunicorn@blog",
         "GET /healthz/ of shop: answered"],
        {},
        listing.strip(),
    )  # fmt: skip


class Served:
    """A started service with the face of a lab.serve.Running, for probes that look from outside and kill nothing."""

    def __init__(self, machine):
        self.machine, self.setup, self.recipe = machine, machine.setup, machine.recipe
        self.address = self.direct = machine.address()
        self.project = Path(booted.PROJECT)

    def get(self, path, headers=None, timeout=30):
        return client.get(self.address, path, headers, timeout)

    def workers(self):
        return self.machine.processes() - {self.machine.main_pid()}

    def alive(self):
        return self.machine.main_pid() != 0

    def mark(self):
        return self.machine.mark()

    def log(self, since=""):
        return self.machine.journal(since)

    def own_lines(self, since=""):
        return _own_lines(self.machine, since)

    def tail(self):
        return self.machine.tail()


def _of_server(probe):
    """A question about the server itself, asked where it is only run as a service."""

    def ask(machine):
        machine.start()
        return probe(Served(machine))

    return ask


def every_view(server):
    """Asks every view once."""
    failed = [f"{path}: {status}" for path in EVERY_VIEW if (status := server.get(path).status) != 200]
    return Result("does-not-answer" if failed else "answers", [f"GET {path}" for path in EVERY_VIEW], output="\n".join(failed))


def worker_killed(machine: Machine) -> Result:
    """Kills the process that answers with kill -9 while others ask."""
    machine.start()
    mark = machine.mark()
    with Load(machine.address(), "/request/", new=2, pause=0.05) as load:
        if not wait_until(lambda: load.pids(), 20):
            raise LabError(f"{machine.setup.name}: no worker answers. {machine.tail()}")
        before = machine.processes()
        machine.must("kill", "-KILL", str(min(load.pids())))
        killed = time.monotonic()
        found = wait_until(lambda: load.pids() - before or not machine.main_pid(), 40)
        seconds = time.monotonic() - killed
        enough = load.requests() + 20
        wait_until(lambda: load.requests() >= enough, 10)
    outcome = "server-exits" if not machine.main_pid() else "replaced" if found else "not-replaced"
    return Result(
        outcome,
        ["GET /request/ every 50 ms by two clients, on new connections", "kill -9 of a process that answers"],
        {"seconds_until_new_worker": round(seconds, 2), "requests": load.requests(), "failed_requests": load.new.failed},
        _own_lines(machine, mark),
    )


def _count(machine):
    return 1 if machine.recipe.processes == "one" else 3  # main process and two workers


def _own_lines(machine, mark):
    """The journal without the lines of single requests, and without what differs from kernel to kernel."""
    lines = machine.journal(mark).splitlines()
    return "\n".join(line for line in lines if not NOT_OURS.search(line))


def _without_frames(journal):
    """Journal lines without the frames of tracebacks."""
    return "\n".join(line for line in journal.splitlines() if not FRAME.search(line))


@dataclass(frozen=True)
class Question:
    """A behaviour of a unit, the function that finds it out, and for which machines it makes sense."""

    behaviour: str
    ask: Callable[[Machine], Result]
    where: Callable[[recipes.Recipe], bool] = lambda recipe: True


def _text(recipe):
    return "".join(path.read_text() for path in booted.units(recipe))


def _one(name):
    """Questions about systemd itself are asked of one unit."""
    return lambda recipe: recipe.name == name


def _unix(recipe):
    return recipe.unix_socket or "ListenStream=/" in _text(recipe)


def _workers(recipe):
    return recipe.processes == "workers"


def _reloads(recipe):
    return "ExecReload=" in _text(recipe)


MODEL = "gunicorn-gthread-unix"
QUESTIONS = [
    Question("unit-start", start),
    Question("unit-socket-access", socket_access, _unix),
    Question("unit-main-killed", main_killed),
    Question("unit-main-killed-alone", main_killed_alone, _workers),
    Question("unit-reload", reload, _reloads),
    Question("unit-reload-broken", reload_broken, _reloads),
    Question("unit-restart", restart),
    Question("unit-stop-in-flight", stop_in_flight),
    Question("unit-stop-everything", stop_everything, lambda recipe: "KillMode=mixed" in _text(recipe)),
    Question("unit-stop-too-soon", stop_too_soon, _one(MODEL)),
    Question("unit-start-broken", start_broken),
    Question("unit-hardened", hardened),
    Question("unit-socket-gives-up", socket_gives_up, _one("uvicorn-socket")),
    Question("unit-environment", environment, _one(MODEL)),
    Question("unit-never-gives-up", never_gives_up, _one(MODEL)),
    Question("unit-wrong-program", _wrong("/.venv/bin/{name} ", "/venv/bin/{name} ", "ExecStart names a program that is not there"), _one(MODEL)),
    Question("unit-wrong-folder", _wrong("WorkingDirectory=/srv/django", "WorkingDirectory=/srv/djnago", "WorkingDirectory names a folder that is not there"), _one(MODEL)),
    Question("unit-wrong-user", _wrong("User=django", "User=djnago", "User names nobody"), _one(MODEL)),
    Question("unit-no-environment", _wrong(booted.ENVIRONMENT, "/etc/djnago/django.env", "EnvironmentFile names a file that is not there"), _one(MODEL)),
    Question("unit-wrong-namespace", _wrong("RuntimeDirectoryMode=0750", "RuntimeDirectoryMode=0750\nProtectSystem=strict\nReadWritePaths=/srv/django/media", "ReadWritePaths names a folder that is not there"), _one(MODEL)),
    Question("unit-shared-folder", shared_folder, _one(MODEL)),
    Question("unit-template", template, _one(MODEL)),
]


# mod_wsgi needs a user that is not root, so it is only run here, and asked here what other servers are asked by lab.record.
QUESTIONS += [
    Question("worker-killed", worker_killed, _one("mod-wsgi")),
    *(
        Question(behaviour, _of_server(probe), _one("mod-wsgi"))
        for behaviour, probe in {
            "http": every_view,
            "websocket": serving.websocket,
            "keep-alive": limits.keep_alive,
            "stream-sync": serving.stream_sync,
            "stream-async": serving.stream_async,
            "forwarded-proto": proxy.forwarded_proto,
            "forwarded-untrusted": proxy.forwarded_untrusted,
            "header-limit": limits.header_limit,
            "url-limit": limits.url_limit,
            "body-limit": limits.body_limit,
            "slow-headers": limits.slow_headers,
            "slow-bodies": limits.slow_bodies,
            "exit-in-view": faults.exit_in_view,
        }.items()
    ),
]

# Variants of a server, of which the rest is known from its main recipe
VARIANTS = ("gunicorn-asgi-unix", "gunicorn-uvicorn-unix", "daphne-supervisor", "hypercorn-supervisor")
OF_VARIANTS = ("unit-start", "unit-main-killed", "unit-reload", "unit-stop-in-flight", "unit-hardened")


def questions_for(setup):
    """The questions that make sense for a setup of lab.booted."""
    asked = [question for question in QUESTIONS if question.where(setup.recipe)]
    return [question for question in asked if setup.recipe.name not in VARIANTS or question.behaviour in OF_VARIANTS]


def ask(setup, questions, _base=None):
    """Asks the questions in turn and yields (question, record as a dict) for each."""
    with booted.booted(setup) as machine:
        for asked in questions:
            result = asked.ask(machine)
            yield asked, {
                "setup": setup.name,
                "behaviour": asked.behaviour,
                "kind": "behaviour",
                "outcome": result.outcome,
                "figures": result.figures,
                "command": machine.readable(machine.command()),
                "did": [machine.readable(line) for line in result.did],
                "output": machine.readable(result.output),
                "versions": machine.versions(),
                "date": serve.today(),
            }
            machine.clean()


def main(arguments=None):
    """Command line. Returns the exit status: 0, 1 for differences found by --check, 2 for an error."""
    parser = argparse.ArgumentParser(
        prog="python -m lab.units", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", nargs="*", help="a recipe with a unit, e.g. gunicorn-gthread-unix; all when none is named")
    parser.add_argument("--behaviour", action="append", help="only this behaviour; may be given more than once")
    parser.add_argument("--runs", type=int, default=record.RUNS, help="how often each question is asked (%(default)s)")
    parser.add_argument("--check", action="store_true", help="compare one run with the records, write nothing")
    chosen = parser.parse_args(arguments)
    if arguments is None:
        # As a program: a polite kill ends the booted machine as well.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if why := booted.impossible():
        print(why, file=sys.stderr)
        return 2
    known = {setup.recipe.name: setup for setup in booted.setups()}
    names = [name.removesuffix(booted.SUFFIX) for name in chosen.recipe] or list(known)
    if unknown := [name for name in names if name not in known]:
        print(f"No unit of {', '.join(unknown)} can be run. Known recipes with units: {', '.join(known)}.", file=sys.stderr)
        return 2
    differences, failed = [], False
    for setup in map(known.get, names):
        wanted = [q for q in questions_for(setup) if not chosen.behaviour or q.behaviour in chosen.behaviour]
        try:
            if not wanted:
                continue
            if chosen.check:
                differences += [problem for _, problem, stands in record.compare(setup, wanted, by=ask) if stands]
                continue
            for found in record.settle(setup, wanted, runs=chosen.runs, ask=ask):
                record.write(found)
        except LabError as error:  # e.g. no Apache to compile mod_wsgi with: the others can be asked all the same
            print(error, file=sys.stderr)
            failed = True
    print(*differences, sep="\n", end="\n" if differences else "")
    return 2 if failed else 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
