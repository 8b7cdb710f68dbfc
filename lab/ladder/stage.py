"""
What the questions of the ladder are asked of: servers with the project of snippets/faster, PostgreSQL with its data,
Redis, a slow partner, and wrk as the load. Everything listens on 127.0.0.1 and is gone at the end.
"""

import contextlib
import functools
import glob
import http.client
import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

from lab import postgres, recipes, redis, serve, venvs
from lab.errors import LabError

PROJECT = recipes.SNIPPETS / "faster"
HERE = Path(__file__).resolve().parent
# One environment with everything, pinned where the recipes of these servers pin it.
RECIPES = ["celery", "daphne", "granian-wsgi", "gunicorn-gthread", "hypercorn", "uvicorn", "uwsgi", "waitress"]
ORDERS = 100_000  # in the database of a server that names no other
WARM_UP = 0.1  # seconds of load before the first sample of a case
PATIENCE = 60  # seconds for the last answers of a load
QUICK = 0.5  # share of a sample's seconds in a quick run
SETTINGS = {  # PostgreSQL's, where its default is in the way
    "max_connections": 300,
    "shared_buffers": "256MB",
    # A table that is filled in the transaction that emptied it needs no log, and no checkpoint falls into a sample.
    "wal_level": "minimal",
    "max_wal_senders": 0,
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
}

# How each server is started: (command, package).
COMMANDS = {
    "gunicorn": (
        "gunicorn {application} --bind 127.0.0.1:{port} --worker-class gthread --workers {workers} --threads {threads}"
        " --no-control-socket {options}",
        "gunicorn",
    ),
    "gunicorn-asgi": (
        "gunicorn {application} --bind 127.0.0.1:{port} --worker-class asgi --workers {workers}"
        " --asgi-loop asyncio --asgi-lifespan off --no-control-socket {options}",
        "gunicorn",
    ),
    "uwsgi": (
        "uwsgi --module {application} --http-socket 127.0.0.1:{port} --master --processes {workers} --threads {threads}"
        " --need-app --single-interpreter --buffer-size 32768 --disable-logging --die-on-term"
        " --add-header 'Connection: close' {options}",
        "uwsgi",
    ),
    "granian": (
        "granian {application} --host 127.0.0.1 --port {port} --workers {workers} --interface {interface} --loop asyncio"
        " {blocking} {options}",
        "granian",
    ),
    "waitress": ("waitress-serve --listen 127.0.0.1:{port} --threads {threads} {options} {application}", "waitress"),
    "uvicorn": (
        "uvicorn {application} --host 127.0.0.1 --port {port} --workers {workers} --lifespan off --no-access-log"
        " --log-level warning {options}",
        "uvicorn",
    ),
    "hypercorn": (
        "hypercorn {application} --bind 127.0.0.1:{port} --workers {workers} --log-level warning {options}",
        "hypercorn",
    ),
    "daphne": ("daphne --bind 127.0.0.1 --port {port} --verbosity 0 --no-server-name {options} {application}", "daphne"),
}
ASGI = {"gunicorn-asgi", "uvicorn", "hypercorn", "daphne"}  # speak nothing else
ONE_PROCESS = {"daphne", "waitress"}  # know no workers


class Database:
    """The PostgreSQL of a stage, with one database for each number of orders."""

    def __init__(self, stage, cluster):
        self.stage, self.cluster = stage, cluster
        self._filled = {}

    def fill(self, orders=ORDERS):
        """Makes sure that a database with so many orders is there. Returns the environment (dict) that leads to it."""
        if orders not in self._filled:
            name = f"shop_{orders}"
            self.cluster.sql(f"CREATE DATABASE {name} OWNER shop")
            environment = {**self.cluster.environment(), "DB_NAME": name}
            self.stage.run(["python", "manage.py", "migrate", "--skip-checks", "--verbosity", "0"], environment)
            self.stage.run(["python", "manage.py", "fill", "--skip-checks", "--orders", str(orders)], environment)
            self._filled[orders] = environment
        return dict(self._filled[orders])

    def sql(self, statement, orders=ORDERS):
        """Runs one statement as superuser in the database with so many orders: its output as text."""
        return self.cluster.sql(statement, self.fill(orders)["DB_NAME"])


