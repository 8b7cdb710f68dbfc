"""
Measure the steps of /faster/ and rewrite evidence/ladder/: what scripts/ladder runs.

    scripts/ladder                        every question of every step, in under ten minutes
    scripts/ladder queries                the questions of one step
    scripts/ladder server/page            one question
    scripts/ladder --quick server/page    one short repetition, printed and not written; for whoever changes a question

Let the machine rest while it runs: a ratio survives a busy neighbor, its spread does not.
"""

import argparse
import importlib
import pkgutil
import signal
import statistics
import sys
import time

from lab import ladder, processes
from lab.errors import LabError
from lab.ladder import bench, printed
from lab.ladder.stage import Stage

# In the order of the pages.
STEPS = ["measuring", "processes_threads", "server", "queries", "database", "external_calls", "background", "coroutines"]


def questions():
    """Every question, in the order of the steps."""
    return [question for module in modules() for question in module.QUESTIONS]


def outputs():
    """What is printed once for a page to show (printed.Printed), in the order of the steps."""
    return [output for module in modules() for output in getattr(module, "OUTPUTS", [])]


def modules():
    """The modules of the steps that are there."""
    there = {module.name for module in pkgutil.iter_modules(ladder.__path__)}
    return [importlib.import_module(f"lab.ladder.{name}") for name in STEPS if name in there]


def chosen(names):
    """The questions that are named by step or in full; all when none is named. Raises LabError for an unknown name."""
    known = [*questions(), *outputs()]
    if not names:
        return questions()
    found = [q for q in known if q.name in names or q.name.split("/")[0] in names]
    unknown = set(names) - {q.name for q in found} - {q.name.split("/")[0] for q in found}
    if unknown:
        raise LabError(f"No step or question {', '.join(sorted(unknown))}; there are {', '.join(q.name for q in known)}.")
    return found


def report(question, record, judge=True):
    """Prints medians and effects for whoever waits for them; with `judge`, what went another way than expected."""
    for case in record["cases"]:
        labels = " ".join(f"{key}={value}" for key, value in case.items() if key != "samples")
        figures = " ".join(f"{key}={statistics.median(values):.4g}" for key, values in case["samples"].items())
        print(f"  {labels}: {figures}")
    for effect in question.effects:
        found = record["effects"][effect.name]
        wrong = "" if not judge or found["direction"] == effect.expects else f"  <- {effect.expects} was expected"
        print(f"  {effect.name}: {found['ratio']} ({found['low']} to {found['high']}), {found['direction']}{wrong}")


def main(arguments=None):
    """Command line. Returns the exit status: 0, 1 when an effect went another way than expected, 2 for an error."""
    parser = argparse.ArgumentParser(
        prog="scripts/ladder", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", nargs="*", help="a step, a question or a printed output; every question when none is named")
    parser.add_argument("--quick", action="store_true", help="one short repetition, and no record")
    parser.add_argument("--keep", action="store_true", help="with --quick: write the record, without counting it")
    parser.add_argument("--list", action="store_true", help="name the questions and end")
    options = parser.parse_args(arguments)
    processes.hand_down_signals()
    if arguments is None:
        # A polite kill ends the servers as well.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    otherwise = []
    try:
        wanted = chosen(options.name)
        if options.list:
            print(*(question.name for question in wanted), sep="\n")
            return 0
        with Stage(quick=options.quick) as stage:
            for question in wanted:
                started = time.monotonic()
                if isinstance(question, printed.Printed):
                    with stage.question():
                        text = question.run(stage)
                    if options.keep or not options.quick:
                        printed.write(question, text)
                    print(f"{question.name}: {time.monotonic() - started:.0f} s", flush=True)
                    continue
                with stage.question():
                    record = bench.run(question, stage)
                if options.keep or not options.quick:
                    bench.write(record, counts=not options.quick)
                print(f"{question.name}: {time.monotonic() - started:.0f} s", flush=True)
                report(question, record, judge=not options.quick)
                sys.stdout.flush()
                otherwise += [
                    f"{question.name} {effect.name}" for effect in question.effects
                    if not options.quick and record["effects"][effect.name]["direction"] != effect.expects
                ]  # fmt: skip
    except LabError as error:
        print(error, file=sys.stderr)
        return 2
    if options.quick:
        print("One short repetition: it shows that everything runs, not which way an effect goes.")
    if otherwise:
        print("Not as expected:", *otherwise, sep="\n  ")
    return 1 if otherwise else 0


if __name__ == "__main__":
    sys.exit(main())
