"""Reading without a connection, as somebody in a train does: the network is cut, and comes back with a newer site."""

import json
import re

import offline
import pytest

from tests.browser import hosts
from tests.conftest import open_page
from tests.site import parity

READY = """async () => {
  const { active } = await navigator.serviceWorker.ready
  if (active.state !== "activated") await new Promise(resolve => active.addEventListener("statechange", resolve))
}"""
# All of the language is kept once the worker says so; it answers every time it is asked.
KEPT = """() => new Promise((resolve, reject) => {
  navigator.serviceWorker.addEventListener("message", ({data}) => data.type === "kept" ? resolve() : data.type === "stopped" && reject(data))
  navigator.serviceWorker.ready.then(({active}) => active.postMessage({type: "keep", lang: document.documentElement.lang, here: location.href, all: true}))
})"""


@pytest.fixture(scope="module")
def folder(site, tmp_path_factory):
    return hosts.copied(site.folder, tmp_path_factory.mktemp("copy"))


@pytest.fixture
def host(folder):
    server, address = hosts.start(folder)
    yield address
    server.shutdown()
    server.server_close()


@pytest.fixture
def visit(browser, host):
    """A page that came once to the Japanese page on nginx and has everything kept; nothing may fail in its console but the network."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(hosts.READER)
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{host}deploy/nginx/")
    page.evaluate(READY)
    page.evaluate(KEPT)
    yield page
    context.close()
    assert not errors, errors


def test_pages_never_opened_are_there_without_a_connection(visit, host):
    visit.context.set_offline(True)
    visit.goto(f"{host}servers/gunicorn/?h=x#config")
    assert visit.locator("h1").inner_text().startswith("Gunicorn")
    assert visit.evaluate("getComputedStyle(document.querySelector('.md-header')).position") == "sticky", "The page has no style."
    # A tool whose scripts were never loaded before.
    visit.goto(f"{host}troubleshoot/reader/")
    visit.locator(".reader textarea").first.fill('Traceback (most recent call last):\n  File "/srv/a/b.py", line 1, in f\n    x\nKeyError: 1\n')
    visit.locator("text=KeyError").last.wait_for()


def test_a_phone_finds_heading_and_file_without_a_connection(visit, host):
    """Search, a result, its heading with the words marked, the file below it in the clipboard."""
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.set_viewport_size({"width": 360, "height": 740})
    visit.context.set_offline(True)
    visit.goto(host)
    visit.get_by_role("button", name="検索").first.click()
    visit.keyboard.type("gunicorn 設定ファイル")
    result = visit.locator(f".md-search-result__item:not(.search-ways) a[href^='{host}servers/gunicorn/']").first
    result.click()
    visit.locator("mark").first.wait_for(state="attached")
    visit.get_by_role("button", name="gunicorn.conf.py").first.click()
    visit.locator(".md-dialog__inner[role=status]", has_text="コピー").wait_for()
    assert visit.evaluate("navigator.clipboard.readText()") == (parity.ROOT / "snippets/gunicorn-gthread/gunicorn.conf.py").read_text("utf-8")


def test_what_was_not_kept_leads_to_what_was(visit, host):
    """The records are kept only when they were opened; the other language has its own pages."""
    visit.context.set_offline(True)
    visit.goto(f"{host}evidence/uvicorn/")
    assert "/about/offline/" in visit.url and visit.locator("html").get_attribute("lang") == "ja"
    visit.locator(".offline-asked a").wait_for()
    assert visit.locator(".offline-asked a").get_attribute("href") == f"{host}evidence/uvicorn/"
    visit.locator(f".offline-shelf li a[href='{host}servers/gunicorn/']").wait_for()
    assert visit.locator(f".offline-shelf li a[href='{host}evidence/uvicorn/']").count() == 0
    visit.goto(f"{host}en/servers/gunicorn/")
    assert "/en/about/offline/" in visit.url
    visit.context.set_offline(False)
    visit.locator(".offline-asked a").click()
    visit.wait_for_url(f"{host}en/servers/gunicorn/")
    visit.goto(f"{host}evidence/uvicorn/")
    visit.wait_for_function("async () => (await caches.match(location.href.split('#')[0])) !== undefined")
    visit.context.set_offline(True)
    visit.goto(f"{host}evidence/uvicorn/")
    assert visit.locator("h1").count() == 1 and "offline" not in visit.url


def test_with_data_saving_only_the_visited_page_is_kept(browser, host):
    context = browser.new_context()
    context.add_init_script("Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")
    page = context.new_page()
    page.goto(f"{host}deploy/nginx/")
    page.evaluate(READY)
    page.wait_for_function("async () => (await caches.match(location.href)) !== undefined")
    page.wait_for_timeout(300)
    assert not page.evaluate(f"caches.match('{host}servers/gunicorn/').then(Boolean)")
    context.set_offline(True)
    page.reload()
    assert page.locator("h1").inner_text().startswith("nginx")
    context.close()


def test_a_newer_version_is_offered_and_taken_only_when_asked_for(visit, folder, host):
    """The page is changed and published again while it is being read."""
    file = folder / "deploy/nginx/index.html"
    before, listed, worker = (file.read_text("utf-8"), (folder / "pages.json").read_text("utf-8"), (folder / "sw.js").read_text("utf-8"))
    try:
        file.write_text(before.replace("</h1>", " (newer)</h1>", 1), "utf-8")
        found = json.loads(listed)
        version = found["version"]
        next(entry for entry in found["ja"]["pages"] if entry[0] == "deploy/nginx/")[2] = "00000000"
        (folder / "pages.json").write_text(json.dumps(found).replace(version, "11111111"), "utf-8")
        (folder / "sw.js").write_text(worker.replace(version, "11111111"), "utf-8")
        visit.evaluate("navigator.serviceWorker.ready.then(registration => registration.update())")
        notice = visit.locator(".newer[role=status]")
        notice.locator("button").first.wait_for()
        assert "(newer)" not in visit.locator("h1").inner_text(), "It changed under the reader's eyes."
        assert re.search("新しい版", notice.inner_text())
        notice.locator("button").last.focus()
        visit.keyboard.press("Escape")
        assert notice.count() == 0
        # Asked again, taken with the keyboard.
        visit.evaluate("dispatchEvent(new Event('online'))")
        notice.locator("button").first.wait_for()
        notice.locator("button").first.focus()
        with visit.expect_navigation():
            visit.keyboard.press("Enter")
        assert "(newer)" in visit.locator("h1").inner_text()
        names = visit.evaluate("caches.keys()")
        assert [name for name in names if "visited" not in name] == [f"{hosts.PATH}|11111111"], f"{names}: the older version is thrown away."
        # What did not change was not fetched again.
        assert visit.evaluate(f"caches.match('{host}servers/gunicorn/').then(Boolean)")
    finally:
        file.write_text(before, "utf-8")
        (folder / "pages.json").write_text(listed, "utf-8")
        (folder / "sw.js").write_text(worker, "utf-8")


def test_a_worker_left_behind_goes_when_the_site_is_being_written(visit, folder, host):
    """`scripts/serve` at an address where a published copy was open before: no kept page, no worker."""
    file, worker = folder / "deploy/nginx/index.html", folder / "sw.js"
    before = file.read_text("utf-8"), worker.read_text("utf-8")
    try:
        file.write_text(re.sub(r'<meta name="offline"[^>]*>', '<meta name="offline" content="">', before[0]).replace("</h1>", " (draft)</h1>", 1), "utf-8")
        worker.write_text((offline.SOURCE / "retired.js").read_text("utf-8"), "utf-8")
        visit.goto(f"{host}deploy/nginx/")
        assert "(draft)" in visit.locator("h1").inner_text()
        visit.wait_for_function("async () => !(await navigator.serviceWorker.getRegistration()) && !(await caches.keys()).length")
    finally:
        file.write_text(before[0], "utf-8")
        worker.write_text(before[1], "utf-8")


def test_missing_page_proposes_what_was_meant(browser, host):
    page = open_page(browser)
    assert page.goto(f"{host}en/servers/gunicron/workers.html").status == 404
    first = page.locator("section.missing").first
    first.locator(".missing-near a").first.wait_for()
    assert first.get_attribute("lang") == "en"
    assert page.goto(f"{host}deploy/ngnix").status == 404
    link = page.locator("section[lang=ja] .missing-near a").first
    assert link.get_attribute("href") == f"{host}deploy/nginx/"
    page.locator("section[lang=en] .missing-near a").last.click()
    page.wait_for_url(f"{host}en/?q=deploy+ngnix")
    page.context.close()
