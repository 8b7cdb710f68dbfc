"""The catalogue of patterns as readers use it: filtered by typing, by address, by keyboard, on a phone, without JavaScript, on paper."""

import patterns
import pytest
from data import load

from tests.browser.axe import in_both_schemes, violations
from tests.conftest import open_page

WHERE = "troubleshoot/stack-traces/patterns/"
PAGES = [("ja", WHERE), ("en", f"en/{WHERE}")]
NAMES = [name for group in load(patterns.FILE)["groups"] for name in group["patterns"]]
SHOWN = "sections => sections.filter(section => section.checkVisibility()).map(section => section.querySelector('h3').id)"


def start(page, url: str):
    """Open the page, and wait until its script has come to life."""
    page.goto(url)
    page.locator(".patterns-filter:not([hidden])").wait_for()


def shown(page) -> list[str]:
    """The ids of the sections that are shown."""
    return page.locator(".pattern").evaluate_all(SHOWN)


def status(page) -> str:
    return page.locator(".patterns-status").inner_text()


def said(lang: str, key: str, count: int) -> str:
    return patterns.WORDS[lang][key].format(n=count)


@pytest.mark.parametrize(("lang", "where"), PAGES)
def test_typing_shows_what_has_the_words_and_says_how_many(page, address, lang, where):
    """Sections, groups and the rows of the table; the address holds the words, and opened anew shows the same."""
    start(page, address + where)
    assert shown(page) == NAMES and status(page) == said(lang, "start", len(NAMES))
    page.locator("#patterns-q").fill("never awaited")
    assert shown(page) == ["coroutine-never-awaited"] and status(page) == said(lang, "one", 1)
    assert page.locator(".patterns-index tbody tr:visible").count() == 1
    assert page.locator("h2#coroutines").is_visible() and not page.locator("h2#database").is_visible()
    assert page.evaluate("location.search") == "?message=never+awaited"
    page.reload()
    page.locator(".patterns-filter:not([hidden])").wait_for()
    assert shown(page) == ["coroutine-never-awaited"] and page.locator("#patterns-q").input_value() == "never awaited"
    page.locator(".patterns-filter [type=reset]").press("Enter")
    assert shown(page) == NAMES and page.evaluate("location.search") == ""


def test_every_message_and_id_finds_its_section(page, address):
    """As the table has it; and an id finds it, too."""
    start(page, address + WHERE)
    for name in NAMES:
        for text in [name, *load(patterns.FILE)["patterns"][name]["says"]]:
            page.locator("#patterns-q").fill(text)
            assert name in shown(page), text


def test_what_ends_a_traceback_finds_its_section(page, address):
    """A class that no title names, in any case and width; a line with words of the visitor's own, which no section has all of."""
    start(page, address + "en/" + WHERE)
    for text in ("SynchronousOnlyOperation", "synchronousonlyoperation", "ＳynchronousOnlyOperation"):
        page.locator("#patterns-q").fill(text)
        assert "sync-only-operation" in shown(page)
    page.locator("#patterns-q").fill("RuntimeError: Task <Task pending name='my-own-task'> got Future <Future pending> attached to a different loop")
    assert shown(page) == ["different-loop"] and status(page) == said("en", "most", 1)


def test_nothing_found_leads_on(page, address):
    """No section, and where to go instead; what was typed is no HTML."""
    start(page, address + "en/" + WHERE)
    page.locator("#patterns-q").fill("<img/src=x>zzz")
    assert shown(page) == [] and not page.locator(".patterns-index").is_visible()
    links = page.locator(".patterns-none a")
    assert links.first.get_attribute("href") == "#unknown" and links.last.get_attribute("href").endswith("/reader/")
    links.first.press("Enter")
    assert page.locator("h2#unknown").is_visible()
    assert page.locator(".patterns-filter img").count() == 0


@pytest.mark.parametrize("query", ["x" * 301, "%20%20", ""])
def test_an_address_that_cannot_have_been_typed_shows_everything(page, address, query):
    start(page, f"{address}{WHERE}?message={query}")
    assert shown(page) == NAMES and page.locator("#patterns-q").input_value() == ""


