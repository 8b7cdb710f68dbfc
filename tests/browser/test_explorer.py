"""The explorer of measured points as readers use it: by clicking, by address, by keyboard, without JavaScript."""

import json
import re

import charts
import explorer
import pytest
from place import Place

ENTRY = explorer.load(explorer.FILE)
WORDS = ENTRY["words"]
PAGES = {"ja": "faster/", "en": "en/faster/"}
PLACES = {lang: Place(lang, f"faster/index.{lang}.md", where) for lang, where in PAGES.items()}
RECORD = charts.record(ENTRY["record"])
POINTS = {lang: [explorer._point(place, ENTRY, RECORD, case) for case in RECORD["cases"]] for lang, place in PLACES.items()}
START = explorer._given(ENTRY["start"])


def query(labels) -> str:
    return "?" + "&".join(f"{label}={labels[label]}" for label in ENTRY["by"] if label in labels)


def rows(point, lang) -> list[list[str]]:
    """The table of a point, as it has to be shown: every measure, or that it was not taken."""
    absent = {"ratio": "–", "absolute": charts.WORDS[lang]["none"]}
    found = [(charts.measure_texts(PLACES[lang], measure)[0], point["figures"].get(measure, absent)) for measure in ENTRY["measures"]]
    return [[name, figure["ratio"], figure["absolute"]] for name, figure in found]


SHOWN = """() => ({
    rows: [...document.querySelectorAll(".explorer-point tbody tr")].map(row => [...row.cells].map(cell => cell.textContent)),
    checked: Object.fromEntries([...document.querySelectorAll(".explorer-form :checked")].map(box => [box.name, box.value])),
    status: document.querySelector(".explorer-status").textContent,
    drawings: [...document.querySelectorAll(".explorer [data-kind]")].filter(figure => figure.checkVisibility()).length,
    rings: [...document.querySelectorAll(".explorer-ring")].filter(ring => ring.checkVisibility()).map(ring => [ring.getAttribute("cx"), ring.getAttribute("cy")]),
    address: location.search,
})"""


@pytest.mark.parametrize("lang", PAGES)
def test_every_point_by_its_address(page, address, lang):
    """Each address shows what the record says, in the page's language, and puts the ring on a point of its own."""
    page.goto(address + PAGES[lang])
    start = page.evaluate(SHOWN)
    assert start["checked"] == START and start["address"] == ""
    seen = page.evaluate("""([queries, shown]) => queries.map(query => {
        history.replaceState(null, "", query)
        dispatchEvent(new PopStateEvent("popstate"))
        return eval(shown)()
    })""", [[query(point["labels"]) for point in POINTS[lang]], SHOWN])
    for point, found in zip(POINTS[lang], seen, strict=True):
        assert found["rows"] == rows(point, lang) and found["checked"] == point["labels"]
        assert found["drawings"] == 1 and len(found["rings"]) == 1
        assert point["figures"][ENTRY["drawn"]]["times"] in found["status"]
    rings = [(found["checked"].get("view"), found["checked"].get("waiting_ms"), *found["rings"][0]) for found in seen]
    assert len(set(rings)) > len(rings) / 2  # points may be as fast as each other, but hardly all of them


def test_choosing_changes_point_and_address(page, address):
    """By mouse, from one kind of view to another; labels that a view does not have leave the form and the address; others' parameters stay."""
    page.goto(f"{address}en/faster/?from=mail")
    for point in (POINTS["en"][-1], POINTS["en"][0]):
        for label, value in point["labels"].items():
            page.locator(f".explorer [name={label}][value='{value}']").check()
        found = page.evaluate(SHOWN)
        assert found["rows"] == rows(point, "en")
        assert found["address"] == "?from=mail&" + query(point["labels"])[1:]
        visible = page.locator(".explorer fieldset:visible").evaluate_all("sets => sets.map(set => set.dataset.label)")
        assert visible == [label for label in ENTRY["by"] if label in point["labels"]]
    button = page.locator(".explorer-point button").first
    name = button.inner_text()
    button.click()
    assert page.evaluate("document.activeElement.checked && document.activeElement.parentElement.textContent.trim()") == name
    assert page.evaluate(SHOWN)["address"] != found["address"]


def without_last(body: str) -> str:
    """The page as if the last point of the record had not been measured."""
    def shorter(match):
        data = json.loads(match[2])
        data["points"].pop()
        return match[1] + json.dumps(data).replace("<", "\\u003c")
    return re.sub(r'(class="?explorer-data"?>)(.*?)(?=</script>)', shorter, body, count=1, flags=re.S)


@pytest.mark.parametrize("lang", PAGES)
def test_what_was_not_measured_is_said(page, address, lang):
    """No figures, no ring, a plain sentence; the measured neighbours are offered."""
    page.route(re.compile(r"/faster/\?"), lambda route: route.fulfill(body=without_last(route.fetch().text()), content_type="text/html; charset=utf-8"))
    last = POINTS[lang][-1]["labels"]
    page.goto(address + PAGES[lang] + query(last))
    found = page.evaluate(SHOWN)
    assert found["rows"] == [] and found["rings"] == [] and found["drawings"] == 1 and found["checked"] == last
    assert WORDS["says_not"][lang].split("{case}")[1] in found["status"]
    assert page.locator(".explorer-point button").count() > 0


