"""No violation of any rule of axe, on one page of every kind, in light and dark, on a phone and on a desk."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.conftest import open_page

KINDS = [
    "", "choose/", "choose/compare/", "about/offline/", "servers/", "servers/gunicorn/", "deploy/nginx/", "faster/", "faster/processes-threads/", "faster/queries/", "evidence/", "evidence/uvicorn-socket/", "about/article/",
    "troubleshoot/stack-traces/", "troubleshoot/stack-traces/patterns/", "troubleshoot/stack-traces/live/", "troubleshoot/reader/",
]
# The languages share their markup, the widths their colours: two views see all of it.
VIEWS = [("", 1280, "light"), ("en/", 360, "dark")]


@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("prefix", "width", "scheme"), VIEWS)
def test_no_violation(browser, address, prefix, width, scheme):
    """Some of what is folded away is opened first: the rest is made in the same way."""
    page = open_page(browser, viewport={"width": width, "height": 900}, color_scheme=scheme)
    problems = []
    for kind in KINDS:
        page.goto(address + prefix + kind)
        page.evaluate("[...document.querySelectorAll('details')].slice(0, 5).forEach(details => { details.open = true })")
        for found in Axe().run(page).response["violations"]:
            where = found["nodes"][0]["html"][:120]
            problems.append(f"/{prefix}{kind}: {found['help']} ({found['id']}, {len(found['nodes'])} times), such as {where}")
    page.context.close()
    assert not problems, "\n".join(problems) + "\nMend the style, the hook or the template; https://dequeuniversity.com/rules/axe/ explains each rule."
