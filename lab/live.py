"""
Let a server hang, ask it with a tool where it hangs, and write what the tool says to evidence/live/.

    python -m lab.live                          every capture, on this Python and the project's Django
    python -m lab.live stacks/blocked-loop      only these (a name, or what it begins with)
    python -m lab.live --on uvicorn             only under this recipe
    python -m lab.live --on pyodide             what only Python 3.14 has; installs Pyodide with npm into .cache/
    python -m lab.live --python python3.13 --django 6.1.3     on another base
    python -m lab.live --check                  write nothing; say what differs from what is kept

lab/live.toml lists the captures and explains its keys. What hangs is in snippets/live/stock/, what readers copy beside it.
A capture is evidence/live/<name>/<recipe>-py311-dj52.txt: lines "# key: value", a blank line, and what was printed, with
the paths, ports, process and thread ids that a reader would see.
"""

import argparse
import contextlib
import dataclasses
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

from lab import captures, client, processes, pyodide, recipes, serve, venvs
from lab.errors import LabError

FILE = Path(__file__).with_name("live.toml")
FOLDER = recipes.ROOT / "evidence" / "live"
SNIPPETS = recipes.SNIPPETS / "live"
SETTINGS = "stock.settings"
MARK = "hangs now"  # what a view logs before it hangs
PATIENCE = 30  # seconds that a hanging client waits at the longest
QUIET = 0.5  # seconds without a new line after which a log counts as complete
OWN = re.compile(r"(?:/srv/django/|\()((?:stock|shop|config)/[\w/]+\.py)(?:[\"'], line | lineno = |:)(\d+)")
ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
COST_RUNS, COST_REQUESTS = 3, 300
READER_SUPPLIER = "127.0.0.1:9000"


@dataclass(frozen=True)
class Live:
    """One entry of live.toml, which explains the keys."""

    name: str
    on: tuple
    tool: str
    hang: tuple = ()
    prints: tuple = ()
    lacks: tuple = ()
    arm: str = "arm.py"
    environment: dict = field(default_factory=dict)
    options: dict = field(default_factory=dict)
    install: str = ""
    drop: str = ""
    wait: float = 0
    others: str = "/healthz/"
    test: tuple = ()
    what: str = ""
    signals: tuple = ()
    tells: dict = field(default_factory=dict)
    overlays: tuple = ()


def load():
    """All entries of live.toml. Raises LabError for an unknown key or tool."""
    found = []
    for entry in tomllib.loads(FILE.read_text())["live"]:
        unknown = set(entry) - set(Live.__dataclass_fields__)
        if unknown or entry["tool"] not in (*TOOLS, "signals", "cost", pyodide.WHERE):
            raise LabError(f"lab/live.toml: {entry.get('name')} has unknown keys or an unknown tool: {', '.join(sorted(unknown)) or entry['tool']}.")
        found.append(Live(**{key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}))
    return found


def chosen(names=(), on=()):
    """The (entry, recipe name) pairs of the named entries under the named recipes; all when none are named."""
    pairs = [(live, where) for live in load() for where in live.on if where in (on or set(live.on) - {pyodide.WHERE})]
    return [(live, where) for live, where in pairs if not names or any(live.name == n or live.name.startswith(f"{n}/") for n in names)]


# Starting


