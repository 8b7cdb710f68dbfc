"""
Capture what servers print when something fails, and write it to evidence/traces/.

    python -m lab.traces                          every capture, on this Python and the project's Django
    python -m lab.traces five sync-only-operation/template     only these (a name, or what it begins with)
    python -m lab.traces --on uvicorn             only under this recipe
    python -m lab.traces --on pyodide             what only Python 3.14 prints; installs Pyodide with npm into .cache/
    python -m lab.traces --python python3.13 --django 6.1.3    on another base
    python -m lab.traces --check                  write nothing; say which frames differ from what is kept

lab/traces.toml lists the captures and explains its keys. What fails is in snippets/project/sales/, what mends it in
snippets/traces/<pattern>.py. Every start has DJANGO_SETTINGS_MODULE=sales.settings: with the project's LOGGING the
root logger writes to the console, as a traceback is printed nowhere otherwise (see nothing-printed/*).

A capture is evidence/traces/<name>/<recipe>-py311-dj52.txt: lines "# key: value", a blank line, and what was printed,
with the paths, ports, process ids and memory addresses that a reader would see. To add one: a view of three lines in
sales/views/, the failure in sales/rates/, an entry in traces.toml; run it and read what it says.
"""

import argparse
import contextlib
import dataclasses
import functools
import http.client
import itertools
import json
import re
import signal
import sys
import tempfile
import threading
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from lab import captures, client, postgres, pyodide, recipes, serve, venvs
from lab.errors import LabError

FILE = Path(__file__).with_name("traces.toml")
FOLDER = recipes.ROOT / "evidence" / "traces"
FIXES = recipes.SNIPPETS / "traces"
SETTINGS = "sales.settings"
SCRIPT = "python"  # in place of a recipe: a script is run, no server; it has the packages of SCRIPT_RECIPE
SCRIPTS = (SCRIPT, pyodide.WHERE)  # the second on Python 3.14; only when it is named
SCRIPT_RECIPE = "uvicorn"
QUIET = 0.4  # seconds without a new line after which a log counts as complete
PATIENCE = 5  # seconds that a client waits for an answer
RESTING = 1  # seconds in which nothing is printed where nothing is expected


@dataclass(frozen=True)
class Trace:
    """One entry of traces.toml, which explains the keys."""

    name: str
    on: tuple
    steps: tuple = ()
    prints: str = ""
    pattern: str = "none"
    title: str = ""
    app: str = ""
    environment: dict = field(default_factory=dict)
    changes: tuple = ()
    options: dict = field(default_factory=dict)
    overlays: tuple = ()
    needs: tuple = ()
    serves: bool = True
    alone: bool = False
    install: dict = field(default_factory=dict)
    until: str = ""
    run: str = ""
    fixed: tuple = ()
    fixed_start: dict = field(default_factory=dict)
    fixed_run: str = ""
    fixed_received: str = ""
    fixed_prints: str = ""
    gone: str = ""
    append: dict = field(default_factory=dict)
    test: tuple = ()
    only: str = ""

    def start(self, where):
        """What has to be the same for two captures to share a start."""
        same = [self.app, self.environment, self.changes, self.options.get(where, ""), self.overlays, self.needs, self.install, self.append, self.run]
        return json.dumps([where, *same, self.name if self.alone or not self.serves else ""])


def load():
    """All entries of traces.toml. Raises LabError for an unknown key."""
    found = []
    for entry in tomllib.loads(FILE.read_text())["trace"]:
        unknown = set(entry) - set(Trace.__dataclass_fields__)
        if unknown:
            raise LabError(f"lab/traces.toml: {entry.get('name')} has unknown keys: {', '.join(sorted(unknown))}.")
        lists = {key: tuple(value) for key, value in entry.items() if isinstance(value, list)}
        found.append(Trace(**{**entry, **lists}))
    return found


