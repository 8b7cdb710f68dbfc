"""
What a program printed once, for a page to show: plans, tables of statistics.

A record is evidence/ladder/<step>/<name>.txt: lines "# key: value", a blank line, and what was printed. `scripts/ladder
<step>/<name>` makes it again. Nobody compares its times; what matters in it is asserted by a test.
"""

from dataclasses import dataclass
from typing import Callable

from lab import serve
from lab.recipes import ROOT

FOLDER = ROOT / "evidence" / "ladder"


@dataclass(frozen=True)
class Printed:
    """One such text. `run(stage)` returns (the command as a reader types it, what it printed, versions as a dict)."""

    name: str
    run: Callable


def write(printed, text):
    """Writes the record of a Printed from what its run() returned."""
    command, output, versions = text
    header = {"command": command, "again": f"scripts/ladder {printed.name}", **versions, "os": serve.operating_system(), "date": serve.today()}
    path = FOLDER / f"{printed.name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"# {key}: {value}" for key, value in header.items()]
    path.write_text("\n".join([*lines, "", output.rstrip(), ""]), encoding="utf-8")
