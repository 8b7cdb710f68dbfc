"""The traceback reader as readers use it: by pasting, typing, dropping a file, by keyboard, on a phone, without JavaScript, on paper."""

import re

import pytest
import reader
from data import load

from tests.browser.axe import in_both_schemes
from tests.conftest import open_page

PAGES = [("ja", "troubleshoot/reader/"), ("en", "en/troubleshoot/reader/")]
TEXTS = load(reader.FILE)
WORDS = {lang: {key: text[lang] for key, text in TEXTS["words"].items()} for lang in ("ja", "en")}
CAPTURES = {example["trace"].rsplit("/", 1)[0]: reader.captured(example["trace"]) for example in TEXTS["examples"]}

# What each example has to lead to: (the place to look first, or the situation that explains why there is none; the pattern).
LEADS_TO = {
    "five/both-ways-asgi": ("table.py:", None),
    "five/async-asgi": ("table.py:", None),
    "sync-only-operation/foreign-key": ("database.py:", "sync-only-operation"),
    "exception-group/nested": ("partner.py:", "exception-group"),
    "timeout/wait-for": ("waiting.py:", "timeout"),
    "task-exception-never-retrieved/plain": ("table.py:", "task-exception-never-retrieved"),
    "worker-timeout/sync-view": ("waiting.py:", "worker-timeout"),
    "wsgi-app-on-asgi-server": ("mismatch", "wsgi-app-on-asgi-server"),
}

PASTE = """text => {
    const area = document.querySelector("#reader-text")
    const data = new DataTransfer()
    data.setData("text/plain", text)
    area.focus()
    area.select()
    // A made-up paste event does not change the field; what the page does not take over is put there as a browser would.
    if (area.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}))) {
        area.value = text
        area.dispatchEvent(new InputEvent("input", {inputType: "insertFromPaste", bubbles: true}))
    }
}"""


def start(page, url: str):
    """Open the page, and wait until its script has come to life."""
    page.goto(url)
    page.locator(".reader.on").wait_for()


def paste(page, text: str):
    """Replace what is in the field, as a paste does, and wait until it is read."""
    page.evaluate(PASTE, text)
    ready(page)


def ready(page):
    page.wait_for_function("!document.querySelector('.reader[aria-busy]')", timeout=60_000)


def example(page, name: str):
    """Choose an example."""
    number = list(CAPTURES).index(name)
    page.locator(f"[data-example='{number}']").evaluate("button => button.click()")
    ready(page)


def status(page) -> str:
    return page.locator(".reader-status").inner_text()


def first(page) -> str:
    """`table.py:7`: what the main traceback says to look at first."""
    return page.locator(".reader-trace .reader-first-place b").inner_text()


def plain(text: str) -> str:
    """A text of reader.yml as the page shows it."""
    return text.replace("`", "")


@pytest.mark.parametrize(("lang", "where"), PAGES)
def test_each_example_leads_to_its_line_and_pattern(page, address, lang, where):
    """The line to fix, and the pattern that the example is there for, in both languages."""
    assert list(CAPTURES) == list(LEADS_TO)
    start(page, address + where)
    for name, (place, pattern) in LEADS_TO.items():
        example(page, name)
        assert page.locator("#reader-text").input_value() == CAPTURES[name]
        if place.endswith(":"):
            assert first(page).startswith(place), name
            assert page.locator(".reader-trace .reader-frame.first").count() == 1, name
        else:
            assert plain(TEXTS["situations"][place][lang]) in page.locator(".reader-first.none").inner_text(), name
        links = page.locator(".reader-trace .reader-pattern a")
        if pattern:
            assert links.first.get_attribute("href").endswith(f"stack-traces/patterns/#{pattern}"), name
        else:
            assert links.count() == 0 and WORDS[lang]["unknown"] in page.locator(".reader-pattern").inner_text(), name


