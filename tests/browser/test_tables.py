"""Tables wider than the screen: they scroll, once, for mouse and keyboard, with and without JavaScript; the page itself does not."""

import pytest

from tests.browser.test_pages import alike

# Of every table that is shown: in how many boxes it can be scrolled sideways, and whether Tab reaches its own box.
BOXES = """async () => {
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
    return [...document.querySelectorAll(".md-typeset table:not([class])")].filter(table => table.checkVisibility()).map(table => {
        let scrolling = 0
        for (let box = table.parentElement; box; box = box.parentElement)
            if (/auto|scroll/.test(getComputedStyle(box).overflowX) && box.scrollWidth > box.clientWidth) scrolling++
        return [scrolling, table.closest("[role=group]").tabIndex === 0]
    })
}"""


@pytest.mark.timeout(600)
def test_without_javascript_no_page_is_wider_than_a_phone(browser, address, site):
    """In English only: tables are the same in both languages, and English words break less."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = context.new_page()
    problems = []
    for entry in site.articles:
        if entry.lang == "en" and not alike(entry.address):
            page.goto(address + entry.address[1:])
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > 360:
                problems.append(f"{entry.address} is {wide} px wide")
    context.close()
    assert not problems, "\n".join(problems) + "\nMend the style, or the hook that boxes what is wide."


def test_a_wide_table_scrolls_once_and_only_then_stops_the_keyboard(page, address):
    """Material's script boxes tables as well; a table that fits is no stop for Tab. On a phone rows stand below each other: none is wide."""
    page.goto(address + "en/faster/")
    for width, wide in ((1280, False), (360, False), (360, True)):
        page.set_viewport_size({"width": width, "height": 900})
        if wide:
            page.locator(".md-typeset table:not([class])").first.evaluate("table => table.style.minWidth = '60rem'")
        seen = page.evaluate(BOXES)
        assert all((scrolling == 1) == stops and scrolling <= 1 for scrolling, stops in seen), f"{width} px: {seen}"
        assert any(stops for _, stops in seen) == wide


@pytest.mark.parametrize("where", ["servers/gunicorn/", "en/deploy/nginx/", "en/troubleshoot/"])
def test_on_a_phone_nothing_is_out_of_sight(page, address, where):
    """Code, tables and the name of the site show all of themselves; a long line of code is copied by hand as the one line it is."""
    page.set_viewport_size({"width": 360, "height": 900})
    page.goto(address + where)
    cut = page.evaluate("""() => [...document.querySelectorAll(".md-typeset pre > code, .md-typeset__scrollwrap, .md-header__topic:first-child > .md-ellipsis")]
        .filter(box => box.checkVisibility() && box.scrollWidth > box.clientWidth).map(box => box.textContent.trim().slice(0, 60))""")
    assert cut == []
    for block in page.locator("pre > code:visible:has(.long)").all():
        selected, text = block.evaluate("block => { getSelection().selectAllChildren(block); return [getSelection().toString().trim(), block.textContent.trim()] }")
        assert selected == text
