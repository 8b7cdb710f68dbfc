"""The traceback reader: its contract, its promises, and every shape in which a traceback arrives."""

import difflib
import json
import random
import re

import pytest
import rules
import yaml

from tests.site.parity import ROOT
from tests.tools.reader import call, samples, wrappings

# What reader.js consists of; the page around it lies in the same folder.
MODULES = [ROOT / "docs/assets/javascripts/traceback" / f"{name}.js" for name in ("reader", "decode", "lines", "sources", "tokens", "blocks", "layers", "crossings", "look", "patterns", "rules", "alone")]
LAYERS = {"own", "django", "channels", "asgiref", "server", "asyncio", "stdlib", "third-party", "launcher"}
PATTERNS = yaml.safe_load(rules.PATTERNS.read_text("utf-8"))


def captured():
    """{name: (header, output)} of the captured traces."""
    root = ROOT / "evidence/traces"
    found = {}
    for path in sorted(root.rglob("*.txt")):
        header, _, output = path.read_text("utf-8").partition("\n\n")
        found[str(path.relative_to(root))] = (dict(re.findall(r"(?m)^# ([\w-]+): (.*)$", header)), output.rstrip("\n"))
    return found


CAPTURED = captured()


@pytest.fixture(scope="module")
def bare():
    """{name: (text, result)} of every text with frames that the wrappings are put around."""
    # Every folder of captures is there, with one of its servers and versions, another one in each
    folders = {}
    for name in CAPTURED:
        folders.setdefault(name.rpartition("/")[0], []).append(name)
    chosen = [names[number % len(names)] for number, names in enumerate(folders.values())]
    texts = {name: CAPTURED[name][1] for name in chosen} | {f"own {name}": text for name, text in samples.PATTERNS.items()}
    results = call.read_all(list(texts.values()))
    return {name: (text, result) for (name, text), result in zip(texts.items(), results, strict=True) if call.frames(result)}


def check_contract(result):
    """Fail unless a result has the shape of the contract, and nothing else."""
    assert set(result) == {"tracebacks", "unreadable"}
    assert (result["unreadable"] is None) == bool(result["tracebacks"])
    for entry in result["tracebacks"]:
        assert set(entry) == {"kind", "exceptions", "crossings", "lookFirst", "patterns"}
        assert entry["kind"] in {"traceback", "group", "stack", "message"}
        assert len(set(entry["patterns"])) == len(entry["patterns"])
        everything = call.exceptions(entry)
        count = 0
        for exception in everything:
            assert set(exception) == {"type", "message", "frames", "members"}
            for frame in exception["frames"]:
                count += 1
                assert set(frame) == {"file", "line", "function", "source", "layer", "own", "phantom"}
                assert frame["file"] and isinstance(frame["line"], int) and frame["layer"] in LAYERS and frame["own"] in (True, False, "unsure") and isinstance(frame["phantom"], bool)
                assert (frame["own"] is True) == (frame["layer"] == "own")
        for crossing in entry["crossings"]:
            assert crossing["direction"] in {"async->sync", "sync->async"} and -1 <= crossing["afterFrame"] < count
        if entry["lookFirst"]:
            assert set(entry["lookFirst"]) == {"file", "line", "function", "reason"}
        assert (entry["kind"] == "group") == bool(entry["exceptions"] and entry["exceptions"][-1]["members"])


def test_results_keep_the_contract(bare):
    for _, result in bare.values():
        check_contract(result)


# Patterns

def test_rules_are_up_to_date():
    """rules.js is what scripts/rules writes from patterns.yml."""
    assert rules.MODULE.read_text("utf-8") == rules.module(PATTERNS), "Run scripts/rules."


def test_flawed_rules_are_refused():
    assert any("twice" in problem for problem in rules.problems([*PATTERNS, PATTERNS[0]]))
    for flawed in ({"id": "A b", "match": [{"log": "x"}]}, {"id": "a"}, {"id": "a", "match": [{"final": True}]}, {"id": "a", "match": [{"log": "x", "where": 1}]}):
        assert rules.problems([flawed])
        with pytest.raises(ValueError):
            rules.module([flawed])


