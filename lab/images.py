"""
Build a Dockerfile and run what it describes: without Docker, without a registry, as it is written.

The machine's own root file system stands in for the base images, in layers (overlayfs) that are gone at the end.
A container is a process in namespaces of its own: processes, mounts, and the network of whoever calls enter_network().
Linux only, as root; lab.containers sees to that, and to a mount namespace that takes everything along when it ends.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from lab import serve
from lab.errors import LabError

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SHELL_SECONDS = 600  # for one RUN; pip fetches packages


# --- reading a Dockerfile ---------------------------------------------------------------------


@dataclass(frozen=True)
class Image:
    """What a stage of a Dockerfile describes. `layers`: folders, the uppermost first."""

    name: str
    base: str
    layers: tuple
    environment: dict
    python: str  # prefix of the Python that stands in for the base image's
    folder: str = "/"
    user: str = ""
    command: tuple = ()
    health: tuple = ()


def instructions(text):
    """The instructions of a Dockerfile: [("RUN", "python -m venv /srv/venv"), …], without comments, on one line each."""
    kept = "\n".join(line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    joined = re.sub(r"\s*\\\n\s*", " ", kept)
    return [tuple(part.strip() for part in line.split(None, 1)) for line in joined.splitlines()]


def command(text):
    """What CMD makes of its text: a list as it is, anything else through a shell, as Docker does it."""
    return tuple(json.loads(text)) if text.startswith("[") else ("/bin/sh", "-c", text)


def options(text):
    """Leading --name=value options of an instruction and the rest: ({"from": "build"}, "/srv/venv /srv/venv")."""
    found = {}
    while match := re.match(r"--([\w-]+)=(\S+)\s+", text):
        found[match[1]] = match[2]
        text = text[match.end() :]
    return found, text


def ignores(text):
    """A function: path below the context (text) -> True when .dockerignore leaves it out."""

    def pattern(line):
        return re.escape(line.strip().strip("/")).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*").replace(r"\?", "[^/]")

    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if any(line.startswith("!") for line in lines):
        raise LabError("lab/images.py does not know exceptions (!) in .dockerignore: teach it, or leave them out.")
    expression = re.compile("|".join(f"{pattern(line)}(?:/.*)?" for line in lines) or "(?!)")
    return lambda path: bool(expression.fullmatch(path))


# --- building ---------------------------------------------------------------------------------


def scratch(folder):
    """Makes `folder` a file system in memory: layers cannot lie in the file system that they are layers on."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    _mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", folder)


def build(context, folder, python=sys.base_prefix):
    """
    Builds every stage of the Dockerfile in `context`: {name: Image}. `folder` is scratch space and keeps the layers,
    `python` the prefix of a Python of this machine.

    Raises LabError with what a failing instruction printed, and for an instruction that it does not know.
    """
    context, folder = Path(context), Path(folder)
    ignored = ignores((context / ".dockerignore").read_text())
    stages, roots, name = {}, {}, ""
    with contextlib.ExitStack() as mounted:
        for word, rest in instructions((context / "Dockerfile").read_text()):
            if word == "FROM":
                base, name = re.fullmatch(r"(\S+) AS (\S+)", rest).groups()
                upper = folder / name
                roots[name] = mounted.enter_context(_layers(folder, name, (), upper))
                _own_file(roots[name] / "etc" / "resolv.conf")
                mounted.enter_context(_machine(roots[name], base, python))
                # A shared libpython of this machine may lie in a folder that only its owner may enter.
                environment = {"PATH": PATH, "LD_LIBRARY_PATH": "/usr/local/lib"}
                stages[name] = Image(name, base, (upper,), environment, python)
                if base.startswith("nginx"):
                    _stand_in_for_nginx(roots[name])
                    stages[name] = replace(stages[name], command=("nginx", "-g", "daemon off;"))
            elif word == "RUN":
                _run_in(roots[name], stages[name], rest)
            elif word == "COPY":
                _copy(context, ignored, roots, name, stages[name], rest)
            else:
                stages[name] = _described(stages[name], roots[name], word, rest)
    return stages


