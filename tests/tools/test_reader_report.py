"""What the reader's page makes of every capture: all frames, all boundaries, one place to look first, and a short report."""

import json
import pathlib
import random
import subprocess

import pytest
import reader
from data import load

TEXTS = load(reader.FILE)
CAPTURES = {path.relative_to(reader.TRACES).as_posix(): path.read_text("utf-8").partition("\n\n")[2] for path in sorted(reader.TRACES.rglob("*.txt"))}
REPORT = 9000  # characters: what an issue or a chat takes in one go


def seen(texts: list[str], lang: str) -> list[dict]:
    """{problems, reports} per text."""
    asked = {
        "words": {key: text[lang] for key, text in TEXTS["words"].items()},
        "layers": {key: layer["name"][lang] for key, layer in TEXTS["layers"].items()},
        "texts": texts,
    }
    driver = pathlib.Path(__file__).with_name("reader_page.mjs")
    ran = subprocess.run(["node", str(driver)], input=json.dumps(asked), capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_capture_is_shown_whole_and_reported_briefly(lang):
    """No frame, boundary or mark gets lost; a report names frames and exceptions, and never the lines between them."""
    assert CAPTURES
    problems = []
    for name, answer in zip(CAPTURES, seen(list(CAPTURES.values()), lang)):
        problems += [f"{name}: {problem}" for problem in answer["problems"]]
        for text in answer["reports"]:
            if len(text) > REPORT or any(word in text for word in ("undefined", "[object", "NaN", "{label}", "{where}", "{n}")):
                problems.append(f"{name}: the report is not right:\n{text[:500]}")
            if 'HTTP/1.1" ' in text:
                problems.append(f"{name}: the report has lines of the log:\n{text[:500]}")
    assert not problems, "\n".join(problems)


WARNED = "/app/shop/views.py:14: RuntimeWarning: coroutine 'notify' was never awaited\n  notify(order)\nRuntimeWarning: Enable tracemalloc to get the object allocation traceback"


@pytest.mark.parametrize("before", ["", "web-1  | ", "2026-11-21T10:00:00.5Z ", "Nov 21 10:00:00 web gunicorn[1001]: "])
def test_the_place_of_a_warning_is_shown_and_reported(before):
    """It is in the message, not in a frame; the pattern says whether it can be late."""
    text = "\n".join(before + line for line in WARNED.split("\n"))
    answer = seen([text], "en")[0]
    assert answer["problems"] == []
    assert answer["warned"] == [{"file": "/app/shop/views.py", "line": 14, "source": "notify(order)", "late": True}]
    assert "views.py:14" in answer["reports"][0] and "notify(order)" in answer["reports"][0]


def test_a_warning_without_a_place_has_none():
    texts = ["sys:1: RuntimeWarning: coroutine 'notify' was never awaited", "RuntimeWarning: coroutine 'notify' was never awaited", "/app/shop/views.py:14: RuntimeWarning: coroutine 'notify' was never awaited\nINFO ready"]
    answers = seen(texts, "en")
    assert [bool(answer["warned"][0]) for answer in answers] == [False, False, True]
    assert answers[2]["warned"][0]["source"] is None


def test_texts_that_were_cut_and_mixed_are_shown_whole():
    """Captures with pieces missing and pieces of others inside: whatever is read is shown."""
    dice = random.Random(7)
    captures = list(CAPTURES.values())
    texts = []
    for _ in range(500):
        text = dice.choice(captures)
        for _ in range(dice.randint(1, 5)):
            at, length = dice.randrange(len(text) + 1), dice.randrange(300)
            text = text[:at] + (text[at + length :] if dice.random() < 0.5 else dice.choice(captures)[:2000] + text[at:])
        texts.append(text)
    problems = [f"{problem} in:\n{text[:1500]}" for text, answer in zip(texts, seen(texts, "en")) for problem in answer["problems"]]
    assert not problems, problems[0]