def test_every_pattern_is_named_from_its_sample():
    assert set(samples.PATTERNS) == {pattern["id"] for pattern in PATTERNS}
    results = call.read_all(list(samples.PATTERNS.values()))
    assert {name: call.patterns(result) for name, result in zip(samples.PATTERNS, results, strict=True)} == {name: [name] for name in samples.PATTERNS}


def test_no_pattern_is_named_from_other_texts():
    assert len(samples.UNNAMED) == 20
    for text, result in zip(samples.UNNAMED, call.read_all(samples.UNNAMED), strict=True):
        assert call.patterns(result) == [], text
        assert call.frames(result), text


def test_captures_name_their_pattern():
    results = call.read_all([output for _, output in CAPTURED.values()])
    known = {pattern["id"] for pattern in PATTERNS}
    missing = [
        f"{name}: {pattern}" for (name, (header, _)), result in zip(CAPTURED.items(), results, strict=True)
        for pattern in header.get("pattern", "").split() if pattern in known and pattern not in call.patterns(result)
    ]
    assert missing == []


ALONE = {
    "sync-only-operation": ["You cannot call this from an async context - use a thread or sync_to_async.", "SynchronousOnlyOperation: You cannot call this from an async context - use a thread or sync_to_async."],
    "async-to-sync-in-loop": ["You cannot use AsyncToSync in the same thread as an async event loop - just await the async function directly."],
    "deadlock-single-thread": ["Single thread executor already being used, would deadlock"],
    "thread-executor-gone": ["CurrentThreadExecutor already quit or is broken"],
    "async-iteration-mismatch": ["'async for' requires an object with __aiter__ method, got list", "'async_generator' object is not iterable"],
    "asyncio-run-in-loop": ["asyncio.run() cannot be called from a running event loop"],
    "no-current-event-loop": ["There is no current event loop in thread 'ThreadPoolExecutor-0_0'."],
    "await-non-awaitable": ["object QuerySet can't be used in 'await' expression"],
    "coroutine-used-as-value": ["unsupported operand type(s) for *: 'coroutine' and 'float'", "'<=' not supported between instances of 'coroutine' and 'int'"],
    "view-returned-coroutine": ["The view shop.views.checkout didn't return an HttpResponse object. It returned an unawaited coroutine instead. You may need to add an 'await' into your view."],
    "loop-closed": ["Event loop is closed"],
    "different-loop": ["<asyncio.locks.Lock object at 0x7f [locked]> is bound to a different event loop"],
    "wsgi-app-on-asgi-server": ["WSGIHandler.__call__() missing 1 required positional argument: 'start_response'"],
    "asgi-app-on-wsgi-server": ["ASGIHandler.__call__() missing 1 required positional argument: 'send'"],
    "protocol-not-handled": ["Django can only handle ASGI/HTTP connections, not websocket."],
    "channels-no-route": ["No route found for path 'ws/checkout/'."],
    "channels-no-handler": ["No handler for message type rate.changed"],
    "apps-not-ready": ["Apps aren't loaded yet."],
    "exception-group": ["unhandled errors in a TaskGroup (2 sub-exceptions)"],
    "db-too-many-connections": ["remaining connection slots are reserved for non-replication superuser connections", "FATAL:  sorry, too many clients already"],
}
BEFORE = ["", "web-1  | ", "2026-11-21 10:00:00,123 ERROR shop.views: ", "[2026-11-21 10:00:00 +0000] [1001] [ERROR] ", "Nov 21 10:00:00 web gunicorn[1001]: ", "ERROR:shop.views:", "web-1  | 2026-11-21T10:00:00.123Z ERROR ", "> "]


def test_a_known_message_alone_is_a_message():
    """Without its type, behind the prefix of a log, between quotes."""
    asked = [(name, text) for name, messages in ALONE.items() for message in messages for text in [*(before + message for before in BEFORE), f'"{message}"', f"`{message}`", f"It broke.\n\n{message}\n\nWhat now?"]]
    for (name, text), result in zip(asked, call.read_all([text for _, text in asked]), strict=True):
        check_contract(result)
        assert [(entry["kind"], entry["patterns"]) for entry in result["tracebacks"]] == [("message", [name])], text


