"""
A systemd of its own, booted on a copy of this machine's root, with a recipe's files where a reader has them.

It needs Linux, root and systemd-nspawn. The copy is an overlay in memory with a network and processes of its own: nothing
of the machine is changed, and everything lies where the pages say (/srv/django, /etc/django, user django).
"""

import contextlib
import ctypes
import dataclasses
import http.client
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from lab import client, output, processes, recipes, serve, venvs
from lab.errors import LabError

SUFFIX = "-under-systemd"
PROJECT = "/srv/django"
ENVIRONMENT = "/etc/django/django.env"
CLONE_NEWNET = 0x40000000
# The service's user must be able to read its Python, so one below /root will not do.
PYTHON = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
# What the units of the recipes listen on, as a client finds it
READER_PORT = 8000
_numbers = itertools.count(1)


def impossible():
    """Why no systemd can be booted here, as one sentence; "" when it can."""
    if sys.platform != "linux":
        return "A systemd can be booted on Linux only."
    if os.geteuid() != 0:
        return "Booting a systemd takes root: run it with sudo."
    if not shutil.which("systemd-nspawn"):
        return "systemd-nspawn is not installed: apt-get install systemd-container (Debian)."
    return ""


def units(recipe):
    """The unit files that a recipe ships, sorted: the service, and the socket where there is one."""
    return sorted(path for path in recipe.folder.iterdir() if path.suffix in (".service", ".socket"))


def setups():
    """The recipes whose units can be run, as Setups named <recipe>-under-systemd."""
    found = [recipes.load(name) for name in recipes.names()]
    servers = [recipe for recipe in found if recipe.interface in ("wsgi", "asgi") and recipe.start and not recipe.needs]
    return [recipes.Setup(recipe.name + SUFFIX, recipe) for recipe in servers if units(recipe)]


@dataclasses.dataclass(frozen=True)
class Inside(client.Address):
    """An address in the network and the file system of a booted machine; `leader` is its first process."""

    leader: int = 0

    def connect(self, timeout):
        if self.unix_socket:
            return dataclasses.replace(self, unix_socket=f"/proc/{self.leader}/root{self.unix_socket}")._connect(timeout)
        with _network_of(self.leader):
            return self._connect(timeout)

    def _connect(self, timeout):
        return super().connect(timeout)


@contextlib.contextmanager
def _network_of(pid):
    """Context manager: this thread alone is in the network namespace of a process. A socket stays where it was made."""
    setns = ctypes.CDLL(None, use_errno=True).setns

    def enter(file):
        if setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")

    with open("/proc/thread-self/ns/net") as own, open(f"/proc/{pid}/ns/net") as theirs:
        enter(theirs)
        try:
            yield
        finally:
            enter(own)


class Host:
    """A booted systemd with nothing on it but what this machine has; made by booting()."""

    title = "The booted systemd"

    def __init__(self, process, leader):
        self.process, self.leader = process, leader
        self.root = Path(f"/proc/{leader}/root")

    def run(self, *command, timeout=120):
        """Runs a command on the machine as root: subprocess.CompletedProcess, standard error behind standard output."""
        return subprocess.run(
            ["nsenter", "--target", str(self.leader), "--mount", "--uts", "--ipc", "--net", "--pid", "--", *command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8", "SYSTEMD_PAGER": "",
                 "SYSTEMD_COLORS": "0"},
        )  # fmt: skip

    def must(self, *command):
        """The same for what has to succeed; returns what was printed. Raises LabError when it fails."""
        done = self.run(*command)
        if done.returncode:
            raise LabError(f"{self.title}: {' '.join(command)} fails: {done.stdout.strip()}\n{self.tail()}")
        return done.stdout

    def systemctl(self, *arguments):
        """systemctl on the machine: subprocess.CompletedProcess."""
        return self.run("systemctl", *arguments)

    def write(self, path, text):
        """Writes a file on the machine; the folders are made."""
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def tail(self):
        """The last lines of the journal, for a message."""
        return "Last lines of the journal:\n" + "\n".join(self.run("journalctl", "--quiet", "--no-pager", "--lines=15").stdout.splitlines())

    def install_venv(self, venv, project):
        """Copies a virtual environment to .venv in a folder; its scripts name the folder it was built in."""
        shutil.copytree(venv, project / ".venv", symlinks=True)
        reader = f"/{project.relative_to(self.root)}/.venv"
        for script in (project / ".venv" / "bin").iterdir():
            if script.is_file() and not script.is_symlink():
                script.write_bytes(script.read_bytes().replace(str(venv).encode(), reader.encode()))


