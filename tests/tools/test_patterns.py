"""The catalogue of patterns: its data agrees with the reader's rules, the captures and the snippets; and what the hook makes of a small sample."""

import re
from pathlib import Path

import data
import patterns
import pytest
import traces
import yaml
from place import Place

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "troubleshoot"
TEXTS = yaml.safe_load((FOLDER / "stack-traces" / "patterns.yml").read_text("utf-8"))
RULES = yaml.safe_load((FOLDER / "patterns.yml").read_text("utf-8"))
# Mends what is on the page about processes that hang, which no message tells of.
NOT_OF_A_PATTERN = {"deadlock.py"}

JA = Place("ja", "troubleshoot/stack-traces/patterns.ja.md", "troubleshoot/stack-traces/patterns/")
EN = Place("en", "troubleshoot/stack-traces/patterns.en.md", "en/troubleshoot/stack-traces/patterns/")


# ---- The data ----


def test_both_files_have_the_same_ids():
    assert sorted(TEXTS["patterns"]) == sorted(pattern["id"] for pattern in RULES)


def test_every_pattern_is_in_one_group():
    grouped = [name for group in TEXTS["groups"] for name in group["patterns"]]
    assert sorted(grouped) == sorted(TEXTS["patterns"])
    assert len(grouped) == len(set(grouped))


@pytest.mark.parametrize("name", TEXTS["patterns"])
def test_a_pattern_says_everything_in_both_languages(name):
    pattern = TEXTS["patterns"][name]
    for key in ("title", "look", "misleads", "why", "log"):
        assert all(pattern[key][language].strip() for language in ("ja", "en")), key
    assert pattern["says"] and pattern["fix"]


@pytest.mark.parametrize("name", TEXTS["patterns"])
def test_every_message_was_printed(name):
    patterns.check(name, TEXTS["patterns"][name])


@pytest.mark.parametrize("name", TEXTS["patterns"])
def test_every_pattern_was_captured_or_says_that_it_was_not(name):
    pattern = TEXTS["patterns"][name]
    assert bool(pattern.get("trace")) != bool(pattern.get("reported"))
    for capture, where, _ in patterns._shown(pattern):
        header, _, path = traces.capture(capture, where)
        assert name in header["pattern"].split() or capture.startswith("nothing-printed/"), path


@pytest.mark.parametrize("name", TEXTS["patterns"])
def test_fixes_are_files(name):
    pattern = TEXTS["patterns"][name]
    for include in _includes(pattern):
        file, _, part = include.partition(":")
        text = (ROOT / "snippets" / file).read_text("utf-8")
        assert not part or f"[start:{part}]" in text, include


def test_every_mended_file_is_shown():
    shown = {include.split(":")[0].rpartition("/")[2] for pattern in TEXTS["patterns"].values() for include in _includes(pattern)}
    files = {path.name for path in (ROOT / "snippets" / "traces").glob("*.py")}
    assert files - shown == NOT_OF_A_PATTERN


def _includes(pattern):
    found = [entry[key] for entry in pattern["fix"] for key in ("broken", "file") if key in entry]
    return found + ([pattern["log_file"]] if "log_file" in pattern else [])


def test_what_clients_received_is_said_in_japanese():
    for path in sorted(traces.EVIDENCE.rglob("*.txt")):
        header, _, _ = traces.capture(str(path.parent.relative_to(traces.EVIDENCE)), path.stem)
        text = re.sub(r"受信 .*", "", patterns.received(JA, header.get("received", "")))
        assert not re.search("[a-z]{3}", text), f"{path}: {text}"


# ---- The hook ----

HEAD = """# pattern: lost-cup
# command: teapot --serve
# python: {python}
# django: {django}
# os: Debian
# date: 2026-01-02
# did: GET /tea/
# received: {received}

"""
PRINTED = """Traceback (most recent call last):
  File "/srv/django/.venv/lib/python3.11/site-packages/django/core/handlers/base.py", line 253, in _get_response_async
    response = await wrapped_callback(
  File "/srv/django/tea/views.py", line 3, in pour
    return cup["handle"]
CupError: no handle
"""
SAMPLE = {
    "groups": [{"id": "cups", "title": {"ja": "茶わん", "en": "Cups"}, "patterns": ["lost-cup", "heard-of"]}],
    "patterns": {
        "lost-cup": {
            "title": {"ja": "茶わんがない", "en": "No cup"}, "says": ["CupError: no handle"], "trace": [{"name": "lost-cup", "where": ["uvicorn", "daphne"]}],
            "look": {"ja": "棚。", "en": "The shelf."}, "misleads": {"ja": "湯。", "en": "The water."}, "why": {"ja": "割れた。", "en": "It broke."},
            "fix": [{"broken": "project/tea.py:broken", "file": "traces/lost-cup.py"}], "log": {"ja": "数える。", "en": "Count."},
        },
        "heard-of": {
            "title": {"ja": "うわさ", "en": "Rumour"}, "says": ["CupError: rumour"], "reported": True,
            "look": {"ja": "棚。", "en": "The shelf."}, "misleads": {"ja": "湯。", "en": "The water."}, "why": {"ja": "割れた。", "en": "It broke."},
            "fix": [{"text": {"ja": "買う。", "en": "Buy one."}}], "log": {"ja": "数える。", "en": "Count."},
        },
    },
}  # fmt: skip


