"""
Ask a question by measuring: cases in alternating order, ratios per repetition, a record below evidence/ladder/.

A figure of this machine is never compared with a figure of another one or of another hour: what counts is the ratio
of two cases that were measured within seconds, and that it comes out the same way every time.
"""

import json
import os
import platform
import re
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab import recipes, serve
from lab.errors import LabError

FOLDER = recipes.ROOT / "evidence" / "ladder"
REPETITIONS = 5
KEPT = 3  # recordings whose directions have to agree
SAME = (0.8, 1.25)  # a median ratio in here is no difference


@dataclass(frozen=True)
class Case:
    """One thing that is measured: where it lies, e.g. {"view": "waiting", "threads": 4}, and how to take one sample."""

    labels: dict
    sample: Callable[[], dict]


@dataclass(frozen=True)
class Effect:
    """
    What happens between two cases. `before` and `after` are labels that find exactly one case each, `expects` is
    the direction in which the measure goes: faster, slower or same.
    """

    name: str
    before: dict
    after: dict
    measure: str = "throughput"
    more_is_better: bool = True
    expects: str = "faster"


@dataclass(frozen=True)
class Question:
    """`name` is "<step>/<question>", the path of the record; `cases(stage)` starts what has to run and lists them."""

    name: str
    cases: Callable
    effects: tuple = ()
    did: tuple = ()


def find(cases, labels):
    """The one of `cases` (objects with labels) that carries these labels. Raises LabError for none or several."""
    found = [case for case in cases if labels.items() <= case.labels.items()]
    if len(found) != 1:
        raise LabError(f"{len(found)} cases carry {labels}; an effect names exactly one.")
    return found[0]


def run(question, stage, say=print):
    """Measures a question: its record as a dict, without `recordings`."""
    with stage.side_by_side():
        cases = question.cases(stage)
    for effect in question.effects:
        find(cases, effect.before), find(cases, effect.after)
    repetitions = 1 if stage.quick else REPETITIONS
    stage.warming = True
    for case in cases:
        case.sample()
    stage.warming = False
    taken = [[None] * repetitions for _ in cases]
    for repetition in range(repetitions):
        order = range(len(cases))
        for number in order if repetition % 2 == 0 else reversed(order):
            taken[number][repetition] = case_sample(cases[number])
    measured = [
        {**case.labels, "samples": {key: [one[key] for one in samples] for key in common(samples)}}
        for case, samples in zip(cases, taken, strict=True)
    ]
    failed = [case.labels for case, samples in zip(cases, taken, strict=True) if any(s.get("failed") for s in samples)]
    if failed:
        say(f"{question.name}: requests failed with {failed}")
    effects = {}
    for effect in question.effects:
        sides = [taken[cases.index(find(cases, labels))] for labels in (effect.before, effect.after)]
        effects[effect.name] = compare(*([one[effect.measure] for one in side] for side in sides), effect.more_is_better)
    return {
        "question": question.name,
        "kind": "figures",
        "command": f"scripts/ladder {question.name}",
        "did": list(question.did),
        "machine": machine(),
        "versions": stage.versions(),
        "date": serve.today(),
        "repetitions": repetitions,
        "cases": measured,
        "effects": effects,
    }


def case_sample(case):
    """One sample, its figures rounded to four digits: more would only look exact. What is None was not measured."""
    return {key: float(f"{value:.4g}") for key, value in case.sample().items() if value is not None}


def common(samples):
    """The figures that every sample has, in order."""
    return [key for key in samples[0] if all(key in one for one in samples)]


def compare(before, after, more_is_better=True):
    """{"ratio", "low", "high", "direction"} of two lists of the same length, taken in turn; above 1 is faster."""
    if not more_is_better:
        before, after = after, before
    # Nothing done at all (every request failed) is a ratio that no number expresses; these stay finite for JSON.
    ratios = [min(a / b if b else 1e6, 1e6) for b, a in zip(before, after, strict=True)]
    ratio = statistics.median(ratios)
    return {
        "ratio": float(f"{ratio:.3g}"),
        "low": float(f"{min(ratios):.3g}"),
        "high": float(f"{max(ratios):.3g}"),
        "direction": direction(ratios),
    }


def direction(ratios):
    """faster, slower, or same: near 1, or not every repetition on the same side of it."""
    ratio = statistics.median(ratios)
    if SAME[0] <= ratio <= SAME[1] or min(ratios) < 1 < max(ratios):
        return "same"
    return "faster" if ratio > 1 else "slower"


def path(name):
    """Where the record of a question lies."""
    return FOLDER / f"{name}.json"


def write(record, counts=True):
    """
    Writes a record, and adds its directions to those of the last recordings.

    With counts=False (a quick run, to see a page with) the directions of earlier recordings stay as they are.
    """
    file = path(record["question"])
    file.parent.mkdir(parents=True, exist_ok=True)
    recordings = json.loads(file.read_text(encoding="utf-8"))["recordings"] if file.exists() else []
    if counts:
        directions = {name: effect["direction"] for name, effect in record["effects"].items()}
        recordings = [*recordings, {"date": record["date"], "directions": directions}][-KEPT:]
    text = json.dumps({**record, "recordings": recordings}, indent=1, ensure_ascii=False)
    file.write_text(compact(text) + "\n", encoding="utf-8")


def compact(text):
    """JSON with its lists of numbers on one line each: a record of sixty cases stays readable in a diff."""
    return re.sub(r"\[[\s\d.,e+-]+\]", lambda found: re.sub(r"\s+", " ", found[0]).replace("[ ", "[").replace(" ]", "]"), text)


def machine():
    """{"cpus", "model", "memory"} of this machine: CPUs this process may use, memory in GiB."""
    model, memory = platform.processor() or platform.machine(), 0
    info = Path("/proc/cpuinfo")
    if info.exists():
        found = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        model = found[0] if found else model
        total = Path("/proc/meminfo").read_text().split()[1]
        memory = round(int(total) / 2**20)
    return {"cpus": cpus(), "model": model, "memory": f"{memory} GiB"}


def cpus():
    """Number of CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