def test_the_type_of_a_message_is_not_part_of_it():
    message = ALONE["sync-only-operation"][0]
    results = call.read_all([message, f"web-1  | django.core.exceptions.SynchronousOnlyOperation: {message}", f'SynchronousOnlyOperation("{message}")', "SynchronousOnlyOperation"])
    said = [(result["tracebacks"][0]["exceptions"][0]["type"], result["tracebacks"][0]["exceptions"][0]["message"]) for result in results]
    assert said == [(None, message), ("django.core.exceptions.SynchronousOnlyOperation", message), ("SynchronousOnlyOperation", message), ("SynchronousOnlyOperation", None)]


def test_a_message_in_a_sentence_or_in_code_is_none():
    around = [
        "We are told {}", "{} is what it says", 'We get "{}" since Monday.', "| {} | see below |", "Why does Django print\n{}\nwhen nothing is wrong?",
        'raise Trouble(\n    "{}"\n)', 'NOTES = [\n    "{}",\n    "{}"\n]',
    ]
    messages = [message for several in ALONE.values() for message in several if "FATAL" not in message and "Only" not in message]
    texts = [text.replace("{}", message) for message in messages for text in around] + ["ValueError: Event loop is closed", "OSError: Single thread"]
    for text, result in zip(texts, call.read_all(texts), strict=True):
        assert result["tracebacks"] == [], text


def _ways(message):
    """A log message in all the shapes in which it is pasted."""
    record = json.dumps({"timestamp": "2026-11-21T10:00:00Z", "level": "ERROR", "logger": "asyncio", "message": message})
    line = f"2026-11-21 10:00:00,123 ERROR asyncio {message}"
    return [
        *(before + message for before in samples.PREFIXES), record, f"web-1  | {record}", record[:-1] + ", ...", repr({"message": message, "exception": None}), 'time="2026-11-21T10:00:00Z" level=error msg="' + message.replace('"', '\\"') + '" logger=asyncio',
        f'"{message}"', f"`{message}`", f"**{message}**", f"```\n{message}\n```", f"It says:\n\n    {message}\n\nWhat now?", f"Title: {message}", f"{message}\nfuture: <Task finished name='Task-3'>", f"hello world\n{message}\ntask: <Task pending>",
        wrappings.wrapped_80(message), wrappings.wrapped_80(line), wrappings.trailing_blanks(wrappings.wrapped_80(line)), wrappings.folded_80(line), wrappings.quoted(wrappings.folded_80(line)), wrappings.nbsp(line),
        f"[11/21/26 10:00:00] ERROR    {message}    base_events.py:1785", f"2026-11-21 10:00:00 [error    ] {message} [asyncio] code=1 logger=asyncio", f"{line}\n2026-11-21 10:00:01,000 INFO ready",
    ]


@pytest.mark.parametrize("name", samples.LOGGED)
def test_a_log_message_is_found_where_its_prefix_ends(name):
    texts = _ways(samples.LOGGED[name])
    for text, result in zip(texts, call.read_all(texts), strict=True):
        check_contract(result)
        assert [(entry["kind"], entry["patterns"]) for entry in result["tracebacks"]] == [("message", [name])], text


def test_a_log_message_beside_a_traceback_belongs_to_it():
    texts = [f"{before}Task exception was never retrieved\n{before}future: <Task finished>\n" + "\n".join(before + line for line in ONE.split("\n")) for before in ("", "web-1  | ", "[2026-11-21 10:00:00 +0000] [1001] [ERROR] ")]
    quoted = f"We saw Task exception was never retrieved in the log, and then\n{ONE}"
    *several, prose = call.read_all([*texts, quoted])
    assert [[(entry["kind"], entry["patterns"]) for entry in result["tracebacks"]] for result in several] == [[("traceback", ["task-exception-never-retrieved"])]] * len(texts)
    assert call.patterns(prose) == []


def _prose(path):
    """A page's texts: the whole and its paragraphs, without front matter, code blocks and shortcodes."""
    text = re.sub(r"(?s)\A---\n.*?\n---\n", "", path.read_text("utf-8"))
    text = re.sub(r"(?ms)^[ \t]*(```+|~~~+).*?^[ \t]*\1[ \t]*$|<!--.*?-->", "", text)
    return [text, *(part for part in re.split(r"\n\s*\n", text) if part.strip())]


