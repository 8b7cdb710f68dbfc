"""A PostgreSQL of our own: a fresh cluster on a free port of 127.0.0.1, gone at the end."""

import contextlib
import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from lab import processes, serve
from lab.errors import LabError

MAX_CONNECTIONS = 100  # PostgreSQL's default; 3 of them are kept for superusers


class Cluster:
    """A running cluster with a database and a role "shop"; made by cluster()."""

    def __init__(self, folder, port, version):
        self.folder, self.port, self.version = folder, port, version
        self._prepared = set()

    def environment(self):
        """What the Django project needs to use it."""
        return {"DB_NAME": "shop", "DB_USER": "shop", "DB_HOST": "127.0.0.1", "DB_PORT": str(self.port)}

    def replacements(self):
        """For the output of a run: the port a reader would see."""
        return {f"port {self.port}": "port 5432"}

    def sql(self, statement, database="postgres"):
        """Runs one statement as superuser and returns its output as text."""
        return subprocess.run(
            [_program("psql"), "--host=127.0.0.1", f"--port={self.port}", "--username=postgres", "--no-psqlrc",
             "--tuples-only", "--no-align", f"--dbname={database}", f"--command={statement}"],
            capture_output=True, text=True, check=True, timeout=30,
        ).stdout.strip()  # fmt: skip

    def table(self, statements, database="postgres"):
        """Runs statements as superuser and returns what psql prints for people."""
        return subprocess.run(
            [_program("psql"), "--host=127.0.0.1", f"--port={self.port}", "--username=postgres", "--no-psqlrc",
             f"--dbname={database}"],
            input=statements, capture_output=True, text=True, check=True, timeout=30,
        ).stdout.strip()  # fmt: skip

    def open_connections(self):
        """Connections that the Django project holds now."""
        return int(self.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'shop'"))

    def prepare(self, run):
        """Creates the project's tables with the virtual environment of a Running, once per environment."""
        serve.wait_until(lambda: self.open_connections() == 0, 20)
        if run.venv not in self._prepared:
            done = run.run(
                "python manage.py migrate --verbosity 0 && python manage.py loaddata --verbosity 0 products"
            )
            if done.returncode:
                raise LabError(f"The project cannot be prepared for PostgreSQL: {done.stderr.strip()}")
            self._prepared.add(run.venv)


@contextlib.contextmanager
def cluster(more=None):
    """
    Context manager: a Cluster that accepts connections. `more` (dict) are settings of PostgreSQL on top of those here.

    Raises LabError when PostgreSQL is not installed.
    """
    initdb, postgres = _program("initdb"), _program("postgres")
    user = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        try:
            account = pwd.getpwnam("postgres")
        except KeyError:
            raise LabError("PostgreSQL does not run as root, and there is no user postgres: create one.") from None
        user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    with tempfile.TemporaryDirectory(prefix="django-lab-postgres-", dir="/tmp") as folder:
        if user:
            os.chown(folder, user["user"], user["group"])
        data = f"{folder}/data"
        subprocess.run(
            [initdb, "--pgdata", data, "--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8",
             "--no-locale"],
            check=True, capture_output=True, cwd=folder, **user,
        )  # fmt: skip
        (port,) = serve.free_ports(1)
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": folder,
            "max_connections": MAX_CONNECTIONS,
            "superuser_reserved_connections": 3,
            "fsync": "off",
            **(more or {}),
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with open(f"{folder}/log", "wb") as log:
            process = subprocess.Popen(
                [postgres, "-D", data, *options], cwd=folder, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True, **user,
            )  # fmt: skip
        try:
            version = subprocess.run([postgres, "--version"], capture_output=True, text=True).stdout.split()[2]
            found = Cluster(Path(folder), port, version)

            def accepts():
                with contextlib.suppress(subprocess.CalledProcessError):
                    return found.sql("SELECT 1") == "1"

            if not serve.wait_until(accepts, 30, 0.1):
                raise LabError("PostgreSQL does not start: " + Path(f"{folder}/log").read_text()[-500:])
            found.sql("CREATE ROLE shop LOGIN")
            found.sql("CREATE DATABASE shop OWNER shop")
            yield found
        finally:
            # SIGINT: without waiting for clients.
            if process.poll() is None:
                process.send_signal(2)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(10)
            processes.end_group(process)


def _program(name):
    """Debian keeps PostgreSQL's programs away from PATH."""
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: float(path.split("/")[4]), reverse=True)
    for folder in folders:
        if found := shutil.which(name, path=folder):
            return found
    if found := shutil.which(name):
        return found
    raise LabError(f"PostgreSQL's {name} is not installed: {serve.INSTALL['initdb']}.")
