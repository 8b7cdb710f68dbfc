"""The pages for teams as readers use them: ticks and their addresses, notes, the filter, meanings of words, addresses of headings."""

import re

import onboarding
from data import load

from tests.conftest import open_page

STOPS = load(onboarding.PATH)["stops"]
IDS = [stop["id"] for stop in STOPS]
EN, JA = onboarding.TOOL["en"], onboarding.TOOL["ja"]


def ticked(page) -> list[str]:
    return page.locator("[data-tick]:checked").evaluate_all("boxes => boxes.map(box => box.dataset.tick)")


def status(page) -> str:
    return page.locator(".ticks-status").inner_text()


def press(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_ticks_and_notes_are_kept_and_shared(page, address):
    """Ticked by keyboard, read again in the other language, shared by an address that leaves one's own alone."""
    page.goto(f"{address}en/onboarding/")
    page.locator(f"[data-tick={IDS[0]}]").focus()
    page.keyboard.press("Space")
    page.locator(f"[data-tick={IDS[2]}]").check()
    page.locator(f"[data-note={IDS[0]}]").fill("WSGI <b>because</b>")
    left = sum(stop["minutes"] for stop in STOPS) - STOPS[0]["minutes"] - STOPS[2]["minutes"]
    assert status(page).startswith(f"2 of {len(IDS)}, {left} minutes left") and page.locator(".ticks-status").get_attribute("role") == "status"
    press(page, EN["copy"])
    page.get_by_role("button", name=EN["copied"]).wait_for()
    shared = page.evaluate("navigator.clipboard.readText()")
    assert shared == f"{address}en/onboarding/?done={IDS[0]}.{IDS[2]}" and page.url == f"{address}en/onboarding/"
    press(page, EN["sheet"])
    sheet = page.evaluate("() => new Promise(done => setTimeout(async () => done(await navigator.clipboard.readText()), 100))")
    assert "## 1. Interface\n\n- [x] Does it run" in sheet and "\n    WSGI <b>because</b>\n" in sheet and sheet.count("- [ ]") == len(IDS) - 2

    page.goto(f"{address}onboarding/")  # both languages have one list
    assert ticked(page) == [IDS[0], IDS[2]] and page.locator(f"[data-note={IDS[0]}]").input_value() == "WSGI <b>because</b>"
    press(page, JA["clear"])
    assert ticked(page) == [] and page.evaluate("document.activeElement.textContent") == JA["undo"]
    press(page, JA["undo"])
    assert ticked(page) == [IDS[0], IDS[2]]

    page.goto(f"{address}onboarding/?done={IDS[1]}.nowhere.{IDS[1]}&h=")
    assert ticked(page) == [IDS[1]] and JA["shared"] in status(page) and JA["unknown"].format(count=1) in status(page)
    page.locator(f"[data-tick={IDS[3]}]").check()
    assert f"done={IDS[1]}.{IDS[3]}" in page.url and JA["unknown"].format(count=1) not in status(page)
    press(page, JA["mine"])
    assert ticked(page) == [IDS[0], IDS[2]] and "done=" not in page.url and JA["shared"] not in status(page)
    page.goto(f"{address}onboarding/?done=")
    press(page, JA["keep"])
    page.reload()
    assert ticked(page) == [] and JA["shared"] not in status(page)


HOSTILE = ["", "..", "__proto__", "%3Cimg%20src%3Dx%3E", "%E0%A4%A", "x" * 5000, "&done=" + IDS[4]]


def test_hostile_addresses_leave_a_list_that_works(page, address):
    page.goto(f"{address}en/onboarding/checklists/")
    for query in HOSTILE:
        page.evaluate("query => { history.replaceState(null, '', `?done=${query}`); dispatchEvent(new PopStateEvent('popstate')) }", query)
        assert ticked(page) == [] and status(page).startswith("0 of "), query
    box = page.locator("[data-tick]").first
    box.check()
    assert status(page).startswith("1 of ") and page.locator(".ticks img").count() == 0
    boxes = page.locator("[data-tick]").count()
    assert page.locator("li:has([data-tick]) > a[href*='#']").count() == boxes  # each with what proves it


def test_without_javascript_and_on_paper(browser, address):
    """The list is there, its boxes can be ticked, and the sheet has no menu."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}en/onboarding/")
    page.locator("[data-tick]").first.check()
    assert page.locator("[data-tick]").count() == len(IDS) and page.locator(".ticks").is_hidden()
    page.emulate_media(media="print")
    assert page.locator(".md-header").is_hidden() and page.locator("details").first.is_hidden() and page.locator("textarea").first.is_visible()
    context.close()


def test_the_glossary_is_filtered_and_an_address_shows_its_term(page, address):
    page.goto(f"{address}onboarding/glossary/")
    every = page.locator("h3:visible").count()
    page.locator(".glossary-filter input").fill("わーかー")
    assert 0 < page.locator("h3:visible").count() < every and re.fullmatch(r"\d+ 語", page.locator(".glossary-filter [role=status]").inner_text())
    page.evaluate("location.hash = 'event-loop'")
    page.locator("#event-loop").wait_for(state="visible")
    assert page.locator("h3:visible").count() == every


def test_a_word_says_what_it_means(page, address, browser):
    """By keyboard, by mouse and by finger; Escape closes it; nothing moves."""
    page.goto(f"{address}en/servers/gunicorn/")
    word = page.locator("abbr.term").first
    meaning = word.get_attribute("title")
    before = page.locator("main").bounding_box()
    word.focus()
    tip = page.get_by_role("tooltip")
    tip.wait_for()
    assert tip.inner_text() == meaning and word.get_attribute("aria-describedby") == tip.get_attribute("id") and page.locator("main").bounding_box() == before
    page.keyboard.press("Escape")
    assert tip.is_hidden() and word.get_attribute("title") == meaning
    page.locator("abbr.term").nth(1).hover()
    tip.wait_for()
    page.mouse.move(5, 5)
    tip.wait_for(state="hidden")

    finger = open_page(browser, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    finger.goto(f"{address}servers/gunicorn/")
    finger.locator("abbr.term").first.tap()
    box = finger.get_by_role("tooltip").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360
    finger.context.close()


def test_the_address_of_a_heading_is_copied(page, address):
    """By mouse and by keyboard, without what was asked or ticked; it stays a link, is announced, and moves nothing."""
    page.goto(f"{address}en/deploy/nginx/?done=x")
    heading, mark = page.locator("h2#config"), page.locator("h2#config .headerlink")
    before = heading.bounding_box()["height"]
    mark.focus()
    page.keyboard.press("Enter")
    page.locator(".headerlink[data-said]").wait_for()
    assert page.url.endswith("/en/deploy/nginx/?done=x#config") and heading.bounding_box()["height"] == before
    assert page.evaluate("navigator.clipboard.readText()") == f"{address}en/deploy/nginx/#config"
    page.get_by_role("status").filter(has_text="Address copied").wait_for()
    page.locator("h2#check .headerlink").click()
    page.locator("h2#check .headerlink[data-said]").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == f"{address}en/deploy/nginx/#check"


def test_the_handbook_has_the_address_of_this_copy(page, address):
    page.goto(f"{address}en/onboarding/links/")
    texts = page.locator(".highlight code").all_text_contents()
    assert len(texts) == 2 and all("serving-django.example" not in text for text in texts)
    assert f"({address}onboarding/)" in texts[0] and f"({address}en/onboarding/)" in texts[1]
