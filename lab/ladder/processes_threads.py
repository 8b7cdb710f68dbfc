"""Step 1, processes and threads: what each buys a view that computes, that keeps the database busy, that waits."""

import contextlib
import os
import tempfile
from pathlib import Path

from lab import venvs
from lab.ladder.bench import Case, Effect, Question
from lab.ladder.printed import Printed

WORKERS = [1, 2, 4]
THREADS = [1, 4, 8]
CLIENTS = 32  # as many as the largest setting handles at once
WAITING_MS = {10: 0.1, 50: 0.1}  # wait: seconds of a sample
QUEUE_MS, QUEUE_THREADS = 20, 4
QUEUE_CLIENTS = {1: 0.2, 2: 0.2, 4: 0.2, 8: 0.3, 16: 0.5, 64: 1.5}  # seconds of a sample; the last answers come later
ONE_CPU = "taskset --cpu-list {cpu}"
# The connection to the database is kept, so that the grid shows the query and not the connecting.
KEPT = {"DB_CONN_MAX_AGE": "600"}

# Without it a burst of connections may end up in one process while the others idle: see balance().
SPREAD = "--reuse-port"


def grid(stage):
    """Each view with each number of processes and threads, all under the same load."""
    kinds = [({"view": "cpu"}, "/waiting/cpu/", 0.15), ({"view": "database"}, "/waiting/database/", 0.15)]
    kinds += [
        ({"view": "waiting", "waiting_ms": wait}, f"/waiting/wait/?ms={wait}", seconds)
        for wait, seconds in WAITING_MS.items()
    ]
    servers = {(w, t): stage.server("gunicorn", w, t, environment=KEPT, options=SPREAD) for w in WORKERS for t in THREADS}
    return [
        Case({**labels, "workers": workers, "threads": threads}, _sample(stage, address, path, seconds))
        for labels, path, seconds in kinds
        for (workers, threads), address in servers.items()
    ]


def _sample(stage, address, path, seconds):
    """The load on one address, and the memory of its server right after it."""
    return lambda: {**stage.load(address, path, CLIENTS, seconds), "memory_mb": stage.memory(address)}


def queue(stage):
    """More and more clients of a server that handles four requests at once."""
    address = stage.server("gunicorn", 1, QUEUE_THREADS)

    def sample(clients, seconds):
        found = stage.load(address, f"/waiting/wait/?ms={QUEUE_MS}", clients, seconds)
        mean = found["mean_ms"]
        return {**found, "sent": clients, "computed": found["throughput"] * mean / 1000 if mean else None}

    return [
        Case({"clients": clients}, lambda clients=clients, seconds=seconds: sample(clients, seconds))
        for clients, seconds in QUEUE_CLIENTS.items()
    ]


def balance(stage):
    """Four processes of eight threads, and who takes the connections."""
    threads = 8
    ways = {"default": "", "reuse-port": "--reuse-port", "worker-connections": f"--worker-connections {threads}"}
    return [
        Case(
            {"accepting": way},
            lambda address=stage.server("gunicorn", 4, threads, options=options): stage.load(
                address, "/waiting/wait/?ms=50", CLIENTS, 0.3, headers=["Connection: close"]
            ),
        )
        for way, options in ways.items()
    ]


def one_cpu(stage):
    """A computing view on one CPU, with more and more processes that share it."""
    prefix = ONE_CPU.format(cpu=max(stage.cpus()))
    servers = {workers: stage.server("gunicorn", workers, 1, prefix=prefix) for workers in (1, 2, 8)}
    return [Case({"workers": workers}, _sample(stage, address, "/waiting/cpu/", 0.3)) for workers, address in servers.items()]


@contextlib.contextmanager
def half_a_cpu():
    """
    Context manager: the file to which a process writes its number to get half a CPU's time, as a container's limit
    does; None where this system does not let us.
    """
    for root, name, limit in (("/sys/fs/cgroup", "cpu.max", "50000 100000"), ("/sys/fs/cgroup/cpu", "cpu.cfs_quota_us", "50000")):
        try:
            folder = tempfile.mkdtemp(prefix="ladder-", dir=root)
        except OSError:
            continue
        try:
            # In anything but a cgroup's file system the kernel puts no such file there.
            if Path(folder, name).exists():
                Path(folder, name).write_text(limit)
                yield f"{folder}/cgroup.procs"
                return
        except OSError:
            pass
        finally:
            os.rmdir(folder)
    yield None