def test_prose_names_nothing():
    """Our own pages speak of every message, and so do these sentences; none of them is a log."""
    texts = [(path.name, text) for path in sorted((ROOT / "docs").rglob("*.md")) for text in _prose(path)] + [("QUOTED", text) for text in (*samples.QUOTED, "\n\n".join(samples.QUOTED))]
    results = call.read_all([text for _, text in texts])
    assert [(name, text, call.patterns(result)) for (name, text), result in zip(texts, results, strict=True) if result["tracebacks"]] == []


def test_a_message_beside_a_traceback_is_no_entry_of_its_own():
    messages = [ALONE[name][0] for name in ("sync-only-operation", "loop-closed", "deadlock-single-thread")]
    for result in call.read_all([text for message in messages for text in (f"{message}\n\n{ONE}", f"{ONE}\n\n{message}")]):
        assert [(entry["kind"], entry["patterns"]) for entry in result["tracebacks"]] == [("traceback", [])]


def test_texts_that_are_not_python_are_refused():
    for (text, word), result in zip(samples.NOT_PYTHON, call.read_all([text for text, _ in samples.NOT_PYTHON]), strict=True):
        assert result["tracebacks"] == [], text
        assert word in result["unreadable"] and result["unreadable"].endswith("."), text


# Forms

@pytest.mark.parametrize("name", samples.FORMS)
def test_forms(name):
    text, kind, final, frames, own = samples.FORMS[name]
    result = call.read_all([text])[0]
    check_contract(result)
    main = call.main(result)
    assert call.frames(result) == frames
    assert (main["kind"], main["exceptions"][-1]["type"]) == (kind, final)
    assert sum(frame["own"] is True for exception in call.exceptions(main) for frame in exception["frames"]) == own


@pytest.mark.parametrize("wrap", [wrappings.compose, wrappings.journald, wrappings.quoted, wrappings.fenced, wrappings.indented, wrappings.crlf, wrappings.nbsp, wrappings.html_page], ids=lambda wrap: wrap.__name__)
def test_wrapped_forms_read_the_same(wrap):
    """Also the forms without Python's own frame lines."""
    results = call.read_all([wrap(form[0]) for form in samples.FORMS.values()])
    assert {name: call.frames(result) for name, result in zip(samples.FORMS, results, strict=True)} == {name: form[3] for name, form in samples.FORMS.items()}


def look(result):
    """(line, function) of where to look first in the main entry."""
    found = call.main(result)["lookFirst"]
    return found and (found["line"], found["function"])


def directions(result):
    return [(crossing["direction"], crossing["afterFrame"]) for crossing in call.main(result)["crossings"]]


def test_crossings_phantoms_and_where_to_look():
    phantom, handed, driven, both, refused, timeout, group = call.read_all([
        samples.failed("KeyError: 'pot'"),
        samples.trace(samples.VIEW, *samples.HANDED, samples.HELPER),
        samples.trace(samples.VIEW, *samples.DRIVEN, samples.HELPER),
        samples.trace(samples.VIEW, *samples.HANDED, samples.HELPER, *samples.DRIVEN, samples.HELPER),
        samples.trace(samples.VIEW, ("/usr/lib/python3.11/asyncio/runners.py", 186, "run", "raise RuntimeError("), error="RuntimeError: asyncio.run() cannot be called from a running event loop"),
        samples.PATTERNS["timeout"],
        samples.GROUP,
    ])
    assert [frame["phantom"] for frame in call.main(phantom)["exceptions"][0]["frames"]] == [True, False, False, False]
    assert directions(phantom) == [] and look(phantom) == (31, "total")
    assert directions(handed) == [("async->sync", 1)]
    assert directions(driven) == [("sync->async", 3)]
    assert directions(both) == [("async->sync", 1), ("sync->async", 7)]
    assert directions(refused) == []
    # What was slow, not where the timeout was raised; the first member, not the group.
    assert look(timeout) == (31, "total") and "slow" in call.main(timeout)["lookFirst"]["reason"]
    assert look(group) == (8, "quote")


