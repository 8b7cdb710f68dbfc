"""python dump_stacks.py PID: asks every process from PID downwards for its stacks, if it is armed. Linux."""

import contextlib
import os
import signal
import sys
import time
from glob import glob
from pathlib import Path


def family(pid):
    """A process and all that descend from it."""
    yield pid
    for children in glob(f"/proc/{pid}/task/*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            for child in Path(children).read_text().split():
                yield from family(int(child))


def is_armed(pid):
    """Whether a process handles the signal. Any other process would be ended by it."""
    status = Path(f"/proc/{pid}/status").read_text()
    handled = int(status.partition("SigCgt:")[2].split()[0], 16)
    return bool(handled >> (signal.SIGRTMIN - 1) & 1)


def ask(pid):
    """Sends the signal to an armed process. Returns what became of it, in words."""
    try:
        if not is_armed(pid):
            return "is not armed and was left alone"
        os.kill(pid, signal.SIGRTMIN)
    except (FileNotFoundError, ProcessLookupError):  # the others are asked all the same
        return "is not there"
    time.sleep(0.5)  # one after the other: what they write should not be mixed
    return "was asked"


for pid in list(family(int(sys.argv[1]))):  # all of them, before the first is asked
    print(pid, ask(pid), flush=True)
