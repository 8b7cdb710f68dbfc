"""The shortcodes of captured tracebacks: nothing of a capture is lost on the page, and page and reader agree on all of them."""

import re
from html import unescape

import frames
import pytest
import show
import traces
from data import Missing
from mkdocs.exceptions import PluginError
from place import Place

from tests.tools.reader import call

CAPTURES = sorted(traces.EVIDENCE.glob("**/*.txt"))
JA = Place("ja", "troubleshoot/stack-traces/index.ja.md", "troubleshoot/stack-traces/")
EN = Place("en", "troubleshoot/stack-traces/index.en.md", "en/troubleshoot/stack-traces/")
TRACE = """\
Traceback (most recent call last):
  File "/srv/django/.venv/lib/python3.11/site-packages/asgiref/sync.py", line 631, in thread_handler
    raise exc_info[1]
  File "/srv/django/.venv/lib/python3.11/site-packages/django/core/handlers/base.py", line 253, in _get_response_async
    response = await wrapped_callback(
  File "/srv/django/.venv/lib/python3.11/site-packages/asgiref/sync.py", line 580, in __call__
    ret = await asyncio.shield(exec_coro)
  File "/usr/lib/python3.11/concurrent/futures/thread.py", line 58, in run
    result = self.fn(*self.args, **self.kwargs)
  File "/srv/django/.venv/lib/python3.11/site-packages/asgiref/sync.py", line 635, in thread_handler
    return func(*args, **kwargs)
  File "/srv/django/sales/rates/table.py", line 7, in lookup
    return RATES["<script>"]
KeyError: '<script>'
"""
HEAD = "# pattern: none\n# command: uvicorn\n# python: 3.11.7\n# django: 5.2.19\n# uvicorn: 0.54.0\n# date: 2026-11-21\n# did: GET /<a>/\n# received: 500\n\n"


@pytest.fixture
def evidence(tmp_path, monkeypatch):
    """A folder for captures of this test's own: write(name, recipe, text)."""
    monkeypatch.setattr(traces, "EVIDENCE", tmp_path / "traces")

    def write(name, recipe, text):
        file = tmp_path / "traces" / name / f"{recipe}-py311-dj52.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(HEAD + text)

    return write


def html_of(shortcode, *arguments):
    """The HTML that a shortcode puts on the page, as it is when Markdown has passed the comment on, inside a tab or not."""
    markdown = shortcode(*arguments).strip()
    html = traces.placed(markdown)
    assert html == traces.placed(f"<p>{markdown}</p>")
    return html


def captured(path):
    """The output of a capture, without its header."""
    return path.read_text("utf-8").partition("\n\n")[2]


def own_view(text):
    """What the page's reading finds, in the reader's terms: per entry the frames, the crossings, the place to look."""
    found = []
    for runs in frames.entries(frames.read(text)):
        flat, crossed = [], []
        for run in runs:
            _walk(run, flat, crossed)
        look = frames.look_first(runs)
        found.append((flat, crossed, look and (look.file, look.line)))
    return found


def _walk(run, flat, crossed):
    crossed += [(direction, len(flat) + index) for index, direction in sorted(frames.crossings(run).items())]
    flat += [(frame.file, frame.line, frame.function, frame.layer, frame.own, frame.phantom) for frame in run.frames]
    for member in run.members:
        _walk(member, flat, crossed)


def readers_view(result):
    found = []
    for entry in result["tracebacks"]:
        if entry["kind"] == "message":
            continue
        flat = [
            (frame["file"], frame["line"], frame["function"], frame["layer"], frame["own"], frame["phantom"])
            for exception in call.exceptions(entry)
            for frame in exception["frames"]
        ]
        look = entry["lookFirst"]
        crossed = [(crossing["direction"], crossing["afterFrame"]) for crossing in entry["crossings"]]
        found.append((flat, crossed, look and (look["file"], look["line"])))
    return found


def test_there_are_captures():
    assert CAPTURES, "evidence/traces/ is empty: run scripts/traces."


def test_page_and_reader_agree_on_every_capture():
    texts = [captured(path) for path in CAPTURES]
    for path, text, result in zip(CAPTURES, texts, call.read_all(texts), strict=True):
        assert own_view(text) == readers_view(result), path.relative_to(traces.EVIDENCE)


def test_every_line_of_every_capture_is_in_the_block_in_order(monkeypatch):
    """What is selected and copied is what was printed; marks are elements of their own."""
    monkeypatch.setattr(traces, "_layer", lambda place, layer: layer)
    for path in CAPTURES:
        text = captured(path).strip("\n")
        html = traces._body(EN, text, "open")
        marks = r'<span class="trace-tag"[^>]*>.*?</span>|<summary>.*?</summary>|<div class="trace-crossing[^>]*>.*?</div>|<div class="trace-nothing">.*?</div>'
        plain = re.sub(r"</div>", "\n", re.sub(marks, "", html).replace("<br>", ""))
        shown = unescape(re.sub(r"<[^>]+>", "", plain)).splitlines()
        assert [line for line in shown if line.strip()] == [line for line in text.splitlines() if line.strip()], path


def test_a_block_is_one_line_for_markdown_and_escapes_what_was_printed(evidence):
    evidence("five/async-asgi", "uvicorn", TRACE)
    for place in (JA, EN):
        assert "\n" not in traces.trace(place, "five/async-asgi", "uvicorn").strip()
        html = html_of(traces.trace, place, "five/async-asgi", "uvicorn")
        assert "<script>" not in html and "&lt;script&gt;" in html and "GET /&lt;a&gt;/" in html