def cpus(stage):
    """What Python says of the CPUs: free, held on one CPU, and with a container's limit of half a CPU."""
    command = "python waiting/cpus.py"
    text = f"$ {command}\n{stage.run(command.split())}"
    held = f"taskset --cpu-list {max(stage.cpus())} {command}"
    text += f"\n$ taskset --cpu-list 0 {command}\n{stage.run(held.split())}"
    with half_a_cpu() as procs:
        if procs:
            text += f"\n$ {command}   # in a cgroup with half a CPU\n"
            text += stage.run(["sh", "-c", f"echo $$ > {procs} && exec {command}"])
    return command, text, venvs.versions(stage.venv)


def _at(view, workers, threads, waiting_ms=None):
    return {"view": view, **({"waiting_ms": waiting_ms} if waiting_ms else {}), "workers": workers, "threads": threads}


QUESTIONS = [
    Question(
        "processes-threads/grid",
        grid,
        effects=(
            Effect("cpu-processes", _at("cpu", 1, 1), _at("cpu", 2, 1)),
            Effect("cpu-processes-above-the-cores", _at("cpu", 2, 1), _at("cpu", 4, 1), expects="same"),
            Effect("cpu-threads", _at("cpu", 1, 1), _at("cpu", 1, 8), expects="same"),
            Effect("database-threads", _at("database", 1, 1), _at("database", 1, 4)),
            Effect("database-threads-above-the-cores", _at("database", 1, 4), _at("database", 1, 8), expects="same"),
            Effect("waiting-threads", _at("waiting", 1, 1, 50), _at("waiting", 1, 8, 50)),
            Effect("waiting-processes", _at("waiting", 1, 1, 50), _at("waiting", 4, 1, 50)),
            Effect("waiting-threads-instead", _at("waiting", 2, 4, 50), _at("waiting", 1, 8, 50), expects="same"),
            Effect("waiting-both", _at("waiting", 1, 8, 50), _at("waiting", 4, 8, 50)),
            # From more to less, so that the ratio says how many times the memory it takes.
            Effect("memory-processes", _at("cpu", 4, 1), _at("cpu", 1, 1), "memory_mb", False),
            Effect("memory-threads", _at("cpu", 1, 8), _at("cpu", 1, 1), "memory_mb", False, "same"),
        ),
        did=(
            "Gunicorn with gthread workers and --reuse-port, 1, 2 and 4 processes, each with 1, 4 and 8 threads; nine servers side by side, one under load at a time",
            f"{CLIENTS} clients on keep-alive connections, each sends its next request when the answer is there",
            "Views: cpu computes in Python, database lets PostgreSQL sum up 10,000 rows on a kept connection, waiting sleeps",
            "memory_mb is the memory of all processes of the server, shared pages counted by their share (PSS), after the load",
        ),
    ),
    Question(
        "processes-threads/queue",
        queue,
        effects=(
            Effect("up-to-the-threads", {"clients": 1}, {"clients": 4}),
            Effect("up-to-the-threads-latency", {"clients": 1}, {"clients": 4}, "p50_ms", False, "same"),
            Effect("beyond-the-threads", {"clients": 4}, {"clients": 64}, expects="same"),
            Effect("beyond-the-threads-latency", {"clients": 64}, {"clients": 4}, "p50_ms", False),
        ),
        did=(
            f"Gunicorn with 1 process and {QUEUE_THREADS} threads, a view that waits for {QUEUE_MS} ms",
            "1 to 64 clients on keep-alive connections",
            "computed: throughput times mean response time, which by Little's law is the number of clients",
        ),
    ),
    Question(
        "processes-threads/balance",
        balance,
        effects=(
            Effect("worker-connections", {"accepting": "default"}, {"accepting": "worker-connections"}, "p95_ms", False),
        ),
        did=(
            "Gunicorn with 4 processes of 8 threads, a view that waits for 50 ms",
            f"{CLIENTS} clients, as many as there are threads; each request is a connection of its own, as behind nginx without keep-alive",
            "default; reuse-port: every process has a listening socket of its own; worker-connections: no process accepts more connections than it has threads",
        ),
    ),
    Question(
        "processes-threads/one-cpu",
        one_cpu,
        effects=(
            Effect("too-many", {"workers": 1}, {"workers": 8}, expects="same"),
            Effect("too-many-memory", {"workers": 8}, {"workers": 1}, "memory_mb", False),
        ),
        did=(
            "Gunicorn with 1, 2 and 8 processes of one thread, all held on one CPU by taskset, a view that computes",
            f"{CLIENTS} clients on keep-alive connections",
        ),
    ),
]

OUTPUTS = [Printed("processes-threads/cpus", cpus)]
