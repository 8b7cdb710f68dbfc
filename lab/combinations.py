"""
Generate what the configuration builder offers in a browser, start it, ask it, and record in evidence/ what ran.

    python -m lab.combinations                                       every combination that nothing speaks against
    python -m lab.combinations wsgi.gunicorn.systemd.nginx-unix      some of them
    python -m lab.combinations --check                               write nothing; say what differs from the record
    python -m lab.combinations --site FOLDER                         a site that has been built already

systemd and Supervisor: on a Debian booted for it (lab.booted), every file at the path it names and as it is. Containers and
Kubernetes: the image is built and run as process 1 (lab.images), manifests are checked against their schemas. The page
offers what evidence/combinations.json says has served: overrides/hooks/builder.py reads it.
"""

import argparse
import contextlib
import dataclasses
import http.client
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from websockets.exceptions import WebSocketException

from lab import booted, builder, client, containers, images, processes, recipes, record, redis, serve, supervisor, venvs
from lab.errors import LabError
from lab.load import Load
from lab.probes import containers as questions
from lab.probes.serving import EVERY_VIEW
from lab.serve import wait_until

FILE = record.EVIDENCE / "combinations.json"
NAMES = {"python": "Python", "django": "Django", "gunicorn": "Gunicorn", "uvicorn": "Uvicorn", "uvicorn-worker": "uvicorn-worker",
         "uwsgi": "uWSGI", "granian": "Granian", "waitress": "Waitress", "hypercorn": "Hypercorn", "daphne": "Daphne",
         "channels": "Channels", "channels_redis": "channels_redis", "nginx": "nginx", "systemd": "systemd",
         "supervisor": "Supervisor", "redis-server": "Redis", "redis": "redis-py"}  # fmt: skip
PATIENCE = 60  # seconds
HOME = "/root"  # of who runs the files
CERTIFICATES = "/etc/ssl/example.com"
SCRIPTS = "/opt/config"  # where the files lie that belong nowhere in particular


@dataclasses.dataclass(frozen=True)
class Combination:
    """A combination with the files that the page made of it: {path: text}."""

    name: str
    files: dict

    @property
    def parts(self):
        """(interface, server, manager, proxy)"""
        return self.name.split(".")[:4]

    @property
    def channels(self):
        """True when it has Channels with Redis."""
        return self.name.endswith(".channels")

    def has(self, path):
        return path in self.files

    def requirements(self):
        """What the reader installs besides the project's own requirements, without comments."""
        lines = self.files["requirements-server.txt"].splitlines()
        return "".join(f"{line}\n" for line in lines if not line.startswith("#"))


# --- on a host, with systemd or Supervisor --------------------------------------------------------