def chosen(names=(), on=()):
    """The (entry, recipe name) pairs of the named entries under the named recipes; all when none are named."""
    traces = load()
    for name in names:
        if not any(_is_named(trace, [name]) for trace in traces):
            raise LabError(f"lab/traces.toml has no {name!r}.")
    pairs = [(trace, where) for trace in traces for where in trace.on if where in (on or set(trace.on) - {pyodide.WHERE})]
    return [(trace, where) for trace, where in pairs if not names or _is_named(trace, names)]


def _is_named(trace, names):
    return any(trace.name == name or trace.name.startswith(f"{name}/") for name in names)


# What a client does. Each step returns (what it did, what it received) in plain words.


def _get(run, step):
    path = step["get"]
    close = {} if "keep" in step else {"Connection": "close"}
    with contextlib.closing(client.Connection(run.address, step.get("patience", PATIENCE))) as connection:
        said = f"GET {path}" + "".join(f", {key}: {value}" for key, value in step.get("headers", {}).items())
        try:
            connection.request("GET", path, headers={"Host": client.HOST, **close, **step.get("headers", {})})
            response = connection.getresponse()
        except TimeoutError:
            return said, f"nothing within {step.get('patience', PATIENCE)} s"
        except (OSError, http.client.HTTPException):
            return said, "connection closed without an answer"
        try:
            response.read()
        except TimeoutError:
            return said, f"{response.status}, then nothing for {step.get('patience', PATIENCE)} s"
        except (OSError, http.client.HTTPException):
            return said, f"{response.status}, then the connection was closed in the middle of the body"
        time.sleep(step.get("keep", 0))  # what a server finds out after its answer, it only tells a client that is still there
        return said, str(response.status)