def test_an_address_of_a_section_always_shows_it(page, address):
    """Opened with other words, followed from the table of contents, changed by hand; stray characters do no harm."""
    start(page, f"{address}en/{WHERE}?message=gunicorn#db-connection-closed")
    assert page.locator("#db-connection-closed").is_visible()
    assert not page.locator("#__search").is_checked(), "the search of the site took the words"
    page.locator("#patterns-q").fill("never awaited")
    assert shown(page) == ["coroutine-never-awaited"]
    page.locator(".md-sidebar--secondary a[href='#recursion']").evaluate("link => link.click()")
    page.wait_for_function("scrollY > 0 && document.querySelector('#recursion').getBoundingClientRect().top < innerHeight")
    assert "recursion" in shown(page)
    page.evaluate("location.hash = '#database'")
    page.wait_for_function("document.querySelector('#db-connection-closed').checkVisibility()")
    page.evaluate("location.hash = '#%'")
    assert page.evaluate("location.search") == "?message=never+awaited"


def test_keyboard_alone(page, address):
    """Typing filters, Tab goes on to the button, Enter empties the field and goes back to it."""
    start(page, address + WHERE)
    page.locator("#patterns-q").focus()
    page.keyboard.type("loop")
    assert 0 < len(shown(page)) < len(NAMES)
    page.keyboard.press("Enter")  # no request is made
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert shown(page) == NAMES
    assert page.evaluate("document.activeElement.id") == "patterns-q"


def test_a_phone_shows_where_to_look_and_folds_the_rest(page, address):
    """What is looked at first stays; few results, and what an address names, are not folded. Wider again, all is open."""
    page.set_viewport_size({"width": 360, "height": 740})
    start(page, f"{address}en/{WHERE}#recursion")
    rest = page.locator(".pattern-rest")
    assert rest.count() == len(NAMES) and page.locator(".pattern-rest[open]").count() == 1
    assert page.locator(".pattern:has(#recursion) .pattern-rest[open]").count() == 1
    page.wait_for_function("Math.abs(document.querySelector('#recursion').getBoundingClientRect().top) < 150")
    assert page.locator(".pattern:has(#deadlock-single-thread) > p").first.is_visible()
    assert page.evaluate("document.documentElement.scrollHeight") < 30_000
    page.locator("#patterns-q").fill("never awaited")
    assert page.locator(".pattern:has(#coroutine-never-awaited) .pattern-rest[open]").count() == 1
    page.set_viewport_size({"width": 1280, "height": 900})
    page.wait_for_function("document.querySelectorAll('.pattern-rest:not([open])').length === 0")


@pytest.mark.parametrize(("lang", "where"), PAGES)
@pytest.mark.parametrize("width", [360, 1280])
def test_without_javascript_everything_is_shown(browser, address, lang, where, width):
    """No field that does nothing, and nothing folded."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(address + where)
    assert not page.locator(".patterns-filter").is_visible()
    assert page.locator(".pattern h3:visible").count() == len(NAMES)
    assert page.locator(".pattern-rest[open]").count() == len(NAMES)
    assert page.locator(".patterns-index tbody tr:visible").count() == len(NAMES)
    context.close()


def test_on_paper(page, address):
    """Everything that is shown is unfolded, without the field."""
    page.set_viewport_size({"width": 360, "height": 740})
    start(page, address + WHERE)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert not page.locator(".patterns-filter").is_visible()
    assert page.locator(".pattern-rest:not([open])").count() == 0


@pytest.mark.parametrize(("where", "width"), [(WHERE, 360), (f"en/{WHERE}", 1280)])
def test_no_violation_of_axe_in_any_state(browser, address, where, width):
    """Found in part, not found; of the catalogue itself tests/browser/test_axe.py has some sections."""
    page = open_page(browser, viewport={"width": width, "height": 900}, reduced_motion="reduce")
    start(page, address + where)
    problems = []
    for query in ("my words attached to a different loop", "zzz"):
        page.locator("#patterns-q").fill(query)
        look = violations if query == "zzz" else in_both_schemes
        problems += look(page, query, ".patterns-filter, .pattern:not([hidden])")
    page.context.close()
    assert not problems, "\n".join(problems)