HOSTILE = [
    "view=bogus", "view=", "view=constructor", "view=__proto__", "threads=999", "view=waitng&workers=2", "view=%3Cscript%3Ealert(1)%3C/script%3E", "view=" + "a" * 5000,
    query(START)[1:] + "&threads=1", query({**START, "workers": "1.0"})[1:],
]


def test_what_an_address_does_not_say_is_as_at_the_start(page, address):
    """A shortened address is completed; a waiting time for a view that does not wait is let go."""
    page.goto(address + "en/faster/")
    others = {"workers": START["workers"], "threads": START["threads"]}
    for given, shown in (
        ("view=cpu", {"view": "cpu", **others}), ("view=waiting&workers=2", {**START, "workers": "2"}), ("threads=4", {**START, "threads": "4"}),
        (query(START)[1:].rsplit("&", 1)[0], START), ("view=cpu&waiting_ms=50", {"view": "cpu", **others}),
    ):
        page.evaluate("query => { history.replaceState(null, '', '?' + query); dispatchEvent(new PopStateEvent('popstate')) }", given)
        seen = page.evaluate(SHOWN)
        assert seen["checked"] == shown and seen["rows"] and WORDS["unknown"]["en"] not in seen["status"], given


def test_the_waiting_time_is_remembered(page, address):
    """From a view that waits to one that does not, and back."""
    page.goto(address + "faster/")
    for waiting in {point["labels"]["waiting_ms"] for point in POINTS["ja"] if "waiting_ms" in point["labels"]}:
        page.locator(f".explorer [name=waiting_ms][value='{waiting}']").check()
        page.locator(".explorer [name=view][value=cpu]").check()
        page.locator(".explorer [name=view][value=waiting]").check()
        assert page.evaluate(SHOWN)["checked"] == {**START, "waiting_ms": waiting}


def test_the_case_begins_with_a_capital_letter(page, address):
    """Alone, and after the sentence about the address."""
    page.goto(address + "en/faster/?view=bogus")
    status = page.evaluate(SHOWN)["status"]
    assert status.startswith(WORDS["unknown"]["en"] + " Waiting view, ")
    page.locator(".explorer [name=view][value=cpu]").check()
    assert page.evaluate(SHOWN)["status"].startswith("Computing view, ")


def test_hostile_address_shows_the_start_and_says_so(page, address):
    """What the record does not know makes the whole address unknown; it goes on working, and the sentence goes."""
    page.goto(address + "faster/")
    found = page.evaluate("""([queries, shown]) => queries.map(query => {
        history.replaceState(null, "", "?" + query)
        dispatchEvent(new PopStateEvent("popstate"))
        return eval(shown)()
    })""", [HOSTILE, SHOWN])
    for query_, seen in zip(HOSTILE, found, strict=True):
        assert seen["checked"] == START and seen["status"].startswith(WORDS["unknown"]["ja"]), query_
    page.locator(".explorer :not(:checked)[type=radio]:visible").last.check()
    assert WORDS["unknown"]["ja"] not in page.evaluate(SHOWN)["status"]


def test_keyboard_alone(page, address):
    """Arrow keys choose within a row of choices, Tab goes on to the next; what is shown is announced."""
    page.goto(address + "faster/")
    page.locator(".explorer [name=threads]:checked").focus()
    page.keyboard.press("ArrowRight")
    chosen = page.evaluate(SHOWN)["checked"]["threads"]
    assert chosen != START["threads"] and f"threads={chosen}" in page.url
    assert page.locator(".explorer-status").get_attribute("role") == "status"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.explorer-point') !== null")


def tabs_to(page, selector: str, most: int) -> None:
    """Press Tab until the focus is on what the selector names; fail after so many times."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{most} times Tab do not lead to {selector}; mend overrides/hooks/skips.py.")


@pytest.mark.parametrize("lang", PAGES)
def test_the_keyboard_jumps_to_the_tools(page, address, lang):
    """From the top to the advisor, past it to the explorer; the links show while they have the focus, and the table of contents has both as well."""
    page.goto(address + PAGES[lang])
    hidden = page.locator(".skips a").first.bounding_box()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the theme's own link to the content
    tabs_to(page, ".skips a", 3)
    assert page.locator(".skips a:focus").bounding_box()["width"] > 50 > hidden["width"]
    page.keyboard.press("Enter")
    tabs_to(page, ".skips a", 3)
    tabs_to(page, ".flow-answer", 1)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    tabs_to(page, ".explorer input", 3)
    for link in page.locator(".skips a").all():
        assert page.locator(f".md-nav--secondary a[href='{link.get_attribute('href')}']").count() == 1


@pytest.mark.parametrize("lang", PAGES)
def test_without_javascript_there_is_the_table(browser, address, lang):
    """All points, with ratio and absolute value."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + PAGES[lang])
    assert not page.locator(".explorer-form").is_visible() and not page.locator(".explorer-chosen").is_visible()
    lines = page.locator(".explorer-all tbody tr")
    assert lines.count() == len(POINTS[lang]) and lines.first.is_visible()
    last = lines.last.inner_text().replace("\xa0", " ")
    for figure in POINTS[lang][-1]["figures"].values():
        assert figure["ratio"] in last and figure["absolute"] in last
    context.close()


def test_the_script_is_loaded_on_its_page_only(page, address):
    """No other page has a use for it."""
    for where, count in (("faster/", 1), ("faster/measure/", 0)):
        page.goto(address + where)
        assert page.locator("script[src*=explorer]").count() == count