class Server:
    """A booted host with the project, a virtual environment and nginx, on which one combination after another is run."""

    def __init__(self, host, combination):
        self.host = host
        self.project = host.root / booted.PROJECT.lstrip("/")
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "requirements.txt").write_text(combination.requirements())
            recipe = recipes.Recipe(combination.name, Path(folder), "", "", install="requirements.txt")
            self.venv = venvs.venv_for(recipe, venvs.Base(python=booted.PYTHON))
            self.pins = recipe.pins()
        self._prepare()

    def _prepare(self):
        recipes.copy_project(self.project)
        self.host.install_venv(self.venv, self.project)
        environment = "".join(f"{name}='{value}' " for name, value in recipes.environment_file().items())
        self.host.must("sh", "-c", f"cd {booted.PROJECT} && export {environment} && .venv/bin/python manage.py migrate -v 0 "
                       "&& .venv/bin/python manage.py loaddata -v 0 products && .venv/bin/python manage.py collectstatic -v 0 --no-input")  # fmt: skip
        certificates = self.host.root / CERTIFICATES.lstrip("/")
        certificates.mkdir(parents=True)
        serve.self_signed(certificates)
        self.certificate = certificates / "fullchain.pem"
        # curl of check.sh finds example.com here, and trusts its certificate.
        self.host.write("/etc/hosts", f"127.0.0.1 localhost {client.HOST}\n")
        self.host.write(f"{HOME}/.curlrc", f'cacert = "{CERTIFICATES}/fullchain.pem"\n')
        self.host.run("rm", "-f", "/etc/nginx/sites-enabled/default")
        # Supervisor as Debian's package has it, but of the version that requirements-test.txt pins
        package = Path(importlib.util.find_spec("supervisor").origin).parent
        shutil.copytree(package, self.host.root / "usr/local/lib/supervisor/supervisor")
        for tool in ("supervisord", "supervisorctl"):
            script = (f"#!/bin/sh\nPYTHONPATH=/usr/local/lib/supervisor exec {booted.PYTHON} -m supervisor.{tool} "
                      '--configuration /etc/supervisor/supervisord.conf "$@"\n')  # fmt: skip
            self.host.write(f"/usr/local/bin/{tool}", script).chmod(0o755)
        config = supervisor.SURROUNDINGS.format(folder="/etc/supervisor", control="/run/supervisor.sock")
        self.host.write("/etc/supervisor/supervisord.conf", config)
        (self.host.root / "etc/supervisor/conf.d").mkdir()

    def run(self, combination):
        """Lays out, starts, asks, stops and starts again one combination: a record without date and versions."""
        try:
            return self._run(combination)
        finally:
            self._clean(combination)

    def _script(self, combination, name, must=True):
        folder = booted.PROJECT if name == "deploy.sh" else SCRIPTS
        done = self.host.run("sh", "-c", f"export HOME=/root; cd {folder} && sh {SCRIPTS}/{name}")
        if must and done.returncode:
            raise LabError(f"{combination.name}: {name} fails: {done.stdout.strip()[-1500:]}\n{self._log(combination)[-1500:]}")
        return done.stdout

    def _run(self, combination):
        _, _, manager, proxy = combination.parts
        for path, text in combination.files.items():
            self.host.write(f"/{path}" if path.startswith(("etc/", "srv/")) else f"{SCRIPTS}/{path}", text)
        self._script(combination, "prepare.sh")
        self.host.must("chown", "django", f"{booted.PROJECT}/db.sqlite3")
        if combination.channels:
            self.host.must("systemd-run", "--quiet", "--unit=lab-redis", serve.program("redis-server"), "--bind", "127.0.0.1", "--port", "6379")
        if manager == "supervisor":
            self.host.must("systemd-run", "--quiet", "--unit=lab-supervisor", "/usr/local/bin/supervisord", "--nodaemon")
            wait_until(lambda: (self.host.root / "run/supervisor.sock").exists(), 20, 0.1)
        if proxy != "none":
            self.host.must("systemctl", "restart", "nginx")
        self._script(combination, "start.sh")
        address = self.address(combination)
        self._wait(combination, address)
        self._script(combination, "check.sh")
        found = {"outcome": "serves", **self._views(combination, address)}
        if combination.has("check-websocket.sh"):
            found["websocket"] = websocket(address)
            if " 101 " not in self._script(combination, "check-websocket.sh", must=False):
                raise LabError(f"{combination.name}: check-websocket.sh does not see the WebSocket.")
        found["sizes"] = sizes(combination)
        if combination.channels:
            found["channels"] = group(address)
        found["processes"] = processes_of(address, found["sizes"].get("workers", 1))
        if combination.has("deploy.sh"):
            self._script(combination, "deploy.sh")
            self._wait(combination, address)
        elif manager == "systemd" and "ExecReload" in combination.files[unit(combination)]:
            self.host.must("systemctl", "reload", name_of(combination))
            self._wait(combination, address)
        found["drain"] = self._drain(combination, address)
        self._start_again(combination)
        self._wait(combination, address)
        return {**found, "restart": "answers"}

    def address(self, combination):
        """Where a client finds it: nginx with TLS, or the server itself."""
        if combination.parts[3] == "none":
            return booted.Inside(port=booted.READER_PORT, leader=self.host.leader)
        return booted.Inside(port=443, certificate=self.certificate, leader=self.host.leader)

    def _wait(self, combination, address):
        """Until it has answered three times in a row: during a reload an old process may answer, and nothing right after."""

        def settled():
            return all(answers(address) for _ in range(3))

        if not wait_until(settled, PATIENCE, 0.1):
            raise LabError(f"{combination.name} does not answer within {PATIENCE} s.\n{self._log(combination)[-3000:]}")

    def _views(self, combination, address):
        failed = [f"{path}: {status}" for path in EVERY_VIEW if (status := client.get(address, path).status) != 200]
        if combination.parts[3] != "none" and client.get(address, "/static/shop/shop.css").headers.get("content-type") != "text/css":
            failed.append("/static/shop/shop.css is not served by nginx")
        if failed:
            raise LabError(f"{combination.name}: {'; '.join(failed)}\n{self._log(combination)[-1500:]}")
        if combination.parts[3] == "none":
            return {}
        return {"https": "secure" if client.get(address, "/request/").json()["is_secure"] else "plain"}

    def _log(self, combination):
        """What the server printed, in the journal or in Supervisor's files."""
        self.host.run("journalctl", "--sync")
        if combination.parts[2] == "systemd":
            return self.host.run("journalctl", "--quiet", "--no-pager", "--output=cat", f"--unit={name_of(combination)}").stdout
        return self.host.run("sh", "-c", "cat /etc/supervisor/supervisord.log /var/log/d*.log /var/log/hypercorn*.log 2>/dev/null").stdout

    def _drain(self, combination, address):
        """A stop as a reader does it, while a request of 2 s is worked on."""
        got, marks = [], self._log(combination).count("waiting for 2.0 s")

        def ask():
            try:
                got.append(client.get(address, "/slow/?seconds=2").status)
            except (OSError, http.client.HTTPException) as error:
                got.append(type(error).__name__)

        def arrived():
            return self._log(combination).count("waiting for 2.0 s") > marks

        for _ in range(3):  # a worker on its way out after the reload may have accepted it, and not read it
            got.clear()
            thread = threading.Thread(target=ask)
            thread.start()
            wait_until(lambda: arrived() or got, 20, 0.1)
            if arrived():
                break
        else:
            raise LabError(f"{combination.name}: the request does not arrive, but {got}.\n{self._log(combination)[-1500:]}")
        if combination.parts[2] == "systemd":
            self.host.must("systemctl", "stop", name_of(combination))
        else:
            self.host.must("supervisorctl", "stop", "all")
        thread.join()
        if answers(address):
            raise LabError(f"{combination.name} still answers after its stop.")
        return "finished" if got == [200] else "lost"

    def _start_again(self, combination):
        if combination.parts[2] == "systemd":
            self.host.must("systemctl", "start", name_of(combination))
        else:
            self.host.must("supervisorctl", "start", "all")

    def _clean(self, combination):
        if combination.parts[2] == "systemd":
            self.host.systemctl("disable", "--now", name_of(combination))
        self.host.systemctl("stop", "lab-supervisor", "lab-redis", "nginx")
        self.host.run("pkill", "-KILL", "-u", "django")
        self.host.run("userdel", "django")
        paths = [f"/{path}" for path in combination.files if path.startswith(("etc/", "srv/"))]
        self.host.run("sh", "-c", f"rm -rf {SCRIPTS} /etc/django /run/django /var/log/d*.log* /var/log/hypercorn*.log* {' '.join(paths)}")
        self.host.systemctl("daemon-reload")
        self.host.systemctl("reset-failed")
        self.host.run("journalctl", "--rotate", "--vacuum-time=1s")

    def versions(self, combination):
        """What ran, under the names that people use: {"Python": "3.11.2", …, "Debian GNU/Linux": "12"}."""
        found = dict(venvs.versions(self.venv, "Django", *self.pins))
        _, _, manager, proxy = combination.parts
        if proxy != "none":
            found["nginx"] = nginx_version()
        if combination.channels:
            found["redis-server"] = redis.Redis(None, 0).version
        if manager == "systemd":
            found["systemd"] = self.host.must("systemctl", "--version").split()[1]
        else:
            found["supervisor"] = venvs.versions(Path(sys.prefix), "supervisor")["supervisor"]
        return found


