"""What a server takes: memory and time to start. Both are figures; their outcome only says that they were measured."""

from pathlib import Path

from lab.probes.common import Result, settled_workers
from lab.serve import Running


def start_up(server: Running) -> Result:
    """Seconds from the start of the process until /healthz/ answers."""
    return Result("measured", ["start", "GET /healthz/ every 50 ms until it answers 200"],
                  {"seconds": round(server.start_seconds, 2)})  # fmt: skip


def memory(server: Running) -> Result:
    """
    Proportional set size (PSS) of the processes after each worker has answered a page of the database, in MiB.

    PSS counts a page that several processes share by its share, so that the processes add up to what the server takes.
    Source: https://man7.org/linux/man-pages/man5/proc_pid_smaps.5.html
    """
    workers = settled_workers(server)
    for _ in range(10 * len(workers)):
        server.get("/products/")
    sizes = {pid: _pss(pid) for pid in {server.process.pid, *workers}}
    of_workers = [sizes[pid] for pid in workers]
    return Result(
        "measured",
        ["GET /products/ ten times per worker", "Pss in /proc/<pid>/smaps_rollup of the main process and of each worker"],
        {
            "worker_mib": round(sum(of_workers) / len(of_workers), 1),
            "total_mib": round(sum(sizes.values()), 1),
            "processes": len(sizes),
        },
    )


def _pss(pid):
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"no Pss of process {pid}")
