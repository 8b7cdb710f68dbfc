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
}
REQUEST_LINE = re.compile(r'"GET |waiting for [\d.]+ s|blocking for [\d.]+ s')
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

    def __init__(self, setup, folder, edit, environment, python, database):
        self.setup, self.recipe = setup, setup.recipe
        self.edit = edit
        self.database = database
        self.environment = {**environment, **(database.environment() if database else {})}
        self.folder = folder
        self.project = folder / "django"
        self.socket = folder / "app.sock"
        self.port, self.http_port, self.https_port = free_ports(3)
        self.venv = venvs.venv_for(self.recipe, python)
        self.process = self.proxy_process = None
        self.log_file = folder / "server.log"
        self.proxy_log_file = folder / "nginx.log"
        self.direct = client.Address(port=self.port)
        if self.recipe.unix_socket:
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
        command = self.recipe.command()
        return self.edit(self.setup, command) if self.edit else command

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
            **self.environment,
        }

    def values(self):
        """What the {names} of a [replace] table stand for in this run."""
        return {
            "address": f"127.0.0.1:{self.port}",
            "port": self.port,
            "socket": self.socket,
            "pidfile": self.folder / "gunicorn.pid",
            "http_port": self.http_port,
            "https_port": self.https_port,
            "certificates": self.folder / "certificates",
            "project": self.project,
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
        """Starts the server, then the proxy, without waiting."""
        for name, text in recipes.replaced(self.recipe, self.values()).items():
            (self.project / name).write_text(text)
        text = recipes.without_comments(self.script(self.recipe.start))
        if self.edit:
            text = self.edit(self.setup, recipes.command_line(text))
        self.process = self._spawn(["sh", "-c", f"exec {text}"], self.log_file)
        if self.setup.proxy:
            self._start_nginx()

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
        _self_signed(certificates)
        # curl of check.sh finds example.com here, and trusts the certificate of this run.
        (self.folder / ".curlrc").write_text(
            f'connect-to = "{client.HOST}:443:127.0.0.1:{self.https_port}"\ncacert = "{certificates}/fullchain.pem"\n'
        )
        confd = self.folder / "conf.d"
        confd.mkdir()
        (confd / self.setup.proxy.file).write_text(self.script(self.setup.proxy.file, self.setup.proxy))
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
            "http {\ntypes { text/css css; }\ndefault_type application/octet-stream;\n"
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
        """Waits until /healthz/ answers 200. Raises LabError when the server ends before, or after START_SECONDS."""

        def answers():
            for process in filter(None, [self.process, self.proxy_process]):
                if process.poll() is not None:
                    raise self.does_not_start(f"it ended with exit code {process.returncode}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                return client.get(self.address, "/healthz/", timeout=2).status == 200

        if not wait_until(answers, START_SECONDS, 0.05):
            raise self.does_not_start(f"it did not answer within {START_SECONDS} s")

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
        """Process ids of the workers."""
        return processes.children(self.process.pid)

    def signal(self, name):
        """Sends a signal, e.g. "HUP", to the server's main process."""
        self.process.send_signal(getattr(signal, f"SIG{name}"))

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
            str(self.socket): self.recipe.unix_socket or "/run/django/app.sock",
            f"{self.folder}/nginx.pid": "/run/nginx.pid",
            f"{self.folder}/gunicorn.pid": "/run/django/gunicorn.pid",
            f"127.0.0.1:{self.port}": "127.0.0.1:8000",
            f"--port {self.port}": "--port 8000",
            f"127.0.0.1:{self.https_port}": "127.0.0.1:443",
            f"127.0.0.1:{self.http_port}": "127.0.0.1:80",
        }
        real = {os.path.realpath(key): value for key, value in replacements.items() if key.startswith("/")}
        if self.database:
            replacements.update(self.database.replacements())
        return output.normalise(text, {**real, **replacements})

    def versions(self):
        """Versions for the record, e.g. {"python": "3.11.7", "django": …, "gunicorn": …, "os": …}."""
        found = dict(venvs.versions(self.venv, "Django", self.recipe.server))
        if self.setup.proxy:
            text = subprocess.run([program("nginx"), "-v"], capture_output=True, text=True).stderr
            found["nginx"] = re.search(r"nginx/(\S+)", text).group(1)
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


def _self_signed(folder):
    subprocess.run(
        [
            program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-subj", f"/CN={client.HOST}", "-addext", f"subjectAltName=DNS:{client.HOST}",
            "-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem"),
        ],
        check=True, capture_output=True,
    )  # fmt: skip


_prepared = {}  # virtual environment -> TemporaryDirectory with the prepared project
_preparing = threading.Lock()


def _prepare(running):
    """
    Puts the project into the run's folder: migrated, with its products and its static files.

    The management commands run once per virtual environment and session; later runs copy the result.
    """
    key = running.venv
    with _preparing:
        fresh = key not in _prepared
        if fresh:
            _prepare_once(running)
    if not fresh:
        shutil.copytree(Path(_prepared[key].name) / "django", running.project)


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
    _prepared[running.venv] = keep


@contextlib.contextmanager
def running(setup, edit=None, environment=None, python=None, wait=True, before=None, database=None):
    """
    Context manager: a started setup (Running) that serves, in a temporary folder on free ports.

    `edit(setup, command)` returns the start command to use instead, `environment` is added to the project's
    django.env, `before(run)` is called when the files lie ready and nothing has started yet, `database` is a
    lab.postgres.Cluster to use instead of SQLite. With wait=False the block begins right after the start. Every process it started is ended at the end of the block, whatever happened in it.
    Raises LabError when the setup does not come to serve.
    """
    program("ps")
    # /tmp and not the system's default: a path of a Unix socket has about 100 characters at most.
    with tempfile.TemporaryDirectory(prefix="django-lab-", dir="/tmp") as folder:
        run = Running(setup, Path(folder), edit, environment or {}, python, database)
        _prepare(run)
        if database:
            database.prepare(run)
        if before:
            before(run)
        try:
            run.start()
            if wait:
                run.wait()
            yield run
        finally:
            run.stop()
