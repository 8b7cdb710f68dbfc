"""Processes: who is whose child, and how to be sure that none is left. Works on Linux and macOS (ps)."""

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Process:
    """One line of ps."""

    pid: int
    parent: int
    group: int
    state: str
    command: str


def all_processes():
    """Every live process of the machine (zombies left out)."""
    # -ww: without it ps may cut a command to the width of a terminal.
    listing = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,pgid=,state=,command="], capture_output=True, text=True, check=True
    ).stdout
    found = []
    for line in listing.splitlines():
        pid, parent, group, state, *command = line.split(None, 4)
        if not state.startswith("Z"):
            found.append(Process(int(pid), int(parent), int(group), state, "".join(command)))
    return found


def hand_down_signals():
    """
    Makes servers that are started from here hear SIGHUP and SIGINT again where this process was told to ignore them
    (nohup, a shell's &): to ignore a signal is inherited, to do nothing about it is not. Main thread only.
    """
    for number in (signal.SIGHUP, signal.SIGINT):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


def children(pid):
    """Worker processes of `pid`: its children, without the helper that Python's multiprocessing starts beside them."""
    return {p.pid for p in all_processes() if p.parent == pid and "resource_tracker" not in p.command}


def descendants(pid):
    """Pids of everything that descends from a process, without itself."""
    known = all_processes()
    found, new = set(), {pid}
    while new:
        new = {p.pid for p in known if p.parent in new} - found
        found |= new
    return found


def living(pids):
    """Those of `pids` that are live processes."""
    return {p.pid for p in all_processes()} & set(pids)


def in_group(group):
    """Pids of the live processes in a process group, orphans included."""
    return {p.pid for p in all_processes() if p.group == group}


def end_group(process, seconds=10):
    """
    Ends a subprocess.Popen that was started with start_new_session=True, and everything it left behind.

    First SIGTERM to the process itself, up to `seconds` of patience, then SIGKILL to the whole group: a main
    process that was killed leaves workers, and they belong to its group. Returns when no process of the group lives.
    """
    left = descendants(process.pid)  # Supervisor gives each program a group of its own
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
    end = time.monotonic() + 10
    while in_group(process.pid):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # macOS says "not permitted" for a group of zombies
            pass
        process.poll()  # takes the exit status, so that no zombie is left
        if time.monotonic() > end:
            raise RuntimeError(f"processes {in_group(process.pid)} survived SIGKILL")
        time.sleep(0.02)
    process.wait()
    for pid in living(left):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