def answers(address):
    """True when /healthz/ is answered with 200."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        return client.get(address, "/healthz/", timeout=2).status == 200
    return False


def unit(combination):
    """The path of the unit among the files."""
    return next(path for path in combination.files if path.startswith("etc/systemd/"))


def name_of(combination):
    """What systemctl calls the service."""
    return Path(unit(combination)).stem


def sizes(combination):
    """The sizes in the permalink of the files: {"workers": 2, "threads": 4}."""
    first = next(iter(combination.files.values())).splitlines()[0]
    return {name: int(value) for name, value in re.findall(r"\b(workers|threads)=(\d+)", first)}


def websocket(address):
    """Sends a message and reads the echo."""
    with client.websocket(address, "/ws/echo/") as socket:
        socket.send("hello")
        return "echoes" if socket.recv(timeout=10) == "hello" else "does-not-echo"


def group(address):
    """Eight clients in a room: what each sends has to reach all, whichever process serves them."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(client.websocket(address, "/ws/chat/lobby/")) for _ in range(8)]
        for number, socket in enumerate(sockets):
            socket.send(f"message {number}")
        expected = {f"message {number}" for number in range(len(sockets))}
        for socket in sockets:
            received = {json.loads(socket.recv(timeout=10))["text"] for _ in expected}
            if received != expected:
                return "lost"
    return "delivered"


