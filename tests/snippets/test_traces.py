"""
What the pages and the reader show as captured is what servers print: captured again and compared frame by frame.

A representative set is captured on every run (entries of lab/traces.toml with `test`), the rest by
`scripts/traces --check`. What only Python 3.14 prints is captured by `scripts/traces --on pyodide`; here it has to belong
to the files that lie in snippets/. What mends a pattern is asked as its failure is: it has to answer.
"""

import re

import pytest

from lab import captures, pyodide, recipes, traces
from lab.errors import LabError
from lab.output import MACHINE

ENTRIES = traces.load()
KEPT = sorted(traces.FOLDER.rglob("*.txt"))
BASES = ("py311-dj52", "py313-dj61")
PYODIDE = ("py314-dj52",)
REPRESENTATIVE = [(trace, where) for trace in ENTRIES for where in trace.test]
PATTERNS = recipes.ROOT / "docs" / "troubleshoot" / "patterns.yml"


def name(path):
    return str(path.relative_to(traces.FOLDER))


def expected(trace, where):
    """The files that an entry has: on both bases, or on the one it is limited to."""
    bases = [trace.only] if trace.only else PYODIDE if where == pyodide.WHERE else BASES
    return [traces.FOLDER / trace.name / f"{where}-{base}.txt" for base in bases]


@pytest.fixture(scope="module")
def captured():
    """A function: (entry, recipe) -> text of the new capture. Everything is captured at the first call, mended twins first."""
    found, errors = {}, {}

    def get(trace, where):
        if not found and not errors:
            for group in traces.by_start(REPRESENTATIVE):
                try:
                    for one, server, text in traces.capture(group, fixes=True):
                        found[one.name, server] = text
                except LabError as error:
                    errors.update({(one.name, server): str(error) for one, server in group if (one.name, server) not in found})
        if (trace.name, where) in errors:
            pytest.fail(errors[trace.name, where], pytrace=False)
        return found[trace.name, where]

    return get


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("trace", "where"), REPRESENTATIVE, ids=lambda value: getattr(value, "name", value))
def test_a_server_prints_what_was_captured(trace, where, captured):
    assert not (problem := traces.difference(trace, where, captured(trace, where))), problem


@pytest.mark.timeout(300)
@pytest.mark.parametrize("where", ["uvicorn", "gunicorn-sync"])
def test_what_mends_a_pattern_answers(where):
    """All that need no start of their own; scripts/traces --fixes asks the others."""
    plain = traces.Trace("", (where,)).start(where)
    mended = [trace for trace in ENTRIES if trace.fixed and not trace.fixed_start and where in trace.on and trace.start(where) == plain]
    assert len(mended) > 10
    traces.ask_fixes(mended, where)


def test_every_entry_has_its_captures_and_nothing_else_lies_there():
    wanted = {path for trace in ENTRIES for where in trace.on for path in expected(trace, where)}
    missing = sorted(map(name, wanted - set(KEPT)))
    assert not missing, f"Run scripts/traces for {missing}."
    left = sorted(map(name, set(KEPT) - wanted))
    assert not left, f"Nothing in lab/traces.toml makes {left}: delete them."


@pytest.mark.parametrize("path", KEPT, ids=name)
def test_a_capture_says_how_it_was_made_and_names_no_other_machine(path):
    text = path.read_text()
    header, output = captures.split(text)
    assert {"pattern", "command", "python", "django", "os", "date", "did", "received"} <= set(header)
    assert path.stem.endswith("py{}-dj{}".format(*("".join(header[key].split(".")[:2]) for key in ("python", "django"))))
    assert not MACHINE.search(text)
    trace = next(trace for trace in ENTRIES if any(path in expected(trace, where) for where in trace.on))
    assert header["pattern"] == trace.pattern
    assert trace.prints in output


def test_every_pattern_has_a_capture():
    ids = set(re.findall(r"(?m)^- id: (\S+)", PATTERNS.read_text()))
    shown = {pattern for trace in ENTRIES for pattern in trace.pattern.split()} - {"none"}
    assert ids == shown


@pytest.mark.parametrize("trace", [trace for trace in ENTRIES if pyodide.WHERE in trace.on], ids=lambda trace: trace.name)
def test_what_was_captured_on_another_python_belongs_to_its_script(trace):
    """Nothing is run: the lines that the capture names are those of the files, and it is the same script that older Pythons ran."""
    header, output = captures.split(expected(trace, pyodide.WHERE)[0].read_text())
    assert header["command"].endswith(trace.run) and header["pyodide"] == pyodide.VERSION and "Pyodide" in header["did"]
    for _, file, line, function, source in (found for found in traces.skeleton(output) if found[0] == "frame"):
        assert laid(trace, file)[line - 1].strip() == source, (file, line)
    for file, line in re.findall(r"defined at (\S+?):(\d+)>?", output):
        assert laid(trace, file)[int(line) - 1].startswith("async def ")
    before = next(one for one in ENTRIES if one.name == f"{trace.name}-before")
    assert (before.run, before.overlays) == (trace.run, trace.overlays)
    older = [captures.split(path.read_text())[1] for path in expected(before, traces.SCRIPT)]
    frames = [found for found in traces.skeleton(output) if found[0] == "frame"]
    assert all([found for found in traces.skeleton(text) if found[0] == "frame"] == frames for text in older)
    assert not any(trace.prints in text for text in older)


def laid(trace, file):
    """The lines of a file of the project, as the lab lays it for an entry."""
    folders = [*(recipes.SNIPPETS / folder for folder in trace.overlays), recipes.PROJECT]
    name = file.removeprefix("/srv/django/")
    return next(folder / name for folder in folders if (folder / name).exists()).read_text().splitlines()


def test_what_only_another_python_prints_is_captured_only_when_asked_for():
    assert not [where for _, where in traces.chosen() if where == pyodide.WHERE]
    assert {where for _, where in traces.chosen(on=[pyodide.WHERE])} == {pyodide.WHERE}


def test_every_file_that_mends_is_asked():
    text = traces.FILE.read_text()
    for file in sorted(traces.FIXES.glob("*.py")):
        used = f"/fixed/{file.stem}/" in text or f"traces.{file.stem.replace('-', '_')}" in text or f"traces/{file.name}" in text
        assert used, f"snippets/traces/{file.name}: no entry of lab/traces.toml asks it."


def test_a_frame_that_is_different_is_named():
    was = 'Traceback (most recent call last):\n  File "/srv/django/sales/pricing.py", line 13, in total\n    rate = lookup(currency)\nKeyError: 1\n'
    assert traces.skeleton(was) == [
        ("frame", "/srv/django/sales/pricing.py", 13, "total", "rate = lookup(currency)"),
        ("type", "KeyError"),
    ]
    assert traces.skeleton(was) != traces.skeleton(was.replace("line 13", "line 14"))
    assert traces.skeleton(was) != traces.skeleton(was.replace("KeyError", "TypeError"))
    library = was.replace("/srv/django/sales/", "/usr/lib/python3.11/")
    assert traces.skeleton(library) == traces.skeleton(library.replace("line 13", "line 14")), "Pythons differ there"


def test_an_unknown_capture_ends_the_command_line_with_one_sentence(capsys):
    assert traces.main(["five/sync-wsgy"]) == 2
    assert "lab/traces.toml has no 'five/sync-wsgy'." in capsys.readouterr().err
