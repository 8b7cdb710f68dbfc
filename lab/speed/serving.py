"""Serves a built site as a host does that was set up well: compressed, kept by browsers, connections held open; and counts."""

import contextlib
import gzip
import hashlib
import mimetypes
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import brotli

HASHED = re.compile(r"\.[0-9a-f]{8}\.")
COMPRESSED = {".html", ".css", ".js", ".mjs", ".json", ".svg", ".xml", ".txt", ".webmanifest"}
mimetypes.add_type("text/javascript", ".js")


class Host(ThreadingHTTPServer):
    """A server of `folder` on a free port; `answers` holds (path, status, bytes on the wire) of each request."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, folder: Path, encodings: tuple[str, ...] = ("gzip",)):
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder, self.encodings, self.answers, self.kept = Path(folder).resolve(), encodings, [], {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def file(self, path: Path, accepted: str) -> tuple[bytes, str, str]:
        """(content as sent, its tag, how it is compressed or "")."""
        encoding = next((name for name in self.encodings if name in accepted), "") if path.suffix in COMPRESSED else ""
        if (path, encoding) not in self.kept:
            content = path.read_bytes()
            small = brotli.compress(content) if encoding == "br" else gzip.compress(content, 6, mtime=0) if encoding else content
            self.kept[path, encoding] = (small, hashlib.sha256(content).hexdigest()[:16], encoding)
        return self.kept[path, encoding]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        asked = self.path.split("?")[0].lstrip("/")
        path = (self.server.folder / asked).resolve()
        if path.is_dir():
            path /= "index.html"
        there = path.is_file() and path.is_relative_to(self.server.folder)
        content, tag, encoding = self.server.file(path if there else self.server.folder / "404.html", self.headers.get("Accept-Encoding", ""))
        status = 200 if there else 404
        if there and self.headers.get("If-None-Match") == f'"{tag}"':
            status, content = 304, b""
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        headers = {
            "Content-Type": f"{kind}; charset=utf-8" if kind.startswith(("text/", "application/json")) else kind,
            "Cache-Control": "public, max-age=31536000, immutable" if HASHED.search(path.name) else "public, max-age=600" if path.suffix != ".html" else "no-cache",
            "ETag": f'"{tag}"', "Vary": "Accept-Encoding", "Content-Length": str(len(content)),
        }
        if encoding and status != 304:
            headers["Content-Encoding"] = encoding
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.server.answers.append((self.path, status, len(head) + len(content) + 19))
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # a browser that has gone
            self.wfile.write(content)

    do_HEAD = do_GET

    def log_message(self, *arguments):
        """Nothing: what was asked is in `answers`."""
