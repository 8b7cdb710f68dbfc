"""
Write what the lab finds to evidence/, or compare it with what is there.

    python -m lab.record                        every behaviour of every setup
    python -m lab.record gunicorn-gthread       of one setup (more than one may be named)
    python -m lab.record --behaviour http       one behaviour
    python -m lab.record --runs 40 --behaviour reload-under-load     ask more often, for what goes wrong seldom
    python -m lab.record --check                write nothing; say what differs from the records, each time it is asked

Each question is asked three times, or --runs times. When the answers differ it is asked ten times at least, and the
record says "varies" with the counts.
"""

import argparse
import collections
import contextlib
import itertools
import json
import signal
import sys

from lab import postgres, processes, recipes, serve, venvs
from lab import redis as lab_redis
from lab.errors import LabError
from lab.probes import PROBES, Probe, probe, probes_for

EVIDENCE = recipes.ROOT / "evidence"
RUNS, MORE_RUNS, AGAIN = 3, 10, 2


def path_of(setup_name, behaviour):
    """Where a record lies."""
    return EVIDENCE / setup_name / f"{behaviour}.json"


def load_record(setup_name, behaviour):
    """A record as a dict. Raises LabError when it is not there."""
    path = path_of(setup_name, behaviour)
    if not path.exists():
        raise LabError(f"There is no record {path.relative_to(recipes.ROOT)}: run scripts/record {setup_name}.")
    return json.loads(path.read_text())


def records():
    """All records, as (setup name, behaviour), sorted."""
    return sorted((path.parent.name, path.stem) for path in EVIDENCE.glob("*/*.json"))


def ask(setup, probes, base=venvs.Base()):
    """
    Asks the probes in turn and yields (probe, record as a dict) for each.

    Probes that start the server in the same way share one start, as long as the server is still serving.
    """
    probes = sorted(probes, key=PROBES.index)
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(postgres.cluster()) if any(p.database for p in probes) else None
        for _, group in itertools.groupby(probes, Probe.start):
            waiting = list(group)
            while waiting:
                first = waiting[0]
                with contextlib.ExitStack() as start:
                    # A Redis for each start: what an earlier probe left in it would be part of the answer.
                    redis = start.enter_context(lab_redis.server()) if "redis" in setup.recipe.needs else None
                    server = start.enter_context(
                        serve.running(
                            setup,
                            first.changes_for(setup),
                            first.environment,
                            base,
                            wait=first.starts,
                            before=first.before,
                            database=database if first.database else None,
                            redis=redis,
                        )
                    )
                    while waiting and (waiting[0] is first or server.alive()):
                        now = waiting.pop(0)
                        yield now, _record(server, now)


def _record(server, asked):
    result = asked.ask(server)
    return {
        "setup": server.setup.name,
        "behaviour": asked.behaviour,
        "kind": "behaviour",
        "outcome": result.outcome,
        "figures": result.figures,
        "command": server.readable(server.command),
        "did": [server.readable(line) for line in result.did],
        "output": server.readable(result.output),
        "versions": {**server.versions(), **result.versions},
        "date": serve.today(),
    }


def settle(setup, probes, base=venvs.Base(), runs=RUNS, say=print, ask=ask):
    """
    Asks each probe `runs` times, MORE_RUNS times at least when its answers differ. Returns the records to write,
    one per probe.

    The record is the last run's. When the outcome differs between runs it says "varies", carries the counts, and shows
    the last run with the rarest outcome: that is the one a reader wants to see.
    """
    found = collections.defaultdict(list)
    wanted = list(probes)
    for number in range(1, max(runs, MORE_RUNS) + 1):
        for asked, record in ask(setup, wanted, base):
            found[asked.behaviour].append(record)
            say(f"{setup.name} {asked.behaviour}: {record['outcome']} {json.dumps(record['figures'], ensure_ascii=False)}")
        wanted = [p for p in wanted if number < runs or len({r["outcome"] for r in found[p.behaviour]}) > 1]
        if not wanted:
            break
    return [settled(records) for records in found.values()]


