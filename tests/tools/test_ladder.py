"""How the ladder takes its figures, and what its records have to say."""

import contextlib
import json
import threading
import time
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lab.errors import LabError
from lab.ladder import __main__ as ladder
from lab.ladder import bench, stage
from lab.ladder.bench import Case, Effect, Question

QUESTIONS = {question.name: question for question in ladder.questions()}
RECORDS = sorted(bench.FOLDER.glob("*/*.json"))


class Stage:
    """Stands in for a real one: nothing is started."""

    quick = warming = False
    side_by_side = contextlib.nullcontext

    def seconds(self, wanted):
        """Samples are as long as they shall be."""
        return wanted

    def versions(self):
        """No program takes part."""
        return {"python": "3.11.7"}


def counted(log, label, figures):
    """A case that says when it was asked and answers one figure after the other; the warm-up does not use one up."""
    left = iter(figures)

    def sample():
        log.append(label)
        return {"throughput": next(left), "p50_ms": None if label == "slow" else 1.23456}

    return Case({"way": label}, sample)


def run(slow, fast, **effect):
    """Runs a question of two cases: (record, order of asking)."""
    log = []
    cases = [counted(log, "slow", [0, *slow]), counted(log, "fast", [0, *fast])]
    effects = (Effect("change", {"way": "slow"}, {"way": "fast"}, **effect),)
    record = bench.run(Question("step/question", lambda stage: cases, effects, ("said",)), Stage())
    return record, log


def test_cases_are_asked_in_alternating_order_after_a_warm_up():
    """Forwards, backwards, forwards: neighbors in time are what is compared."""
    _, log = run([1] * 5, [2] * 5)
    pair = ["slow", "fast"]
    assert log == [*pair, *pair, *pair[::-1], *pair, *pair[::-1], *pair]


def test_a_ratio_is_taken_per_repetition():
    """The median of the ratios, not the ratio of the medians; figures of a case stay in the order of repetitions."""
    record, _ = run([10, 20, 30, 40, 50], [20, 60, 90, 80, 200])
    assert record["effects"]["change"] == {"ratio": 3, "low": 2, "high": 4, "direction": "faster"}
    assert record["cases"][0]["samples"] == {"throughput": [10, 20, 30, 40, 50]}
    assert record["cases"][1]["samples"]["p50_ms"] == [1.235] * 5
    assert record["repetitions"] == 5 and record["did"] == ["said"]


@pytest.mark.parametrize(
    ("before", "after", "more", "direction"),
    [
        ([10, 10, 10], [30, 31, 29], True, "faster"),
        ([10, 10, 10], [30, 31, 29], False, "slower"),
        ([30, 30, 30], [10, 10, 11], True, "slower"),
        ([10, 10, 10], [11, 12, 12.4], True, "same"),  # near 1
        ([10, 10, 10], [30, 30, 9], True, "same"),  # not every time
    ],
)
def test_direction(before, after, more, direction):
    """Faster and slower only when every repetition says so, and by more than a fifth."""
    assert bench.compare(before, after, more)["direction"] == direction


def test_nothing_answered_is_a_finite_ratio():
    """A case that answered nothing does not break the record."""
    assert json.loads(json.dumps(bench.compare([0, 0], [5, 5])))["direction"] == "faster"


def test_labels_name_one_case():
    """An effect whose labels fit none or several is a mistake that is told before anything is measured."""
    cases = [Case({"a": 1, "b": 1}, dict), Case({"a": 1, "b": 2}, dict)]
    assert bench.find(cases, {"b": 2}) is cases[1]
    for labels in ({"a": 1}, {"a": 2}):
        with pytest.raises(LabError, match="exactly one"):
            bench.find(cases, labels)


