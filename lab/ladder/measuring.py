"""The step "measure": what each tool says of a page of each kind, what shows a queue, and what measuring costs."""

import contextlib
import os
import pty
import re
import select
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from types import SimpleNamespace

from lab import processes, recipes, serve, venvs
from lab.errors import LabError
from lab.ladder import single
from lab.ladder.bench import Case, Effect, Question
from lab.ladder.printed import Printed

FOLDER = recipes.SNIPPETS / "faster" / "measuring"
READER_PORT = "8000"
CLIENTS = 6  # that ask one worker with one thread at the same time


# What runs


def tools():
    """Folder of a virtual environment with Django Debug Toolbar and silk; the servers' own has neither."""
    faster = (FOLDER.parent / "requirements.txt").read_text()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "requirements.txt").write_text(faster + (FOLDER / "requirements.txt").read_text())
        return venvs.venv_for(SimpleNamespace(name="faster/measuring", folder=Path(folder), install="requirements.txt"))


def py_spy():
    """The program, as installed for /troubleshoot/stack-traces/live/."""
    pinned = SimpleNamespace(name="live", folder=recipes.SNIPPETS / "live", install="py-spy/requirements.txt")
    return str(venvs.venv_for(pinned) / "bin" / "py-spy")


def settings(name):
    """Environment for a server with one of the settings of this step."""
    found = {"DJANGO_SETTINGS_MODULE": f"measuring.settings_{name}", "DB_CONN_MAX_AGE": "60"}
    if name in ("toolbar", "silk"):
        library = next((tools() / "lib").glob("python3*")) / "site-packages"
        found["PYTHONPATH"] = f"{FOLDER.parent}{os.pathsep}{library}"
    return found


@contextlib.contextmanager
def asking(address, path, clients=1, headers=None):
    """Context manager: so many clients ask for a page again and again."""
    end = threading.Event()

    def ask():
        while not end.is_set():
            with contextlib.suppress(OSError):
                urllib.request.urlopen(urllib.request.Request(f"{address}{path}", headers=headers or {}), timeout=20).read()

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    try:
        yield
    finally:
        end.set()
        for thread in threads:
            thread.join()


def at_once(address, path, count):
    """So many requests at the same time, once."""
    threads = [threading.Thread(target=lambda: urllib.request.urlopen(f"{address}{path}", timeout=20).read()) for _ in range(count)]
    for thread in threads:
        thread.start()
        time.sleep(0.02)  # in order, so that the lines of two runs are in the same one
    for thread in threads:
        thread.join()


def process_of(stage, address):
    """The subprocess.Popen of a server."""
    return stage.popens[address]


def worker(stage, address):
    """Process id of a server's only worker."""
    (found,) = processes.children(process_of(stage, address).pid)
    return found


def logged(stage, address, count):
    """The last lines that a server logged of requests (list), as many as `count`."""
    def found():
        lines = [line for line in stage.log(process_of(stage, address)).splitlines() if " wall=" in line or " queue=" in line]
        return lines if len(lines) >= count else None

    return serve.wait_until(found, 10)[-count:]


def port(address):
    """The port of an address, as text."""
    return address.rpartition(":")[2]


def versions(stage, *names):
    """Versions for the header of what is printed."""
    found = venvs.versions(stage.venv, "Django", *names)
    return {name: found[name] for name in ("python", "django", *names)}


# What is printed


def lines(stage):
    """One request for a page of each kind, and the line that the middleware logs of it."""
    address = stage.server("gunicorn", environment=settings("log"))
    paths = ["/computing/", "/slow-query/", "/order-list/", "/waiting/"]
    for _ in range(2):  # the first ones import and connect
        for path in paths:
            urllib.request.urlopen(f"{address}{path}").read()
    return "gunicorn wsgi:application --workers 1 --threads 1", "\n".join(logged(stage, address, 4)), versions(stage, "gunicorn")


