"""What the probes share: the form of an answer, and a few looks at a running server."""

from dataclasses import dataclass, field

from lab.errors import LabError
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
    """The workers once their number no longer changes from one look to the next."""
    found = wait_until(lambda: (now := server.workers()) and len(now) >= 2 and server.workers() == now and now, 20, 0.2)
    if not found:
        raise LabError(f"{server.setup.name} has fewer than two workers. {server.tail()}")
    return found


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
