"""Get files out of the configuration builder as a reader does: in a real browser, from the archive that the page gives."""

import contextlib
import functools
import http.server
import io
import json
import os
import shutil
import threading
import zipfile
from pathlib import Path

from lab.errors import LabError

BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
DATA = "assets/config/data.json"
ADDRESS = "http://127.0.0.1"


def combinations(site):
    """Every combination as the built page has it: {"wsgi.gunicorn.systemd.none": True, the name of a reason, or "not-run"}."""
    return json.loads((Path(site) / DATA).read_text(encoding="utf-8"))["combinations"]


def query(name, sizes=None):
    """The address behind "?" of a combination, e.g. of "asgi.daphne.systemd.none.channels", with other sizes if given."""
    interface, server, manager, proxy, *channels = name.split(".")
    parts = {"interface": interface, "server": server, "manager": manager, "proxy": proxy}
    parts |= ({"channels": "yes"} if channels else {}) | (sizes or {})
    return "&".join(f"{part}={value}" for part, value in parts.items())


@contextlib.contextmanager
def page(site):
    """
    Context manager: a function (name, sizes=None, language="en") -> {path: text}, the files that the built page in the folder
    `site` makes in a browser. Combinations that have not been run yet are offered to it, the refused ones are not.

    Raises LabError without a browser, and when the page offers something else than what was asked for.
    """
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not program:
        raise LabError("There is no Chromium or Chrome: apt-get install chromium (Debian).")
    handler = functools.partial(_Quiet, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    root = f"{ADDRESS}:{server.server_port}"
    data = json.loads((Path(site) / DATA).read_text(encoding="utf-8"))
    data["combinations"] = {name: offered in (True, "not-run") or offered for name, offered in data["combinations"].items()}
    try:
        with sync_playwright() as playwright:
            flags = ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
            browser = playwright.chromium.launch(executable_path=program, args=flags)
            context = browser.new_context(accept_downloads=True)
            context.add_init_script("delete Navigator.prototype.serviceWorker")
            context.route(f"**/{DATA}", lambda route: route.fulfill(json=data))
            opened = context.new_page()
            yield lambda name, sizes=None, language="en": downloaded(opened, root, name, sizes, language)
            browser.close()
    finally:
        server.shutdown()


def downloaded(opened, root, name, sizes=None, language="en"):
    """The files of a combination, from the archive that a Playwright page downloads; those shown have to be the same."""
    opened.goto(f"{root}/{'en/' if language == 'en' else ''}tools/config/?{query(name, sizes)}")
    opened.wait_for_selector(".config-file")
    if not opened.locator(".config-status").is_hidden():
        raise LabError(f"The builder does not offer {name} as asked: {opened.locator('.config-status').inner_text()}")
    with opened.expect_download() as download:
        opened.locator(".config-download").click()
    archive = zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes()))
    files = {path.partition("/")[2]: archive.read(path).decode() for path in archive.namelist()}
    shown = opened.eval_on_selector_all(".config-file", "all => all.map(file => [file.dataset.path, file.querySelector('pre code').textContent])")
    if dict(shown) != files:
        raise LabError(f"{name}: what the page shows is not what it downloads.")
    return files


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        """Nothing: what is asked for is no news."""
