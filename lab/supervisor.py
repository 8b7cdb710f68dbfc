"""
Run the Supervisor programs that the pages show, each in a supervisord of its own, and record what happens.

    python -m lab.supervisor                             every question about every program
    python -m lab.supervisor uvicorn-under-supervisor    about one of them (more than one may be named)
    python -m lab.supervisor --behaviour program-fails --runs 1
    python -m lab.supervisor --check                     write nothing; say what differs from the records

The records are those of setups named <recipe>-under-supervisor.
"""

import argparse
import contextlib
import http.client
import importlib.metadata
import itertools
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab import client, output, processes, recipes, record, serve, venvs
from lab import redis as lab_redis
from lab.errors import LabError
from lab.load import Load
from lab.probes.common import Result
from lab.probes.deploys import break_settings

SUFFIX = "-under-supervisor"
# /etc/supervisor/supervisord.conf as Debian's package brings it, with other paths
SURROUNDINGS = """\
[unix_http_server]
file={control}
chmod=0700
[supervisord]
logfile={folder}/supervisord.log
pidfile={folder}/supervisord.pid
childlogdir={folder}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{control}
[include]
files = {folder}/conf.d/*.conf
"""


@dataclass(frozen=True)
class Program:
    """A program section that readers copy to /etc/supervisor/conf.d/, and the recipe that it starts."""

    recipe: str
    file: str  # below snippets/
    section: str = "django"  # the name in [program:…]
    deploy: str = ""  # the script of the page, below snippets/
    main_with_workers: bool = True  # False: each process that Supervisor starts answers requests itself

    @property
    def name(self):
        return self.recipe + SUFFIX


PROGRAMS = [
    Program("gunicorn-gthread", "gunicorn-gthread/supervisor.conf", deploy="supervisor/deploy.sh"),
    Program("uvicorn", "supervisor/uvicorn.conf", deploy="supervisor/deploy-one-by-one.sh", main_with_workers=False),
    Program("uvicorn-workers", "supervisor/uvicorn-workers.conf", deploy="supervisor/deploy-workers.sh"),
    Program("celery", "supervisor/celery.conf", section="celery"),
]