def test_the_last_three_recordings_are_kept(tmp_path, monkeypatch):
    """Each recording adds its directions; a quick run leaves them alone."""
    monkeypatch.setattr(bench, "FOLDER", tmp_path)
    record, _ = run([1] * 5, [2] * 5)
    for day in range(5):
        bench.write({**record, "date": f"day {day}"})
    bench.write({**record, "date": "quick"}, counts=False)
    written = json.loads((tmp_path / "step" / "question.json").read_text())
    assert [recording["date"] for recording in written["recordings"]] == ["day 2", "day 3", "day 4"]
    assert written["recordings"][0]["directions"] == {"change": "faster"}
    assert written["date"] == "quick"


def test_lists_of_figures_stay_on_one_line():
    """A record is read in diffs; making it compact changes no value."""
    data = {"a": [1, 2.5, 1e6], "b": ["x", "y"], "c": {"d": []}, "text": "[1,\n 2]"}
    text = bench.compact(json.dumps(data, indent=1))
    assert '"a": [1, 2.5, 1000000.0]' in text
    assert json.loads(text) == data


def found(**more):
    """What wrk counted in one second."""
    counted = {"requests": 100, "rate": 100, "status": 0, "connect": 0, "read": 0, "write": 0, "timeout": 0}
    return {**counted, "mean": 5000.0, "p50": 4000, "p95": 9000, **more}


def test_a_sample_of_wrk():
    """Failures are no throughput, and where nothing was answered there is no response time."""
    assert stage.sample(found()) == {"throughput": 100, "mean_ms": 5, "p50_ms": 4, "p95_ms": 9, "failed": 0}
    assert stage.sample(found(status=40, read=2))["throughput"] == pytest.approx(60)
    assert stage.sample(found(status=40, read=2))["failed"] == 42
    assert stage.sample(found(requests=0, rate=0))["p50_ms"] is None


class Slow(BaseHTTPRequestHandler):
    """Answers after a tenth of a second."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """The answer."""
        time.sleep(0.1)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        """Nothing is logged."""


@pytest.fixture
def slow():
    """Address of a server that answers each client after a tenth of a second."""
    server = type("Server", (ThreadingHTTPServer,), {"request_queue_size": 64})(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_a_load_waits_for_its_last_answers(slow):
    """What was asked is answered and counted: by Little's law the clients are throughput times mean response time."""
    load = partial(stage.Stage.load, Stage(), slow, "/", 8)
    whole, cut = load(0.25), load(0.25, cut=True)
    assert whole["failed"] == 0
    assert whole["throughput"] * whole["mean_ms"] / 1000 == pytest.approx(8, rel=0.25)
    assert cut["throughput"] * cut["mean_ms"] / 1000 < whole["throughput"] * whole["mean_ms"] / 1000


def test_questions_have_their_own_names():
    """A question is addressed by step and name, and so is a step alone; anything else is refused."""
    assert len(QUESTIONS) == len(ladder.questions())
    assert [q.name for q in ladder.chosen(["server/views"])] == ["server/views"]
    assert all(q.name.startswith("processes-threads/") for q in ladder.chosen(["processes-threads"]))
    with pytest.raises(LabError, match="nowhere"):
        ladder.chosen(["nowhere"])


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_is_recorded(name):
    """Three recordings of what the lab asks today, and in each every effect went the way that is expected of it."""
    file = bench.path(name)
    assert file.exists(), f"Run scripts/ladder {name}."
    record = json.loads(file.read_text(encoding="utf-8"))
    question = QUESTIONS[name]
    assert set(record["effects"]) == {effect.name for effect in question.effects}, f"Run scripts/ladder {name} again."
    assert record["repetitions"] == bench.REPETITIONS, "A quick run is no record."
    assert len(record["recordings"]) == bench.KEPT, f"Run scripts/ladder {name} until there are {bench.KEPT} recordings."
    for effect in question.effects:
        directions = [recording["directions"].get(effect.name) for recording in record["recordings"]]
        assert directions == [effect.expects] * bench.KEPT, f"{name}: {effect.name}"


def test_no_record_without_a_question():
    """A question that is gone takes its record with it."""
    assert {str(path.relative_to(bench.FOLDER).with_suffix("")) for path in RECORDS} <= set(QUESTIONS)