class Machine(Host):
    """A booted systemd with the project and the files of one recipe on it; made by booted()."""

    def __init__(self, setup, process, leader):
        super().__init__(process, leader)
        self.setup, self.recipe = setup, setup.recipe
        self.title = setup.name
        self.service = next(path.name for path in units(self.recipe) if path.suffix == ".service")
        self.socket = next((path.name for path in units(self.recipe) if path.suffix == ".socket"), "")
        self.venv = venvs.venv_for(self.recipe, venvs.Base(python=PYTHON))
        self.certificate = None  # of nginx, where a recipe is only run behind it

    def show(self, name, unit=""):
        """A property of a unit, e.g. show("MainPID"): text."""
        return self.must("systemctl", "show", "--value", f"--property={name}", unit or self.service).strip()

    def main_pid(self):
        """Process id of the service's main process as the machine counts, 0 when there is none."""
        return int(self.show("MainPID"))

    def processes(self):
        """
        Process ids in the service's control group, as the machine counts; without the helper that Python's
        multiprocessing starts beside workers.
        """
        group = self.show("ControlGroup")
        for top in ("systemd", "unified", ""):
            listing = self.root / "sys/fs/cgroup" / top / f"{group}/cgroup.procs".lstrip("/")
            if group and listing.exists():
                return {pid for pid in map(_pid_inside, listing.read_text().split()) if pid}
        return set()

    def mark(self):
        """Where the journal ends now; for journal(since)."""
        text = self.must("journalctl", "--quiet", "--lines=1", "--output=export")
        found = re.search("^__CURSOR=(.+)$", text, re.M)
        return found.group(1) if found else self.recipe.unix_socket

    def journal(self, since="", unit=""):
        """What `journalctl -u <service>` prints from a mark() on."""
        self.run("journalctl", "--sync")
        after = [f"--after-cursor={since}"] if since else []
        return self.run("journalctl", "--quiet", "--no-pager", f"--unit={unit or self.service}", *after).stdout

    def tail(self):
        """The last lines of the journal, for a message."""
        return "Last lines of its journal:\n" + "\n".join(self.journal().splitlines()[-15:])

    def address(self):
        """Where the server listens; nginx in front of one that speaks no HTTP."""
        if self.certificate:
            return Inside(port=443, certificate=self.certificate, leader=self.leader)
        socket = self.unix_socket()
        return Inside(unix_socket=socket, leader=self.leader) if socket else Inside(port=READER_PORT, leader=self.leader)

    def unix_socket(self):
        """Path of the Unix socket: of the socket unit, or of the server; "" under TCP."""
        text = "".join(path.read_text() for path in units(self.recipe) if path.suffix == ".socket")
        found = re.search(r"^ListenStream=(/.+)$", text, re.M)
        return found.group(1) if found else self.recipe.unix_socket

    def answers(self, timeout=2):
        """True when /healthz/ is answered with 200."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            return client.get(self.address(), "/healthz/", timeout=timeout).status == 200

    def start(self):
        """Starts the units as a reader does, and waits until the server answers."""
        self.must("systemctl", "start", *filter(None, [self.socket, self.service]))
        if not serve.wait_until(self.answers, 60, 0.05):
            raise LabError(f"{self.setup.name} does not answer 60 s after systemctl start.\n{self.tail()}")

    @property
    def project(self):
        """The project's folder on the machine, as this machine sees it."""
        return self.root / PROJECT.lstrip("/")

    def install(self):
        """Puts everything where the recipe and the units expect it, as the pages tell a reader to."""
        recipes.copy_project(self.project)
        shutil.copy(recipes.SNIPPETS / "systemd" / "prepare.sh", self.project)
        self.must("sh", "-ec", f"cd {PROJECT} && . ./prepare.sh")
        for path in self.recipe.folder.iterdir():
            if path.is_file() and path not in units(self.recipe) and path.name != "recipe.toml":
                shutil.copy(path, self.project / path.name)
        hypercorn = self.project / "hypercorn.toml"
        if hypercorn.exists():  # the page says so: the service may not write a pid file into a folder of root, and needs none
            hypercorn.write_text(re.sub("(?m)^pid_path.*\n", "", hypercorn.read_text()))
        self.install_venv(self.venv, self.project)
        manage = f"cd {PROJECT} && set -a && . {ENVIRONMENT} && .venv/bin/python manage.py"
        self.must("sh", "-c", f"{manage} migrate -v 0 && {manage} loaddata -v 0 products")
        self.must("chown", "django", f"{PROJECT}/db.sqlite3")  # all else is root's: a service need not change its code
        self._install_units()
        if not self.recipe.alone and self.recipe.behind:
            self._install_nginx(recipes.load(self.recipe.behind[0]))

    def _install_nginx(self, proxy):
        """Debian's nginx with the site of a proxy recipe, and a certificate for it."""
        certificates = self.root / "etc/ssl/example.com"
        certificates.mkdir(parents=True)
        serve.self_signed(certificates)
        self.certificate = certificates / "fullchain.pem"
        self.write("/etc/nginx/conf.d/django.conf", (proxy.folder / proxy.file).read_text())
        self.run("rm", "-f", "/etc/nginx/sites-enabled/default")
        self.must("systemctl", "start", "nginx")

    def _install_environment(self):
        self.write(ENVIRONMENT, (recipes.PROJECT / "django.env").read_text()).chmod(0o400)
        self.must("chown", "django", ENVIRONMENT)

    def _install_units(self):
        for path in units(self.recipe):
            shutil.copy(path, self.root / "etc/systemd/system" / path.name)
        self.must("systemctl", "daemon-reload")

    def clean(self):
        """Stops everything and puts every file back, so that the next question finds what the first one found."""
        names = [path.name for path in units(self.recipe)]
        self.systemctl("kill", "--signal=KILL", self.service)
        self.systemctl("stop", *names)
        self.run("pkill", "-KILL", "-u", "django")
        for name in names:
            shutil.rmtree(self.root / "etc/systemd/system" / f"{name}.d", ignore_errors=True)
        self._install_units()
        self.systemctl("reset-failed")
        for folder in ("config", "shop"):
            shutil.rmtree(self.project / folder)
            shutil.copytree(recipes.PROJECT / folder, self.project / folder, ignore=recipes.LEAVE_OUT)
        self._install_environment()
        left = self.run("sh", "-c", "rm -rf /run/django /run/django.sock /var/log/django; ps -u django -o pid=,args=").stdout.strip()
        if left:
            raise LabError(f"{self.setup.name}: processes are left: {left}")

    def drop_in(self, text, name="lab.conf", unit=""):
        """Adds a drop-in to a unit, as `systemctl edit` does."""
        self.write(f"/etc/systemd/system/{unit or self.service}.d/{name}", text)
        self.must("systemctl", "daemon-reload")

    def edit_unit(self, old, new):
        """Replaces text in the installed service. Raises LabError when it is not there."""
        file = self.root / "etc/systemd/system" / self.service
        text = file.read_text()
        if old not in text:
            raise LabError(f"snippets/{self.recipe.name}/{self.service} has no {old!r}: mend lab/units.py.")
        file.write_text(text.replace(old, new))
        self.must("systemctl", "daemon-reload")

    def readable(self, text):
        """Text of this run for a record: see lab.output."""
        return output.normalise(text, {str(self.venv): f"{PROJECT}/.venv"})

    def versions(self):
        """Versions for the record, with that of systemd."""
        found = dict(venvs.versions(self.venv, "Django", *self.recipe.pins()))
        found["systemd"] = self.must("systemctl", "--version").split()[1]
        found["os"] = serve.operating_system()
        return found

    def command(self):
        """What a reader types to start it."""
        return f"systemctl start {' '.join(filter(None, [self.socket, self.name]))}"

    @property
    def name(self):
        """The service as a reader types it: without .service."""
        return self.service.removesuffix(".service")


