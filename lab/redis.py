"""A Redis of our own on a free port of 127.0.0.1, gone at the end."""

import contextlib
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from lab import processes, serve
from lab.errors import LabError


class Redis:
    """A Redis that can be stopped and started again on the same port; made by server()."""

    def __init__(self, folder, port):
        self.folder, self.port = folder, port
        self.process = None
        self.version = _version()

    @property
    def address(self):
        """Where it listens, e.g. "127.0.0.1:23456"."""
        return f"127.0.0.1:{self.port}"

    def replacements(self):
        """For the output of a run: the port a reader would see."""
        return {self.address: "127.0.0.1:6379"}

    def start(self, *options):
        """
        Starts it and waits until it answers. `options` are put behind the command, e.g. "--maxclients", "64".

        As Debian's redis.conf it keeps a snapshot of the data, which a stop writes and the next start reads.
        """
        command = [
            serve.program("redis-server"), "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder),
            "--save", "3600 1 300 100 60 10000", "--daemonize", "no", *options,
        ]  # fmt: skip
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip

        def answers():
            if self.process.poll() is not None:
                raise LabError(f"Redis does not start: {(self.folder / 'log').read_text()[-500:]}")
            with contextlib.suppress(OSError):
                return self.ask("PING") == "PONG"

        if not serve.wait_until(answers, 20, 0.05):
            raise LabError("Redis did not answer within 20 s.")

    def stop(self):
        """Stops it as a service manager would (SIGTERM): it writes its snapshot and closes every connection."""
        if self.process:
            processes.end_group(self.process)
            self.process = None

    def forget(self):
        """Deletes the snapshot: the next start is one with empty memory. Only while it is stopped."""
        (self.folder / "dump.rdb").unlink(missing_ok=True)

    @contextlib.contextmanager
    def away(self, seconds=2, forgets=False):
        """Context manager: Redis is stopped for the block and `seconds` at least, and is back after it."""
        self.stop()
        if forgets:
            self.forget()
        end = time.monotonic() + seconds
        try:
            yield
        finally:
            time.sleep(max(0, end - time.monotonic()))
            self.start()

    def ask(self, *words, database=0):
        """Sends one command and returns the answer as text. Only for answers of one line or one text."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection, connection.makefile("rb") as answer:
            for command in (("SELECT", str(database)), words):
                request = f"*{len(command)}\r\n" + "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in command)
                connection.sendall(request.encode())
                first = answer.readline().decode().rstrip()
                if first.startswith("-"):
                    raise LabError(f"Redis refuses {' '.join(command)}: {first}")
            return answer.read(int(first[1:])).decode() if first.startswith("$") else first[1:]

    def connections(self):
        """Names of the last commands of every connection but this one, e.g. ["subscribe", "publish"]."""
        lines = self.ask("CLIENT", "LIST").splitlines()
        found = [dict(part.split("=", 1) for part in line.split() if "=" in part)["cmd"] for line in lines]
        return [command for command in found if command != "client|list"]


@contextlib.contextmanager
def server():
    """Context manager: a running Redis. Raises LabError when Redis is not installed."""
    serve.program("redis-server")
    with tempfile.TemporaryDirectory(prefix="django-lab-redis-", dir="/tmp") as folder:
        (port,) = serve.free_ports(1)
        redis = Redis(Path(folder), port)
        try:
            redis.start()
            yield redis
        finally:
            redis.stop()


def _version():
    """Of the installed Redis, e.g. "7.0.15"."""
    text = subprocess.run([serve.program("redis-server"), "--version"], capture_output=True, text=True).stdout
    return text.split("v=")[1].split()[0]