def processes_of(address, expected):
    """How many processes answer: asks until as many as expected have done so, 20 s at most."""
    with Load(address, "/request/", new=6) as load:
        wait_until(lambda: len(load.pids()) >= expected, 20, 0.1)
    return len(load.pids())


def nginx_version():
    text = subprocess.run([serve.program("nginx"), "-v"], capture_output=True, text=True).stderr
    return re.search(r"nginx/(\S+)", text)[1]


def on_hosts(combinations, tell, at_once):
    """Runs combinations under systemd and Supervisor; those that install the same share a host. {name: record}"""
    groups, found, telling, ending = {}, {}, threading.Lock(), threading.Event()
    for combination in combinations:
        groups.setdefault(combination.requirements(), []).append(combination)

    def run_group(alike):
        if ending.is_set():
            return
        with booted.booting() as host:
            server = Server(host, alike[0])
            for combination in alike:
                if ending.is_set():
                    return
                try:
                    answer = {**server.run(combination), "versions": named(server.versions(combination))}
                except (LabError, OSError, http.client.HTTPException, WebSocketException) as error:
                    answer = {"outcome": "fails", "error": f"{type(error).__name__}: {error}"}
                with telling:
                    found[combination.name] = answer
                    tell(combination.name, answer)

    with ThreadPoolExecutor(at_once) as pool:
        try:
            list(pool.map(run_group, groups.values()))
        finally:
            ending.set()  # after an error, or a signal: the hosts go down once what is being asked is answered
    return found


def named(versions):
    """Versions under the names that people use, with the operating system at the end."""
    known = {label: versions[name] for name, label in NAMES.items() if name in versions}
    system, _, number = serve.operating_system().rpartition(" ")
    return {**known, system: number}


# --- in a container -------------------------------------------------------------------------------


def in_containers(combinations, tell):
    """Runs the images of combinations, and checks the manifests of those for Kubernetes. {name: record}"""
    found = {}
    with tempfile.TemporaryDirectory(prefix="django-lab-combinations-") as folder:
        for combination in combinations:
            for path, text in combination.files.items():
                file = Path(folder) / combination.name / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
        for answer in containers.inside("lab.combinations", ["--inside", folder]):
            name = answer.pop("name")
            found[name] = answer
    for combination in combinations:
        if found[combination.name]["outcome"] == "serves":
            try:
                found[combination.name]["checked"] = check_schemas(combination)
            except LabError as error:
                found[combination.name] = {"outcome": "fails", "error": str(error)}
        tell(combination.name, found[combination.name])
    return found


