"""
Build the images of snippets/containers/, run them as process 1 of a container, and write what happens to evidence/.

    python -m lab.containers                                     every behaviour of every setup
    python -m lab.containers containers-gunicorn --behaviour zombies --runs 1
    python -m lab.containers --check                             write nothing; say what differs from the records

Needs Linux, and root or sudo without a password, for namespaces of its own: lab/images.py says what it does in them.
lab/probes/containers.py has the questions.
"""

import argparse
import collections
import contextlib
import functools
import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from lab import images, output, postgres, recipes, record, serve
from lab.errors import LabError
from lab.probes import containers as questions

FILES = recipes.SNIPPETS / "containers"
# server -> the recipe whose requirements.txt the reader adds to his own
PINS = {"gunicorn": "gunicorn-gthread", "uvicorn": "uvicorn-workers"}
NO_NAMESPACES = (
    "Containers cannot be run here, this machine lets us make no namespaces (unshare --mount --net --pid). Run it on Linux "
    "as root, or with sudo that asks for no password; inside a container, start that one with --privileged."
)


def lay_context(server, folder):
    """Puts into `folder`, which must not exist, what a reader has beside manage.py before `docker build`."""
    recipes.copy_project(folder)
    (folder / "django.env").unlink()
    for file in [*FILES.iterdir(), *(FILES / server).iterdir()]:
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    requirements = folder / "requirements.txt"
    requirements.write_text(requirements.read_text() + (recipes.SNIPPETS / PINS[server] / "requirements.txt").read_text())


def raw_environment(text):
    """The variables of an env file as `docker run --env-file` reads it: all that is behind the first =, quotes too."""
    return dict(line.split("=", 1) for line in text.splitlines() if line.strip() and not line.startswith("#"))


class Setup:
    """The images of a setup, a database beside them, and how to start containers."""

    def __init__(self, name, server, folder, built, database):
        self.name, self.server, self.folder, self.database = name, server, folder, database
        self.image = built["django"]
        self.shipped = raw_environment((FILES / ".env").read_text())
        self.proxy = built["nginx"] if name == questions.BEHIND_NGINX else None
        self.certificates = folder / "certificates"
        if self.proxy and not self.certificates.exists():
            self.certificates.mkdir()
            serve.self_signed(self.certificates)

    def start(self, argv=None, environment=None, **how):
        """Context manager: a container (lab.images.Container) with the shipped .env, without waiting for an answer."""
        return images.container(
            self.image, self.folder, argv, {**self.shipped, **self.database.environment(), **(environment or {})}, **how
        )

    def serve(self, probe):
        """Context manager: a container for a question; it serves, unless the question is about one that does not."""
        return self._serving(probe) if not probe.alone else contextlib.nullcontext()

    @contextlib.contextmanager
    def _serving(self, probe):
        with self.start(
            probe.argv and probe.argv(self),
            probe.environment,
            edit=probe.edit,
            read_only=probe.read_only,
            tmpfs=["/tmp"] if probe.tmp else [],
            init=probe.init,
        ) as started:
            if probe.starts:
                serve.wait_until(lambda: not started.alive() or questions.answers(), questions.PATIENCE, 0.05)
                if not started.alive() or not questions.answers():
                    raise LabError(f"{self.name} does not serve. Its log:\n{started.log()[-2000:]}")
            yield started

    def manage(self, *arguments, environment=None):
        """Runs manage.py in a container of its own and returns its output. Raises LabError when it fails."""
        with self.start(["python", "manage.py", *arguments], environment) as started:
            serve.wait_until(lambda: not started.alive(), questions.PATIENCE)
            if started.exit_code() != 0:
                raise LabError(f"manage.py {' '.join(arguments)} fails: {started.log()[-2000:]}")
            return started.log()

    @functools.cached_property
    def versions(self):
        """What ran: {"python": …, "django": …, "gunicorn": …, "os": …}."""
        code = (
            "import json, platform, sys; from importlib.metadata import version;"
            "print(json.dumps({'python': platform.python_version(), **{p: version(p) for p in sys.argv[1:]}}))"
        )
        with images.container(self.image, self.folder, ["sleep", "60"]) as started:
            found = json.loads(started.execute(["python", "-c", code, "django", self.server]).stdout)
        if self.proxy:
            text = subprocess.run([serve.program("nginx"), "-v"], capture_output=True, text=True).stderr
            found["nginx"] = re.search(r"nginx/(\S+)", text)[1]
        return {**found, "os": serve.operating_system()}


# --- inside the namespaces ----------------------------------------------------------------------


def ask_inside(names, behaviours, runs, long, python):
    """Builds the images, then asks `runs` times and prints each record on a line of its own."""
    end_with_parent()
    folder = Path("/mnt")  # mounted for us alone
    images.scratch(folder)
    servers = {name: "uvicorn" if name == questions.UVICORN else "gunicorn" for name in names}
    built = {}
    for server in dict.fromkeys(servers.values()):
        lay_context(server, folder / server / "context")
        built[server] = images.build(folder / server / "context", folder / server, python)
    images.enter_network()  # pip needed the other one
    with postgres.cluster() as database:
        setups = [Setup(name, server, folder / server, built[server], database) for name, server in servers.items()]
        setups[0].manage("migrate", "--no-input")
        setups[0].manage("loaddata", "products")
        for _ in range(runs):
            for setup in setups:
                for probe, result in _ask(setup, questions.probes_for(setup.name, behaviours, long)):
                    print(json.dumps(_record(setup, probe, result)), flush=True)