def queue(stage):
    """Six requests at once for one thread, behind nginx: its lines and ours."""
    address = stage.server("gunicorn", environment=settings("log"))
    with nginx(stage, address) as (front, log):
        at_once(front, "/waiting/", CLIENTS)
        ours = logged(stage, address, 2 * CLIENTS)
        theirs = serve.wait_until(lambda: (found := log.read_text().splitlines()) and len(found) >= CLIENTS and found, 10)
    # The id differs in each run, and nobody reads it here.
    theirs = [re.sub(r"^[0-9a-f]{32}", lambda found: found[0][:8], line) for line in theirs]
    text = "\n".join([*theirs, "", *ours])
    nginx_version = subprocess.run([serve.program("nginx"), "-v"], capture_output=True, text=True).stderr.split("/")[1].split()[0]
    return "tail --lines 6 /var/log/nginx/times.log", text, {**versions(stage, "gunicorn"), "nginx": nginx_version}


@contextlib.contextmanager
def nginx(stage, address):
    """Context manager: nginx with measuring/nginx.conf in front of a server: (its address, its log as a Path)."""
    (listen,) = serve.free_ports(1)
    folder = stage.folder / "nginx"
    folder.mkdir(exist_ok=True)
    text = (FOLDER / "nginx.conf").read_text()
    replaced = {"listen 80;": f"listen 127.0.0.1:{listen};", "/var/log/nginx/times.log": f"{folder}/times.log", "127.0.0.1:8000": f"127.0.0.1:{port(address)}"}
    for old, new in replaced.items():
        if old not in text:
            raise LabError(f"measuring/nginx.conf no longer says {old}")
        text = text.replace(old, new)
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user}daemon off;\nworker_processes 1;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\nhttp {{\n{temporary}{text}}}\n"
    )
    process = stage.process(f"exec {serve.program('nginx')} -p {folder} -e {folder}/error.log -c {folder}/nginx.conf")

    def answers():
        with contextlib.suppress(OSError):
            return socket.create_connection(("127.0.0.1", listen), 1).close() is None

    if not serve.wait_until(answers, 20):
        raise LabError(f"nginx does not start: {stage.log(process)}")
    yield f"http://127.0.0.1:{listen}", folder / "times.log"
    processes.end_group(process)


def spy(command, page):
    """A function for Printed: py-spy asked about a worker that serves `page` again and again."""

    def run(stage):
        address = stage.server("gunicorn", environment=settings("plain"))
        with asking(address, f"/{page}/"):
            pid = worker(stage, address)
            output = SPY[command](stage, pid)
        title = {"dump": "py-spy dump --pid 1002", "top": "py-spy top --pid 1002"}.get(command, SPY_RECORD.format(pid=1002, file="stacks.txt"))
        text = output.replace(str(FOLDER.parent), "/srv/django").replace(str(stage.venv), "/srv/django/.venv")
        text = text.replace(f":{port(address)}", f":{READER_PORT}")
        text = re.sub(rf"\b{pid}\b", "1002", text)
        library = venvs.standard_library(stage.venv)
        text = re.sub(r"\(\S*/bin/(python3\.\d+)\)", r"(/usr/bin/\1)", text.replace(library, f"/usr/lib/{Path(library).name}"))
        text = re.sub(r"Thread \d+ \(", lambda found: found[0] if " 1002 " in found[0] else "Thread 1003 (", text)
        version = subprocess.run([py_spy(), "--version"], capture_output=True, text=True).stdout.split()[1]
        return title, text, {**versions(stage, "gunicorn"), "py-spy": version}

    return run


def dump(stage, pid):
    """Where every thread of a process is now."""
    # A moment in which the worker has a request: between two of them there is nothing to see.
    for _ in range(20):
        text = _run([py_spy(), "dump", "--pid", str(pid)])
        if "measuring/views.py" in text:
            return text
    raise LabError(f"py-spy never saw the view: {text}")


SPY_RECORD = "py-spy record --pid {pid} --duration 2 --idle --format raw --output {file} && sed 's/.*;//' {file}"


def record(stage, pid):
    """How many of 200 samples were in which innermost function, with the idle threads."""
    file = stage.folder / "stacks.txt"
    command = SPY_RECORD.format(pid=pid, file=file).replace("py-spy", py_spy(), 1)
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60)
    rows = [line.rsplit(" ", 1) for line in done.stdout.splitlines() if re.search(r"\) \d+$", line)]
    rows.sort(key=lambda row: -int(row[1]))
    return "\n".join(f"{name} {count}" for name, count in rows[:6])