@contextlib.contextmanager
def silent_supplier():
    """A socket that takes connections and never answers; yields its address, e.g. "127.0.0.1:23456"."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield "127.0.0.1:{}".format(listening.getsockname()[1])


def _recipe(live, where, folder):
    """The recipe with the hanging views, armed as live.toml says, and with what the entry installs and changes."""
    recipe = recipes.load(where)
    application = "config/asgi.py" if recipe.interface == "asgi" else "config/wsgi.py"
    install = recipe.install
    if live.install:  # one file with both, as a reader's would be
        install = str(folder / "requirements.txt")
        Path(install).write_text((recipe.folder / recipe.install).read_text() + "\n" + (SNIPPETS / live.install).read_text())
    changes = {"live": live.options[where]} if live.options.get(where) else {}
    return dataclasses.replace(
        recipe,
        install=install,
        overlays=(*recipe.overlays, "live/stock", "live/project"),
        append={**recipe.append, **({application: f"live/{live.arm}"} if live.arm else {})},
        changes={**recipe.changes, **changes},
    ), tuple(changes)


@contextlib.contextmanager
def running(live, where, base=venvs.Base()):
    """Context manager: the server of an entry, armed, with nothing hanging yet (serve.Running)."""
    with tempfile.TemporaryDirectory(prefix="django-live-", dir="/tmp") as folder, silent_supplier() as supplier:
        recipe, changes = _recipe(live, where, Path(folder))

        def before(run):
            """The project is prepared with its own settings; from here on with those that have the hanging views."""
            run.supplier = supplier
            run.environment.update({"DJANGO_SETTINGS_MODULE": SETTINGS, "SUPPLIER": supplier, **live.environment})
            shutil.copy(SNIPPETS / "dump_stacks.py", run.project)

        with serve.running(recipes.Setup(where, recipe), changes, {}, base, before=before) as run:
            yield run


@contextlib.contextmanager
def hanging(run, paths):
    """Context manager: requests that are sent one after the other and not waited for; yields the pid that has the last one."""
    mark, connections = run.mark(), []
    try:
        for number, path in enumerate(paths, 1):
            connection = client.Connection(run.address, PATIENCE)
            connections.append(connection)
            connection.request("GET", path, headers={"Host": client.HOST})
            run.wait_for_log(_said(path), mark, count=1 if "stock" not in path else number)
        time.sleep(1)
        yield _pid_of(run, mark, paths[-1]) if paths else run.process.pid
    finally:
        for connection in connections:
            connection.close()


def _said(path):
    """What the log holds once a view hangs; the project's own views say it in words of their own."""
    return MARK if "/stock/" in path else "matching|blocking for|waiting for" if "compute" not in path else ""


def _pid_of(run, mark, path):
    """The process that logged that it hangs. Where nothing is logged the one that computes most."""
    pids = re.findall(r"\[(\d+)\] (?:hangs now|matching|blocking for|waiting for)", run.log(mark))
    return int(pids[-1]) if pids else _busiest(run)


def _busiest(run):
    def ticks(pid):
        return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]))

    before = {pid: ticks(pid) for pid in run.workers()}
    time.sleep(0.5)
    return max(before, key=lambda pid: ticks(pid) - before[pid])


# Tools. Each returns (the command as a reader types it, its output).


def _stacks(run, live, pid):
    """SIGRTMIN to the worker that has the request."""
    mark = run.mark()
    subprocess.run(["kill", "-s", "RTMIN", str(pid)], check=True)
    return f"kill -s RTMIN {pid}", _settled(run, mark)


def _dump_all(run, live, pid):
    """dump_stacks.py with the pid of the main process."""
    mark = run.mark()
    done = run.run(f"python dump_stacks.py {run.process.pid}")
    return f"python dump_stacks.py {run.process.pid}", done.stdout + done.stderr + "\n" + _settled(run, mark)


def _container(run, live, pid):
    """dump_stacks.py in the process namespace of the server, where its main process is process 1, as in a container."""
    mark, inside = run.mark(), next(iter(processes.children(run.process.pid)))
    enter = ["nsenter", "--target", str(inside), "--pid", "--mount"]
    # What docker kill would do to a main process that is not armed: nothing, as it is process 1.
    subprocess.run([*enter, "sh", "-c", "kill -s RTMIN 1"], check=True)
    time.sleep(1)
    command = [str(run.venv / "bin" / "python"), str(run.project / "dump_stacks.py"), "1"]
    done = subprocess.run([*enter, *command], capture_output=True, text=True, timeout=60)
    return "python dump_stacks.py 1", done.stdout + done.stderr + "\n" + _settled(run, mark)


def _py_spy(run, live, pid):
    tools = venvs.venv_for(SimpleNamespace(name="live", folder=SNIPPETS, install="py-spy/requirements.txt"))
    command = f"py-spy dump --pid {pid}"
    done = subprocess.run([tools / "bin" / "py-spy", *command.split()[1:]], capture_output=True, text=True, timeout=60)
    return command, done.stdout + done.stderr


def _log(run, live, pid):
    """Only what the server's log says by itself, `wait` seconds long."""
    time.sleep(live.wait)
    return " ".join([*(f"{key}={value}" for key, value in live.environment.items()), run.command]), _settled(run, run.live_mark)


