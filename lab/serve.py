"""Start a setup in a folder of its own on free ports, and leave nothing behind."""

import contextlib
import datetime
import http.client
import os
import platform
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from lab import client, output, processes, recipes, venvs
from lab.errors import LabError

START_SECONDS = 60  # a busy machine with two cores needs a few
INSTALL = {
    "nginx": "apt-get install nginx (Debian), brew install nginx (macOS)",
    "openssl": "apt-get install openssl (Debian), it is part of macOS",
    "curl": "apt-get install curl (Debian), it is part of macOS",
    "ps": "apt-get install procps (Debian), it is part of macOS",
    "pgrep": "apt-get install procps (Debian), it is part of macOS",
    "systemd-analyze": "apt-get install systemd (Debian); macOS has no systemd",
    "initdb": "apt-get install postgresql (Debian), brew install postgresql (macOS)",
    "tini": "apt-get install tini (Debian)",
    "redis-server": "apt-get install redis-server (Debian), brew install redis (macOS)",
}
REQUEST_LINE = re.compile(r'"GET |waiting for [\d.]+ s|blocking for [\d.]+ s')
READER_SOCKET = "/run/django/app.sock"
EXTRA_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/sbin")  # where Debian has nginx, not on every PATH


def program(name):
    """Path of a program. Raises LabError that says how to install it."""
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *EXTRA_FOLDERS]))
    if not found:
        raise LabError(f"{name} is not installed: {INSTALL.get(name, 'install it and try again')}.")
    return found