def _described(image, root, word, rest):
    """The image with what an instruction says about it; of those only WORKDIR makes something."""
    if word == "ENV":
        known = image.environment
        values = {k: re.sub(r"\$(\w+)", lambda m: known.get(m[1], ""), v) for k, v in re.findall(r"(\w+)=(\S+)", rest)}
        return replace(image, environment={**known, **values})
    if word == "WORKDIR":
        (root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
        return replace(image, folder=rest)
    if word == "USER":
        return replace(image, user=rest)
    if word == "HEALTHCHECK":
        return replace(image, health=command(options(rest)[1].removeprefix("CMD ")))
    if word == "CMD":
        return replace(image, command=command(rest))
    if word == "EXPOSE":
        return image
    raise LabError(f"lab/images.py does not know {word}: teach it, or leave it out of the Dockerfile.")


def _copy(context, ignored, roots, name, image, text):
    chosen, text = options(text)
    *sources, destination = text.split()
    inside = roots[name] / os.path.join(image.folder, destination).lstrip("/")
    source_root = roots[chosen["from"]] if "from" in chosen else context
    for source in sources:
        origin = source_root / source.lstrip("/")
        if origin.is_dir():

            def skip(path, names):
                below = os.path.relpath(path, source_root)
                return [n for n in names if "from" not in chosen and ignored(os.path.normpath(f"{below}/{n}"))]

            shutil.copytree(origin, inside, symlinks=True, ignore=skip, dirs_exist_ok=True)
        else:
            if "from" not in chosen and ignored(source):
                raise LabError(f"COPY {source}: .dockerignore leaves it out.")
            goal = inside / origin.name if destination.endswith("/") else inside
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(origin, goal)


def _run_in(root, image, line):
    # What a build is given by its machine: where packages come from.
    machine = {k: v for k, v in os.environ.items() if k.startswith("PIP_") or k.lower().endswith("_proxy")}
    done = subprocess.run(
        [*_inside(root, image), "/bin/sh", "-c", line], env={**machine, "HOME": "/root", **image.environment},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SHELL_SECONDS,
    )  # fmt: skip
    if done.returncode:
        raise LabError(f"RUN {line} fails:\n" + "\n".join(done.stdout.strip().splitlines()[-8:]))


def _inside(root, image):
    """The beginning of a command line that goes on inside the image, in its folder and as its user."""
    uid, _, gid = (image.user or "0:0").partition(":")
    rights = ["setpriv", f"--reuid={uid}", f"--regid={gid or uid}", "--clear-groups"]
    if uid != "0":
        rights += ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
    return ["chroot", str(root), *rights, "env", f"--chdir={image.folder}"]


# --- file systems -----------------------------------------------------------------------------


def _mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True, capture_output=True, text=True)


@contextlib.contextmanager
def _layers(folder, name, layers, upper=None):
    """Context manager: the machine's root below `layers`, mounted; read-only without an `upper` folder to write to."""
    root = folder / "mounted" / name
    root.mkdir(parents=True)
    lower = ":".join([*map(str, layers), "/"])
    if upper:
        work = folder / "work" / name
        for path in (upper, work):
            path.mkdir(parents=True, exist_ok=True)
        _mount("-t", "overlay", "-o", f"lowerdir={lower},upperdir={upper},workdir={work}", "overlay", root)
    else:
        _mount("-t", "overlay", "-o", f"ro,lowerdir={lower}", "overlay", root)
    try:
        yield root
    finally:
        subprocess.run(["umount", "--recursive", "--lazy", str(root)], check=True, capture_output=True)


@contextlib.contextmanager
def _machine(root, base, python, names="/etc/resolv.conf"):
    """Context manager: what a base image or an engine brings along, in a mounted root."""
    _mount("--bind", "/dev", root / "dev")
    _mount("-t", "tmpfs", "-o", "size=64m,mode=1777", "tmpfs", root / "dev" / "shm")
    _mount("--bind", os.path.realpath(names), root / "etc" / "resolv.conf")
    if base.startswith("python"):
        # The python images have their Python below /usr/local, where everybody may read it.
        if python != "/usr":
            _mount("--bind", python, root / "usr" / "local")
        elif not (root / "usr/local/bin/python").exists():
            (root / "usr/local/bin/python").symlink_to("/usr/bin/python3")
    yield


def _own_file(path):
    """An empty file instead of a link that may lead out of the image: something to mount on."""
    path.unlink(missing_ok=True)
    path.touch()


def _stand_in_for_nginx(root):
    """Debian's nginx as the nginx image has it: one site, which the image is expected to replace."""
    serve.program("nginx")
    shutil.rmtree(root / "etc/nginx/sites-enabled", ignore_errors=True)
    main = root / "etc/nginx/nginx.conf"
    # Messages where the image has them: on the standard output.
    main.write_text(re.sub(r"error_log \S+;", "error_log /dev/stderr warn;", main.read_text()))


# --- running ----------------------------------------------------------------------------------


def enter_network():
    """Leaves this process, and what it starts from now on, alone with a loopback interface of their own."""
    if ctypes.CDLL(None, use_errno=True).unshare(0x40000000):  # CLONE_NEWNET; os.unshare came with Python 3.12
        raise LabError(f"No network namespace: {os.strerror(ctypes.get_errno())}.")
    with socket.socket() as any_socket:
        # SIOCSIFFLAGS: the interface lo, up and running
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14s", b"lo", 0x1 | 0x40, b""))