def settled(records):
    counts = collections.Counter(record["outcome"] for record in records)
    if len(counts) == 1:
        return {**records[-1], "runs": len(records)}
    rarest = min(counts, key=counts.get)
    shown = [record for record in records if record["outcome"] == rarest][-1]
    return {**shown, "outcome": "varies", "runs": len(records), "counts": dict(counts.most_common())}


def write(record):
    """Writes one record to evidence/."""
    path = path_of(record["setup"], record["behaviour"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n")


def difference(record, folder):
    """
    What is wrong between a run and the record of it, as one sentence; "" when they agree.

    `folder` is what to mend: the folder of snippets/ that was run.
    """
    try:
        kept = load_record(record["setup"], record["behaviour"])
    except LabError as missing:
        return str(missing)
    allowed = kept.get("counts", {kept["outcome"]: 0})
    if record["outcome"] in allowed:
        return ""
    return (
        f"{record['setup']}: {record['behaviour']} is now {record['outcome']!r}, the record says {' or '.join(allowed)!r}. "
        f"Mend snippets/{folder}, or run scripts/record {record['setup']} and read the difference."
        + (f"\n{record['output']}" if record["output"] else "")
    )


def compare(setup, probes, base=venvs.Base(), by=None):
    """
    Asks each probe once and yields (record, difference or "", whether it stands). The probes come in the order of
    probes_for(); `by` is what asks them, ask() when not given.

    What differs is asked AGAIN times more, each on a start of its own, and stands when it differs every time. On a busy
    machine a thread that gets no turn for a second looks like a server that makes others wait; that is seen once, a
    change of behaviour every time. For the same reason a probe that raises an error is asked once more.
    """
    by = by or ask
    waiting, answers, failed = list(probes), [], []
    while waiting:
        try:
            for answer in by(setup, waiting, base):
                answers.append(answer)
                waiting = waiting[1:]
            break
        except Exception as error:
            if waiting[0] in failed:
                raise
            failed.append(waiting[0])
            print(f"{setup.name} {waiting[0].behaviour} is asked again after {error!r}")
    for asked, found in answers:
        problem = difference(found, setup.recipe.name)
        again = (next(iter(by(setup, [asked], base)))[1] for _ in range(AGAIN))
        yield found, problem, bool(problem) and all(difference(record, setup.recipe.name) for record in again)


def main(arguments=None):
    """Command line. Returns the exit status: 0, 1 for differences found by --check, 2 for an error."""
    parser = argparse.ArgumentParser(
        prog="python -m lab.record", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("setup", nargs="*", help="a setup, e.g. gunicorn-gthread-behind-nginx-tcp; all when none is named")
    parser.add_argument("--behaviour", action="append", help="only this behaviour; may be given more than once")
    parser.add_argument("--runs", type=int, default=RUNS, help="how often each question is asked (%(default)s)")
    parser.add_argument("--check", action="store_true", help="compare with the records, write nothing")
    parser.add_argument("--python", default="", help="interpreter for the readers' virtual environment; this one when not given")
    parser.add_argument("--django", default="", help="version of Django; the project's pin when not given")
    chosen = parser.parse_args(arguments)
    processes.hand_down_signals()
    if arguments is None:
        # As a program: a polite kill ends the servers as well. (In tests the caller decides about signals.)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    base = venvs.Base(chosen.python, chosen.django)
    try:
        behaviours = {probe(name).behaviour for name in chosen.behaviour or []}
        setups = [recipes.setup(name) for name in chosen.setup] or recipes.setups()
        differences = []
        for setup in setups:
            wanted = [p for p in probes_for(setup) if not behaviours or p.behaviour in behaviours]
            if chosen.check:
                for _, problem, stands in compare(setup, wanted, base):
                    if problem and not stands:
                        print(f"Once, and not again: {problem}")
                    differences += [problem] if stands else []
                continue
            for record in settle(setup, wanted, base, chosen.runs):
                write(record)
                promised = setup.promises.get(record["behaviour"])
                if promised != record["outcome"]:
                    print(
                        f"snippets/{setup.recipe.name}/recipe.toml promises {record['behaviour']} = {promised!r}; "
                        f"the record says {record['outcome']!r}."
                    )
    except LabError as error:
        print(error, file=sys.stderr)
        return 2
    print(*differences, sep="\n", end="\n" if differences else "")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