def end_with_parent():
    """Whoever started us holds our standard input. Its end is ours, and as we are process 1, that of all we started."""

    def wait():
        sys.stdin.read()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _ask(setup, probes):
    """(probe, result) for each; probes that start in the same way share a container as long as it lives."""
    for _, group in itertools.groupby(probes, questions.Probe.start):
        waiting = list(group)
        while waiting:
            first = waiting[0]
            with setup.serve(first) as started:
                while waiting and (waiting[0] is first or started.alive()):
                    probe = waiting.pop(0)
                    yield probe, probe.ask(setup, started)


def _record(setup, probe, result):
    reader = {
        **setup.database.replacements(),
        "port 1 failed": "port 5432 failed",
        "127.0.0.3": "172.18.0.5",  # addresses as in one of Docker's networks
        "127.0.0.4": "172.18.0.3",
    }
    if probe.behaviour.startswith("other-container"):
        result.figures.update({key: reader.get(value, value) for key, value in result.figures.items()})
    image = setup.proxy or setup.image
    command = probe.argv(setup) if probe.argv else image.command
    return {
        "setup": setup.name,
        "behaviour": probe.behaviour,
        "kind": "behaviour",
        "outcome": result.outcome,
        "figures": result.figures,
        "command": shlex.join(command),
        "did": [output.normalise(line, reader) for line in result.did],
        "output": output.normalise(result.output, reader),
        "versions": setup.versions,
        "date": serve.today(),
    }


# --- outside ------------------------------------------------------------------------------------


def impossible():
    """Why no container can be run here, as one sentence; "" when one can."""
    if sys.platform != "linux":
        return "Containers run on Linux only: namespaces are a part of its kernel."
    needed = ["unshare", "setpriv", "nsenter", *(["sudo"] if os.geteuid() else [])]
    if not all(map(shutil.which, needed)):
        return NO_NAMESPACES
    tried = subprocess.run([*_sudo(), "unshare", "--mount", "--net", "--pid", "--fork", "true"], capture_output=True)
    return NO_NAMESPACES if tried.returncode else ""


def _sudo():
    return ["sudo", "-n"] if os.geteuid() else []


def ask(names=(), behaviours=(), runs=1, long=True, python=sys.executable):
    """
    Generator: the records (dicts) of `runs` runs of the setups named, or of all.

    `python` is the interpreter that stands in for the base image's. Raises LabError when something does not come to serve,
    and where there is no way to run containers.
    """
    options = [*(names or questions.SETUPS), "--runs", str(runs), *(f"--behaviour={name}" for name in behaviours)]
    yield from inside("lab.containers", ["--inside", *options, *([] if long else ["--short"])], python)


def inside(module, arguments, python=sys.executable):
    """
    Generator: the lines of JSON that a module prints when it is run as process 1 of namespaces of its own.

    It is given `arguments` and --python with the prefix of the interpreter. Raises LabError for a line {"error": …}.
    """
    if why := impossible():
        raise LabError(why)
    asked = subprocess.run([python, "-c", "import sys; print(sys.base_prefix)"], capture_output=True, text=True)
    # What sudo would leave out, and pip needs
    keep = [f"{k}={v}" for k, v in os.environ.items() if k in ("PATH", "LANG") or k.startswith("PIP_") or k.lower().endswith("_proxy")]
    command = [
        *_sudo(), "env", "PYTHONDONTWRITEBYTECODE=1", *keep, "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
        sys.executable, "-m", module, *arguments, "--python", asked.stdout.strip(),
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=recipes.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        for line in process.stdout:
            found = json.loads(line)
            if "error" in found and "name" not in found:
                raise LabError(found["error"])
            yield found
        if process.wait():
            raise LabError(f"The containers ended with exit code {process.returncode}.")
    finally:
        process.stdin.close()  # the sign to end
        process.stdout.close()
        process.wait(60)


def main(arguments=None):
    """Command line. Returns the exit status: 0, 1 for differences found by --check, 2 for an error."""
    parser = argparse.ArgumentParser(
        prog="python -m lab.containers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("setup", nargs="*", help=f"of {', '.join(questions.SETUPS)}; all when none is named")
    parser.add_argument("--behaviour", action="append", default=[], help="only this behaviour; may be given more than once")
    parser.add_argument("--runs", type=int, default=record.RUNS, help="how often each question is asked (%(default)s)")
    parser.add_argument("--check", action="store_true", help="compare one run with the records, write nothing")
    parser.add_argument("--python", default=sys.executable, help="interpreter that stands in for the base image's")
    parser.add_argument("--short", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.setup) - set(questions.SETUPS):
        parser.error(f"no such setup: {', '.join(sorted(unknown))}")
    if unknown := set(chosen.behaviour) - {probe.behaviour for probe in questions.PROBES}:
        parser.error(f"no such behaviour: {', '.join(sorted(unknown))}")
    if chosen.inside:
        try:
            ask_inside(chosen.setup, chosen.behaviour, chosen.runs, not chosen.short, chosen.python)
        except LabError as error:
            print(json.dumps({"error": str(error)}), flush=True)
        return 0
    found, differences = collections.defaultdict(list), []
    try:
        for answer in ask(chosen.setup, chosen.behaviour, 1 if chosen.check else chosen.runs, python=chosen.python):
            print(f"{answer['setup']} {answer['behaviour']}: {answer['outcome']} {json.dumps(answer['figures'])}", flush=True)
            found[answer["setup"], answer["behaviour"]].append(answer)
    except LabError as error:
        print(error, file=sys.stderr)
        return 2
    for same in found.values():
        if chosen.check:
            differences += filter(None, [record.difference(same[0], "containers")])
        else:
            record.write(record.settled(same))
    print(*differences, sep="\n", end="\n" if differences else "")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