def test_a_reader_may_say_which_folders_are_theirs():
    text = samples.failed("KeyError: 'pot'", (f"{samples.SITE}/our_prices/rates.py", 3, "rate", "return rates[currency]"))
    own = lambda result: [frame["function"] for frame in call.main(result)["exceptions"][0]["frames"] if frame["own"] is True]  # noqa: E731
    plain, mine, not_mine = call.read_all([text, {"text": text, "choice": {"mine": ["our_prices/"]}}, {"text": text, "choice": {"notMine": ["/srv/django/shop/"]}}])
    assert own(plain) == ["checkout", "total"] and own(mine) == ["checkout", "total", "rate"] and own(not_mine) == []
    assert look(mine) == (3, "rate") and call.main(not_mine)["lookFirst"] is None


def test_dumps_have_one_entry_per_thread_and_no_pattern():
    """A stack that waits in a stream is no failed stream; py-spy writes qualified names."""
    waiting = samples.trace(samples.SENDING, ("/srv/django/shop/views.py", 40, "lines", "await rates()"), error="").replace("Traceback", "Stack").strip()
    dump = samples.text("""
        Process 1001: gunicorn config.asgi
        Thread 1001 (idle): "MainThread"
            select (selectors.py:468)
        Thread 1002 (active): "asyncio_0"
            total (shop/totals.py:31)
            SyncToAsync.thread_handler (asgiref/sync.py:635)
            _WorkItem.run (concurrent/futures/thread.py:58)
            _worker (concurrent/futures/thread.py:83)
    """)
    stack, threads = call.read_all([waiting, dump])
    assert [entry["kind"] for entry in stack["tracebacks"]] == ["stack"] and call.patterns(stack) == []
    assert [len(entry["exceptions"][0]["frames"]) for entry in threads["tracebacks"]] == [1, 4]
    # Nothing is printed above the thread: the crossing is before the first frame.
    assert directions(threads) == [("async->sync", -1)]


def test_json_of_py_spy_has_one_entry_per_thread():
    """py-spy dump --json, alone and between other text."""
    frame = lambda name, file, line: {"name": name, "filename": file, "module": None, "short_filename": file, "line": line, "locals": None}  # noqa: E731
    threads = [
        {"pid": 1001, "thread_id": 140036, "thread_name": "MainThread", "active": True, "frames": [frame("total", "/srv/django/shop/totals.py", 31), frame("checkout", "/srv/django/shop/views.py", 12)]},
        {"pid": 1001, "thread_id": 140037, "thread_name": "asyncio_0", "active": False, "frames": [frame("_worker", "/usr/lib/python3.11/concurrent/futures/thread.py", 81)]},
    ]
    dump = json.dumps(threads, indent=2)
    for result in call.read_all([dump, json.dumps(threads), wrappings.fenced(dump), wrappings.indented(dump)]):
        assert [(entry["kind"], [frame["function"] for frame in entry["exceptions"][0]["frames"]]) for entry in result["tracebacks"]] == [("stack", ["checkout", "total"]), ("stack", ["_worker"])]


# Wrappings

def signature(result):
    """What the main entry says apart from its frames."""
    main = call.main(result)
    frames = [frame for exception in call.exceptions(main) for frame in exception["frames"]] if main else []
    return main and (
        main["kind"], main["exceptions"][-1]["type"], [crossing["direction"] for crossing in main["crossings"]],
        sum(frame["phantom"] for frame in frames), sum(frame["own"] is True for frame in frames), sorted(main["patterns"]),
    )


def agreement(expected, found):
    """(equal frames, frames) of two lists, in order."""
    matcher = difflib.SequenceMatcher(None, expected, found, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()), max(len(expected), len(found))


@pytest.mark.parametrize("wrap", wrappings.SAME, ids=lambda wrap: wrap.__name__)
def test_wrapped_traces_read_the_same(bare, wrap):
    results = call.read_all([wrap(text) for text, _ in bare.values()])
    counts = [agreement(call.frames(plain), call.frames(result)) for (_, plain), result in zip(bare.values(), results, strict=True)]
    assert sum(same for same, _ in counts) >= 0.97 * sum(every for _, every in counts)
    different = [name for (name, (_, plain)), result in zip(bare.items(), results, strict=True) if signature(plain) != signature(result)]
    assert len(different) <= 0.05 * len(bare), different