def test_the_sandwich_shows_boundaries_and_what_is_none(page, address):
    """Own frames, crossings in their order, re-raised frames with a reason, folded runs that open."""
    start(page, address + "en/troubleshoot/reader/")
    example(page, "five/both-ways-asgi")
    crossings = page.locator(".reader-crossing").all_text_contents()
    into_thread, into_loop = WORDS["en"]["into_thread"], WORDS["en"]["into_loop"]
    assert [text.removeprefix("▼ ") for text in crossings] == [into_thread, into_loop, into_thread]
    phantoms = page.locator(".reader-frame.phantom")
    assert phantoms.count() == 2 and WORDS["en"]["phantom"] in phantoms.first.inner_text()
    own = page.locator(".reader-frame.own")
    assert own.count() == 4 and all(TEXTS["layers"]["own"]["name"]["en"] in text for text in own.all_inner_texts())
    fold = page.locator(".reader-fold").first
    assert fold.locator(".reader-frame").count() == 0
    fold.locator("summary").click()
    fold.locator(".reader-frame").first.wait_for()


def test_html_in_a_paste_is_text(page, address):
    """In every place that takes text from the paste: path, function, source, exception, message."""
    start(page, address + "troubleshoot/reader/")
    bad = "<img src=x onerror=document.title='hit'><script>document.title='hit'</script>"
    paste(page, (
        "Traceback (most recent call last):\n"
        f'  File "/srv/{bad}.py", line 3, in <b>f</b>\n    {bad}\n'
        f'  File "/srv/app/views.py", line 5, in {bad}\n    return "{bad}"\n'
        f"ValueError: {bad}\n"
    ))
    assert page.locator(".reader-trace").count() == 1
    assert "ValueError" in page.locator(".reader-title").inner_text()
    assert "<script>" in page.locator(".reader-trace").inner_text()
    page.locator(".reader-preview summary").click()
    assert page.locator(".reader-result :is(img, script, iframe, object, svg)").count() == 0
    assert "hit" not in page.title()


