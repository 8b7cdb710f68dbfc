"""The site with the keyboard alone, and as a screen reader is told of it: a page, a heading and a file to copy are found."""

import pytest

from tests.site import parity

FOCUS = """() => {
    const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one.matches(".md-option") ? one.nextElementSibling : one)
    return {
        name: one.ariaLabel ?? one.textContent.trim(), seen: one.matches(".md-option, .md-search__input") || box.width > 0 && box.right > 0 && box.left < innerWidth,
        line: one.matches(".md-search__input") || style.outlineStyle !== "none", html: one.outerHTML.slice(0, 100),
    }
}"""


def tab(page) -> dict:
    """Press Tab; what has the focus is in sight and has a line around it."""
    page.keyboard.press("Tab")
    page.wait_for_timeout(20)
    focus = page.evaluate(FOCUS)
    assert focus["seen"] and focus["line"], f"{page.url}: the focus is not to be seen on {focus['html']}"
    return focus


def until(page, name: str, most: int) -> None:
    """Press Tab until what has the focus is called so."""
    passed = []
    while name not in (focus := tab(page))["name"]:
        passed.append(focus["name"])
        assert len(passed) < most, f"{most} times Tab do not lead to {name!r}, but past {passed}."


def test_keyboard_finds_a_heading_and_copies_its_file(page, address):
    """From the table of contents to the heading, from there to the button, which says what it copies and that it did."""
    page.goto(address + "en/servers/gunicorn/")
    assert tab(page)["name"] == "Skip to content"
    page.locator(".md-sidebar--secondary a[href='#copy']").focus()
    page.keyboard.press("Enter")
    page.locator(".md-code__button").first.wait_for(state="attached")
    until(page, "Copy to clipboard: gunicorn.conf.py", 12)
    page.keyboard.press("Enter")
    page.locator(".md-dialog__inner[role=status]", has_text="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == (parity.ROOT / "snippets/gunicorn-gthread/gunicorn.conf.py").read_text("utf-8")


@pytest.mark.parametrize(("lang", "menu", "back"), [("", "メニュー", "戻る"), ("en/", "Menu", "Back")])
def test_keyboard_opens_the_menu_of_a_narrow_screen(page, address, lang, menu, back):
    """As at 400 %. Nothing out of sight takes the focus; the menu takes it and gives it back; its levels open and close."""
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{address}{lang}servers/gunicorn/")
    page.wait_for_timeout(300)
    for _ in range(12):
        tab(page)
    page.get_by_role("button", name=menu).focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('.md-sidebar--primary') !== null")
    assert page.evaluate(FOCUS)["name"].startswith(f"{back}: ")
    page.keyboard.press("Enter")
    assert page.evaluate("[document.activeElement.getAttribute('for'), document.activeElement.ariaExpanded]") == ["__nav_3", "false"]
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUS)["name"] == menu
    assert page.get_by_role("button", name=menu).get_attribute("aria-expanded") == "false"


def test_a_screen_reader_is_told_what_is_what(page, address):
    """Headings are called as they read, rows have names, the open page and language are marked, colours are one choice."""
    page.goto(address + "en/servers/gunicorn/")
    tree = page.locator("body").aria_snapshot()
    assert 'heading "Gunicorn" [level=1]' in tree and "¶" not in tree
    assert 'radiogroup "Colors"' in tree and 'rowheader "WebSocket"' in tree
    assert page.locator("a[aria-current=page]").inner_text().strip() == "Gunicorn"
    assert page.locator(".md-select [aria-current]").get_attribute("lang") == "en"


def test_who_wants_no_motion_gets_none(page, address):
    page.emulate_media(reduced_motion="reduce")
    page.goto(address + "choose/")
    moving = page.evaluate("[...document.querySelectorAll('*')].filter(one => getComputedStyle(one).transitionDuration.split(', ').some(time => parseFloat(time) > .01) && getComputedStyle(one).transitionProperty !== 'none').map(one => one.outerHTML.slice(0, 80))")
    assert moving == []