def test_windows_paths(bare):
    results = call.read_all([wrappings.windows(text) for text, _ in bare.values()])
    short = lambda frames: [(file.rsplit("/", 1)[-1], line, function) for file, line, function in frames]  # noqa: E731
    counts = [agreement(short(call.frames(plain)), short(call.frames(result))) for (_, plain), result in zip(bare.values(), results, strict=True)]
    assert sum(same for same, _ in counts) >= 0.97 * sum(every for _, every in counts)
    assert sum(signature(plain) != signature(result) for (_, plain), result in zip(bare.values(), results, strict=True)) <= 0.05 * len(bare)


@pytest.mark.parametrize("cut", [wrappings.cut_top, wrappings.cut_bottom], ids=lambda cut: cut.__name__)
def test_cut_texts_keep_the_frames_that_are_left(bare, cut):
    same = every = 0
    for seed in (3, 7):
        texts = [cut(text, seed) for text, _ in bare.values()]
        for text, result in zip(texts, call.read_all(texts), strict=True):
            # What is left, by the one form that these texts have
            left = [(file, int(line)) for file, line in re.findall(r'File "([^"\n]+)", line (\d+)', text)]
            found = [(file, line) for file, line, _ in call.frames(result)]
            # At most one frame more: the one whose path was cut
            hits, _ = agreement(left, found)
            same, every = same + hits, every + len(left) + max(0, len(found) - len(left) - 1)
    assert same >= 0.97 * every


def test_two_tracebacks_at_once(bare):
    pairs = list(zip(list(bare.values()), list(bare.values())[1:]))
    results = call.read_all([f"{one[0]}\n\n{other[0]}" for one, other in pairs])
    counts = [agreement(call.frames(one[1]) + call.frames(other[1]), call.frames(result)) for (one, other), result in zip(pairs, results, strict=True)]
    assert sum(same for same, _ in counts) >= 0.97 * sum(total for _, total in counts)
    assert all(len([entry for entry in result["tracebacks"] if entry["kind"] != "message"]) >= 2 for result in results)


ONE = samples.failed("KeyError: 'pot'")
OTHER = samples.failed("ValueError: 2", ("/srv/django/shop/tax.py", 9, "tax", "return rate"))
LOGGED = "2026-11-21 10:00:00 ERROR Internal Server Error: /basket/\n" + OTHER + "\n2026-11-21 10:00:01 INFO ready"


@pytest.mark.parametrize("order", ["lines", "blocks", "inside"])
@pytest.mark.parametrize("name", wrappings.MIXED)
def test_two_sources_in_one_log_stay_two_tracebacks(name, order):
    """Nothing of one gets into the other: types, messages, frames, members of groups, where to look."""
    pairs = [(ONE, OTHER), (ONE, LOGGED), (ONE + samples.CONTEXT + ONE, OTHER), (samples.GROUP, OTHER), (OTHER, samples.GROUP), (samples.GROUP, samples.GROUP.replace("CHF", "JPY"))]
    results = call.read_all([text for pair in pairs for text in (*pair, wrappings.mixed(pair, wrappings.MIXED[name], order))])
    for one, other, both in zip(results[::3], results[1::3], results[2::3], strict=True):
        assert both["tracebacks"] == one["tracebacks"] + other["tracebacks"]


@pytest.mark.parametrize("name", wrappings.MIXED)
def test_two_sources_are_told_apart_when_the_top_is_cut(name):
    cut = "\n".join(ONE.split("\n")[3:])
    for top in (cut, cut.partition("\n")[2]):
        one, other, both = call.read_all([top, OTHER, wrappings.mixed((top, OTHER), wrappings.MIXED[name], "blocks")])
        assert both["tracebacks"] == one["tracebacks"] + other["tracebacks"]