def top(stage, pid):
    """One screen of py-spy top, read from a terminal of 100 columns."""
    main, end = pty.openpty()
    process = subprocess.Popen(
        ["sh", "-c", f"stty cols 100 rows 16; exec {py_spy()} top --pid {pid}"], stdin=end, stdout=end, stderr=end,
        start_new_session=True, env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    os.close(end)
    said, until = b"", time.monotonic() + 3.5
    while time.monotonic() < until and process.poll() is None:
        if select.select([main], [], [], 0.1)[0]:
            with contextlib.suppress(OSError):
                said += os.read(main, 65536)
    process.send_signal(signal.SIGINT)
    processes.end_group(process)
    os.close(main)
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", said.decode(errors="replace")).replace("\r", "")
    screens = [screen for screen in re.split(r"(?=Collecting samples from)", text) if "OwnTime" in screen]
    lines_ = [line.rstrip() for line in screens[-1].splitlines()]
    return "\n".join(line for line in lines_ if line and "Press Control-C" not in line and "for help" not in line)[:1500]


SPY = {"dump": dump, "record": record, "top": top}


def _run(command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def statsd(worker_class):
    """A function for Printed: what Gunicorn sends to a StatsD server while six clients ask one thread."""

    def run(stage):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
            listening.bind(("127.0.0.1", 0))
            listening.settimeout(0.2)
            options = f"--worker-class {worker_class} --statsd-host 127.0.0.1:{listening.getsockname()[1]} --enable-backlog-metric"
            address = stage.server("gunicorn", environment=settings("plain"), options=options)
            said, until = {}, time.monotonic() + 4
            with asking(address, "/waiting/", CLIENTS):
                while time.monotonic() < until:
                    with contextlib.suppress(TimeoutError):
                        line = listening.recv(2000).decode().strip()
                        said[line.partition(":")[0]] = line  # the last one of each
        command = f"gunicorn wsgi:application --worker-class {worker_class} --statsd-host 127.0.0.1:8125 --enable-backlog-metric"
        return command, "\n".join(sorted(said.values())), versions(stage, "gunicorn")

    return run


def ss(worker_class):
    """A function for Printed: the queue of the listening socket, as the kernel sees it, with a backlog of four."""

    def run(stage):
        address = stage.server("gunicorn", environment=settings("plain"), options=f"--worker-class {worker_class} --backlog 4")
        with asking(address, "/waiting/", CLIENTS + 2):
            time.sleep(1)
            text = _run([serve.program("ss"), "-ltn", f"sport = :{port(address)}"])
        text = "\n".join(line.rstrip() for line in text.strip().splitlines())
        command = f"ss -ltn 'sport = :{READER_PORT}'   # gunicorn --worker-class {worker_class} --backlog 4"
        return command, text.replace(f":{port(address)} ", f":{READER_PORT} "), versions(stage, "gunicorn")

    return run


def uwsgi(stage):
    """The queue in uWSGI's own statistics."""
    (stats,) = serve.free_ports(1)
    address = stage.server("uwsgi", environment=settings("plain"), options=f"--stats 127.0.0.1:{stats}")
    with asking(address, "/waiting/", CLIENTS):
        time.sleep(1.2)  # the master looks once a second
        text = _run([str(stage.venv / "bin" / "uwsgi"), "--connect-and-read", f"127.0.0.1:{stats}"])
    found = [line.strip() for line in text.splitlines() if re.search(r'"(listen_queue|listen_queue_errors|load|status|avg_rt)"', line)]
    # The rest of the line: of each socket the same once more.
    found = list(dict.fromkeys(found))
    command = "uwsgi --connect-and-read 127.0.0.1:1717 | grep -E 'listen_queue|load|status|avg_rt'"
    return command, "\n".join(found), versions(stage, "uwsgi")


def granian(stage):
    """Granian's metrics for Prometheus."""
    (metrics,) = serve.free_ports(1)
    options = f"--metrics --metrics-port {metrics} --metrics-scrape-interval 1"
    address = stage.server("granian", environment=settings("plain"), options=options)
    with asking(address, "/waiting/", CLIENTS):
        time.sleep(2.2)
        text = urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics", timeout=10).read().decode()
    return "curl http://127.0.0.1:9090/metrics", "\n".join(line for line in text.splitlines() if not line.startswith("#")), versions(stage, "granian")


SEEN_BY_TOOLBAR = """
import re
from debug_toolbar.store import get_store
identity = re.search(r'data-request-id="(\\w+)"', page)[1]
panel = get_store().panel(identity, "SQLPanel")
name, found = panel["databases"][0]
print(f"{name}: {found['num_queries']} queries including {found['similar_count']} similar")
"""
SEEN_BY_SILK = """
from silk.models import Request
seen = Request.objects.order_by("-start_time").first()
print(f"{seen.method} {seen.path}: {seen.num_sql_queries} queries, view {seen.view_name}")
"""


def seen(tool, code):
    """A function for Printed: what a tool for development says of the page with N+1 queries."""

    def run(stage):
        environment = settings(tool)
        stage.run(["python", "manage.py", "migrate", "--verbosity", "0"], environment)
        start = "import django; django.setup()\nfrom django.test import Client\npage = Client(HTTP_HOST='localhost').get('/order-list/').text\n"
        text = stage.python(start + code, environment)
        package = {"toolbar": "django-debug-toolbar", "silk": "django-silk"}[tool]
        found = venvs.versions(tools(), "Django", package)
        return "GET /order-list/", text.strip(), {name: found[name] for name in ("python", "django", package)}

    return run


OUTPUTS = [
    Printed("measure/lines", lines),
    Printed("measure/queue", queue),
    *(Printed(f"measure/py-spy-{command}-{page}", spy(command, page)) for command in SPY for page in ("computing", "waiting")),
    Printed("measure/statsd-sync", statsd("sync")),
    Printed("measure/statsd-gthread", statsd("gthread")),
    Printed("measure/ss-sync", ss("sync")),
    Printed("measure/ss-gthread", ss("gthread")),
    Printed("measure/uwsgi-stats", uwsgi),
    Printed("measure/granian-metrics", granian),
    Printed("measure/toolbar", seen("toolbar", SEEN_BY_TOOLBAR)),
    Printed("measure/silk", seen("silk", SEEN_BY_SILK)),
]


# What measuring costs


def cost(stage):
    """The page with 21 queries, one client: with nothing, and with each way of looking at it."""
    stage.run(["python", "manage.py", "migrate", "--verbosity", "0"], settings("silk"))
    plain = stage.server("gunicorn", environment=settings("plain"))
    cases = [Case({"tool": "nothing"}, lambda: single.ask(plain, "/order-list/", stage.seconds(0.25), 2))]
    for tool in ("log", "silk", "toolbar"):
        address = stage.server("gunicorn", environment=settings(tool))
        cases.append(Case({"tool": tool}, lambda address=address: single.ask(address, "/order-list/", stage.seconds(0.25), 2)))
    return [*cases, Case({"tool": "py-spy"}, lambda: _watched(stage, plain))]


def _watched(stage, address):
    """The same while py-spy takes 100 samples per second of the worker."""
    command = [py_spy(), "record", "--pid", str(worker(stage, address)), "--duration", "60", "--format", "raw", "--output", str(stage.folder / "watched.txt")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as watching:
        try:
            time.sleep(0.3)  # it reads the symbols first
            return single.ask(address, "/order-list/", stage.seconds(0.25), 2)
        finally:
            watching.send_signal(signal.SIGINT)
            processes.end_group(watching)


QUESTIONS = [
    Question(
        "measure/cost",
        cost,
        (
            Effect("log", {"tool": "nothing"}, {"tool": "log"}, "p50_ms", False, "same"),
            Effect("silk", {"tool": "nothing"}, {"tool": "silk"}, "p50_ms", False, "slower"),
            Effect("toolbar", {"tool": "nothing"}, {"tool": "toolbar"}, "p50_ms", False, "slower"),
        ),
        ("GET of a page with 21 queries, one client, Gunicorn with 1 worker and 1 thread",),
    ),
]
