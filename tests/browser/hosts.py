"""A host for the built site whose files a test may change, which sends what _headers says."""

import re
import shutil
import threading
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path

from tests.conftest import PATH, Handler


# Scripts that wait for a sign of a reader get one.
READER = "addEventListener('load', () => dispatchEvent(new Event('pointermove')))"


def sent(folder: Path) -> dict[str, str]:
    """The headers that _headers gives to every file."""
    rule = re.search(rf"^{re.escape(PATH)}\*\n((?:  .+\n)+)", (folder / "_headers").read_text("utf-8"), re.M)
    return dict(line.strip().split(": ", 1) for line in rule[1].splitlines())


class Host(Handler):
    """Like a static host: headers for every file, 404.html with status 404 for what is not there."""

    def end_headers(self):
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def send_error(self, code, message=None, explain=None):
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.exists():
            return super().send_error(code, message, explain)
        body = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def start(folder: Path) -> tuple[ThreadingHTTPServer, str]:
    """(server, address of the Japanese home page)."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, directory=str(folder)))
    server.headers = sent(folder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}{PATH}"


def copied(folder: Path, to: Path) -> Path:
    """The site without the records, of which there are thousands of files."""
    return Path(shutil.copytree(folder, to, ignore=shutil.ignore_patterns("data", "cards", "*.map"), dirs_exist_ok=True))
