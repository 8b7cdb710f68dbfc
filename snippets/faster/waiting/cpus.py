"""How many CPUs are there, and how many may this process use? Run it where the server runs: python cpus.py."""

import os

print("os.cpu_count():", os.cpu_count())
if hasattr(os, "process_cpu_count"):  # Python 3.13 and newer
    print("os.process_cpu_count():", os.process_cpu_count())
if hasattr(os, "sched_getaffinity"):  # Linux
    print("os.sched_getaffinity(0):", len(os.sched_getaffinity(0)))
