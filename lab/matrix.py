"""
Ask every recipe the same questions on other versions of Python and Django, and write what differs from the records.

    python -m lab.matrix --python python3.13 --django 6.1.3 [SETUP …]

Writes evidence/matrix.json: for each setup how many questions were asked and which outcomes differ.
"""

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor

from lab import processes, recipes, record, serve, venvs
from lab.errors import LabError
from lab.probes import probes_for

FILE = record.EVIDENCE / "matrix.json"
DJANGO = "6.1.3"  # the newest Django, which needs Python 3.12 or later
AT_ONCE = 3


def ask(setup, base):
    """All short questions of a setup on another base: {"asked": int, "differs": {behaviour: outcome}}."""
    asked, differs, versions = 0, {}, {}
    for found, problem, stands in record.compare(setup, probes_for(setup, long=False), base):
        asked += 1
        versions = found["versions"]
        if stands:
            differs[found["behaviour"]] = found["outcome"]
            print(problem)
    print(f"{setup.name}: {asked} asked, {len(differs)} differ")
    return {"asked": asked, "differs": differs}, versions


def main(arguments=None):
    """Command line. Returns the exit status: 0, or 2 for an error."""
    parser = argparse.ArgumentParser(
        prog="python -m lab.matrix", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("setup", nargs="*", help="only these setups; all when none is named")
    parser.add_argument("--python", default="python3.13", help="interpreter (%(default)s)")
    parser.add_argument("--django", default=DJANGO, help="version of Django (%(default)s)")
    chosen = parser.parse_args(arguments)
    processes.hand_down_signals()
    base = venvs.Base(chosen.python, chosen.django)
    try:
        setups = [recipes.setup(name) for name in chosen.setup] or recipes.setups()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = list(pool.map(lambda setup: ask(setup, base), setups))
    except LabError as error:
        print(error, file=sys.stderr)
        return 2
    kept = json.loads(FILE.read_text()) if FILE.exists() else {}
    versions = found[0][1]
    about = {"python": versions["python"], "django": versions["django"], "os": versions["os"]}
    if {name: kept.get(name) for name in about} != about:
        kept = {"setups": {}}  # of other versions: nothing of it holds
    results = {setup.name: result for setup, (result, _) in zip(setups, found)}
    all_ = {**kept["setups"], **results}
    FILE.write_text(json.dumps({**about, "date": serve.today(), "setups": dict(sorted(all_.items()))}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
