"""The whole site runs under the policy it is published with: every kind of page, its tools in use, no violation."""

import pytest

from tests.browser import hosts
from tests.browser.test_axe import KINDS
from tests.conftest import NO_WORKER

VIOLATIONS = """
window.violations = []
document.addEventListener("securitypolicyviolation", event => violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile ?? ""}:${event.lineNumber} ${event.sample}`))
"""


@pytest.fixture(scope="module")
def host(site):
    server, address = hosts.start(site.folder)
    yield address
    server.shutdown()


@pytest.fixture
def strict(browser):
    """A page that collects violations; the service worker stays out of the way."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(f"{NO_WORKER};{hosts.READER};{VIOLATIONS}")
    yield context.new_page()
    context.close()


def test_no_page_violates_the_policy(strict, host):
    problems = []
    strict.on("console", lambda message: problems.append(f"{strict.url}: {message.text}") if message.type == "error" and "404" not in message.text else None)
    for kind in [*KINDS, "en/", "en/faster/", "no-such-page/"]:
        response = strict.goto(host + kind)
        assert "'unsafe" not in response.headers["content-security-policy"]
        strict.evaluate("[...document.querySelectorAll('details')].slice(0, 5).forEach(details => { details.open = true })")
        problems += [f"{strict.url}: {violation}" for violation in strict.evaluate("violations")]
    assert not problems, "\n".join(problems) + "\nMove scripts and styles into files, or see overrides/hooks/headers.py."


def test_tools_work_under_the_policy(strict, host):
    """Search, colours, tabs, copying, the stepper, the reader with its worker, the filter of the comparison."""
    page = strict
    page.goto(host)
    page.locator("label[for=__palette_1]").click()
    page.locator("label[for=__search]").first.evaluate("label => label.click()")
    page.locator(".md-search__input").fill("gunicorn")
    page.locator(".md-search__input").dispatch_event("keyup")
    page.locator(".md-search-result__item:not(.search-ways) a[href*='/servers/']").first.wait_for(state="attached")
    found = page.evaluate("violations")
    page.goto(host + "en/servers/gunicorn/")
    page.locator(".tabbed-labels label").nth(1).click()
    page.locator(".md-clipboard, [data-clipboard-target]").first.evaluate("button => button.click()")
    found += page.evaluate("violations")
    page.goto(host + "troubleshoot/reader/")
    page.locator(".reader textarea").first.fill('Traceback (most recent call last):\n  File "/srv/a/b.py", line 1, in f\n    x\nKeyError: 1\n')
    page.locator("text=KeyError").last.wait_for()
    found += page.evaluate("violations")
    page.goto(host + "choose/compare/?interface=asgi")
    page.locator(".matrix-filter").wait_for()
    found += page.evaluate("violations")
    assert not found, "\n".join(found)
