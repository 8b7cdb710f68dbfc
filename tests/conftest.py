"""What tests of several folders share: the site, built once, and a browser to read it with."""

import json
import os
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from lab import processes, venvs
from tests.site import built, parity

processes.hand_down_signals()

# What browsers are called, and where macOS keeps them; the one without a window takes half the time.
PROGRAMS = [
    "chromium-headless-shell",
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium",
]
# Without the background flags Chromium asks hosts of its maker; as root it needs --no-sandbox.
FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
PATH = urlsplit(built.SITE_URL).path


# Files that take a minute or more, the longest first: begun early, none of them keeps one process busy when the other has no more.
LONG = [
    "test_recipes", "test_combinations", "test_pages", "test_flowchart", "test_units", "test_axe", "test_containers", "test_pages_run",
    "test_traces", "test_reader", "test_prose", "test_faster_measure", "test_offline", "test_search", "test_supervisor", "test_faster_background",
]


def pytest_collection_modifyitems(items):
    """Order the files; within a file nothing moves."""
    items.sort(key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """With CI=true a skipped test is an error: nobody would see it there."""
    report = yield
    if report.skipped and os.environ.get("CI"):
        report.outcome, report.longrepr = "failed", f"Skipped, which CI does not allow: {call.excinfo.value}"
    return report


@pytest.fixture(scope="session")
def build(tmp_path_factory):
    """(folder, exit status, output) of the one build, which the processes of a test run share."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    result = shared / "site.json"
    with venvs.locked(shared / "site.lock"):
        if not result.exists():
            result.write_text(json.dumps(built.build(parity.ROOT, shared / "site")))
    return shared / "site", *json.loads(result.read_text())


@pytest.fixture(scope="session")
def site(build):
    """The built site."""
    if not (build[0] / "index.html").exists():
        pytest.fail("The site was not built: run `mkdocs build --strict` and mend what it says.", pytrace=False)
    return built.Site(build[0])


class Handler(SimpleHTTPRequestHandler):
    """Serves the built folder below PATH; everything else is not found, so that a link that leaves the subpath fails."""

    def translate_path(self, path):
        if not path.startswith(PATH):
            return os.path.join(self.directory, "outside-of-the-subpath")
        return super().translate_path("/" + path.removeprefix(PATH))

    def log_message(self, *arguments):
        """Keep the test's output readable."""


@pytest.fixture(scope="session")
def address(site):
    """The address of the site's Japanese home page."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(site.folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}{PATH}"
    server.shutdown()


@pytest.fixture(scope="session")
def browser():
    """Chromium or Chrome as installed on the machine."""
    program = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if program is None:
        pytest.fail("No browser was found; run scripts/programs, or install Chromium.", pytrace=False)
    flags = FLAGS + (["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else [])
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=program, args=flags)


# The service worker would fetch the whole language for every test; tests/browser/test_offline.py has it.
NO_WORKER = "delete Navigator.prototype.serviceWorker"


def open_page(browser, **options):
    """
    A page of a context of its own with Playwright's options, without the service worker. A reader seems to be there: Material's
    script comes with the first sign of one, and a test is none until it clicks; tests/browser/test_finish.py is about that.
    Tests may ask what the page's policy forbids its own scripts; tests/browser/test_csp.py is about the policy.
    """
    context = browser.new_context(bypass_csp=True, **options)
    context.add_init_script(NO_WORKER)
    context.add_init_script("addEventListener('load', () => dispatchEvent(new Event('pointermove')))")
    return context.new_page()


@pytest.fixture
def page(browser):
    """A page at 1280 px that fails the test on any error in the console."""
    page = open_page(browser, viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    yield page
    page.context.close()
    assert not errors, f"The console says {errors}; mend the script or the page."
