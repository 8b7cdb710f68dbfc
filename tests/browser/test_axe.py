"""No violation of any rule of axe, on one page of every kind, in light and dark, on a phone and on a desk."""

import pytest

from tests.browser.axe import in_both_schemes
from tests.conftest import open_page

KINDS = [
    "", "choose/", "choose/compare/", "about/offline/", "servers/", "servers/gunicorn/", "deploy/nginx/", "faster/", "faster/processes-threads/", "faster/queries/", "evidence/", "evidence/uvicorn-socket/", "about/article/",
    "troubleshoot/stack-traces/", "troubleshoot/stack-traces/patterns/", "troubleshoot/stack-traces/live/", "troubleshoot/reader/",
    "tools/sizing/?v=1&interface=asgi&connections=age&arrival=9000&balancer=5&threads=9999",  # warnings of every level, and a correction
    "tools/config/",
    "onboarding/", "onboarding/checklists/", "onboarding/glossary/", "onboarding/links/",
]
# The languages share their markup, the widths their colours: two views see all of it.
VIEWS = [("", 1280), ("en/", 360)]
# What is folded away is opened, and of what is made many times in the same way the rest is left out.
PREPARE = """() => {
    [...document.querySelectorAll("details")].slice(0, 5).forEach(details => { details.open = true })
    for (const alike of [".pattern", ".trace", ".statement", "details.record"])
        [...document.querySelectorAll(alike)].slice(4).forEach(element => element.remove())
}"""


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("prefix", "width"), VIEWS)
def test_no_violation(browser, address, prefix, width):
    """Each kind of page in light and dark; at the end the search with results, without any, and the menu."""
    page = open_page(browser, viewport={"width": width, "height": 900}, reduced_motion="reduce")
    problems = []
    for kind in KINDS:
        page.goto(address + prefix + kind)
        page.evaluate(PREPARE)
        problems += in_both_schemes(page, f"/{prefix}{kind}")
    page.goto(address + prefix + "about/offline/")
    page.locator(".md-search__input").evaluate("input => input.focus()")
    for words in ("worker", "qzxqzx"):
        page.locator(".md-search__input").fill(words)
        page.locator(".search-ways p" if words == "qzxqzx" else ".md-search-result__item:not(.search-ways)").first.wait_for(state="attached")
        problems += in_both_schemes(page, f"search for {words}", ".md-search")
    if width == 360:
        page.goto(address + prefix + "servers/gunicorn/")
        page.locator("button[for=__drawer]").click()
        problems += in_both_schemes(page, "menu", ".md-sidebar--primary")
    page.context.close()
    assert not problems, "\n".join(problems) + "\nMend the style, the hook or the template; https://dequeuniversity.com/rules/axe/ explains each rule."