def _load(run, live, pid):
    """dump_stacks.py five times, while four clients send requests on connections that they keep; how many were lost."""
    end, answers = threading.Event(), []

    def ask():
        connection = client.Connection(run.address, 10)
        while not end.is_set():
            try:
                answers.append(client.get(run.address, live.others, connection=connection).status)
            except Exception:  # noqa: BLE001 - no answer is the answer
                answers.append(0)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        run.run(f"python dump_stacks.py {run.process.pid}")
    end.set()
    for thread in threads:
        thread.join()
    lost = len(answers) - answers.count(200)
    asked = len(re.findall(r"whose threads are above", run.log()))
    return f"python dump_stacks.py {run.process.pid}", f"stacks written {asked} times; {lost} of {len(answers)} requests lost"


def _py_spy_all(run, live, pid):
    """py-spy of the main process and all below it."""
    return _py_spy(run, live, f"{run.process.pid} --subprocesses")


def _many(run, live, pid):
    """So many requests that each worker gets one; what was logged since the start."""
    for _ in range(100):
        client.get(run.address, live.others)
    return run.command, run.log()


def _shell(run, live, pid):
    """A command of the reader's: `what`."""
    done = run.run(live.what.format(pid=pid))
    return live.what.format(pid=pid), done.stdout + done.stderr


def _aiomonitor(run, live, pid):
    """Types `what` into aiomonitor's console, one line after the other; `where NAME` with the number of the task of that name."""
    done = subprocess.run(
        [run.venv / "bin" / "python", "-c", TELNET, *live.what.splitlines()], capture_output=True, text=True, timeout=60
    )  # fmt: skip
    if done.returncode:
        raise LabError(f"{live.name}: {done.stderr}")
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", done.stdout.replace("\r", ""))
    lines = [line.rstrip() for line in text.splitlines()]
    return "telnet 127.0.0.1 20101", "\n".join(line for line in lines if line and not re.match("(?:monitor >>> *)+$", line))


# The console is a telnet server that asks the terminal about itself; aiomonitor brings a client that knows the answers.
TELNET = """
import asyncio, sys, telnetlib3

async def main():
    reader, writer = await telnetlib3.open_connection("127.0.0.1", 20101, term="dumb", cols=250, rows=200)

    async def read():
        said = ""
        try:
            while piece := await asyncio.wait_for(reader.read(65536), 2):
                said += piece
        except asyncio.TimeoutError:
            pass
        return said

    await read()
    tasks = ""
    for line in sys.argv[1:]:
        command, _, name = line.partition(" ")
        if name:
            name = next(row for row in tasks.splitlines() if name in row and row.startswith("|")).split()[1]
        writer.write(f"{command} {name}".strip() + "\\r\\n")
        said = await read()
        tasks = tasks or said
        # The line editor draws what is typed more than once; what follows the last time is the answer, up to the next prompt.
        answer = said.rpartition("\\x1b[?2004l")[2].partition("\\x1b[?2004h")[0]
        print(f"monitor >>> {command} {name}".rstrip() + "\\n" + answer)

asyncio.run(main())
"""


TOOLS = {"stacks": _stacks, "dump-all": _dump_all, "container": _container, "py-spy": _py_spy, "py-spy-all": _py_spy_all, "load": _load, "log": _log, "many": _many, "shell": _shell, "aiomonitor": _aiomonitor}


def _settled(run, mark):
    """What the log has from `mark` on, once nothing more comes."""
    size, end = -1, time.monotonic() + 10
    while run.mark() != size and time.monotonic() < end:
        size = run.mark()
        time.sleep(QUIET)
    return run.log(mark)


# Capturing


def capture(live, where, base=venvs.Base()):
    """Text of one capture. Raises LabError when the output lacks what the entry says, or has what it must not have."""
    if live.tool == "signals":
        return _signals(live, where, base)
    if live.tool == "cost":
        return _cost(live, where, base)
    if live.tool == pyodide.WHERE:
        return _in_pyodide(live, base)
    with running(live, where, base) as run:
        run.live_mark = run.mark()
        with hanging(run, live.hang) as pid:
            command, output = TOOLS[live.tool](run, live, pid)
            others = _others(run, live)
            known = {run.process.pid, *processes.descendants(run.process.pid)}
        pids = [] if live.tool == "container" else [pid, *sorted(known - {pid})]  # there they are small, and others than here
        output, command = _readable(run, live, output, pids), _readable(run, live, command, pids)
        if live.drop:
            output = "\n".join(line for line in output.splitlines() if not re.search(live.drop, line))
        _check(live, where, output)
        header = {
            "command": command,
            "server command": run.readable(run.command),
            "did": "; ".join(f"GET {path}" for path in live.hang),
            "found": "yes" if OWN.search(output) else "no",
            **{key: yes if re.search(text, output) else no for key, (text, yes, no) in live.tells.items()},
            "others": others,
            **run.versions(),
            "date": serve.today(),
        }
    return captures.text({key: value for key, value in header.items() if value}, output.strip())


