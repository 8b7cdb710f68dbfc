"""The configuration builder in a browser: form, address, copy, archive, and what it says when an address does not fit."""

import io
import zipfile
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from tests.conftest import open_page

START = "interface=wsgi&server=gunicorn&manager=systemd&proxy=nginx-unix&workers=2&threads=4"


def query(page):
    return urlsplit(page.url).query


def test_choices_address_and_files_go_together(page, address):
    """One way through: start, change, give way, sizes, Back, copy, archive."""
    page.goto(f"{address}en/tools/config/")
    page.wait_for_selector(".config-file")
    code = page.locator('[data-path="srv/django/gunicorn.conf.py"] pre code')
    assert code.inner_text().startswith(f"# {address}en/tools/config/?{START}\n# Ran on 20")
    page.get_by_label("Workers (processes)").fill("3")
    page.get_by_label("Workers (processes)").blur()
    assert "workers=3" in query(page) and "\nworkers = 3\n" in code.inner_text() and "3 x 4 = 12" in code.inner_text()
    calculator = page.locator(".config-sizing").get_attribute("href")
    assert calculator.endswith("/sizing/?interface=wsgi&processes=3&threads=4&config=wsgi.gunicorn.systemd.nginx-unix") and page.request.get(urljoin(page.url, calculator)).ok
    page.get_by_role("radio", name="Kubernetes").check()
    assert "manager=kubernetes&proxy=none&workers=3" in query(page)
    assert "Proxy is now" in page.locator(".config-status").inner_text()
    assert 'WEB_CONCURRENCY: "3"' in page.locator('[data-path="kubernetes/config.yaml"] pre code').inner_text()
    page.go_back()
    assert "manager=systemd" in query(page) and page.get_by_role("radio", name="systemd").is_checked()
    page.get_by_role("radio", name="ASGI", exact=True).check()
    assert "interface=asgi&server=uvicorn" in query(page)
    assert page.get_by_role("radio", name="uWSGI").count() == 0
    page.get_by_label("Workers (processes)").fill("5")
    for part, value in (("manager", "container"), ("manager", "systemd"), ("proxy", "nginx-unix")):  # a container has one process; the number comes back
        page.locator(f"input[name={part}][value={value}]").check()
    assert "workers=5" in query(page) and "collectstatic" in page.locator(".config-steps").inner_text()
    file = page.locator('[data-path="etc/systemd/system/uvicorn.service"]')
    file.get_by_role("button").click()
    assert page.evaluate("navigator.clipboard.readText()") == file.locator("pre code").text_content()
    with page.expect_download() as download:
        page.locator(".config-download").click()
    archive = zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes()))
    shown = dict(page.eval_on_selector_all(".config-file", "all => all.map(file => [file.dataset.path, file.querySelector('pre code').textContent])"))
    assert {name.partition("/")[2]: archive.read(name).decode() for name in archive.namelist()} == shown


def test_an_address_that_does_not_fit_gives_the_nearest_and_says_so(page, address):
    page.goto(f"{address}tools/config/?interface=wsgi&server=gunicorn&manager=container&proxy=nginx-unix&workers=900&threads=<b>x")
    page.wait_for_selector(".config-file")
    said = page.locator(".config-status").inner_text()
    assert "「nginx（Unix ソケット）」" in said and "900" in said and "<b>x" in said
    text = page.locator('[data-path="gunicorn.conf.py"] pre code').inner_text()
    assert "manager=container&proxy=nginx-tcp&workers=64&threads=4\n" in text
    assert "コンテナで動かす Gunicorn" in text, "The comments are not in the reader's language."


def test_the_flowchart_opens_what_it_recommends(page, address):
    page.goto(f"{address}en/choose/?flow=websocket.use")
    page.locator('[data-result="channels"] a', has_text="Build all files").click()
    page.wait_for_selector(".config-file")
    assert page.locator(".config-status").is_hidden()
    assert "CHANNEL_LAYER_URL" in page.locator('[data-path="django.env"] pre code').inner_text()


def test_without_javascript_the_table_leads_to_the_files(browser, address):
    page = open_page(browser, java_script_enabled=False)
    page.goto(f"{address}en/tools/config/")
    assert page.locator(".config-form").is_hidden() and "JavaScript" in page.locator(".config-needs-script").inner_text()
    rows = page.locator(".config-table tbody tr")
    assert rows.count() == 10
    assert "nginx (Unix socket)" in rows.first.inner_text()
    assert page.locator(".config-table a[href*='servers/gunicorn/']").count() == 1
    page.context.close()
