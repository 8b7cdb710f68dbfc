"""Statements sent to the database by pgbench, PostgreSQL's own load generator, without Django in between."""

import re
import subprocess
import tempfile
from pathlib import Path

from lab import postgres
from lab.errors import LabError


def ask(cluster, database, script, clients=1, transactions=10):
    """
    Runs an SQL script (str) `transactions` times from each of `clients` connections.

    Returns a sample: {"statements": scripts per second, "mean_ms": time of one}. Connecting is not counted. Raises
    LabError when a statement fails.
    """
    with tempfile.TemporaryDirectory(prefix="django-lab-pgbench-", dir="/tmp") as folder:
        file = Path(folder) / "script.sql"
        file.write_text(script)
        done = subprocess.run(
            [postgres._program("pgbench"), "--no-vacuum", "--host=127.0.0.1", f"--port={cluster.port}", "--username=postgres",
             f"--client={clients}", f"--transactions={transactions}", f"--file={file}", database],
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
    speed = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    if done.returncode or not speed:
        raise LabError(f"pgbench: {done.stderr.strip()[-500:]}")
    throughput = float(speed[1])
    return {"statements": throughput, "mean_ms": clients / throughput * 1000}