# The first child in a new process namespace is its process 1. Its parent waits and ends as it did: unshare --fork tells
# an exit code of 1 for a process that was killed.
FIRST = """
import os, subprocess, sys
root, *argv = sys.argv[1:]
first = os.fork()
if not first:
    subprocess.run(["mount", "-t", "proc", "proc", root + "/proc"], check=True)
    os.execvp(argv[0], argv)
code = os.waitstatus_to_exitcode(os.waitpid(first, 0)[1])
os._exit(code if code >= 0 else 128 - code)
"""


class Container:
    """A started image; made by container(). Its process 1 is the image's command."""

    def __init__(self, image, root, argv, environment, log_file):
        self.image, self.root, self.log_file = image, root, log_file
        self.environment = {**image.environment, "HOME": "/", **environment}
        with open(log_file, "ab") as log:
            self.process = subprocess.Popen(
                ["unshare", "--pid", "--mount", "--ipc", sys.executable, "-I", "-S", "-c", FIRST, str(root),
                 *_inside(root, image), *argv],
                env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        found = serve.wait_until(lambda: _children(self.process.pid) or self.process.poll() is not None, 10)
        self.pid = found[0].pid if isinstance(found, list) else None  # None: it ended at once

    def log(self, since=0):
        """What the container printed, from byte `since` on."""
        return self.log_file.read_bytes()[since:].decode(errors="replace")

    def mark(self):
        """Where the log ends now; for log(since)."""
        return self.log_file.stat().st_size

    def alive(self):
        """True as long as process 1 runs."""
        return self.process.poll() is None

    def exit_code(self):
        """As Docker shows it: 128 + the number of the signal that ended it; None as long as it runs."""
        return self.process.poll()

    def kill(self, name):
        """Sends a signal to process 1, e.g. "TERM", if it is still there."""
        if self.pid and self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, getattr(signal, f"SIG{name}"))

    def stop(self, grace=10):
        """As `docker stop`: SIGTERM, after `grace` seconds SIGKILL. Returns seconds until the end and whether it was killed."""
        begin = time.monotonic()
        self.kill("TERM")
        in_time = serve.wait_until(lambda: not self.alive(), grace)
        if not in_time:
            self.kill("KILL")
            self.process.wait(10)
        return time.monotonic() - begin, not in_time

    def execute(self, argv, timeout=30):
        """As `docker exec`: runs a command inside. subprocess.CompletedProcess with the output of both streams as text."""
        return subprocess.run(
            ["nsenter", f"--target={self.pid}", "--pid", "--mount", "--ipc", *_inside(self.root, self.image), *argv],
            env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=timeout,
        )  # fmt: skip

    def processes(self):
        """The live processes inside, seen from the outside, process 1 first."""
        found, waiting = [], [self.pid]
        while waiting:
            parent = waiting.pop(0)
            found.append(parent)
            waiting += [child.pid for child in _children(parent) if child.state != "Z"]
        return found

    def workers(self):
        """Child processes of process 1."""
        return {child.pid for child in _children(self.pid) if child.state != "Z"}

    def zombies(self):
        """Dead children of process 1 that it did not take the exit status of."""
        return [child.pid for child in _children(self.pid) if child.state == "Z"]


@dataclass(frozen=True)
class Child:
    """One child process; `state` as in ps."""

    pid: int
    state: str


def _children(pid):
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = path.read_text().rpartition(") ")[2].split()[:2]
            if int(parent) == pid:
                found.append(Child(int(path.parent.name), state))
    return sorted(found, key=lambda child: child.pid)


_numbers = iter(range(1, 10**6))


@contextlib.contextmanager
def container(image, folder, argv=None, environment=None, read_only=False, tmpfs=(), edit=None, init=False, name_server=""):
    """
    Context manager: `image` started with `argv` instead of its command if given (Container), killed at the end.

    `environment` is added to the image's, `tmpfs` are paths with a file system in memory, `edit(root)` may change files
    before the start, `init` puts tini in front of the command as `docker run --init` does, `name_server` is an IP address.
    """
    name = f"container-{next(_numbers)}"
    upper = None if read_only and not edit else folder / name
    with contextlib.ExitStack() as stack:
        root = stack.enter_context(_layers(folder, name, image.layers, upper))
        if edit:
            edit(root)
            if read_only:
                _mount("-o", "remount,ro", root)
        names = folder / f"{name}.resolv.conf"
        names.write_text(f"nameserver {name_server}\n" if name_server else "")
        stack.enter_context(_machine(root, image.base, image.python, names))
        for path in tmpfs:
            _mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", root / path.lstrip("/"))
        argv = list(argv or image.command)
        if init:
            argv = [serve.program("tini"), "--", *argv]
        started = Container(image, root, argv, environment or {}, folder / f"{name}.log")
        try:
            yield started
        finally:
            started.kill("KILL")  # the end of process 1 is the end of all
            started.process.kill()
            started.process.wait()