def _pid_inside(pid):
    """The number that a process has on the machine; None for one that is gone and for multiprocessing's helper."""
    with contextlib.suppress(OSError):
        if "resource_tracker" in Path(f"/proc/{pid}/cmdline").read_text():
            return None
        status = Path(f"/proc/{pid}/status").read_text()
        return int(re.search(r"^NSpid:.*?(\d+)$", status, re.M).group(1))


@contextlib.contextmanager
def booted(setup):
    """
    Context manager: a Machine whose systemd is up, with the files of the setup's recipe on it; nothing is started yet.

    Raises LabError when no systemd can be booted here, or when it does not come up within a minute.
    """
    with booting() as host:
        machine = Machine(setup, host.process, host.leader)
        machine.install()
        yield machine


@contextlib.contextmanager
def booting():
    """Context manager: a Host whose systemd is up. Raises LabError like booted()."""
    if why := impossible():
        raise LabError(why)
    name = f"django-lab-{os.getpid()}-{next(_numbers)}"  # several may be up at once
    with tempfile.TemporaryDirectory(prefix="django-lab-booted-", dir="/tmp") as folder, _own_control_groups(name) as enter:
        root = Path(folder) / "root"
        root.mkdir()
        nspawn = [
            "systemd-nspawn", f"--directory={root}", "--volatile=overlay", "--boot", "--private-network",
            f"--machine={name}", "--register=no", "--keep-unit", "--link-journal=no", "--console=pipe",
            "systemd.unit=basic.target", "systemd.hostname=app", "systemd.show_status=no",
        ]  # fmt: skip
        # In a mount namespace of its own, so that the mount of / is never seen outside.
        script = f"{enter} mount --bind / {root} && exec \"$@\""
        with open(Path(folder) / "log", "wb") as log:
            process = subprocess.Popen(
                ["unshare", "--mount", "sh", "-c", script, "sh", *nspawn],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            leader = serve.wait_until(lambda: _leader(process, Path(folder) / "log"), 30, 0.1)
            if not leader:
                raise LabError("systemd-nspawn does not come up: " + (Path(folder) / "log").read_text())
            host = Host(process, leader)
            up = serve.wait_until(
                lambda: host.systemctl("is-system-running").stdout.strip() in ("running", "degraded"), 60, 0.2
            )
            if not up:
                raise LabError("The booted systemd does not come up: " + (Path(folder) / "log").read_text())
            yield host
        finally:
            processes.end_group(process)


def _leader(process, log):
    """Process id of the first process on the machine, once systemd runs in it; None before. `log` says why nspawn ended."""
    if process.poll() is not None:
        raise LabError("systemd-nspawn ended: " + log.read_text().strip())
    own = os.readlink("/proc/self/ns/pid")
    for pid in processes.children(process.pid):
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/{pid}/ns/pid") != own and Path(f"/proc/{pid}/comm").read_text().strip() == "systemd":
                return pid
    return None


@contextlib.contextmanager
def _own_control_groups(name):
    """Context manager: a shell command that puts its process into control groups called `name`, one per hierarchy of systemd."""
    tops = [Path("/sys/fs/cgroup/systemd"), Path("/sys/fs/cgroup/unified")]
    found = [top / name for top in tops if (top / "cgroup.procs").exists()]
    found = found or [Path("/sys/fs/cgroup") / name]
    for group in found:
        group.mkdir(exist_ok=True)
    try:
        yield "".join(f"echo $$ > {group}/cgroup.procs && " for group in found)
    finally:
        for group in found:
            for folder in sorted(group.glob("**/"), reverse=True):
                with contextlib.suppress(OSError):
                    folder.rmdir()