def _check(live, where, output):
    """Raises LabError when the output lacks what the entry says, or has what it must not have."""
    problems = [f"{p!r} is missing" for p in live.prints if not re.search(p, output)]
    problems += [f"{p!r} should not be there" for p in live.lacks if re.search(p, output)]
    if problems:
        raise LabError(f"{live.name} on {where}: {'; '.join(problems)}.\n{output}")


def _in_pyodide(live, base):
    """Text of the capture of the script in `what`, on Python 3.14 and without a server."""
    recipe = recipes.load("uvicorn")
    recipe = dataclasses.replace(recipe, overlays=(*recipe.overlays, "live/stock", "live/project", *live.overlays))
    with tempfile.TemporaryDirectory(prefix="django-live-", dir="/tmp") as folder:
        run = serve.Running(recipes.Setup(recipe.name, recipe), Path(folder), (), {"DJANGO_SETTINGS_MODULE": SETTINGS}, base, None, None)
        run.supplier = READER_SUPPLIER
        recipes.copy_project(run.project)
        run.lay()
        done = pyodide.run(run, live.what)
        output = _readable(run, live, done.stdout + done.stderr, [pyodide.PID])
        _check(live, pyodide.WHERE, output)
        versions = run.versions()
    found = {**pyodide.versions(), "django": versions["django"], "os": versions["os"]}
    header = {"command": live.what, "did": f"run it {pyodide.SAID}", "found": "yes" if OWN.search(output) else "no", **found, "date": serve.today()}
    return captures.text(header, output.strip())


def _cost(live, where, base):
    """Text of the capture of what `arm` costs: requests one after the other, with it and without it in turn."""
    seconds = {"without": [], "with": []}
    for _ in range(COST_RUNS):
        for kind, arm in [("without", ""), ("with", live.arm)]:
            with running(dataclasses.replace(live, arm=arm), where, base) as run:
                connection = client.Connection(run.address)
                asked = [client.get(run.address, live.others, connection=connection).last for _ in range(COST_REQUESTS)]
                connection.close()
                seconds[kind].append(statistics.median(asked))
                versions = run.versions()
    ratios = sorted(w / o for w, o in zip(seconds["with"], seconds["without"]))
    header = {
        "command": run.readable(run.command),
        "did": f"GET {live.others}, {COST_REQUESTS} times, {COST_RUNS} starts with and {COST_RUNS} without, in turn",
        "found": "no", "ratio": f"{statistics.median(ratios):.1f}", "lowest": f"{ratios[0]:.1f}", "highest": f"{ratios[-1]:.1f}",
        **versions, "date": serve.today(),
    }  # fmt: skip
    figures = [f"{kind}: " + ", ".join(f"{value * 1000:.2f} ms" for value in values) for kind, values in seconds.items()]
    return captures.text(header, "\n".join(["median of one request", *figures]))


def _signals(live, where, base):
    """Text of the capture of what signals do to a server that nobody armed: to its main process, and to a worker."""
    did, said, run = {}, [], None
    with contextlib.ExitStack() as stack:
        for name in live.signals:
            for target in ("main", "worker") if recipes.load(where).processes == "workers" else ("worker",):
                if not run:
                    run = stack.enter_context(running(live, where, base))
                    serve.wait_until(lambda: len(run.workers()) == 2 or run.recipe.processes == "one", 20)
                    time.sleep(1)
                outcome, log = _after_signal(run, name, target)
                did[f"{name.lower()}-{target}"] = outcome
                said.append(f"kill -s {name} of the {target} process: {outcome}\n{log}".strip())
                if outcome not in ("nothing", "logs"):
                    versions = run.versions()
                    stack.close()
                    run = None
        versions = run.versions() if run else versions
    header = {"did": f"kill -s {', '.join(live.signals)}", "found": "no", **did, **versions, "date": serve.today()}
    return captures.text(header, "\n".join(said))