class Supervised:
    """A supervisord with one program; made by running()."""

    def __init__(self, program, folder, redis=None):
        self.program, self.folder, self.redis = program, Path(folder), redis
        self.recipe = recipes.load(program.recipe)
        self.setup = recipes.Setup(program.name, self.recipe)
        (self.port,) = serve.free_ports(1)
        self.address = client.Address(port=self.port)
        self.project = self.folder / "django"
        self.venv = venvs.venv_for(self.recipe)
        self.config = self.folder / "supervisord.conf"
        self.program_file = self.folder / "conf.d" / "program.conf"
        self.environment_file = self.folder / "django.env"
        self.process = None

    def prepare(self, secret_key=""):
        """Lays out project, program and supervisord.conf; nothing is started yet."""
        recipes.copy_project(self.project)
        values = self.values()
        for overlay in self.recipe.overlays:
            self._lay(recipes.files_of(recipes.SNIPPETS / overlay))
        self._lay(recipes.replaced(self.recipe, values))
        (self.project / ".venv").symlink_to(self.venv)
        environment = (recipes.PROJECT / "django.env").read_text()
        if self.recipe.environment:
            text = (self.recipe.folder / self.recipe.environment).read_text()
            environment += recipes.filled(self.recipe, text, values)
        for name, source in self.recipe.append.items():
            with open(self.project / name, "a") as file:
                file.write("\n" + (recipes.SNIPPETS / source).read_text())
        if secret_key:
            shipped = recipes.environment_file()["DJANGO_SECRET_KEY"]
            environment = environment.replace(shipped, secret_key)
        self.environment_file.write_text(environment)
        text = (recipes.SNIPPETS / self.program.file).read_text()
        # The reader's paths and address, and a user that only the reader has.
        here = {
            "/srv/django": str(self.project),
            "/etc/django/django.env": str(self.environment_file),
            "/var/log/": f"{self.folder}/",
            "user=django\n": "",
        }
        for shipped, replacement in here.items():
            if shipped not in text:
                raise LabError(f"snippets/{self.program.file} does not hold {shipped!r}: mend it or lab/supervisor.py.")
            text = text.replace(shipped, replacement)
        text = text.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}").replace("--port 8000", f"--port {self.port}")
        self.program_file.parent.mkdir()
        self.program_file.write_text(text)
        # /tmp/…: the path of a Unix socket must be short.
        self.config.write_text(SURROUNDINGS.format(folder=self.folder, control=self.folder / "s"))

    def values(self):
        """What the {names} of the recipe's [replace] table stand for here."""
        return {
            "address": f"127.0.0.1:{self.port}", "port": self.port, "redis": self.redis and self.redis.address,
            "socket": self.folder / "app.sock", "pidfile": self.folder / "gunicorn.pid", "log": self.folder / "django.log",
            "folder": self.folder, "project": self.project,
        }  # fmt: skip

    def _lay(self, files):
        for name, text in files.items():
            (self.project / name).parent.mkdir(parents=True, exist_ok=True)
            (self.project / name).write_text(text)

    def start(self):
        """Starts supervisord, without waiting for the program."""
        with open(self.folder / "out", "ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "--configuration", str(self.config)],
                env={"PATH": os.environ["PATH"], "TZ": "Asia/Tokyo", "PYTHONDONTWRITEBYTECODE": "1",
                     "PYTHONUNBUFFERED": "1"},
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip

    def ctl(self, arguments):
        """Runs supervisorctl, e.g. ctl("restart django"): subprocess.CompletedProcess."""
        return subprocess.run(
            [sys.executable, "-m", "supervisor.supervisorctl", "--configuration", str(self.config), *arguments.split()],
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    def run(self, script):
        """Runs a script of the page in the project's folder, with a supervisorctl that finds this supervisord."""
        tool = self.folder / "bin" / "supervisorctl"
        if not tool.exists():
            tool.parent.mkdir()
            tool.write_text(f'#!/bin/sh\nexec {sys.executable} -m supervisor.supervisorctl --configuration {self.config} "$@"\n')
            tool.chmod(0o755)
        script = script.replace("/etc/django/django.env", str(self.environment_file))
        done = subprocess.run(
            ["sh", "-c", script], cwd=self.project, capture_output=True, text=True, timeout=120,
            env={"PATH": f"{tool.parent}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        if done.returncode:
            raise LabError(f"{self.program.name}: a script of the page fails: {done.stdout}{done.stderr}")

    def must(self, arguments):
        """The same for what has to succeed; returns what it printed."""
        done = self.ctl(arguments)
        if done.returncode:
            raise LabError(f"{self.program.name}: supervisorctl {arguments}: {done.stdout}{done.stderr}{self.tail()}")
        return done.stdout

    def pids(self):
        """Process ids of what Supervisor started and still runs."""
        return {int(pid) for pid in re.findall(r"RUNNING +pid (\d+)", self.ctl("status").stdout)}

    def everything(self):
        """Process ids of supervisord and all that descends from it."""
        return {self.process.pid} | processes.descendants(self.process.pid)

    def alive(self):
        """True as long as supervisord runs."""
        return self.process.poll() is None

    def wait(self):
        """
        Waits until /healthz/ answers, or the recipe's `ready` script succeeds, and Supervisor says RUNNING.
        Raises LabError after 60 s.
        """

        def ready():
            if self.recipe.ready:
                script = f"set -a; . {self.environment_file}; PATH={self.venv}/bin:$PATH\n{(self.project / self.recipe.ready).read_text()}"
                return subprocess.run(["sh", "-c", script], cwd=self.project, capture_output=True).returncode == 0
            return self.answers()

        def settled():
            return ready() and not re.search("STARTING|BACKOFF", self.ctl("status").stdout)

        if not serve.wait_until(settled, 60, 0.1):
            raise LabError(f"snippets/{self.program.file} does not come to serve under Supervisor. {self.tail()}")

    def answers(self):
        """True when /healthz/ answers 200."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            return client.get(self.address, "/healthz/", timeout=2).status == 200
        return False

    def answering(self):
        """Process id of the worker that answers; None when nobody does."""
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
            return client.get(self.address, "/request/", timeout=2).json()["pid"]
        return None

    def log(self):
        """What the program printed."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob(f"{self.program.section}*.log")))

    def supervisor_log(self, since=0):
        """What supervisord said, from character `since` on."""
        path = self.folder / "supervisord.log"
        return path.read_text()[since:] if path.exists() else ""

    def tail(self):
        return "\n".join([*self.supervisor_log().splitlines()[-10:], *self.log().splitlines()[-10:]])

    def stop(self):
        """Ends supervisord and everything it started, orphans too."""
        left = self.everything() | getattr(self, "orphans", set())
        processes.end_group(self.process, seconds=45)
        for pid in processes.living(left):
            os.kill(pid, signal.SIGKILL)

    def readable(self, text):
        """Text of this run as a reader would have seen it."""
        library = venvs.standard_library(self.venv)
        return output.normalise(
            text,
            {
                str(self.project / ".venv"): "/srv/django/.venv",
                str(self.venv): "/srv/django/.venv",
                str(self.project): "/srv/django",
                str(self.environment_file): "/etc/django/django.env",
                str(self.folder / "s"): "/var/run/supervisor.sock",
                str(self.folder / "conf.d"): "/etc/supervisor/conf.d",
                str(self.folder): "/var/log",
                f"127.0.0.1:{self.port}": "127.0.0.1:8000",
                f"--port {self.port}": "--port 8000",
                library: f"/usr/lib/{Path(library).name}",
            },
        )


@contextlib.contextmanager
def running(program, before=None, wait=True, secret_key=""):
    """
    Context manager: a Supervised whose program serves. `before(it)` may edit what is laid out; with wait=False the block
    begins right after the start. Everything is ended at the end of the block.
    """
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="django-lab-supervisor-", dir="/tmp"))
        needs = recipes.load(program.recipe).needs
        redis = stack.enter_context(lab_redis.server()) if "redis" in needs else None
        it = Supervised(program, folder, redis)
        it.prepare(secret_key)
        if before:
            before(it)
        it.start()
        try:
            if wait:
                it.wait()
            yield it
        finally:
            it.stop()


# Questions


def program_killed(it):
    """Kills the process that Supervisor started with kill -9, under load."""
    before = it.pids()
    it.orphans = it.everything() - {it.process.pid}  # nobody's children afterwards
    mark = len(it.supervisor_log())
    with Load(it.address, "/request/", new=2, pause=0.05) as load:
        serve.wait_until(lambda: load.requests() >= 20, 30)
        os.kill(min(before), signal.SIGKILL)
        killed = time.monotonic()
        ended = serve.wait_until(lambda: (it.pids() - before and len(it.pids()) == len(before)) or _fatal(it), 60, 0.1)
        seconds = time.monotonic() - killed
        if not ended:
            raise LabError(f"{it.program.name}: neither started again nor given up. {it.tail()}")
        enough = load.requests() + 20
        serve.wait_until(lambda: load.requests() >= enough, 20)
    outcome = "started-again" if not _fatal(it) else "orphans-in-the-way" if it.answers() else "gives-up"
    figures = {"seconds_until_settled": round(seconds, 2), "requests": load.requests(), "failed_requests": load.new.failed}
    return Result(
        outcome,
        ["GET /request/ every 50 ms by two clients, on new connections", "kill -9 of the process that Supervisor started",
         "until supervisorctl status says RUNNING or FATAL again"],
        figures,
        f"{it.supervisor_log(mark)}\n$ supervisorctl status\n{it.ctl('status').stdout}\n{_last(it.log(), 'Errno')}",
    )  # fmt: skip


def _fatal(it):
    return "FATAL" in it.ctl("status").stdout


def _last(log, pattern):
    """The last line of a log in which a pattern occurs, or nothing."""
    found = output.lines_with(log, pattern).splitlines()
    return found[-1] if found else ""


def _under_load(it, act, said, replaced):
    with Load(it.address, "/slow/?seconds=0.05", new=3, keep_alive=2) as load:
        serve.wait_until(lambda: load.requests() >= 40, 60)
        act()
        if not serve.wait_until(replaced, 60, 0.1):
            raise LabError(f"{it.program.name}: what served before still serves. {it.tail()}")
        enough = load.requests() + 40
        serve.wait_until(lambda: load.requests() >= enough, 60)
    lost = load.new.failed or load.keep_alive.failed
    return Result(
        "some-lost" if lost else "none-lost",
        ["three clients on new connections and two on keep-alive connections: GET /slow/?seconds=0.05",
         said, "until new processes answer, and 40 requests longer"],
        {
            "requests_new_connections": load.new.requests,
            "failed_new_connections": load.new.failed,
            "requests_keep_alive": load.keep_alive.requests,
            "failed_keep_alive": load.keep_alive.failed,
        },
    )  # fmt: skip


def _workers(it):
    return set().union(*(processes.children(pid) for pid in it.pids())) if it.program.main_with_workers else it.pids()


def reload_under_load(it):
    """Deploys as the page says, under load."""
    before = _workers(it)
    script = (recipes.SNIPPETS / it.program.deploy).read_text()
    commands = re.findall("supervisorctl (.+?)(?: &&)?$", script, re.M)
    return _under_load(
        it,
        lambda: it.run(script),
        f"sh {Path(it.program.deploy).name} (supervisorctl {', '.join(commands)})",
        lambda: not _workers(it) & before and len(_workers(it)) == len(before),
    )


def restart_under_load(it):
    """supervisorctl restart of the whole program under load: it stops, then it starts."""
    before = it.pids()
    whole = "restart django" if it.program.main_with_workers else "restart django:*"
    return _under_load(
        it, lambda: it.must(whole), f"supervisorctl {whole}", lambda: not it.pids() & before and it.answers()
    )


def stop_in_flight(it):
    """supervisorctl stop while two requests of 2 s are worked on."""
    answers, already = [], it.log().count("waiting for 2.0 s")

    def ask(path):
        try:
            answers.append(client.get(it.address, path).status)
        except (OSError, http.client.HTTPException) as error:
            answers.append(type(error).__name__)

    paths = ("/slow/?seconds=2", "/async/slow/?seconds=2")
    threads = [threading.Thread(target=ask, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    if not serve.wait_until(lambda: it.log().count("waiting for 2.0 s") >= already + 2, 20, 0.05):
        raise LabError(f"{it.program.name}: the requests did not arrive. {it.tail()}")
    command = "stop django" if it.program.main_with_workers else "stop django:*"
    start = time.monotonic()
    it.must(command)
    seconds = time.monotonic() - start
    for thread in threads:
        thread.join()
    it.must(command.replace("stop", "start"))
    it.wait()
    return Result(
        "finished" if answers == [200, 200] else "lost",
        [*(f"GET {path}" for path in paths), f"supervisorctl {command} while both are worked on"],
        {"seconds_until_exit": round(seconds, 2)},
    )


def program_fails(it):
    """Starts with settings that do not load, and looks what becomes of it."""
    it.orphans = set()
    started = time.monotonic()

    def settled():
        it.orphans |= it.everything()
        if _fatal(it):
            return "gives-up"
        # Twice the four starts that Supervisor grants by default
        if it.supervisor_log().count("spawned:") > 8:
            return "keeps-trying"
        if time.monotonic() - started > 20 and it.pids() and not it.answers():
            return "running-in-name-only"
        return None

    outcome = serve.wait_until(settled, 90, 0.2)
    if not outcome:
        raise LabError(f"{it.program.name}: neither given up nor tried nine times. {it.tail()}")
    log = it.supervisor_log()
    begin = re.search(r"^\S+ \S+ INFO supervisord started.*\n", log, re.M)
    # What is repeated is shown once.
    lines = log[begin.end() :].strip().splitlines()
    lines = [*lines[:12], "…"] if outcome == "keeps-trying" else lines
    return Result(
        outcome,
        ['a line "DEBUG = Flase" at the end of config/settings.py', "start supervisord", "supervisorctl status"],
        {"starts": log.count("spawned:")},
        "\n".join(lines) + f"\n\n$ supervisorctl status\n{it.ctl('status').stdout}",
    )


def stop_without_exec(it):
    """The program's command without its exec: stops it, and asks whether anybody still answers."""
    it.orphans = it.everything() - {it.process.pid}  # nobody's children afterwards
    said = it.ctl("stop django").stdout
    time.sleep(1)
    served = it.answers()
    return Result(
        "keeps-running" if served else "stops",
        ["the shell's exec left out of the program's command", "supervisorctl stop django", "GET /healthz/ one second later"],
        {},
        f"$ supervisorctl stop django\n{said}$ supervisorctl status\n{it.ctl('status').stdout}",
    )


def without_exec(it):
    """Takes the exec out of the program's command."""
    file = it.program_file
    if "&& exec " not in file.read_text():
        raise LabError(f"snippets/{it.program.file} has no exec any more: mend lab/supervisor.py.")
    file.write_text(file.read_text().replace("&& exec ", "&& "))


def with_tasks(it):
    """Adds the tasks of Celery's records, and a folder for their notes."""
    notes = it.folder / "notes"
    notes.mkdir()
    with open(it.environment_file, "a") as file:
        file.write(f"TASK_NOTES={notes}\n")
    with open(it.project / "config" / "settings.py", "a") as file:
        file.write('\nCELERY_IMPORTS = ["shop.measured_tasks"]\n')


def with_stopasgroup(it):
    """The same with stopasgroup=true."""
    with_tasks(it)
    text = it.program_file.read_text()
    if "stopasgroup=false" not in text:
        raise LabError(f"snippets/{it.program.file} has no stopasgroup=false any more: mend lab/supervisor.py.")
    it.program_file.write_text(text.replace("stopasgroup=false", "stopasgroup=true"))


def tasks_in_flight(it):
    """supervisorctl stop while two tasks of 3 s run and two wait."""
    code = (
        "import django; django.setup()\n"
        "from shop import measured_tasks\n"
        "for _ in range(4):\n"
        "    measured_tasks.wait.delay(3, 'stop')\n"
    )
    send = f"set -a; . {it.environment_file}; DJANGO_SETTINGS_MODULE=config.settings exec {it.venv}/bin/python -c \"$1\""
    done = subprocess.run(["sh", "-c", send, "sh", code], cwd=it.project, capture_output=True, text=True)
    if done.returncode:
        raise LabError(f"{it.program.name}: the tasks could not be sent. {done.stderr}")
    notes = it.folder / "notes" / "stop"
    if not serve.wait_until(lambda: notes.exists() and notes.read_text().count("begin") == 2, 30, 0.1):
        raise LabError(f"{it.program.name}: two tasks did not begin. {it.tail()}")
    start = time.monotonic()
    it.must("stop celery")
    seconds = time.monotonic() - start
    begun, ended = (notes.read_text().count(word) for word in ("begin", "end"))
    return Result(
        "finished" if ended == 2 else "lost",
        ["four tasks of 3 s, two of them run", "supervisorctl stop celery"],
        {"finished": ended, "still_waiting": 4 - begun, "seconds_until_exit": round(seconds, 2)},
    )


def with_default_startsecs(it):
    """Settings that do not load, and Supervisor's own startsecs, which is 1."""
    break_settings(it)
    file = it.program_file
    text = re.sub("^startsecs=.*\n", "", file.read_text(), flags=re.M)
    if text == file.read_text():
        raise LabError(f"snippets/{it.program.file} has no startsecs any more: mend lab/supervisor.py.")
    file.write_text(text)


def what_supervisorctl_says(it):
    """The answers of supervisorctl that people search for."""
    said = []

    def say(arguments):
        done = it.ctl(arguments)
        said.append(f"$ supervisorctl {arguments}\n{(done.stdout + done.stderr).strip()}\n")

    say("status djangoo")
    say("start django")
    it.program_file.write_text(it.program_file.read_text() + "priority=1\n")
    say("reread")
    wrong = it.program_file.with_name("wrong.conf")
    wrong.write_text("[program:wrong]\ncommand=/srv/django/.venv/bin/gunicron\n")
    it.ctl("reread")
    it.ctl("add wrong")
    serve.wait_until(lambda: "FATAL" in it.ctl("status wrong").stdout, 30, 0.2)
    say("status wrong")
    say("start wrong")
    processes.end_group(it.process, seconds=45)
    say("status")
    return Result("said", [line.splitlines()[0] for line in said], {}, "\n".join(said))


REFUSED = {
    'environment=DB_PASSWORD="50%off"': "command=/bin/true\nenvironment=DB_PASSWORD=\"50%off\"",
    "stdout_logfile=/var/log/django/django.log, and no such folder": "command=/bin/true\nstdout_logfile=/var/log/nosuch/django.log",
    "user=djangoo, and no such user": "command=/bin/true\nuser=djangoo",
}


def what_supervisord_refuses(it):
    """Starts a second supervisord with programs that it does not accept, and one more with the same socket."""
    said = []
    it.program_file.unlink()
    broken = it.program_file.with_name("django.conf")

    def say(what):
        done = subprocess.run(
            [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "--configuration", str(it.config)],
            capture_output=True, text=True, timeout=30,
        )  # fmt: skip
        errors = output.lines_with(done.stdout + done.stderr, "^Error: ")
        said.append(f"{what}\n{errors.replace('/var/log/nosuch', '/var/log/django').replace(str(it.folder / 'conf.d'), '/etc/supervisor/conf.d')}\n")

    for what, lines in REFUSED.items():
        broken.write_text(f"[program:django]\n{lines}\n")
        say(f"; {what}")
    broken.unlink()
    say("; a second supervisord with the same configuration")
    return Result("refused", [line.splitlines()[0].removeprefix("; ") for line in said], {}, "\n".join(said))


@dataclass(frozen=True)
class Question:
    """A behaviour of a program, and what has to be done before supervisord starts."""

    behaviour: str
    ask: Callable
    before: Callable | None = None
    wait: bool = True
    about: tuple = ()  # recipes
    alone: bool = False  # True: with a supervisord of its own
    steady: bool = True  # False: the answer depends on how fast the machine is, so --check does not ask


SERVERS = ("gunicorn-gthread", "uvicorn", "uvicorn-workers")
QUESTIONS = [
    Question("reload-under-load", reload_under_load, about=SERVERS),
    Question("restart-under-load", restart_under_load, about=SERVERS),
    Question("sigterm-in-flight", stop_in_flight, about=SERVERS),
    Question("program-killed", program_killed, about=SERVERS),
    Question("program-fails", program_fails, break_settings, wait=False, about=SERVERS),
    Question(
        "program-fails-default-startsecs", program_fails, with_default_startsecs, wait=False, about=("gunicorn-gthread",),
        steady=False,
    ),
    Question("stop-without-exec", stop_without_exec, without_exec, about=("gunicorn-gthread",)),
    Question("supervisord-refuses", what_supervisord_refuses, about=("gunicorn-gthread",), alone=True),
    Question("supervisorctl-says", what_supervisorctl_says, about=("gunicorn-gthread",), alone=True),
    Question("warm-shutdown", tasks_in_flight, with_tasks, about=("celery",)),
    Question("sigterm-to-all", tasks_in_flight, with_stopasgroup, about=("celery",)),
]


def ask(program, questions):
    """Asks the questions and yields a record for each. Those that need nothing special share one supervisord."""
    for _, group in itertools.groupby(questions, lambda question: question.alone and question.behaviour or question.before):
        group = list(group)
        with running(program, group[0].before, group[0].wait) as it:
            for question in group:
                yield _record(it, question, question.ask(it))


def _record(it, question, result):
    return {
        "setup": it.program.name,
        "behaviour": question.behaviour,
        "kind": "behaviour",
        "outcome": result.outcome,
        "figures": result.figures,
        "command": "supervisord --nodaemon --configuration /etc/supervisor/supervisord.conf",
        "did": [it.readable(line) for line in result.did],
        "output": it.readable(result.output),
        "versions": {
            **venvs.versions(it.venv, "Django", *it.recipe.pins()),
            "supervisor": importlib.metadata.version("supervisor"),
            **result.versions,
            "os": serve.operating_system(),
        },
        "date": serve.today(),
    }


def questions_for(program):
    """The questions about a program, in the order in which they can share a start."""
    return [question for question in QUESTIONS if program.recipe in question.about]


def main(arguments=None):
    """Command line. Returns the exit status: 0, 1 for differences found by --check, 2 for an error."""
    parser = argparse.ArgumentParser(
        prog="python -m lab.supervisor", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("setup", nargs="*", help="e.g. uvicorn-under-supervisor; all when none is named")
    parser.add_argument("--behaviour", action="append", help="only this behaviour; may be given more than once")
    parser.add_argument("--runs", type=int, default=record.RUNS, help="how often each question is asked (%(default)s)")
    parser.add_argument("--check", action="store_true", help="compare one run with the records, write nothing")
    chosen = parser.parse_args(arguments)
    if arguments is None:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    programs = [program for program in PROGRAMS if not chosen.setup or program.name in chosen.setup]
    differences = []
    try:
        for program in programs:
            questions = [q for q in questions_for(program) if not chosen.behaviour or q.behaviour in chosen.behaviour]
            if chosen.check:
                questions = [question for question in questions if question.steady]
                differences += filter(None, (record.difference(found, "supervisor") for found in ask(program, questions)))
                continue
            for found in settle(program, questions, chosen.runs):
                record.write(found)
    except LabError as error:
        print(error, file=sys.stderr)
        return 2
    print(*differences, sep="\n", end="\n" if differences else "")
    return 1 if differences else 0


def settle(program, questions, runs):
    """Asks each question `runs` times, more often when its answers differ; the records to write."""
    found = {question.behaviour: [] for question in questions}
    wanted, number = list(questions), 0
    while wanted:
        number += 1
        for answer in ask(program, wanted):
            found[answer["behaviour"]].append(answer)
            print(program.name, answer["behaviour"], answer["outcome"], answer["figures"], flush=True)
        differ = [q for q in wanted if len({answer["outcome"] for answer in found[q.behaviour]}) > 1]
        wanted = [q for q in wanted if number < runs or (q in differ and number < record.MORE_RUNS)]
    return [record.settled(answers) for answers in found.values()]


if __name__ == "__main__":
    sys.exit(main())