def test_one_source_stays_one_traceback():
    """Times, counters and levels in a prefix name no source, however often they come back; nor does another source's log."""
    prefixes = [
        lambda n: f"{n} ", lambda n: f"{n % 4 + 1:>4} | ", lambda n: f"[{n % 7}] ", lambda n: f"10:00:{n % 3:02d} | ", lambda n: f"[2026-11-21 10:00:{n % 3:02d},{n % 5}00] ", lambda n: f"Nov 21 10:0{n % 2}:00 host web: ",
        lambda n: f"web-1 | [{'ERROR' if n % 2 else 'INFO'}] ", lambda n: f"2026-11-21T10:00:00.{n % 3}Z {'stdout' if n % 2 else 'stderr'} F ", lambda n: f"{1763719200 + n % 3}.5 web: ", lambda n: f"web-1 (+{n % 3}.5ms) | ", lambda n: f"{n * 7919 % 65536:04x} | ",
    ]
    text = ONE + samples.CONTEXT + OTHER
    wrapped = ["\n".join(prefix(number) + line for number, line in enumerate(text.split("\n"))) for prefix in prefixes]
    noisy = "\n".join(line for number, part in enumerate(text.split("\n")) for line in (f"web-1 | {part}", f'web-2 | 10.0.0.{number} - "GET /healthz/ HTTP/1.1" 200'))
    plain, *results = call.read_all([text, *wrapped, noisy])
    assert [number for number, result in enumerate(results) if result != plain] == []


def test_tracebacks_that_nothing_interrupts_keep_their_order():
    """Of two workers in turn: the last one in the log stays the last."""
    texts = [ONE, OTHER, ONE.replace("pot", "pan")]
    prefixes = wrappings.MIXED["compose"]
    log = "\n".join(prefixes[number % 2] + line for number, text in enumerate(texts) for line in text.split("\n"))
    assert [entry["exceptions"][-1]["message"] for entry in call.read_all([log])[0]["tracebacks"]] == ["'pot'", "2", "'pan'"]


def test_a_log_with_the_newest_line_first_is_turned_round():
    lines = [f"2026-11-21T10:00:{number:02d}.5Z web-1 {line}" for number, line in enumerate(["INFO ready", *OTHER.split("\n"), "INFO 200 /"])]
    tied = [re.sub(r":\d\d\.5Z", f":{number // 3:02d}Z", line) for number, line in enumerate(lines)]
    forward, back, seconds = call.read_all(["\n".join(lines), "\n".join(lines[::-1]), "\n".join(tied[::-1])])
    assert look(forward) == (9, "tax")
    assert forward == back == seconds


# Promises

FRAGMENTS = [line for text in (*samples.PATTERNS.values(), *(form[0] for form in samples.FORMS.values()), samples.GROUP) for line in text.split("\n")] + [
    "```", "> ", "web-1  | ", "web-2  | ", "\x1b[31m", "&lt;module&gt;", "<br>", "<textarea id=\"traceback_area\">", "</textarea>", "\u2028", "“", "\\n", "\\_", "**", '"""', "{", '{"', '{"frames":[{"filename":"a","lineno":1}]}',
    "\ud800", "\0", "\r", "File \"", '", line 3', "│", "╭", "[Previous line repeated 960 more times]", "Exception Value:", samples.DIRECT, samples.CONTEXT, "__proto__", "constructor: toString",
]


def test_it_never_throws_and_always_says_the_same():
    chance = random.Random(20261121)
    texts = []
    for _ in range(10_000):
        parts = []
        for _ in range(chance.randrange(0, 16)):
            part = chance.choice(FRAGMENTS)
            if chance.random() < 0.2:
                part = part[chance.randrange(len(part) + 1):]
            parts.append(" " * chance.choice((0, 0, 0, 2, 4)) + part + ("\n" if chance.random() < 0.8 else ""))
        texts.append("".join(parts))
    results = call.read_all(texts)
    for text, result in zip(texts, results, strict=True):
        assert "thrown" not in result, text
        assert "could not be read" not in (result["unreadable"] or ""), (text, result["unreadable"])
        check_contract(result)
    assert call.read_all(texts[:1000]) == results[:1000]