def check_schemas(combination):
    """Checks manifests and compose.yaml. Says what was checked: "schema", "compose" or "image". Raises LabError."""
    import kubernetes_validate
    import yaml

    if combination.parts[2] == "kubernetes":
        for path, text in combination.files.items():
            if path.endswith(".yaml"):
                try:
                    kubernetes_validate.validate(yaml.safe_load(text), "1.34", strict=True)
                except Exception as error:  # of the validator, which has several kinds
                    raise LabError(f"{combination.name}: {path}: {error}") from error
        return "schema"
    if not combination.has("compose.yaml"):
        return "image"
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(combination.files["compose.yaml"])
        file.flush()
        tool = Path(sys.executable).with_name("check-jsonschema")
        done = subprocess.run([tool, "--builtin-schema", "vendor.compose-spec", file.name], capture_output=True, text=True)
    if done.returncode:
        raise LabError(f"{combination.name}: {done.stdout}")
    return "compose"


def inside(folder, python):
    """In namespaces of our own: builds and runs the images of the combinations in `folder`; a line of JSON for each."""
    containers.end_with_parent()
    scratch = Path("/mnt")
    images.scratch(scratch)
    built, setups = {}, []
    combinations = [read(path) for path in sorted(Path(folder).iterdir())]
    for combination in combinations:
        context = scratch / combination.name / "context"
        recipes.copy_project(context)
        (context / "django.env").unlink()
        for path, text in combination.files.items():
            if "/" not in path:
                (context / path).write_text(text)
        requirements = context / "requirements.txt"
        requirements.write_text(requirements.read_text() + combination.requirements())
        built[combination.name] = images.build(context, context.parent, python)
    images.enter_network()  # pip needed the other one
    with containers.postgres.cluster() as database:
        for combination in combinations:
            server = combination.parts[1]
            setup = containers.Setup(combination.name, server, scratch / combination.name, built[combination.name], database)
            setup.shipped = environment_of(combination)
            if not setups:
                setup.manage("migrate", "--no-input")
                setup.manage("loaddata", "products")
            setups.append(setup)
            try:
                answer = {**run_image(combination, setup, built[combination.name]), "versions": named(setup.versions)}
            except LabError as error:
                answer = {"outcome": "fails", "error": str(error)}
            print(json.dumps({"name": combination.name, **answer}), flush=True)