def test_ten_megabytes_do_not_stop_the_page(page, address):
    """While a worker reads, the page goes on; what is read is the end; the field shows the beginning and says so."""
    start(page, address + "en/troubleshoot/reader/")
    one = CAPTURES["five/both-ways-asgi"]
    text = one * (9_900_000 // len(one)) + CAPTURES["sync-only-operation/foreign-key"]
    page.evaluate("""() => {
        const busy = () => document.querySelector(".reader[aria-busy]")
        window.ticks = {frames: 0, timers: 0}
        requestAnimationFrame(function frame() { if (busy()) ticks.frames++; requestAnimationFrame(frame) })
        setInterval(() => { if (busy()) ticks.timers++ }, 10)
    }""")
    page.evaluate(PASTE, text)
    assert status(page).startswith(WORDS["en"]["reading"])
    ready(page)
    ticks = page.evaluate("ticks")
    assert ticks["frames"] >= 3 and ticks["timers"] >= 10, f"{ticks}: the page stood still while a text was read; read it in the worker."
    assert first(page).startswith("database.py:")
    area = page.locator("#reader-text")
    assert area.get_attribute("readonly") is not None and len(area.input_value()) == 100_000
    assert WORDS["en"]["excerpt"].split("{")[0] in status(page)
    page.locator(".reader-clear").click()
    assert area.get_attribute("readonly") is None and area.input_value() == "" and status(page) == WORDS["en"]["idle"]


def test_a_new_paste_ends_the_one_before(page, address):
    """What was pasted last is shown, and the earlier one never turns up."""
    start(page, address + "troubleshoot/reader/")
    one = CAPTURES["five/both-ways-asgi"]
    page.evaluate(PASTE, one * (5_000_000 // len(one)))
    assert page.locator(".reader[aria-busy]").count() == 1
    paste(page, CAPTURES["exception-group/nested"])
    title = page.locator(".reader-title").inner_text()
    assert "ExceptionGroup" in title
    page.wait_for_timeout(500)
    assert page.locator(".reader-title").inner_text() == title


def test_typing_is_read_after_a_moment(page, address):
    """By keys, and taken back by keys."""
    start(page, address + "troubleshoot/reader/")
    page.locator("#reader-text").press_sequentially('Traceback (most recent call last):\n  File "/srv/a.py", line 3, in f\nValueError: x')
    page.locator(".reader-title", has_text="ValueError").wait_for()
    page.locator("#reader-text").press("Control+a")
    page.keyboard.press("Delete")
    page.locator(".reader-result").wait_for(state="hidden")
    assert status(page) == WORDS["ja"]["idle"]


def test_nothing_leaves_the_page(page, address):
    """No request but for the reader's own files, nothing of a paste in the address, nothing stored."""
    requests = []
    start(page, address + "en/troubleshoot/reader/?from=mail#paste")
    page.wait_for_load_state("networkidle")
    page.on("request", lambda request: requests.append((request.method, request.url)))
    for name in CAPTURES:
        example(page, name)
    paste(page, "GET /secret/ token\n" + CAPTURES["timeout/wait-for"])
    page.locator(".reader-folders summary").click()
    page.locator(".reader-folders fieldset", has_text="sales/rates/").locator("[value=false]").check()
    page.locator(".reader-copy").click()
    own = address + "assets/javascripts/traceback/"
    assert [entry for entry in requests if entry[0] != "GET" or not entry[1].startswith(own) or "?" in entry[1]] == []
    assert page.url == address + "en/troubleshoot/reader/?from=mail#paste"
    stored = page.evaluate("JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), document.cookie])")
    assert "secret" not in stored and "sales" not in stored and "reader" not in stored


@pytest.mark.parametrize(("lang", "where"), PAGES)
def test_short_issue_report(page, address, lang, where):
    """The exception, own lines, boundaries, the pattern's address, versions; nothing else of the paste, and no secrets."""
    start(page, address + where)
    trace = CAPTURES["sync-only-operation/foreign-key"].replace("/srv/django", f"/home/{'alice'}/shop")
    paste(page, "Cookie: sessionid=abcdefgh12345678\nDjango version 5.2.19, using settings 'sales.settings'\n" + trace)
    page.locator(".reader-copy").click()
    page.locator(".reader-copying [role=status]", has_text=WORDS[lang]["copied"]).wait_for()
    text = page.evaluate("navigator.clipboard.readText()")
    assert text.startswith("**`django.core.exceptions.SynchronousOnlyOperation: You cannot call this from an async context")
    for part in ("KeyError: 'customer'", "sales/views/orm.py:", "sales/rates/database.py:", "Python 3.11", "Django 5.2.19",
                 f"<{address}{where.replace('reader/', '')}stack-traces/patterns/#sync-only-operation>"):  # fmt: skip
        assert part in text
    for part in ("sessionid", "abcdefgh", "alice", "INFO:", "ERROR", "related_descriptors", "response = await get_response"):
        assert part not in text
    page.locator(".reader-preview summary").click()
    assert page.locator(".reader-preview pre").inner_text().strip() == text.strip()

    example(page, "five/both-ways-asgi")
    page.locator(".reader-copy").click()
    page.locator(".reader-copying [role=status]", has_text=WORDS[lang]["copied"]).wait_for()
    text = page.evaluate("navigator.clipboard.readText()")
    assert text.count(WORDS[lang]["into_thread"]) == 2 and text.count(WORDS[lang]["into_loop"]) == 1


def test_report_masks_what_looks_like_a_secret(page, address):
    """In the message and in own source lines."""
    start(page, address + "troubleshoot/reader/")
    paste(page, (
        'Traceback (most recent call last):\n  File "/srv/app/db.py", line 3, in go\n    connect("postgres://shop:hunter22@db/x", password="hunter22")\n'
        "OperationalError: postgres://shop:hunter22@db refused, token=ghp_abcdefghijklmnopqrstuvwxyz0123456789\n"
    ))
    page.locator(".reader-preview summary").click()
    text = page.locator(".reader-preview pre").inner_text()
    assert "OperationalError" in text and "***" in text
    assert "hunter22" not in text and "ghp_" not in text


def test_mine_and_not_mine(page, address):
    """A folder changes sides: its frames, and the place to look first, at once; remembered only when asked to."""
    start(page, address + "en/troubleshoot/reader/")
    example(page, "five/both-ways-asgi")
    assert first(page).startswith("table.py:")
    page.locator(".reader-folders summary").click()
    row = page.locator(".reader-folders fieldset", has_text="sales/rates/")
    row.locator("[value=false]").check()
    assert first(page).startswith("pricing.py:")
    assert page.locator(".reader-frame.own").count() == 3
    assert row.locator("[value=false]").is_checked()
    page.reload()
    page.locator(".reader.on").wait_for()
    example(page, "five/both-ways-asgi")
    assert first(page).startswith("table.py:")  # not remembered by itself

    page.locator(".reader-folders summary").click()
    page.locator(".reader-folders [type=checkbox]").check()
    row.locator("[value=false]").check()
    page.reload()
    page.locator(".reader.on").wait_for()
    example(page, "five/both-ways-asgi")
    assert first(page).startswith("pricing.py:")
    assert page.evaluate("Object.entries(localStorage).filter(([key]) => key.includes('reader')).map(([, value]) => JSON.parse(value))") == [{"/srv/django/sales/rates/": False}]
    page.locator(".reader-folders button").click()
    assert first(page).startswith("table.py:")
    page.locator(".reader-folders [type=checkbox]").uncheck()
    assert page.evaluate("Object.keys(localStorage).filter(key => key.includes('reader'))") == []


def test_an_installed_package_can_be_mine(page, address):
    """And what is read without a choice stays as it is."""
    start(page, address + "troubleshoot/reader/")
    paste(page, (
        'Traceback (most recent call last):\n  File "/srv/app/views.py", line 3, in view\n    go()\n'
        '  File "/usr/lib/python3.11/site-packages/ourlib/core.py", line 8, in go\n    raise ValueError(1)\nValueError: 1\n'
    ))
    assert first(page) == "views.py:3"
    page.locator(".reader-folders summary").click()
    page.locator(".reader-folders fieldset", has_text="ourlib/").locator("[value=true]").check()
    assert first(page) == "core.py:8"
    assert page.locator(".reader-frame.own").count() == 2


def test_choices_are_pure(page, address):
    """The narrowest choice wins; nothing that was read is changed; what is stored is checked."""
    start(page, address + "troubleshoot/reader/")
    script = page.locator("script[src*='traceback/page']").evaluate("script => script.src").replace("page.js", "folders.js")
    found = page.evaluate("""async script => {
        const {apply, chosen, remembered, foldersOf} = await import(script)
        const frame = (file, layer, own) => ({file, line: 1, function: "f", source: null, layer, own, phantom: false})
        const entry = {exceptions: [{type: "E", message: "", frames: [frame("/a/b/c.py", "own", true), frame("/a/b/v/d.py", "own", true)], members: []}], crossings: [], lookFirst: null, patterns: []}
        const before = JSON.stringify(entry)
        const applied = apply(entry, {"/a/": false, "/a/b/v/": true}, changed => changed.exceptions[0].frames.map(item => item.own))
        return {
            unchanged: JSON.stringify(entry) === before,
            own: applied.lookFirst,
            layers: applied.exceptions[0].frames.map(item => item.layer),
            same: apply(entry, {"/x/": true}, () => 0) === entry,
            windows: foldersOf("C:\\\\app\\\\x\\\\y.py"),
            none: chosen("/q/r.py", {"/a/": true}),
            stored: [remembered("nonsense"), remembered("null"), remembered('["/a/"]'), remembered('{"/a/": true, "/b/": "yes", "c": true}')],
        }
    }""", script)
    assert found == {
        "unchanged": True, "own": [False, True], "layers": ["third-party", "own"], "same": True, "windows": ["C:/", "C:/app/", "C:/app/x/"], "none": None,
        "stored": [{}, {}, {}, {"/a/": True}],
    }


@pytest.mark.parametrize(("lang", "where"), PAGES)
def test_what_cannot_be_read_is_refused_in_a_sentence(page, address, lang, where):
    """White space, prose, another language, a file that is no text."""
    start(page, address + where)
    words = WORDS[lang]
    assert status(page) == words["idle"]
    java = 'Exception in thread "main" java.lang.NullPointerException\n    at com.example.shop.Cart.total(Cart.java:14)\n'
    node = "TypeError: x is not a function\n    at total (/srv/app/cart.js:3:11)\n    at Object.<anonymous> (/srv/app/index.js:9:1)\n"
    for text, sentence in (
        (" \n\t\n", words["empty"]), ("Hello, world.\nAll is well.", words["unreadable"]),
        (java, words["other_language"].format(language="Java")), (node, words["other_language"].format(language="JavaScript")),
    ):
        paste(page, text)
        assert status(page) == plain(sentence)
        assert not page.locator(".reader-result").is_visible()
    page.locator(".reader-file").set_input_files({"name": "log.gz", "mimeType": "application/gzip", "buffer": b"\x1f\x8b\x08\x00\x00\x00\x00\x00abc"})
    page.locator(".reader-status", has_text=words["binary"]).wait_for()
    page.locator(".reader-file").set_input_files({"name": "screen.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n\x00\x00\x00"})
    page.locator(".reader-status", has_text=words["picture"]).wait_for()
    paste(page, CAPTURES["timeout/wait-for"])
    assert page.locator(".reader-trace").count() == 1


def test_a_file_is_read_in_any_usual_encoding_and_its_end_when_it_is_long(page, address):
    """UTF-8, what PowerShell writes, and a log of more than the limit."""
    start(page, address + "en/troubleshoot/reader/")
    text = CAPTURES["five/async-asgi"]
    for name, content in (("a.log", text.encode()), ("b.log", b"\xff\xfe" + text.encode("utf-16le")), ("c.log", (f"INFO {'nothing happened ' * 40}\n" * 16_000 + text).encode())):
        page.locator(".reader-clear").click()
        page.locator(".reader-file").set_input_files({"name": name, "mimeType": "text/plain", "buffer": content})
        page.locator(".reader-first-place").wait_for(timeout=60_000)
        assert first(page).startswith("table.py:"), name
        assert ("only the last" in status(page)) == (name == "c.log")


def test_a_file_can_be_dropped(page, address):
    """Anywhere on the reader."""
    start(page, address + "troubleshoot/reader/")
    page.evaluate("""text => {
        const data = new DataTransfer()
        data.items.add(new File([text], "error.log", {type: "text/plain"}))
        const target = document.querySelector(".reader-status")
        for (const type of ["dragover", "drop"]) target.dispatchEvent(new DragEvent(type, {dataTransfer: data, bubbles: true, cancelable: true}))
    }""", CAPTURES["five/async-asgi"])
    page.locator(".reader-first-place", has_text="table.py").wait_for()


SECRETS = {
    "cookies": "Cookie: csrftoken=abc; sessionid=0123456789abcdef",
    "authorization": "Authorization: Bearer abcdef123456",
    "secret_key": "SECRET_KEY = 'x8d!kf93kd02kf9sldk'",
    "password": "PASSWORD: 'correcthorse'",
    "url": "postgres://shop:correcthorse@db.internal/shop",
    "token": "using AKIAABCDEFGHIJKLMNOP",
    "private_key": "-----BEGIN RSA PRIVATE KEY-----",
    "debug_page": "Using settings module sales.settings",
}


@pytest.mark.parametrize(("lang", "where"), PAGES)
def test_secrets_are_warned_of(page, address, lang, where):
    """Each kind by its name; a trace without any has no warning."""
    start(page, address + where)
    assert set(SECRETS) == set(TEXTS["cautions"])
    for name in CAPTURES:
        example(page, name)
        assert page.locator(".reader-caution").count() == 0, name
    for kind, line in SECRETS.items():
        paste(page, f"{line}\n{CAPTURES['five/async-asgi']}")
        assert plain(TEXTS["cautions"][kind][lang]) in page.locator(".reader-caution").inner_text(), kind
    paste(page, SECRETS["password"])  # also when there is nothing to read
    assert page.locator(".reader-caution").is_visible()


def test_several_tracebacks_in_one_text(page, address):
    """The last one comes first; the others can be opened, and what is there twice is there once."""
    start(page, address + "en/troubleshoot/reader/")
    paste(page, CAPTURES["timeout/wait-for"] + CAPTURES["five/async-asgi"] * 3 + CAPTURES["sync-only-operation/foreign-key"])
    assert "SynchronousOnlyOperation" in page.locator(".reader-title").inner_text()
    others = page.locator(".reader-other")
    assert others.count() == 2
    assert WORDS["en"]["times"].format(n=3) in others.nth(1).inner_text()
    assert others.nth(1).locator(".reader-frame").count() == 0
    others.nth(1).locator("summary").first.click()
    others.nth(1).locator(".reader-first-place", has_text="table.py").wait_for()


def test_recursion_is_folded(page, address):
    """A thousand frames in a cycle of two are a few rows."""
    start(page, address + "en/troubleshoot/reader/")
    two = '  File "/srv/app/a.py", line 3, in a\n    b()\n  File "/srv/app/b.py", line 4, in b\n    a()\n'
    paste(page, "Traceback (most recent call last):\n" + two * 500 + "RecursionError: maximum recursion depth exceeded\n")
    assert page.locator(".reader-frames > li").count() == 3
    assert "499" in page.locator(".reader-repeat").inner_text()
    assert page.locator(".reader-frame.first").count() == 1
    assert page.locator(".reader-pattern a").get_attribute("href").endswith("#recursion")


def test_a_member_of_a_group_stands_inside_it(page, address):
    """Nested lists, and the look goes into the first member."""
    start(page, address + "en/troubleshoot/reader/")
    example(page, "exception-group/nested")
    assert page.locator(".reader-members .reader-members .reader-exception").count() >= 2
    assert page.locator(".reader-members .reader-frame.first").count() == 1


def test_keyboard_alone(page, address):
    """From the field to an example, to its frames, to the pattern and the folders; the focus is seen."""
    start(page, address + "en/troubleshoot/reader/")
    page.locator("#reader-text").focus()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.example") == "2":
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.locator(".reader-title").wait_for()
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.closest('.reader-pattern, .reader-fold, .reader-copying, .reader-folders, .reader-first')?.className.split(' ')[0] ?? ''"))
    assert {"reader-pattern", "reader-fold", "reader-copying", "reader-folders"} <= reached


def test_a_screen_reader_hears_the_result(page, address):
    """A polite status, a named region, a heading, lists, and words where there are colours."""
    start(page, address + "en/troubleshoot/reader/")
    example(page, "five/both-ways-asgi")
    assert page.locator(".reader-status").get_attribute("role") == "status"
    tree = page.locator(".reader-result").aria_snapshot()
    for part in ('region "Result"', "heading", "list", "your code", "into a thread", WORDS["en"]["phantom"]):
        assert part in tree
    assert "▼" not in tree and "▲" not in tree


@pytest.mark.parametrize(("lang", "where"), PAGES)
def test_without_javascript_it_says_how_to_read_by_hand(browser, address, lang, where):
    """No field that does nothing; the five steps, and the examples as they were printed."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + where)
    assert not page.locator("#reader-text").is_visible()
    assert not page.locator("[data-example]").first.is_visible()
    assert page.locator("#by-hand + ol > li").count() == 5
    page.locator(".reader-examples li summary").first.click()
    assert page.locator(".reader-examples pre").first.inner_text().strip() == CAPTURES["five/both-ways-asgi"].strip()
    context.close()


def test_on_a_phone_nothing_is_wider_than_the_screen(page, address):
    """Long paths and messages break or scroll inside their block."""
    page.set_viewport_size({"width": 360, "height": 740})
    start(page, address + "troubleshoot/reader/")
    long = "/srv/" + "a-very-long-folder-name" * 12 + "/views.py"
    paste(page, f'Traceback (most recent call last):\n  File "{long}", line 3, in {"f" * 200}\n    return {"x" * 400}\n{"E" * 150}Error: {"y" * 900}\n')
    assert page.locator(".reader-trace").count() == 1
    page.evaluate("document.querySelectorAll('.reader details').forEach(details => { details.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for name in CAPTURES:
        example(page, name)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name


def test_on_paper(page, address):
    """The result, without what can only be clicked."""
    start(page, address + "en/troubleshoot/reader/")
    example(page, "five/both-ways-asgi")
    page.emulate_media(media="print")
    assert not page.locator("#reader-text").is_visible() and not page.locator(".reader-copy").is_visible()
    assert page.locator(".reader-first").is_visible() and page.locator(".reader-crossing").first.is_visible()


@pytest.mark.parametrize(("where", "width"), [("troubleshoot/reader/", 1280), ("en/troubleshoot/reader/", 360)])
def test_no_violation_of_axe_in_any_state(browser, address, where, width):
    """At the start, with results of every kind, with a warning, with a refusal; in light and dark."""
    page = open_page(browser, viewport={"width": width, "height": 900}, reduced_motion="reduce")
    start(page, address + where)
    problems = []

    def look(state):
        page.evaluate("document.querySelectorAll('.reader details').forEach(details => { details.open = true })")
        problems.extend(in_both_schemes(page, state, ".reader"))

    look("start")
    for name in ("exception-group/nested", "worker-timeout/sync-view"):
        example(page, name)
        look(name)
    unsure = 'Traceback (most recent call last):\n  File "thing/core.py", line 3, in go\n    go()\nValueError: 1\n'
    paste(page, "Authorization: Basic abcdefgh\n" + CAPTURES["five/both-ways-asgi"] + CAPTURES["wsgi-app-on-asgi-server"] + unsure)
    look("several, with a warning")
    paste(page, "Hello.")
    look("refused")
    page.context.close()
    assert not problems, "\n".join(problems)


def test_every_text_is_used(page, address):
    """No sentence in reader.yml that no page says."""
    folder = reader.ROOT / "docs/assets/javascripts/traceback"
    code = "".join(path.read_text("utf-8") for path in [folder / "view.js", folder / "report.js", *[reader.ROOT / "overrides/hooks/reader.py"]])
    made = {f"why_{name}" for name in ("final", "raised", "earlier", "slow", "member", "worker", "stack")} | {f"{name}_{count}" for name in ("frame", "members") for count in ("one", "many")}
    unused = [key for key in TEXTS["words"] if key not in made and not re.search(rf"""words(?:\.{key}\b|\["{key}"\])""", code)]
    assert not unused, f"{unused}: take them out of reader.yml."


def test_of_a_dump_the_stack_with_own_code_comes_first(page, address):
    """Where it hangs is not in the thread that happens to be printed last."""
    start(page, address + "en/troubleshoot/reader/")
    frame = '  File "{}", line {} in {}\n'.format
    paste(page, (
        "Fatal Python error: Aborted\n\nThread 0x00007f1 (most recent call first):\n" + frame("/srv/app/rates.py", 9, "wait") + frame("/srv/app/views.py", 3, "view")
        + "\nThread 0x00007f2 (most recent call first):\n" + frame("/usr/lib/python3.11/selectors.py", 468, "select") + frame("/usr/lib/python3.11/asyncio/base_events.py", 603, "run_forever")
    ))
    assert first(page) == "rates.py:9"
    assert status(page) == WORDS["en"]["read_stacks"].format(n=2)
    assert page.locator(".reader-other").count() == 1


@pytest.mark.parametrize(("lang", "where"), PAGES)
def test_a_warning_shows_its_place_and_that_it_can_be_late(page, address, lang, where):
    start(page, address + where)
    paste(page, "web-1  | /app/shop/views.py:14: RuntimeWarning: coroutine 'notify' was never awaited\nweb-1  |   notify('<script>x</script>')\n")
    assert status(page) == plain(WORDS[lang]["read_message"])
    assert first(page) == "views.py:14"
    shown = page.locator(".reader-first.warned").inner_text()
    assert "notify('<script>x</script>')" in shown and WORDS[lang]["warned"] in shown and plain(WORDS[lang]["warned_late"]) in shown
    assert WORDS[lang]["none_frames"] not in page.locator(".reader-result").inner_text()
    assert page.locator(".reader-frame").count() == 0