LONG = {
    "traces": samples.failed("KeyError: 'pot'") + "\n", "log": "2026-11-21 10:00:00 INFO ready\n", "one word": "a", "blanks": " ", "files": 'File "', "cut files": '  File "/a/b.py",\n', "tags": "<p", "entities": "&", "braces": '{"', "json": '{"message":"x"}\n',
    "no json": '{"a":}\n', "escapes": "\\n", "escaped files": '\\n  File \\"', "colours": "\x1b[", "bars": "│", "boxes": "│ /a │\n", "pipes": "|", "pluses": "+-", "groups": "  +-+---------------- 1 ----------------\n", "members": "    +---------------- 2 ----------------\n",
    "dots": "a.", "colons": "a: ", "errors": "KeyError: x\n", "headers": "Traceback (most recent call last):\n", "one line": 'Traceback (most recent call last): File "a.py", line 1, in f x() ', "brackets": "[", "tests": "E   KeyError\n>   x\n",
    "executing": "Executing <Task ", "instances": "Application instance ", "during": "During handling of the above exception (", "numbers": "---> 1 x\n", "quotes": "'\"", "words": "x y\n", "fences": "```\n",
    "frames": '  File "a.py", line 1, in f\n', "frames and errors": '  File "a.py", line 1, in f\n    g()\nKeyError: x\n', "bar lines": "|\n", "colour lines": "\x1b[31mx\x1b[0m\n", "raises": "raise X\n", "spaced errors": "KeyError: x\n\n", "boxed errors": "  | KeyError: x\n", "dotted errors": "a.b.c.KeyError: x\n",
    "known errors": "RuntimeError: Event loop is closed\n", "log messages": "[2026-11-21 10:00:00 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:2)\n", "json messages": '{"message":"Task exception was never retrieved","level":"error"}\n', "quoted messages": "we saw Task exception was never retrieved and wondered\n", "cut messages": f"Application instance <{'took too long ' * 8}\n",
    "prefixed messages": f"{'[x] ' * 1900}never awaited\n", "fields": 'a="' * 2000 + "never awaited\n", "dictionaries": "'a': '" * 1200 + "never awaited\n", "tasks": "* Task(name='a')\n", "branches": "└── (T) a\n", "deep branches": "├" * 300 + "\n", "threads": 'Thread 1 (idle): "x"\n', "dumps": "Current thread 0x0000 (most recent call first):\n",
    "two sources": wrappings.mixed((ONE, OTHER), wrappings.MIXED["compose"], "lines") + "\n", "prefixes": "web-1 [2026-11-21 10:00:00] 5m-5m-5m.5m @-.- | File \"a\"\n", "newest first": "2026-11-21 10:00:00 File \"a\", line 1\n",
}


@pytest.fixture(scope="module")
def times():
    """{name: (seconds for 250,000 characters, seconds for 1,000,000)} of every text in LONG."""
    return measured(LONG)


def measured(names):
    """The same for some of the names, in one process."""
    texts = [LONG[name] * (size // len(LONG[name])) for name in names for size in (250_000, 1_000_000)]
    answers = call.read_all([{"text": text, "seconds": True} for text in texts])
    assert not any("thrown" in answer for answer in answers)
    seconds = [answer["seconds"] for answer in answers]
    return dict(zip(names, zip(seconds[::2], seconds[1::2]), strict=True))


@pytest.mark.parametrize("name", LONG)
def test_time_grows_with_the_length_and_not_faster(name, times):
    """Four times the text takes about four times as long; much more would mean that something looks back (with room for a busy machine)."""
    short, long = times[name]
    if long < max(12 * short, 1.5):
        return
    # Once more on its own: the machine may have been busy.
    short, long = measured([name])[name]
    assert long < max(12 * short, 3), f"{short:.2f} s for a quarter of a million characters, {long:.2f} s for a million"


def test_the_module_touches_neither_page_nor_network():
    for module in MODULES:
        text = re.sub(r"(?m)^\s*//.*$", "", module.read_text("utf-8"))
        assert not re.search(r"\b(?:document|window|globalThis|fetch|XMLHttpRequest|WebSocket\(|EventSource|navigator|localStorage|eval|Function)\b(?!\w*['\"|])\s*[.(]", text), module.name
        assert not re.search(r"\b(?:Date|Math\.random|process|require)\b\s*[.(]", text), module.name
        for source in re.findall(r'(?m)^(?:import|export) .*? from "([^"]+)"', text):
            assert source.startswith("./") and (module.parent / source).exists(), f"{module.name} imports {source}"


def test_results_survive_json(bare):
    result = next(iter(bare.values()))[1]
    assert json.loads(json.dumps(result)) == result