class Stage:
    """
    Context manager, one for the whole run. What a question starts ends with the question; the databases, Redis and
    the partner are started when first asked for and stay.
    """

    def __init__(self, quick=False):
        self.quick = quick
        self.warming = False  # set by bench.run during the round that does not count
        self._kept = contextlib.ExitStack()
        self._started = contextlib.ExitStack()
        self._servers = {}  # arguments -> address
        self.popens = {}  # address -> Popen
        self._awaited = None  # inside side_by_side(): functions that wait for one server each
        self.packages = set()  # whose versions the record of the question names
        self._redis = None

    def __enter__(self):
        self.folder = Path(self._kept.enter_context(tempfile.TemporaryDirectory(prefix="django-ladder-", dir="/tmp")))
        self.venv = environment()
        return self

    def __exit__(self, *error):
        self._started.close()
        self._kept.close()

    @contextlib.contextmanager
    def question(self):
        """Context manager: at its end every server and process that was started in it is gone."""
        self.packages = set()  # whose versions the record of the question names
        try:
            yield
        finally:
            self._started.close()
            self._servers.clear()
            self.popens.clear()

    # What is there

    @functools.cached_property
    def database(self):
        """The Database of this stage."""
        return Database(self, self._kept.enter_context(postgres.cluster(SETTINGS)))

    @property
    def redis(self):
        """A lab.redis.Redis; from the first use on its address is in REDIS_URL of what is started."""
        if not self._redis:
            self._redis = self._kept.enter_context(redis.server())
        return self._redis

    @functools.cached_property
    def partner(self):
        """Address of the slow partner: GET <address>/wait?ms=50 answers "7" after 50 ms, any number at once."""
        process = subprocess.Popen(
            [sys.executable, "-m", "lab.ladder.partner"], cwd=recipes.ROOT, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        self._kept.callback(_end, process)
        return f"http://127.0.0.1:{int(process.stdout.readline())}"

    def environ(self, extra=None):
        """The environment of what is started: the virtual environment, the database, the partner, then `extra`."""
        keep = {name: os.environ[name] for name in ("LANG", "LC_ALL", "USER") if name in os.environ}
        path = [str(self.venv / "bin"), os.environ.get("PATH", ""), *serve.EXTRA_FOLDERS]
        found = {
            **keep,
            "HOME": str(self.folder),
            "PATH": os.pathsep.join(path),
            "PYTHONPATH": str(PROJECT),
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "DJANGO_SETTINGS_MODULE": "settings",
            "PARTNER_URL": self.partner,
            **({"REDIS_URL": f"redis://{self._redis.address}/0"} if self._redis else {}),
        }
        if "DB_NAME" not in (extra or {}):
            found.update(self.database.fill())
        return {**found, **{name: str(value) for name, value in (extra or {}).items()}}

    # What is started

    def server(self, name, workers=1, threads=1, interface="wsgi", application=None, environment=None, options="", prefix=""):
        """
        Address of a running server, e.g. "http://127.0.0.1:23456"; started once per question and distinct arguments.

        `environment` (dict) comes on top of environ(), e.g. stage.database.fill(1_000_000) or DB_CONN_MAX_AGE;
        `options` (str) is put behind the command, `prefix` in front of it, e.g. "taskset --cpu-list 0".
        Raises LabError when it does not serve.
        """
        if name in ASGI:
            interface = "asgi"
        key = (name, workers, threads, interface, application, tuple(sorted((environment or {}).items())), options, prefix)
        if key not in self._servers:
            self._servers[key] = self._start(name, workers, threads, interface, application, environment, options, prefix)
        return self._servers[key]

    @contextlib.contextmanager
    def side_by_side(self):
        """Context manager: server() does not wait until it serves; at the end of the block all that were started do."""
        self._awaited = []
        try:
            yield
            for awaited in self._awaited:
                awaited()
        finally:
            self._awaited = None

    def _start(self, name, workers, threads, interface, application, environment, options, prefix):
        command, package = COMMANDS[name]
        if name in ONE_PROCESS and workers > 1:
            raise LabError(f"{name} has one process, not {workers}.")
        self.packages.add(package)
        # Not one that was given to a server which is still starting.
        port = next(p for p in iter(lambda: serve.free_ports(1)[0], None) if f"http://127.0.0.1:{p}" not in self.popens)
        filled = command.format(
            application=application or f"{interface}:application",
            port=port,
            workers=workers,
            threads=threads,
            interface="wsgi" if interface == "wsgi" else "asginl",  # Django has no lifespan
            blocking=f"--blocking-threads {threads}" if interface == "wsgi" else "",
            options=options,
        )
        process = self.process(f"exec {prefix} {filled}", environment)
        address = f"http://127.0.0.1:{port}"
        self.popens[address] = process

        def answers():
            if process.poll() is not None:
                raise LabError(f"{name} ends with exit code {process.returncode}: {self.log(process)}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                connection.request("GET", "/", headers={"Connection": "close"})
                connection.getresponse().read()
                connection.close()
                return True

        def awaited():
            if not serve.wait_until(answers, serve.START_SECONDS, 0.05):
                raise LabError(f"{name} does not answer: {self.log(process)}")

        if self._awaited is None:
            awaited()
        else:
            self._awaited.append(awaited)
        return address

    def process(self, command, environment=None):
        """
        Starts a shell command in the project folder; it ends with the question. Returns the subprocess.Popen.

        It runs until then in a session of its own; what it prints is in log(process).
        """
        with tempfile.NamedTemporaryFile("wb", dir=self.folder, suffix=".log", delete=False) as log:
            process = subprocess.Popen(
                ["sh", "-c", command], cwd=PROJECT, env=self.environ(environment), stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        process.log_file = log.name
        self._started.callback(_end, process)
        return process

    def log(self, process):
        """What a process of this stage printed last."""
        return Path(process.log_file).read_text(errors="replace")[-1500:]

    def run(self, command, environment=None, timeout=120):
        """Runs a program (list) in the project folder to its end: what it printed. Raises LabError when it fails."""
        found = self.environ(environment)
        program = next(filter(os.path.exists, (str(self.venv / "bin" / command[0]),)), command[0])
        done = subprocess.run(
            [program, *command[1:]], cwd=PROJECT, env=found, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=timeout,
        )  # fmt: skip
        if done.returncode:
            raise LabError(f"{' '.join(command)} fails: {done.stderr.strip()[-1500:]}")
        return done.stdout

    def python(self, code, environment=None, timeout=120):
        """
        Runs Python in the project's environment, with the settings named but django.setup() not called: what it
        printed. `code` is code, or a pathlib.Path of a file.
        """
        return self.run(["python", str(code)] if isinstance(code, Path) else ["python", "-c", code], environment, timeout)

    # What is measured

    def seconds(self, wanted):
        """How long a sample takes that should take `wanted` seconds: less in the warm-up and in a quick run."""
        if self.warming:
            return min(wanted, WARM_UP)
        return max(wanted * QUICK, 0.3) if self.quick else wanted

    def load(self, address, path, connections, seconds=0.6, headers=(), cut=False, cpu=False):
        """
        One sample: `connections` clients that each send their next request when the answer is there, for `seconds`, and
        then wait for their last answer. With cut=True they do not wait: what counts is what was answered in that time.

        {"throughput": answers below 400 per second, "mean_ms", "p50_ms", "p95_ms", "failed": other answers and
        errors}. On a server without keep-alive each request is a connection of its own; with
        headers=["Connection: close"] on any. With cpu=True also "cpu_ms", CPU time of the server's processes per answer.
        """
        before = self.cpu(address) if cpu else None
        seconds = self.seconds(seconds)
        wrk = subprocess.Popen(
            [serve.program("wrk"), "--threads", "1", "--connections", str(connections), "--duration", "1h",
             "--timeout", f"{PATIENCE}s", "--script", str(HERE / "load.lua"), *(part for header in headers for part in ("--header", header)),
             f"{address}{path}", str(seconds + PATIENCE if cut else seconds), str(connections)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        try:
            if cut:
                time.sleep(seconds)
            elif not says(wrk.stdout, "finished", seconds + PATIENCE):
                raise LabError(f"{address}{path} did not answer everything within {seconds + PATIENCE:.0f} s.")
            wrk.send_signal(signal.SIGINT)
            printed, _ = wrk.communicate(timeout=30)
        finally:
            wrk.kill()  # has no children; to look for some would take longer than many a sample
            wrk.wait()
        found = re.search(r"^\{.*\}$", printed, re.M)
        if not found:
            raise LabError(f"wrk says: {printed.strip()[-500:]}")
        taken = json.loads(found[0])
        spent = {} if before is None else {"cpu_ms": (self.cpu(address) - before) / max(taken["requests"], 1) * 1000}
        return {**sample(taken), **spent}

    def memory(self, address):
        """Memory of a server's processes in MiB, shared pages counted by their share (PSS); None where /proc has none."""
        total = 0
        for pid in self._pids(address):
            try:
                total += int(re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)[1])
            except (OSError, TypeError):
                return None
        return total / 1024

    def cpu(self, address):
        """CPU time in seconds that a server's processes have used so far; None where /proc has none."""
        ticks = 0
        for pid in self._pids(address):
            try:
                ticks += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))
            except OSError:
                return None
        return ticks / os.sysconf("SC_CLK_TCK")

    def _pids(self, address):
        """The processes of a server; without /proc only the first one."""
        group = self.popens[address].pid
        found = {group}
        for stat in glob.glob("/proc/[0-9]*/stat"):  # much faster than ps, which would run between any two samples
            with contextlib.suppress(OSError):
                pid, _, rest = Path(stat).read_text().partition(" ")
                if int(rest.rsplit(")", 1)[1].split()[2]) == group:
                    found.add(int(pid))
        return found

    def cpus(self):
        """The numbers of the CPUs that this process may use."""
        return os.sched_getaffinity(0)

    def versions(self):
        """Versions for the record: Python, Django, the servers of this question, PostgreSQL, Redis, wrk, the system."""
        found = dict(venvs.versions(self.venv, "Django", *sorted(self.packages)))
        if "database" in self.__dict__:
            found["postgresql"] = self.database.cluster.version
        if self._redis:
            found["redis-server"] = self._redis.version
        text = subprocess.run([serve.program("wrk"), "--version"], capture_output=True, text=True).stdout
        found["wrk"] = re.search(r"\d+\.\d+\.\d+", text)[0]
        found["os"] = serve.operating_system()
        return found


def says(stream, word, seconds):
    """Whether a process prints a word on a pipe within so many seconds; what it printed until then is gone."""
    end, printed = time.monotonic() + seconds, b""
    while word.encode() not in printed and select.select([stream], [], [], max(0, end - time.monotonic()))[0]:
        part = os.read(stream.fileno(), 65536)
        if not part:
            return False
        printed += part
    return word.encode() in printed


def sample(found):
    """What Stage.load returns, from what load.lua printed (dict). The times are None when nothing was answered."""
    failed = sum(found[kind] for kind in ("status", "connect", "read", "write", "timeout"))
    throughput = found["rate"] * (1 - found["status"] / max(found["requests"], 1))
    latencies = {f"{name}_ms": found[name] / 1000 if found["requests"] else None for name in ("mean", "p50", "p95")}
    return {"throughput": throughput, **latencies, "failed": failed}


def environment():
    """Folder of the virtual environment of the ladder, built when it is not there yet."""
    files = [PROJECT / "requirements.txt", *(recipes.SNIPPETS / name / "requirements.txt" for name in RECIPES)]
    with tempfile.TemporaryDirectory() as folder:
        lines = dict.fromkeys(line for file in files for line in file.read_text().splitlines())
        Path(folder, "requirements.txt").write_text("\n".join(lines) + "\n")
        return venvs.venv_for(SimpleNamespace(folder=Path(folder), install="requirements.txt", name="faster"))


def _end(process):
    """Ends a process and all that it started, at once: nobody waits for their answers."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says "not permitted" for a group of zombies
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
