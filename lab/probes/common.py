"""What the probes share: the form of an answer, and a few looks at a running server."""

import time
from dataclasses import dataclass, field

from lab.errors import LabError
from lab.load import Load
from lab.serve import wait_until


@dataclass(frozen=True)
class Result:
    """What a probe found. `outcome` holds run after run; `figures` are of this run only."""

    outcome: str
    did: list
    figures: dict = field(default_factory=dict)
    output: str = ""
    versions: dict = field(default_factory=dict)  # of what the probe itself started, e.g. {"postgresql": "15.18"}


def settled_workers(server):
    """The workers once their number no longer changes from one look to the next: two or more, or the one process."""
    least = 1 if server.recipe.processes == "one" else 2

    def unchanged():
        now = server.workers()
        time.sleep(0.3)  # Gunicorn pauses up to 0.1 s between two workers
        return len(now) >= least and server.workers() == now and now

    found = wait_until(unchanged, 20)
    if not found:
        raise LabError(f"{server.setup.name} has fewer than {least} workers. {server.tail()}")
    return found


def ready_workers(server):
    """settled_workers(), once each of them has answered: a worker that still loads the application may not hear a signal."""
    workers = settled_workers(server)
    with Load(server.address, "/request/", new=4) as load:
        wait_until(lambda: load.pids() >= workers or not server.alive(), 10)
    return workers


def run_shipped(server, name):
    """Runs a script that the recipe ships, e.g. "stop.sh". Raises LabError when it fails."""
    done = server.run(server.script(name))
    if done.returncode:
        raise LabError(f"snippets/{server.recipe.name}/{name} fails: {done.stderr.strip()}")


def without_frames(log):
    """A log with the frames of its tracebacks left out, repeated lines once."""
    kept = []
    for line in log.splitlines():
        frame = line.startswith(("  File ", "    ")) or line.lstrip().startswith(("|", "+-"))
        if not frame and (not kept or kept[-1] != line):
            kept.append(line)
    return "\n".join(kept)