@pytest.fixture
def sample(tmp_path, monkeypatch):
    """Three captures of one pattern, and a pattern that was only reported."""
    write(tmp_path / "docs" / patterns.FILE, yaml.safe_dump(SAMPLE, allow_unicode=True))
    for name in (traces.FILE, traces.READER):
        write(tmp_path / "docs" / name, (ROOT / "docs" / name).read_text("utf-8"))
    for where, python, django, received in (
        ("uvicorn-py311-dj52", "3.11.7", "5.2.19", "500"),
        ("uvicorn-py313-dj61", "3.13.0", "6.1.3", "500"),
        ("daphne-py311-dj52", "3.11.7", "5.2.19", "nothing within 5 s"),
    ):
        write(tmp_path / "evidence/traces/lost-cup" / f"{where}.txt", HEAD.format(python=python, django=django, received=received) + PRINTED)
    monkeypatch.setattr(data, "DOCS", tmp_path / "docs")
    monkeypatch.setattr(traces, "EVIDENCE", tmp_path / "evidence" / "traces")
    monkeypatch.setattr(patterns, "ROOT", tmp_path)
    write(tmp_path / "snippets/traces/lost-cup.py", "cup = shelf.take()\n")
    return tmp_path


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def test_the_index_leads_from_messages_to_sections(sample):
    assert "| [`CupError: no handle`](#lost-cup) | No cup |" in patterns.index(EN)


def test_sections_have_their_ids(sample):
    text = patterns.catalogue(EN)
    assert re.findall("^#.*", text, re.MULTILINE) == ["## Cups { #cups }", "### No cup { #lost-cup }", "### Rumour { #heard-of }"]


def test_a_section_shows_the_fix_and_leads_to_the_output(sample):
    text = patterns.section(EN, "lost-cup", SAMPLE["patterns"]["lost-cup"])
    assert text.startswith("### No cup { #lost-cup }\n\n- `CupError: no handle`\n")
    assert '```text title="after: lost-cup.py"\n--8<-- "traces/lost-cup.py"\n```' in text
    assert "3 runs counted](output.md#lost-cup)" in text


def test_a_long_fix_is_shown_with_what_ran(sample):
    """A file, or a section of it; the catalogue leads there."""
    lines = ["cup = shelf.take()"] * (patterns.LONG + 1)
    write(sample / "snippets/traces/lost-cup.py", "\n".join(["import shelf", "# --8<-- [start:cup]", *lines, "# --8<-- [end:cup]", ""]))
    pattern = SAMPLE["patterns"]["lost-cup"]
    for include, count in (("traces/lost-cup.py", len(lines) + 1), ("traces/lost-cup.py:cup", len(lines))):
        long = {**pattern, "fix": [{"broken": "project/tea.py:broken", "file": include}]}
        text = patterns.section(EN, "lost-cup", long)
        assert f"[The code after the fix: `lost-cup.py` ({count} lines)](output.md#lost-cup)" in text and "--8<--" not in text
    assert '```text title="after: lost-cup.py"\n--8<-- "traces/lost-cup.py"\n```' in patterns.outputs(EN)


def test_the_page_of_outputs_shows_what_ran_and_what_was_printed(sample):
    text = patterns.outputs(EN)
    html = traces.placed(text)
    assert re.findall("^#.*", text, re.MULTILINE) == ["## Cups { #cups }", "### No cup { #lost-cup }"]
    assert '```python title="what ran: tea.py"\n--8<-- "project/tea.py:broken"\n```' in text and "(patterns.md#lost-cup)" in text
    assert html.count("<figure") == 1 and html.count("<li><a href=") == 1
    assert "Daphne (2 frames, 1 of them yours)" in html


def test_versions_that_agree_share_a_row(sample):
    text = patterns.outputs(JA)
    assert "| Uvicorn | 3.11 / 5.2、3.13 / 6.1 | 2 | 1 | 0 | 500 |" in text
    assert "| Daphne | 3.11 / 5.2 | 2 | 1 | 0 | 5 秒待っても応答なし |" in text


def test_a_message_has_its_class_where_a_traceback_ends_with_both(sample):
    pattern = {**SAMPLE["patterns"]["lost-cup"], "says": ["no handle", "CupError"]}
    assert patterns._lines(pattern) == ["CupError: no handle", "CupError"]


def test_what_was_only_reported_says_so(sample):
    text = patterns.section(EN, "heard-of", SAMPLE["patterns"]["heard-of"])
    assert "Reported, not reproduced here." in text and "output.md" not in text


def test_a_message_that_nobody_printed_fails(sample):
    wrong = {**SAMPLE["patterns"]["lost-cup"], "says": ["CupError: no saucer"]}
    with pytest.raises(data.Missing, match="no capture of lost-cup prints 'CupError: no saucer'"):
        patterns.section(EN, "lost-cup", wrong)