def free_ports(count):
    """Free ports on 127.0.0.1, below those that the system hands out to clients."""
    found = set()
    while len(found) < count:
        port = random.randint(20000, 30000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.add(port)
    return sorted(found)


def wait_until(condition, seconds, interval=0.02):
    """Asks `condition` until it returns something true, and returns that; None when `seconds` have passed."""
    end = time.monotonic() + seconds
    while True:
        if value := condition():
            return value
        if time.monotonic() > end:
            return None
        time.sleep(interval)


class Running:
    """A setup that was started; made by running()."""

    def __init__(self, setup, folder, changes, environment, base, database, redis):
        self.setup, self.recipe = setup, setup.recipe
        self.changes = changes
        self.database, self.redis = database, redis
        if "redis" in self.recipe.needs and not redis:
            raise LabError(f"{setup.name} needs a Redis: start it with lab.redis.server().")
        self.environment = {**environment, **(database.environment() if database else {})}
        self.folder = folder
        self.project = folder / "django"
        self.socket = folder / "app.sock"
        self.port, self.http_port, self.https_port = free_ports(3)
        self.base = base
        self.venv = venvs.venv_for(self.recipe, base)
        self.process = self.proxy_process = None
        self.proxy_edit = None  # a function that changes the text of the proxy's configuration; set by Probe.before
        self.start_seconds = None  # from the start of the process to the first answer
        self.log_file = folder / "server.log"
        self.proxy_log_file = folder / "nginx.log"
        self.direct = client.Address(port=self.port)
        if self.recipe.unix_socket or "unix-socket" in changes:
            self.direct = client.Address(unix_socket=str(self.socket))
        self.plain = None
        self.address = self.direct
        if setup.proxy:
            self.plain = client.Address(port=self.http_port)
            self.address = client.Address(port=self.https_port, certificate=folder / "certificates" / "fullchain.pem")

    # What a reader would type, and with what

    @property
    def command(self):
        """The start command as a reader types it, with what this run changes in it."""
        return self.recipe.command(self.changes)

    def environ(self):
        """Environment of the reader's shell: the project's django.env, the virtual environment first in PATH."""
        keep = {name: os.environ[name] for name in ("LANG", "LC_ALL", "USER") if name in os.environ}
        path = [str(self.venv / "bin"), os.environ.get("PATH", ""), *EXTRA_FOLDERS]
        return {
            **keep,
            "HOME": str(self.folder),
            "PATH": os.pathsep.join(path),
            "TZ": "Asia/Tokyo",  # as TIME_ZONE in the settings: the log of one run has one time zone
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",  # settings that a probe changes twice in one second are read anew
            **recipes.environment_file(),
            **recipes.environment_file(self.script(self.recipe.environment) if self.recipe.environment else ""),
            **self.environment,
        }

    def values(self):
        """What the {names} of a [replace] table stand for in this run."""
        return {
            "address": f"127.0.0.1:{self.port}",
            "port": self.port,
            "socket": self.socket,
            "pidfile": self.folder / "gunicorn.pid",
            "log": self.log_file,
            "folder": self.folder,
            "http_port": self.http_port,
            "https_port": self.https_port,
            "certificates": self.folder / "certificates",
            "project": self.project,
            "redis": self.redis.address if self.redis else "",
        }

    def script(self, name, recipe=None):
        """Text of a shipped script as it runs here, e.g. script("check.sh")."""
        return recipes.replaced(recipe or self.recipe, self.values())[name]

    def run(self, script, environment=None, timeout=60):
        """Runs a shell script in the project folder with the reader's environment: subprocess.CompletedProcess."""
        return subprocess.run(
            ["sh", "-c", script], cwd=self.project, env={**self.environ(), **(environment or {})},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout,
        )  # fmt: skip

    @contextlib.contextmanager
    def helper(self, code):
        """Context manager: Python code in the reader's virtual environment, with pipes; killed at the end."""
        helper = subprocess.Popen(
            [str(self.venv / "bin" / "python"), "-c", code], cwd=self.project, env=self.environ(),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        try:
            with helper:
                yield helper
        finally:
            processes.end_group(helper)

    # Start and end

    def start(self):
        """Starts the server, then the proxy, without waiting. lay() comes first."""
        self.process = self._spawn(["sh", "-c", f"exec {self._start_command()}"], self.log_file)
        if self.setup.proxy:
            self._start_nginx()

    def lay(self):
        """Puts into the copied project what the recipe brings, as a reader would."""
        for overlay in self.recipe.overlays:
            self._lay(recipes.files_of(recipes.SNIPPETS / overlay))
        self._lay(recipes.replaced(self.recipe, self.values()))
        for name, source in self.recipe.append.items():
            file = self.project / name
            file.write_text(f"{file.read_text()}\n\n{(recipes.SNIPPETS / source).read_text()}")

    def prepare(self):
        """Runs the recipe's `prepare` script. Raises LabError when it fails."""
        if self.recipe.prepare:
            done = self.run(self.script(self.recipe.prepare))
            if done.returncode:
                raise self.does_not_start(f"{self.recipe.prepare} fails: {done.stderr.strip()}")

    def _lay(self, files):
        for name, text in files.items():
            (self.project / name).parent.mkdir(parents=True, exist_ok=True)
            (self.project / name).write_text(text)

    def _start_command(self):
        text = recipes.without_comments((self.recipe.folder / self.recipe.start).read_text())
        if self.changes:  # on one line: a change may look for more than one argument
            text = self.command
        # Only a change names a socket that [replace] does not know.
        return recipes.filled(self.recipe, text, self.values()).replace(READER_SOCKET, str(self.socket))

    def _spawn(self, command, log_file):
        with open(log_file, "ab") as log:
            return subprocess.Popen(
                command, cwd=self.project, env=self.environ(), stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def _start_nginx(self):
        nginx = program("nginx")
        certificates = self.folder / "certificates"
        certificates.mkdir()
        self_signed(certificates)
        # curl of check.sh finds example.com here, and trusts the certificate of this run.
        (self.folder / ".curlrc").write_text(
            f'connect-to = "{client.HOST}:443:127.0.0.1:{self.https_port}"\ncacert = "{certificates}/fullchain.pem"\n'
        )
        confd = self.folder / "conf.d"
        confd.mkdir()
        for proxy in [*map(recipes.load, self.setup.proxy.overlays), self.setup.proxy]:
            for name, text in recipes.replaced(proxy, self.values()).items():
                if name.endswith(".conf"):
                    # In a folder of the recipe lies what the configuration includes by itself.
                    file = self.folder / name if "/" in name else confd / name
                    file.parent.mkdir(exist_ok=True)
                    file.write_text(self.proxy_edit(text) if self.proxy_edit else text)
        main = self.folder / "nginx.conf"
        # What a distribution's nginx.conf does around conf.d, without its fixed paths.
        scratch = "".join(
            f"{kind}_temp_path {self.folder}/nginx-{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        main.write_text(
            f"{'user root;' if os.geteuid() == 0 else ''}\n"
            f"daemon off;\nworker_processes 1;\npid {self.folder}/nginx.pid;\nerror_log {self.proxy_log_file} warn;\n"
            "events {}\n"
            "http {\ntypes { text/css css; text/javascript js; }\ndefault_type application/octet-stream;\n"
            f"access_log {self.folder}/nginx-access.log;\n{scratch}include {confd}/*.conf;\n}}\n"
        )
        command = [nginx, "-p", str(self.folder), "-e", str(self.proxy_log_file), "-c", str(main)]
        tested = subprocess.run([*command, "-t"], capture_output=True, text=True)
        if tested.returncode:
            raise LabError(
                f"nginx -t refuses snippets/{self.setup.proxy.name}/{self.setup.proxy.file}: {tested.stderr.strip()}"
            )
        self.proxy_process = self._spawn(command, self.proxy_log_file)

    def wait(self):
        """Waits until /healthz/ answers 200, or the recipe's `ready` script succeeds. Raises LabError when the server ends before, or after START_SECONDS."""
        started = time.monotonic()

        def answers():
            for process in filter(None, [self.process, self.proxy_process]):
                if process.poll() is not None:
                    raise self.does_not_start(f"it ended with exit code {process.returncode}")
            if self.recipe.ready:
                return self.run(self.script(self.recipe.ready)).returncode == 0
            with contextlib.suppress(OSError, http.client.HTTPException):
                return client.get(self.address, "/healthz/", timeout=2).status == 200

        if not wait_until(answers, START_SECONDS, 0.05):
            raise self.does_not_start(f"it did not answer within {START_SECONDS} s")
        self.start_seconds = time.monotonic() - started

    def does_not_start(self, what):
        """LabError for a setup that does not come to serve; `what` says how that showed."""
        return LabError(
            f"snippets/{self.recipe.name} no longer starts: {what}. Mend the snippet, "
            f"or run scripts/record {self.setup.name} and read the difference. {self.tail()}"
        )

    def tail(self):
        """The last lines of the logs, for a message."""
        lines = self.own_lines().splitlines()
        if self.proxy_log_file.exists():
            lines += self.proxy_log_file.read_text(errors="replace").strip().splitlines()
        return "Last lines of its log:\n" + "\n".join(lines[-15:])

    def stop(self):
        """Ends the proxy and the server, orphaned workers too."""
        for process in filter(None, [self.proxy_process, self.process]):
            processes.end_group(process)

    # Questions

    def get(self, path, headers=None, timeout=30):
        """GET through the proxy when there is one, on a new connection: client.Response."""
        return client.get(self.address, path, headers, timeout)

    def alive(self):
        """True as long as the server's main process runs."""
        return self.process.poll() is None

    def workers(self):
        """Process ids of the workers; that of the server itself where it is a single process."""
        if self.recipe.processes == "one":
            return {self.process.pid} if self.alive() else set()
        return processes.children(self.process.pid)

    def signal(self, name):
        """Sends a signal, e.g. "HUP", to the server's main process."""
        self.process.send_signal(getattr(signal, f"SIG{name}"))

    def reload_proxy(self):
        """Makes nginx read its files again. Returns when its old workers are gone: until then they may take a connection."""
        old = processes.children(self.proxy_process.pid)
        self.proxy_process.send_signal(signal.SIGHUP)
        if not wait_until(lambda: not processes.living(old), 20, 0.1):
            raise LabError(f"{self.setup.name}: old workers of nginx are still there 20 s after the reload.")

    def log(self, since=0):
        """What the server printed, from byte `since` on, as it was."""
        data = self.log_file.read_bytes() if self.log_file.exists() else b""
        return data[since:].decode(errors="replace")

    def own_lines(self, since=0):
        """What the server itself said: the log without the lines of single requests."""
        return "\n".join(line for line in self.log(since).splitlines() if not REQUEST_LINE.search(line))

    def mark(self):
        """Where the log ends now; for log(since)."""
        return self.log_file.stat().st_size

    def wait_for_log(self, pattern, since=0, seconds=20, count=1):
        """Waits until the log holds `count` matches of a regular expression. Raises LabError after `seconds`."""
        if not wait_until(lambda: len(re.findall(pattern, self.log(since))) >= count, seconds):
            raise LabError(f"{self.setup.name}: no {pattern!r} in the log after {seconds} s. {self.tail()}")

    def readable(self, text):
        """Text of this run as a reader would have seen it (lab.output.normalise)."""
        library = venvs.standard_library(self.venv)
        reader = output.READER_PROJECT
        replacements = {
            str(self.project): reader,
            str(self.venv): f"{reader}/.venv",
            library: f"/usr/lib/{Path(library).name}",
            str(self.socket): self.recipe.unix_socket or READER_SOCKET,
            f"{self.folder}/nginx.pid": "/run/nginx.pid",
            f"{self.folder}/gunicorn.pid": "/run/django/gunicorn.pid",
            f"{self.folder}/uwsgi.pid": "/run/django/uwsgi.pid",
            f"127.0.0.1:{self.port}": "127.0.0.1:8000",
            f"--port {self.port}": "--port 8000",
            f"tcp:port={self.port}": "tcp:port=8000",
            f"127.0.0.1:{self.https_port}": "127.0.0.1:443",
            f"127.0.0.1:{self.http_port}": "127.0.0.1:80",
        }
        real = {os.path.realpath(key): value for key, value in replacements.items() if key.startswith("/")}
        for service in filter(None, [self.database, self.redis]):
            replacements.update(service.replacements())
        return output.normalise(text, {**real, **replacements})

    def versions(self):
        """Versions for the record, e.g. {"python": "3.11.7", "django": …, "gunicorn": …, "os": …}."""
        found = dict(venvs.versions(self.venv, "Django", *self.recipe.pins()))
        if self.setup.proxy:
            text = subprocess.run([program("nginx"), "-v"], capture_output=True, text=True).stderr
            found["nginx"] = re.search(r"nginx/(\S+)", text).group(1)
        if self.redis:
            found["redis-server"] = self.redis.version
        found["os"] = operating_system()
        return found


def operating_system():
    """Name and version for people, e.g. "Debian GNU/Linux 12"."""
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return platform.system()
    return f"{release['NAME']} {release.get('VERSION_ID', '')}".strip()


def today():
    """The date of a record, e.g. "2026-11-21"."""
    return datetime.date.today().isoformat()


def self_signed(folder):
    subprocess.run(
        [
            program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", f"/CN={client.HOST}", "-addext", f"subjectAltName=DNS:{client.HOST}",
            "-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem"),
        ],
        check=True, capture_output=True,
    )  # fmt: skip


_prepared = {}  # venvs.Base -> TemporaryDirectory with the prepared project
_preparing = threading.Lock()


def _prepare(running):
    """
    Puts the project into the run's folder: migrated, with its products and its static files.

    The management commands run once per Python, Django and session, before what a recipe brings; later runs copy the result.
    """
    with _preparing:
        fresh = running.base not in _prepared
        if fresh:
            _prepare_once(running)
    if not fresh:
        shutil.copytree(Path(_prepared[running.base].name) / "django", running.project)


def _prepare_once(running):
    recipes.copy_project(running.project)
    done = running.run(
        "python manage.py migrate --verbosity 0 && python manage.py loaddata --verbosity 0 products"
        " && python manage.py collectstatic --verbosity 0 --no-input",
        {"DB_NAME": ""},  # SQLite: what is prepared here serves every later run
    )
    if done.returncode:
        raise LabError(f"snippets/project cannot be prepared: {done.stderr.strip()}")
    keep = tempfile.TemporaryDirectory(prefix="django-lab-project-", dir="/tmp")
    shutil.copytree(running.project, Path(keep.name) / "django")
    _prepared[running.base] = keep


@contextlib.contextmanager
def running(setup, changes=(), environment=None, base=venvs.Base(), wait=True, before=None, database=None, redis=None):
    """
    Context manager: a started setup (Running) that serves, in a temporary folder on free ports.

    `changes` names [changes] of the recipe to make in its start command, `environment` is added to the project's
    django.env, `before(run)` is called when the files lie ready and nothing has started yet, `database` is a
    lab.postgres.Cluster to use instead of SQLite, `redis` a lab.redis.Redis for a recipe that needs one. With wait=False the block begins right after the start. Every process it started is ended at the end of the block, whatever happened in it.
    Raises LabError when the setup does not come to serve.
    """
    program("ps")
    # /tmp and not the system's default: a path of a Unix socket has about 100 characters at most.
    with tempfile.TemporaryDirectory(prefix="django-lab-", dir="/tmp") as folder:
        run = Running(setup, Path(folder), changes, environment or {}, base, database, redis)
        _prepare(run)
        if database:
            database.prepare(run)
        run.lay()
        if before:
            before(run)
        run.prepare()
        try:
            run.start()
            if wait:
                run.wait()
            yield run
        finally:
            run.stop()