def _together(run, step):
    """Several steps, each `apart` seconds after the one before, none waiting for another."""
    results = {}

    def ask(number, one):
        time.sleep(number * step.get("apart", 0))
        results[number] = _take(run, [{"patience": step.get("patience", PATIENCE), **_as_step(one)}])

    threads = [threading.Thread(target=ask, args=pair) for pair in enumerate(step["together"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    did, received = zip(*(results[number] for number in sorted(results)))
    if len(set(did)) == 1:
        return f"{did[0]}, {len(did)} at the same time", ", ".join(received)
    return " and meanwhile ".join(did), ", ".join(filter(None, received))


def _hang_up(run, step):
    """Sends a request and closes the connection before the answer is complete."""
    with run.address.connect(PATIENCE) as connection:
        connection.sendall(f"GET {step['hang-up']} HTTP/1.1\r\nHost: {client.HOST}\r\n\r\n".encode())
        time.sleep(step["after"])
    return f"GET {step['hang-up']}, hang up after {step['after']} s", "hung up before the answer"


def _websocket(run, step):
    """Opens a WebSocket, sends messages, reads until it is closed or nothing comes for a second."""
    did, got = f"WebSocket {step['websocket']}", []
    try:
        with client.websocket(run.address, step["websocket"], PATIENCE, open_timeout=PATIENCE, close_timeout=1) as websocket:
            for message in step.get("send", []):
                did += f", send {message!r}"
                websocket.send(message)
            try:
                while True:
                    got.append(f"message {websocket.recv(timeout=step.get('patience', 1))!r}")
            except TimeoutError:
                return did, ", ".join(["accepted", *got, "stays open"])
            except ConnectionClosed as closed:
                code = closed.rcvd.code if closed.rcvd else 1006
                return did, ", ".join(["accepted", *got, f"closed with code {code}"])
    except InvalidHandshake as refused:
        status = getattr(getattr(refused, "response", None), "status_code", "")
        return did, f"HTTP {status}" if status else "no answer to the opening"
    except (OSError, TimeoutError, InvalidMessage, EOFError):
        return did, "no answer to the opening"


TAKE_ALL = """
import os, psycopg
held, refused = [], ""
while "slots" not in refused and "too many" not in refused:
    try:
        held.append(psycopg.connect(host="127.0.0.1", port=os.environ["DB_PORT"], user="shop", dbname="shop"))
    except psycopg.OperationalError as error:
        refused = str(error)
print(len(held), flush=True)
input()
"""


def _database_full(run, step):
    """The steps in it are taken while another program holds every connection of the database."""
    with run.helper(TAKE_ALL) as helper:
        taken = helper.stdout.readline().strip()
        did, received = _take(run, step["database-full"])
        helper.communicate("\n", timeout=30)
    return f"another program opens {taken} connections, until PostgreSQL refuses; {did}", received


def _sql(run, step):
    run.database.sql(step["sql"])
    return f"in psql: {step['sql']}", ""


def _wait(run, step):
    time.sleep(step["wait"])
    return f"wait {step['wait']} s", ""


def _wait_for(run, step):
    run.wait_for_log(step["wait-for"])
    return "", ""


STEPS = {
    "get": _get, "together": _together, "hang-up": _hang_up, "websocket": _websocket, "sql": _sql,
    "database-full": _database_full, "wait": _wait, "wait-for": _wait_for,
}  # fmt: skip


def _as_step(step):
    return {"get": step} if isinstance(step, str) else step


def _take(run, steps):
    """Takes all steps: (what was done, what was received), each one text."""
    did, received = [], []
    for step in map(_as_step, steps):
        kind = next((kind for kind in STEPS if kind in step), None)
        if not kind:
            raise LabError(f"lab/traces.toml: no step is called {', '.join(step)}; known: {', '.join(STEPS)}.")
        words, answer = STEPS[kind](run, step)
        did.append(words)
        received.append(answer)
    return "; ".join(filter(None, did)), "; ".join(filter(None, received))


# Starting and reading


def _recipe(trace, where):
    recipe = recipes.load(SCRIPT_RECIPE if where in SCRIPTS else where)
    changes = {}
    if trace.app:
        old = "config.asgi:application" if recipe.interface == "asgi" else "config.wsgi:application"
        changes["trace-app"] = {old: trace.app} if old in recipe.command() else trace.app
    if trace.options.get(where):
        changes["trace-options"] = trace.options[where]
    # One process: which worker answers is not left to chance, nor in which one garbage is collected.
    named = [name for name in ("one-worker", *trace.changes) if name in recipe.changes]
    made = dataclasses.replace(
        recipe,
        install=trace.install.get(where, recipe.install),
        append={**recipe.append, **trace.append},
        overlays=(*recipe.overlays, *trace.overlays),
        changes={**recipe.changes, **changes},
    )
    return made, (*named, *changes)


_databases = {}  # virtual environment -> the bytes of a database with the tables of the sales app


def _before(run, environment):
    """
    Puts the fixes beside the project, and the tables of the sales app into its database.

    Only now the environment: the project was prepared without it, as other recipes share it.
    """
    (run.project / "traces").mkdir()
    for file in FIXES.glob("*.py"):
        (run.project / "traces" / file.name.replace("-", "_")).write_text(file.read_text())  # a module's name has no hyphens
    run.environment |= {name: value.replace("{address}", f"127.0.0.1:{run.port}") for name, value in environment.items()}
    file = run.project / "db.sqlite3"
    if run.database or run.venv not in _databases:
        done = run.run("python manage.py migrate --verbosity 0 && python manage.py loaddata --verbosity 0 products sales")
        if done.returncode:
            raise LabError(f"snippets/project/sales cannot be prepared: {done.stderr.strip()}")
        if not run.database:
            _databases[run.venv] = file.read_bytes()
    if not run.database:
        file.write_bytes(_databases[run.venv])


@contextlib.contextmanager
def _running(trace, where, base, database):
    """The server of a capture; for a script only its folder."""
    recipe, changes = _recipe(trace, where)
    environment = {"DJANGO_SETTINGS_MODULE": SETTINGS, **trace.environment}
    setup = recipes.Setup(recipe.name, recipe)
    if where in SCRIPTS:
        with tempfile.TemporaryDirectory(prefix="django-lab-", dir="/tmp") as folder:
            run = serve.Running(setup, Path(folder), changes, {}, base, database, None)
            serve._prepare(run)
            run.lay()
            _before(run, environment)
            yield run
        return
    prepare = functools.partial(_before, environment=environment)
    with serve.running(setup, changes, {}, base, wait=trace.serves, before=prepare, database=database) as run:
        yield run


def _settle(run, trace, mark):
    """Waits until the log holds what is expected and nothing more comes."""
    if trace.until or trace.prints:
        run.wait_for_log(trace.until or re.escape(trace.prints), mark)
    else:
        time.sleep(RESTING)
    _rest(run)


def _rest(run):
    """Waits until nothing more is logged."""
    size, end = -1, time.monotonic() + PATIENCE
    while run.mark() != size and time.monotonic() < end:
        size = run.mark()
        time.sleep(QUIET)


ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
CLIENT = re.compile(r"127\.0\.0\.1:([3-6]\d{4})\b")


def _numbered(text):
    """Memory addresses and ports of clients numbered in order of appearance: they differ in every run, and which are the same matters."""
    addresses, ports = {}, {}
    text = ADDRESS.sub(lambda found: f"0x7f00000000{addresses.setdefault(found[0], 16 + len(addresses)):02x}", text)
    return CLIENT.sub(lambda found: f"127.0.0.1:{ports.setdefault(found[1], 50001 + len(ports))}", text)


def _capture(run, trace, where):
    """(did, received, output) of one entry."""
    if where in SCRIPTS:
        done = _run_script(run, where, trace.run)
        did = f"run it {pyodide.SAID}" if where == pyodide.WHERE else "run it"
        return did, f"exit status {done.returncode}", done.stdout + done.stderr
    mark = run.mark() if trace.serves else 0
    if not trace.serves:
        if not serve.wait_until(lambda: not run.alive() or (trace.until and re.search(trace.until, run.log())), serve.START_SECONDS):
            raise LabError(f"{trace.name}: {where} did not end. {run.tail()}")
        code = run.process.poll()
        did, received = _take(run, trace.steps)
        _settle(run, trace, mark)
        ended = f"the server ended with exit code {code}" if code is not None else ""
        return "; ".join(filter(None, ["start it", did])), "; ".join(filter(None, [ended, received])), run.log()
    did, received = _take(run, trace.steps)
    _settle(run, trace, mark)
    return did, received, run.log(mark)


def _run_script(run, where, command):
    return pyodide.run(run, command) if where == pyodide.WHERE else run.run(command)


def _text(run, trace, where, did, received, output):
    if trace.prints and trace.prints not in output:
        raise LabError(f"{trace.name}: {where} does not print {trace.prints!r}, but:\n{output}")
    names = " ".join(f"{key}={run.environment[key]}" for key in trace.environment)
    command = trace.run if where in SCRIPTS else run.command
    more = pyodide.versions() if where == pyodide.WHERE else {}
    versions = {**run.versions(), **more}
    header = {
        "pattern": trace.pattern,
        "command": " ".join(filter(None, [f"DJANGO_SETTINGS_MODULE={SETTINGS}", run.readable(f"{names} {command}".strip())])),
        "python": versions["python"],
        "django": versions["django"],
        **({} if where in SCRIPTS else {run.recipe.server.lower(): versions[run.recipe.server.lower()]}),
        "asgiref": venvs.versions(run.venv, "asgiref")["asgiref"],
        **({"channels": versions_of_channels} if (versions_of_channels := _channels(run, trace)) else {}),
        **{name: more[name] for name in more if name != "python"},
        "os": versions["os"],
        "date": serve.today(),
        "did": run.readable(did),
        "received": run.readable(received) or "nothing",
    }
    return captures.text(header, _numbered(run.readable(output)))


def _channels(run, trace):
    return venvs.versions(run.venv, "channels")["channels"] if any("websocket" in _as_step(step) for step in trace.steps) else ""


def capture(pairs, base=venvs.Base(), fixes=False):
    """
    Captures (entry, recipe name) pairs and yields (entry, recipe name, text of the file) for each.

    Entries that start the server in the same way share one start, as long as it serves. With `fixes` what mends each
    is asked as well: LabError when it does not answer 200, or prints what the broken one prints.
    """
    with contextlib.ExitStack() as stack:
        database = None
        if any("postgres" in trace.needs for trace, _ in pairs):
            database = stack.enter_context(postgres.cluster())
        for waiting in by_start(pairs):
            now = database if "postgres" in waiting[0][0].needs else None
            for trace, where in waiting if fixes else []:
                if trace.fixed_start:
                    made = dataclasses.replace(trace, serves=True, **trace.fixed_start)
                    with _running(made, where, base, now) as run:
                        _ask_fixed(run, made, where)
            while waiting:
                trace, where = waiting[0]
                with _running(trace, where, base, now) as run:
                    if run.process and trace.serves:
                        _warm_up(run)
                    while waiting and (waiting[0][0] is trace or run.alive()):
                        trace, where = waiting.pop(0)
                        # First what mends it: some warnings are given only once per process.
                        if fixes and (trace.fixed or trace.fixed_run) and not trace.fixed_start:
                            _ask_fixed(run, trace, where)
                        yield trace, where, _text(run, trace, where, *_capture(run, trace, where))
                        if waiting:  # what this one left behind must not be printed into the next one
                            _get(run, {"get": "/tasks/collect-garbage/"})
                            _rest(run)


def _warm_up(run):
    """The first request is slower than all others, and a server may write its access lines a little late."""
    _get(run, {"get": "/five/fine-checkout/"})
    _rest(run)


def ask_fixes(entries, where, base=venvs.Base()):
    """Asks what mends each of the entries, which share a start, without capturing. Raises LabError for the first that fails."""
    with _running(entries[0], where, base, None) as run:
        _rest(run)
        for trace in entries:
            _ask_fixed(run, trace, where)


def _ask_fixed(run, trace, where):
    if trace.fixed_run:
        _run_fixed(run, trace, where)
        return
    mark = run.mark()
    did, received = _take(run, trace.fixed)
    _rest(run)
    said = run.log(mark)
    if trace.fixed_received:
        if not re.fullmatch(trace.fixed_received, received) or trace.fixed_prints not in said:
            raise LabError(f"{trace.name}: what mends it does not do as {FILE.name} says: {did}; {received}.\n{said}")
        return
    good = r"200$|accepted|message|stays open|closed with code (1000|4400)|hung up|HTTP 403|503$"
    bad = [answer for answer in re.split(r"[;,] ", received) if not re.match(good, answer)]
    printed = [word for word in ([trace.gone] if trace.gone else ["Traceback", trace.prints]) if word and word in said]
    if bad or printed:
        raise LabError(f"{trace.name}: what mends it does not: {did}; {received}.\n{said}")


def _run_fixed(run, trace, where):
    done = _run_script(run, where, trace.fixed_run)
    said = done.stdout + done.stderr
    if done.returncode or trace.fixed_prints not in said or (trace.gone or trace.prints or "Traceback") in said:
        raise LabError(f"{trace.name}: what mends it does not: {trace.fixed_run}, exit status {done.returncode}.\n{said}")


# Comparing

PREFIX = re.compile(r"(?m)^\d{4}-\d\d-\d\d [\d:,]+ [A-Z]+ \S+ \| ?")  # of sales/log_lines.py
FRAME = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+)(?:, in (?P<function>.+))?$')
EXCEPTION = re.compile(r"^[ |+]*(?P<type>[A-Za-z_][\w.]*(?:Error|Exception|Operation|Cancelled|Warning|Exit|Interrupt|Group|Refused|Stop|Iteration|DoesNotExist|Unhandled\w*))(?::|$)")


def skeleton(text, pinned=()):
    """
    The frames and exception types of a capture, in order: ("frame", file, line, function, source) or ("type", name).

    The line is None where nothing is pinned: in the standard library and in packages not named in `pinned`.
    """
    found, lines = [], PREFIX.sub("", text).splitlines()
    for number, line in enumerate(lines):
        if frame := FRAME.search(line):
            file = frame["file"]
            following = lines[number + 1] if number + 1 < len(lines) else ""
            source = "" if FRAME.search(following) else following.strip(" |")
            found.append(("frame", file, int(frame["line"]) if _is_pinned(file, pinned) else None, frame["function"], source))
        elif exception := EXCEPTION.match(line):
            found.append(("type", exception["type"]))
    return found


def _is_pinned(file, pinned):
    if "/site-packages/" in file:
        return file.split("/site-packages/")[1].split("/")[0].lower() in pinned
    return file.startswith("/srv/django/") and "/bin/" not in file


def pins(where):
    """Import names of the packages that have an exact version under a recipe."""
    recipe = recipes.load(SCRIPT_RECIPE if where in SCRIPTS else where)
    names = {*recipes.exact_pins(recipes.PROJECT / "requirements.txt"), *recipe.pins()}
    return {name.replace("-", "_") for name in names}


def difference(trace, where, text):
    """What is wrong between a capture and the kept one, as text; "" when they agree frame by frame."""
    header, output = captures.split(text)
    path = captures.path_of(FOLDER, trace.name, where, header)
    if not path.exists():
        return f"There is no {path.relative_to(recipes.ROOT)}: run scripts/traces {trace.name}."
    kept_header, kept = captures.split(path.read_text())
    old, new = skeleton(kept, pins(where)), skeleton(output, pins(where))
    for was, is_ in itertools.zip_longest(old, new):
        if was != is_:
            return f"{path.relative_to(recipes.ROOT)} says {was}, now it is {is_}. Run scripts/traces {trace.name} and read the difference.\n{output}"
    if header["received"] != kept_header["received"]:
        return f"{trace.name}: the client received {header['received']!r}, the capture says {kept_header['received']!r}."
    return ""


def main(arguments=None):
    """Command line. Returns the exit status: 0, 1 for differences found by --check, 2 for an error."""
    parser = argparse.ArgumentParser(
        prog="python -m lab.traces", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", nargs="*", help="a capture, or what its name begins with; all when none is named")
    parser.add_argument("--on", action="append", default=[], help="only under this recipe, or python or pyodide; may be given more than once")
    parser.add_argument("--check", action="store_true", help="compare with what is kept, write nothing")
    parser.add_argument("--fixes", action="store_true", help="ask as well what mends each")
    parser.add_argument("--python", default="", help="interpreter for the readers' virtual environment; this one when not given")
    parser.add_argument("--django", default="", help="version of Django; the project's pin when not given")
    options = parser.parse_args(arguments)
    if arguments is None:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    base, status = venvs.Base(options.python, options.django), 0
    try:
        for pair in by_start(chosen(options.name, options.on)):
            try:
                for trace, where, text in capture(pair, base, options.fixes):
                    problem = difference(trace, where, text) if options.check else ""
                    print(problem or f"{trace.name} {where}: {captures.split(text)[0]['received']}", flush=True)
                    status = max(status, 1 if problem else 0)
                    if not options.check:
                        captures.write(FOLDER, trace.name, where, text)
            except LabError as error:  # the others can still be captured
                print(f"{pair[0][0].name} and what shares its start: {error}", file=sys.stderr, flush=True)
                status = 2
    except LabError as error:
        print(error, file=sys.stderr)
        status = 2
    return status


def by_start(pairs):
    """Lists of pairs that share a start."""
    pairs = sorted(pairs, key=lambda pair: pair[0].start(pair[1]))
    return [list(group) for _, group in itertools.groupby(pairs, lambda pair: pair[0].start(pair[1]))]


if __name__ == "__main__":
    sys.exit(main())
