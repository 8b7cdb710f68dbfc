"""Step "external calls" of /faster/: what a partner that hangs does to other pages, and how often the partner is called."""

import http.client
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from lab import serve
from lab.ladder import stage as ladder

THREADS = 2
SQLITE = {"DB_NAME": ""}  # no page of this step reads the database


@pytest.fixture(scope="module")
def stage():
    """A Stage of the ladder, without its PostgreSQL."""
    with ladder.Stage(quick=True) as found, found.question():
        yield found


class Partner(BaseHTTPRequestHandler):
    """Answers with a 7 for each product; /silent keeps quiet until the test is over."""

    protocol_version = "HTTP/1.1"
    connections, asked, silent = 0, [], 0
    over = threading.Event()
    lock = threading.Lock()

    def setup(self):
        """Count a connection."""
        with self.lock:
            type(self).connections += 1
        super().setup()

    def do_GET(self):  # noqa: N802, the name http.server asks for
        """Answer one request."""
        with self.lock:
            self.asked.append(self.path)
        if "silent" in self.path:
            with self.lock:
                type(self).silent += 1
            self.over.wait(timeout=30)
        self.send_response(503 if "broken" in self.path else 200)
        body = b" ".join([b"7"] * max(1, self.path.count("product=")))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Keep the test output quiet."""


class Server(ThreadingHTTPServer):
    """Whoever does not wait any longer leaves a broken connection behind; that is no error here."""

    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """Say nothing."""


@pytest.fixture
def partner():
    """Address of a partner that counts (str); what it counted is in Partner."""
    Partner.connections, Partner.silent, Partner.over = 0, 0, threading.Event()
    Partner.asked.clear()
    server = Server(("127.0.0.1", 0), Partner)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    Partner.over.set()
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)


def value(stage, code, environment=None):
    """What an expression of the samples is worth: `code` prints it as JSON."""
    printed = stage.python(f"import json, django; django.setup(); {code}", {**SQLITE, **(environment or {})})
    return json.loads(printed)


def get(address, path, seconds=20):
    """Text of an answer, or None when there is none within `seconds`."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=seconds)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        return connection.getresponse().read().decode().strip()
    except TimeoutError:
        return None
    finally:
        connection.close()


@pytest.mark.parametrize(("how", "served"), [("timeout-before", False), ("timeout-after", True)])
def test_a_silent_partner_stops_every_page_of_a_server_without_timeouts(stage, partner, how, served):
    """As many visitors as threads ask for a page whose partner keeps silent; then somebody asks for another page."""
    # The path of the page ends in /wait?ms=…; the partner of this test looks for "silent" in front of it.
    address = stage.server("gunicorn", threads=THREADS, environment={**SQLITE, "PARTNER_URL": f"{partner}/silent"})
    with ThreadPoolExecutor(THREADS) as visitors:
        waiting = [visitors.submit(get, address, f"/calls/{how}/", 40) for _ in range(THREADS)]
        assert serve.wait_until(lambda: Partner.silent == THREADS, 20)
        # Five times the page's timeout, and a busy machine's patience.
        answer = get(address, "/waiting/empty/", seconds=20 if served else 4)
        assert (answer is not None) == served
        if served:
            # The pages of the silent partner are there as well, without the stock.
            assert [page.result() for page in waiting] == ["None", "None"]
        Partner.over.set()


@pytest.mark.parametrize(("module", "connections"), [("connections_before", 4), ("connections_new", 4), ("client", 1)])
def test_connections_for_four_calls(stage, partner, module, connections):
    """httpx.get() connects each time, and so does a client that may keep nothing; one client connects once."""
    code = f"from calls.{module} import stock; print(json.dumps([stock({partner!r}) for _ in range(4)]))"
    assert value(stage, code) == [7] * 4
    assert Partner.connections == connections


def test_calls_for_four_products(stage, partner):
    """One for each, or one for all; the page gets the same."""
    before = f"from calls.fewer_before import stocks; print(json.dumps(stocks('{partner}/?a=b', range(4))))"
    assert value(stage, before) == [7] * 4
    assert len(Partner.asked) == 4
    assert value(stage, before.replace("before", "after")) == [7] * 4
    assert len(Partner.asked) == 5


