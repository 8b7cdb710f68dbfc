"""The samples of /faster/ run as a reader would run them: their own tests, and calls to a local HTTP server."""

import json
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from lab import venvs

SAMPLES = Path(__file__).resolve().parents[2] / "snippets" / "faster"
SERVICES = 3


@pytest.fixture(scope="module")
def python():
    """Interpreter of an environment with what snippets/faster/requirements.txt installs (str)."""
    # The samples are no recipe: nothing is started. The lab needs to know no more than these two.
    samples = SimpleNamespace(folder=SAMPLES, install="requirements.txt")
    return str(venvs.venv_for(samples) / "bin" / "python")


def run(*command):
    """Run a command inside snippets/faster and return it, done (subprocess.CompletedProcess)."""
    environment = {**os.environ, "PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=SAMPLES, env=environment, capture_output=True, text=True, timeout=60)


def value(python, code, *arguments):
    """What an expression of the samples is worth: `code` prints it as JSON, with arguments in sys.argv."""
    done = run(python, "-c", f"import json, sys; {code}", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class Service(BaseHTTPRequestHandler):
    """Answers by path: /together, /never, /slowly, /broken."""

    protocol_version = "HTTP/1.1"
    met = threading.Barrier(SERVICES)
    stop = threading.Event()

    def do_GET(self):  # noqa: N802, the name http.server asks for
        """Answer one request; every wait ends by itself."""
        if self.path == "/together":
            # Only requests that are here at the same time get an answer, so no clock has to tell.
            try:
                self.met.wait(timeout=2.8)
            except threading.BrokenBarrierError:
                return self.answer(503, b"alone")
            return self.answer(200, b"7")
        if self.path == "/never":
            self.stop.wait(timeout=15)
            self.close_connection = True
            return None
        if self.path == "/slowly":
            self.send_response(200)
            self.send_header("Content-Length", "6")
            self.end_headers()
            for _ in range(6):
                self.wfile.write(b"1")
                self.wfile.flush()
                self.stop.wait(timeout=0.2)
            return None
        if self.path == "/maintenance":
            return self.answer(200, b"<html>back soon</html>")
        return self.answer(500, b"broken")

    def answer(self, status, body):
        """Send a status (int) and a body (bytes)."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Keep the test output quiet."""


@pytest.fixture
def service():
    """Return the address of a running service (str, http://127.0.0.1:port)."""
    Service.met = threading.Barrier(SERVICES)
    Service.stop = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    Service.stop.set()
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)


def test_the_samples_own_tests_pass(python):
    """Where the time went, N+1 and its query count, the index in the plan, the receipt queued once and after the commit."""
    done = run(python, "-m", "django", "test", "--settings=settings")
    assert done.returncode == 0, done.stderr
    assert "Ran 11 tests" in done.stderr, done.stderr


def test_side_by_side_asks_all_at_the_same_time(python, service):
    """The service answers only when all the requests are there together."""
    code = "from calls.side_by_side import stocks; print(json.dumps(stocks(sys.argv[1:])))"
    assert value(python, code, *[f"{service}/together"] * SERVICES) == [7] * SERVICES


def test_async_side_by_side_asks_all_at_the_same_time(python, service):
    """The asynchronous form, on one thread."""
    code = (
        "import asyncio; from calls.side_by_side_async import stocks; "
        "print(json.dumps(asyncio.run(stocks(sys.argv[1:]))))"
    )
    assert value(python, code, *[f"{service}/together"] * SERVICES) == [7] * SERVICES


def test_one_after_another_would_not_pass_these_tests(python, service):
    """The same service leaves a call alone that waits for the one before it."""
    code = "from calls.client import stock; print(json.dumps([stock(url) for url in sys.argv[1:]]))"
    assert value(python, code, *[f"{service}/together"] * SERVICES) == [None] * SERVICES


def test_nothing_to_ask(python):
    """An empty list is no error."""
    assert value(python, "from calls.side_by_side import stocks; print(json.dumps(stocks([])))") == []


def test_what_is_no_stock(python, service):
    """Silence, an error, a page instead of a number, a refused connection: none of them raises, and a service that never answers is given up long before it would close."""
    code = (
        "import time; from calls.client import stock; started = time.monotonic(); "
        "print(json.dumps([[stock(url) for url in sys.argv[1:]], time.monotonic() - started]))"
    )
    stocks, seconds = value(python, code, f"{service}/never", f"{service}/broken", f"{service}/maintenance", "http://127.0.0.1:9/")
    assert stocks == [None] * 4
    assert seconds < 10


def test_a_read_timeout_does_not_bound_the_whole_answer(python, service):
    """An answer that arrives in small pieces may take longer than the timeout, as the page says."""
    code = (
        "import time, httpx; started = time.monotonic(); text = httpx.get(sys.argv[1], timeout=0.6).text; "
        "print(json.dumps([text, time.monotonic() - started]))"
    )
    text, seconds = value(python, code, f"{service}/slowly")
    assert text == "111111"
    assert seconds > 0.6