def read(folder):
    """The combination whose files lie in a folder of its name."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return Combination(folder.name, {path.relative_to(folder).as_posix(): path.read_text() for path in paths})


def environment_of(combination):
    """The environment that the files give to the container."""
    if combination.has(".env"):
        return containers.raw_environment(combination.files[".env"])
    import yaml

    config, secret = (yaml.safe_load(combination.files[f"kubernetes/{name}.yaml"]) for name in ("config", "secret"))
    return {**config["data"], **secret["stringData"]}


def run_image(combination, setup, built):
    """Asks an image what a combination on a host is asked, as compose.yaml and the Deployment start it."""
    how = {"read_only": True, "tmpfs": ["/tmp"]}

    def serving(started):
        if not wait_until(lambda: not started.alive() or questions.answers(), PATIENCE, 0.05) or not started.alive():
            raise LabError(f"{combination.name} does not serve. Its log:\n{started.log()[-2000:]}")

    found = {"outcome": "serves", "sizes": sizes(combination)}
    with setup.start(**how) as started:
        serving(started)
        failed = questions.http_views(setup, started).output
        if combination.parts[3] != "none":
            setup.proxy = built["nginx"]
            setup.certificates.mkdir(exist_ok=True)
            serve.self_signed(setup.certificates)
            failed += questions.nginx_views(setup, started).output  # is_secure among them
            found["https"] = "secure"
        if failed:
            raise LabError(f"{combination.name}: {failed}")
        if combination.parts[0] == "asgi":
            found["websocket"] = websocket(questions.DIRECT)
        found["processes"] = processes_of(questions.DIRECT, found["sizes"].get("workers", 1))
        found["drain"] = questions.stop_in_flight(2, 40)(setup, started).outcome
    with setup.start(**how) as started:
        serving(started)
    return {**found, "restart": "answers"}


# --- all of them ----------------------------------------------------------------------------------


def run(combinations, tell=lambda name, found: None, at_once=2):
    """
    Runs combinations: {name: record}. `tell(name, record)` is called for each as soon as it is known.

    `at_once` hosts are up at the same time: most of what a host does is waiting.
    """
    in_images = [each for each in combinations if each.parts[2] in ("container", "kubernetes")]
    on_host = [each for each in combinations if each not in in_images]
    found = on_hosts(on_host, tell, at_once) if on_host else {}
    return found | (in_containers(in_images, tell) if in_images else {})


def line(name, found):
    """A line of the table that is printed."""
    if found["outcome"] != "serves":
        return f"{name:48} FAILS  {found['error']}"
    parts = ("https", "websocket", "channels", "drain", "restart", "checked")
    return f"{name:48} " + "  ".join(f"{part}: {found[part]}" for part in parts if part in found) + f"  processes: {found['processes']}"


def recorded():
    """The record: {name: what ran}."""
    return json.loads(FILE.read_text())["combinations"] if FILE.exists() else {}


def keep(name, found):
    """Writes what ran to the record; what does not serve is taken out, and not offered any more."""
    kept = {other: record for other, record in recorded().items() if other != name}
    if found["outcome"] == "serves":
        kept[name] = {**found, "date": serve.today()}
    FILE.write_text(json.dumps({"combinations": dict(sorted(kept.items()))}, indent=1) + "\n")


def differences(name, found, kept):
    """What a run has otherwise than the record, one sentence each."""
    if name not in kept:
        return [f"{name} is not in evidence/combinations.json: run scripts/combinations {name}."]
    parts = ("outcome", "https", "websocket", "channels", "restart", "checked", "processes")
    return [f"{name}: {part} is {found.get(part)}, recorded is {kept[name].get(part)}." for part in parts if found.get(part) != kept[name].get(part)]


def main(arguments=None):
    """Command line. Returns the exit status: 0, 1 for failures and differences, 2 for an error."""
    parser = argparse.ArgumentParser(
        prog="python -m lab.combinations", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", nargs="*", help="e.g. wsgi.gunicorn.systemd.nginx-unix; all when none is named")
    parser.add_argument("--site", help="folder of a site that has been built; without it one is built")
    parser.add_argument("--check", action="store_true", help="compare with the record, write nothing")
    parser.add_argument("--at-once", type=int, default=2, help="how many hosts are booted at the same time (%(default)s)")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    parser.add_argument("--python", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.inside:
        try:
            inside(chosen.inside, chosen.python)
        except LabError as error:
            print(json.dumps({"error": str(error)}), flush=True)
        return 0
    processes.hand_down_signals()
    try:
        with tempfile.TemporaryDirectory(prefix="django-lab-site-") as folder:
            site = chosen.site or folder
            if not chosen.site:
                subprocess.run([sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", folder], cwd=recipes.ROOT, check=True)
            known = [name for name, offered in builder.combinations(site).items() if offered in (True, "not-run")]
            if unknown := set(chosen.name) - set(known):
                raise LabError(f"The builder does not know {', '.join(sorted(unknown))}. It knows: {', '.join(known)}.")
            with builder.page(site) as files:
                generated = [Combination(name, files(name)) for name in chosen.name or known]
        if why := booted.impossible() or containers.impossible():
            raise LabError(why)
        problems = []

        def tell(name, found):
            print(line(name, found), flush=True)
            if chosen.check:
                problems.extend(differences(name, found, recorded()))
            elif found["outcome"] != "serves":
                problems.append(f"{name} does not serve.")
            if not chosen.check:
                keep(name, found)  # each at once, because all of them take a while

        run(generated, tell, chosen.at_once)
    except (LabError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 2
    print(*problems, sep="\n", end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