@pytest.mark.parametrize("path", ["broken?a=b", "?a=b&product=one-more"])
def test_one_call_for_all_fails_for_all(stage, partner, path):
    """An error, and an answer with another number of stocks than was asked for."""
    code = f"from calls.fewer_after import stocks; print(json.dumps(stocks('{partner}/{path}', range(4))))"
    assert value(stage, code) == [None] * 4


def test_a_cached_stock_is_asked_for_once(stage, partner):
    """Four pages, one call."""
    code = f"from calls.caching_after import cached_stock; print(json.dumps([cached_stock({partner!r}) for _ in range(4)]))"
    assert value(stage, code) == [7] * 4
    assert len(Partner.asked) == 1


def test_a_failure_is_not_cached(stage, partner):
    """The next page asks again."""
    code = f"from calls.caching_after import cached_stock; print(json.dumps([cached_stock('{partner}/broken') for _ in range(2)]))"
    assert value(stage, code) == [None] * 2
    assert len(Partner.asked) == 2


def test_pages_that_come_while_the_answer_is_on_its_way_all_call(stage, partner):
    """A cache alone does not keep a crowd from the partner in the moment in which the answer has run out."""
    url = f"{partner}/silent"
    code = (
        "from concurrent.futures import ThreadPoolExecutor as Pool; from calls.caching_after import cached_stock; "
        f"print(json.dumps(list(Pool(3).map(cached_stock, [{url!r}] * 3))))"
    )
    with ThreadPoolExecutor(1) as pool:
        stocks = pool.submit(value, stage, code)
        assert serve.wait_until(lambda: Partner.silent == 3 or stocks.done(), 20)
        Partner.over.set()
        assert stocks.result() == [7] * 3
    assert len(Partner.asked) == 3


@pytest.mark.parametrize("cache", ["locmem", "redis"])
def test_whose_cache_it_is(stage, partner, cache):
    """LocMemCache is one of each process; Redis is one for all."""
    environment = {**SQLITE}
    if cache == "redis":
        environment.update(DJANGO_SETTINGS_MODULE="calls.settings_redis", CACHE_URL=f"redis://{stage.redis.address}/3")
    code = f"from calls.caching_after import cached_stock; print(json.dumps(cached_stock({partner!r})))"
    assert [value(stage, code, environment) for _ in range(2)] == [7] * 2
    assert len(Partner.asked) == (2 if cache == "locmem" else 1)


@pytest.mark.parametrize("silent", [False, True])
def test_a_page_does_not_need_the_cache(stage, partner, silent):
    """Redis refuses, or takes the connection and says nothing: the partner is asked, and the page is there."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        if not silent:
            listening.close()
        environment = {"DJANGO_SETTINGS_MODULE": "calls.settings_redis", "CACHE_URL": f"redis://127.0.0.1:{port}/3"}
        code = (
            "import time; from calls.caching_after import cached_stock; started = time.monotonic(); "
            f"print(json.dumps([cached_stock({partner!r}), time.monotonic() - started]))"
        )
        found, seconds = value(stage, code, environment)
    assert found == 7
    assert seconds < 4  # redis-py alone would wait 5


def test_eight_threads_call_sixteen_times_at_once(stage, partner):
    """None of the calls waits for a connection until it fails: all of them are with the partner at the same time."""
    code = (
        "from concurrent.futures import ThreadPoolExecutor as Pool; from calls.side_by_side import stocks; "
        f"print(json.dumps(list(Pool(8).map(stocks, [['{partner}/silent'] * 16] * 8))))"
    )
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(value, stage, code)
        assert serve.wait_until(lambda: Partner.silent == 128 or found.done(), 20)
        Partner.over.set()
        assert found.result() == [[7] * 16] * 8


def test_the_samples_of_the_page_are_those_that_are_measured(stage):
    """Every address below /calls/ leads to a view that answers."""
    found = value(stage, "from calls.urls import urlpatterns; print(json.dumps([str(p.pattern) for p in urlpatterns]))")
    address = stage.server("gunicorn", threads=THREADS, environment=SQLITE)
    for path in found:
        assert "7" in get(address, f"/calls/{path}?ms=1&calls=2"), path