def _after_signal(run, name, target):
    """(what came of a signal, what was logged)."""
    before, mark = processes.descendants(run.process.pid), run.mark()
    workers = run.workers()
    pid = run.process.pid if target == "main" or run.recipe.processes == "one" else sorted(workers)[-1]
    subprocess.run(["kill", "-s", name, str(pid)], check=True)
    serve.wait_until(lambda: not run.alive() or processes.descendants(run.process.pid) != before, 3)
    time.sleep(2)
    now = processes.descendants(run.process.pid)
    log = _readable(run, None, run.log(mark), [run.process.pid, *sorted(before | now)]) if run.log(mark).strip() else ""
    if not run.alive():
        return "server-ends", log
    if target == "worker" and pid not in now:
        return ("replaced" if serve.wait_until(lambda: len(run.workers()) >= len(workers), 15) else "gone"), log
    if len(now) > len(before):
        return "second-server", log
    if now != before:
        return "other-workers", log
    return "logs" if log else "nothing", log


def _others(run, live):
    """Whether another request is answered while the first one hangs: both workers are asked, by several connections."""
    if not live.hang:
        return ""
    answers = []

    def ask():
        try:
            answers.append(client.get(run.address, live.others, timeout=3).status)
        except Exception:  # noqa: BLE001 - no answer is the answer
            answers.append(0)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return f"{answers.count(200)} of {len(answers)} answered"


def _readable(run, live, text, pids):
    """Text as the reader would have seen it: lab.output's rules, and process and thread ids by order."""
    text = text.replace("\r\n", "\n")
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)
    for number, pid in enumerate(pids):  # letters first, that lab.output does not number them once more
        text = re.sub(rf"(?<![\d.x])(?<!\.py:)(?<!line ){pid}(?![\d.])", f"PID{chr(65 + number)}", text)
    text = text.replace(run.supplier, READER_SUPPLIER)
    python = str((run.venv / "bin" / "python").resolve())
    text = text.replace(python, f"/usr/bin/{Path(python).name}")
    text = run.readable(text)
    text = re.sub(r"PID([A-Z])", lambda found: str(1002 + ord(found[1]) - 65), text)
    addresses, threads = {}, {}
    text = ADDRESS.sub(lambda found: f"0x7f00000000{addresses.setdefault(found[0], 16 + len(addresses)):02x}", text)
    return re.sub(r"(?<=Thread )\d{3,}(?= \()", lambda found: str(threads.setdefault(found[0], 1002 + len(threads))), text)


def difference(live, where, text):
    """What is wrong between a capture and the kept one, as text; "" when both name the same lines of the project."""
    header, output = captures.split(text)
    path = captures.path_of(FOLDER, live.name, where, header)
    if not path.exists():
        return f"There is no {path.relative_to(recipes.ROOT)}: run python -m lab.live {live.name}."
    kept_header, kept = captures.split(path.read_text())
    for what, old, new in [("lines of the project", set(OWN.findall(kept)), set(OWN.findall(output))), ("found", kept_header["found"], header["found"])]:
        if old != new:
            return f"{path.relative_to(recipes.ROOT)}, {what}: {old}, now {new}. Run python -m lab.live {live.name} and read the difference.\n{output}"
    return ""


def main(arguments=None):
    """Command line. Returns the exit status: 0, 1 for differences found by --check, 2 for an error."""
    parser = argparse.ArgumentParser(prog="python -m lab.live", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="*", help="a capture, or what its name begins with; all when none is named")
    parser.add_argument("--on", action="append", default=[], help="only under this recipe; may be given more than once")
    parser.add_argument("--check", action="store_true", help="compare with what is kept, write nothing")
    parser.add_argument("--python", default="", help="interpreter for the readers' virtual environment; this one when not given")
    parser.add_argument("--django", default="", help="version of Django; the project's pin when not given")
    options = parser.parse_args(arguments)
    if arguments is None:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    base, status = venvs.Base(options.python, options.django), 0
    for live, where in chosen(options.name, options.on):
        try:
            text = capture(live, where, base)
            problem = difference(live, where, text) if options.check else ""
            header = captures.split(text)[0]
            print(problem or f"{live.name} {where}: found {header['found']}, others {header.get('others')}", flush=True)
            status = max(status, 1 if problem else 0)
            if not options.check:
                captures.write(FOLDER, live.name, where, text)
        except LabError as error:  # the others can still be captured
            print(error, file=sys.stderr, flush=True)
            status = 2
    return status


if __name__ == "__main__":
    sys.exit(main())