def test_a_frame_shows_what_it_is(evidence):
    evidence("five/async-asgi", "uvicorn", TRACE)
    html = html_of(traces.trace, EN, "five/async-asgi", "uvicorn")
    assert len(re.findall('<div class="trace-frame [^"]*trace-phantom', html)) == 1
    assert len(re.findall('<div class="trace-frame trace-own trace-look', html)) == 1
    assert html.count('class="trace-crossing into-thread"') == 1
    assert html.index("trace-crossing") < html.index("thread.py")
    assert html.count("<details open>") == 1 and "<details>" in html_of(traces.trace, EN, "five/async-asgi", "uvicorn", "folded")


def test_counts(evidence):
    evidence("five/async-asgi", "uvicorn", TRACE)
    assert traces.counts(TRACE) == {"frames": 6, "own": 1, "crossings": 1, "phantoms": 1}
    assert traces.figure(EN, "five/async-asgi/uvicorn", "share") == "17 %"
    assert "| 6 | 1 | 17 % | 1 | 1 |" in traces.counts_table(EN, "five/async-asgi/uvicorn")
    assert traces.look(EN, "five/async-asgi/uvicorn") == "`sales/rates/table.py`, line 7, in `lookup`"


def test_a_picture_changes_lanes_where_the_capture_crosses(evidence):
    evidence("five/sync-asgi", "uvicorn", TRACE)
    html = html_of(traces.picture, EN, "five/sync-asgi", "uvicorn")
    loop, thread = html.split('class="lane-crossing into-thread"')
    assert "_get_response_async" in loop and "lane-phantom" in loop and 'lane-thread trace-own' not in loop
    assert '<li class="lane-thread trace-own lane-look">' in thread and '<li class="lane-loop' not in thread


def test_a_picture_that_starts_on_the_wrong_side_is_refused(evidence):
    evidence("five/sync-wsgi", "gunicorn-sync", TRACE)  # said to start in a thread
    with pytest.raises(Missing, match="its start in docs/.* is wrong"):
        traces.picture(EN, "five/sync-wsgi", "gunicorn-sync")


def test_what_is_not_the_same_may_not_be_called_so(evidence):
    evidence("five/async-asgi", "uvicorn", TRACE)
    evidence("five/async-asgi", "daphne", TRACE.replace("line 631", "line 1"))
    assert traces.same(EN, "five/async-asgi", "uvicorn", "daphne") == "Uvicorn, Daphne"
    evidence("five/async-asgi", "hypercorn", TRACE.replace("in lookup", "in another"))
    with pytest.raises(Missing, match="does not print the same frames"):
        traces.same(EN, "five/async-asgi", "uvicorn", "hypercorn")


def test_another_python_may_have_the_same_frames(evidence):
    evidence("five/async-asgi", "uvicorn", TRACE)
    newer = TRACE.replace("python3.11", "python3.13").replace("line 253", "line 261")
    (traces.EVIDENCE / "five/async-asgi/uvicorn-py313-dj61.txt").write_text(HEAD + newer)
    assert traces.same(EN, "five/async-asgi", "uvicorn", "uvicorn-py313-dj61") == "Uvicorn, Uvicorn (Python 3.13, Django 6.1)"


def test_a_link_leads_to_the_capture_from_either_language(evidence):
    evidence("five/async-asgi", "uvicorn", TRACE)
    file = "evidence/data/traces/five/async-asgi/uvicorn-py311-dj52.txt"
    assert traces.link(JA, "five/async-asgi", "uvicorn") == f"[実際の出力](../../{file})"
    assert f'href="../../../{file}"' in html_of(traces.trace, EN, "five/async-asgi", "uvicorn")


def test_access_log_lines_are_no_exceptions():
    """A stack has no exception, and so no place that is marked as the one to fix."""
    stack = '  File "/srv/django/sales/views/five.py", line 30, in async_stack\n    traceback.print_stack()\nINFO:     127.0.0.1:50001 - "GET / HTTP/1.1" 200 OK\n'
    [[run]] = frames.entries(frames.read(stack))
    assert run.error == "" and "trace-look" not in traces._body(EN, stack, "open")


def test_nothing_printed_is_said_so(evidence):
    evidence("five/async-asgi", "uvicorn", "\n")
    assert '<div class="trace-nothing">nothing is printed</div>' in html_of(traces.trace, EN, "five/async-asgi", "uvicorn")


class Page:
    """As much of a MkDocs page as the dispatcher needs."""

    url = "troubleshoot/stack-traces/"

    class file:
        locale_alternate_of = "ja"
        src_uri = "troubleshoot/stack-traces/index.ja.md"


@pytest.mark.parametrize(
    ("shortcode", "said"),
    [
        ("trace five/nowhere uvicorn", "evidence/traces/five/nowhere/uvicorn-py311-dj52.txt is missing"),
        ("trace five/async-asgi uvicorn shut", "neither open nor folded"),
        ("trace-figure five/async-asgi/uvicorn words", "no figure 'words'"),
        ("trace-counts five/nowhere/uvicorn", "is missing"),
        ("trace-picture other uvicorn", "does not say under pictures where 'other' starts"),
        ("trace other uvicorn", "has no name for the capture 'other'"),
    ],
)
def test_what_is_unknown_fails_the_build(evidence, shortcode, said):
    evidence("five/async-asgi", "uvicorn", TRACE)
    evidence("other", "uvicorn", TRACE)
    with pytest.raises(PluginError, match=re.escape(said)):
        show.on_page_markdown(f"<!-- show:{shortcode} -->", Page, None, None)
