"""The samples of /faster/async/: what runs at the same time, on how many threads and connections. No times are compared."""

import json
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from lab import postgres, venvs

SAMPLES = Path(__file__).resolve().parents[2] / "snippets" / "faster"
CALLS = 8

# Requests to Django's ASGI handler as a server makes them, without a server: `await ask(path)` is the body of the response.
ASGI = """
import asyncio, json, sys, threading, time
import django
from django.conf import settings
django.setup()
settings.ROOT_URLCONF = "coroutines.urls"
settings.ALLOWED_HOSTS = ["*"]
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler

handler = ASGIHandler()

async def ask(path):
    path, _, query = path.partition("?")
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
             "raw_path": path.encode(), "query_string": query.encode(), "headers": [(b"host", b"localhost")],
             "server": ("127.0.0.1", 8000), "client": ("127.0.0.1", 9)}
    messages, sent, gone = [{"type": "http.request", "body": b"", "more_body": False}], [], asyncio.Event()
    async def receive():
        if messages:
            return messages.pop()
        await gone.wait()
    async def send(message):
        sent.append(message)
    await handler(scope, receive, send)
    assert sent[0]["status"] == 200, sent
    return b"".join(message.get("body", b"") for message in sent).decode()

async def many(path, count):
    return await asyncio.wait_for(asyncio.gather(*(ask(path) for _ in range(count))), 20)

def ask_wsgi(path):
    import io
    path, _, query = path.partition("?")
    status = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "localhost", "SERVER_PORT": "80",
               "wsgi.input": io.BytesIO(), "wsgi.url_scheme": "http", "wsgi.version": (1, 0), "wsgi.errors": sys.stderr,
               "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False}
    body = b"".join(WSGIHandler()(environ, lambda line, headers: status.append(line))).decode()
    assert status == ["200 OK"], status
    return body

def said(value):
    print(json.dumps(value))
"""

# The wait of the async view ends when all requests are there: it does not end at all when they come one after the other.
TOGETHER = """
from coroutines import waiting_after
there, threads = [], []
async def sleep(seconds):
    there.append(1)
    if len(there) == 24:  # counted before the first one is let go
        threads.append(threading.active_count())
    while len(there) < 24:
        await real(0.01)
real, waiting_after.asyncio = asyncio.sleep, type("A", (), {"sleep": sleep})
asyncio.run(many("/waiting-async/", 24))
said(threads[0] - 1)
"""


@pytest.fixture(scope="module")
def python():
    """Interpreter of an environment with what snippets/faster/requirements.txt installs (str)."""
    samples = SimpleNamespace(name="faster", folder=SAMPLES, install="requirements.txt")
    return str(venvs.venv_for(samples) / "bin" / "python")


def value(python, code, **environment):
    """What code prints as JSON, run inside snippets/faster."""
    environment = {
        **os.environ, "PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1", "DJANGO_SETTINGS_MODULE": "settings", **environment
    }  # fmt: skip
    done = subprocess.run([python, "-c", ASGI + code], cwd=SAMPLES, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("settings", ["settings", "coroutines.settings_middleware_none", "coroutines.settings_middleware_after"])
def test_async_views_wait_together_and_each_request_has_a_thread(python, settings):
    """24 requests wait on one event loop. Django takes a thread for each of them all the same, with or without middleware."""
    assert value(python, TOGETHER, DJANGO_SETTINGS_MODULE=settings) == 24


def test_the_thread_is_for_what_django_does_around_the_view(python):
    """Closing database connections at the start and the end of a request is synchronous; without it no thread is needed."""
    code = """
from django.core import signals
from django.db import close_old_connections, reset_queries
for signal in (signals.request_started, signals.request_finished):
    for receiver in (close_old_connections, reset_queries):
        signal.disconnect(receiver)
"""
    assert value(python, code + TOGETHER, DJANGO_SETTINGS_MODULE="coroutines.settings_middleware_after") == 0
    # A synchronous middleware, and each that is made with MiddlewareMixin, brings it back.
    assert value(python, code + TOGETHER, DJANGO_SETTINGS_MODULE="coroutines.settings_middleware_before") >= 24
    assert value(python, code + TOGETHER) >= 24


def test_sync_views_under_asgi_wait_together_on_a_thread_each(python):
    """Django gives each request a thread of its own: the 24 meet at a barrier."""
    code = """
from coroutines import waiting_before
barrier, names = threading.Barrier(24), set()
def sleep(seconds):
    names.add(threading.get_ident())
    barrier.wait(timeout=15)
waiting_before.time = type("T", (), {"sleep": sleep})
asyncio.run(many("/waiting-sync/", 24))
said(len(names))
"""
    assert value(python, code) == 24


def test_both_middlewares_do_the_same(python):
    """In front of synchronous and async views."""
    code = """
from django.test import Client
said([Client().get(path)["X-Branch"] for path in ("/empty-sync/", "/empty-async/")])
"""
    for settings in ("coroutines.settings_middleware_before", "coroutines.settings_middleware_after"):
        assert value(python, code, DJANGO_SETTINGS_MODULE=settings) == ["tokyo", "tokyo"]


@pytest.mark.parametrize(("path", "served"), [("/blocking/", False), ("/blocking-in-a-thread/", True)])
def test_who_is_served_while_one_request_blocks(python, path, served):
    """Others ask all the time: they are answered between the start and the end of time.sleep, or none of them is."""
    code = f"""
happened, real = [], time.sleep
def sleep(seconds):
    happened.append("start")
    real(seconds)
    happened.append("end")
time.sleep = sleep
async def main():
    first = asyncio.create_task(ask("{path}"))
    while not first.done():
        await ask("/empty-async/")
        happened.append("served")
asyncio.run(asyncio.wait_for(main(), 20))
said("served" in happened[happened.index("start"):happened.index("end")])
"""
    assert value(python, code) is served


def test_how_many_blocking_calls_are_under_way_at_once(python):
    """As many as the event loop's own pool has threads; the others queue, and so does a DNS look-up."""
    code = """
from concurrent.futures import ThreadPoolExecutor
from coroutines import blocking_after
running, release = [], threading.Event()
blocking_after.time = type("T", (), {"sleep": lambda seconds: running.append(1) or release.wait(15)})
async def main():
    requests = asyncio.create_task(many("/blocking-in-a-thread/", 40))
    for _ in range(1000):  # 10 s at most
        if len(running) >= ThreadPoolExecutor()._max_workers:
            break
        await asyncio.sleep(0.01)
    look_up = asyncio.create_task(asyncio.get_running_loop().getaddrinfo("localhost", 80))
    await asyncio.sleep(0.2)
    found = len(running), look_up.done()
    release.set()
    await asyncio.gather(requests, look_up)
    return found
said([*asyncio.run(main()), ThreadPoolExecutor()._max_workers])
"""
    most, looked_up, threads = value(python, code)
    assert most == threads <= 32
    assert not looked_up


def test_crossings_are_as_many_as_asked_for(python):
    """Under both interfaces; the code called crosses to another thread only where it has to."""
    code = """
said([json.loads(asyncio.run(ask("/crossings-to-sync/?n=3")))["crossings"], json.loads(ask_wsgi("/crossings-to-async/?n=3"))["crossings"]])
"""
    assert value(python, code) == [3, 3]


def test_sync_code_of_one_request_stays_on_one_thread(python):
    """Why the ORM can be called through sync_to_async: the same request always comes to the same thread, another one to another."""
    code = """
from coroutines import crossings
def nothing():
    names.append(threading.get_ident())
crossings.nothing, names = nothing, []
async def main():
    await ask("/crossings-to-sync/?n=5")
    return len(set(names)), threading.get_ident() in names
said(asyncio.run(main()))
"""
    assert value(python, code) == [1, False]


class Partner(BaseHTTPRequestHandler):
    """Answers 200 to eight requests that are there at the same time, 503 to one that is alone."""

    protocol_version = "HTTP/1.1"
    met = threading.Barrier(CALLS)

    def do_GET(self):  # noqa: N802, the name http.server asks for
        """Answer when all are there."""
        try:
            self.met.wait(timeout=4)
            status = 200
        except threading.BrokenBarrierError:
            status = 503
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        """Keep the test output quiet."""


@pytest.fixture
def partner():
    """The address of a Partner (str)."""
    Partner.met = threading.Barrier(CALLS)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Partner)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)


@pytest.mark.parametrize(
    ("how", "path", "status"),
    [
        ("ask_wsgi", "/eight-threads/", 200),
        ("ask_wsgi", "/eight-async/", 200),
        ("asyncio.run(ask", "/eight-async/", 200),
        ("ask_wsgi", "/eight-one-after-another/", 503),
    ],
)
def test_eight_calls_at_once(python, partner, how, path, status):
    """Threads and coroutines both have all eight calls under way at the same time; one after another there is ever one."""
    code = f'said({how}("{path}"){")" if how.count("(") else ""})'
    assert json.loads(value(python, code, PARTNER_URL=partner)) == {"answers": [status] * CALLS}


def test_both_pages_list_the_same_orders(python):
    """The synchronous and the async interface of the ORM, on PostgreSQL, one query each."""
    code = """
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
call_command("migrate", verbosity=0, run_syncdb=True)
from store.models import Customer, Order
for number in range(3):
    Order.objects.create(customer=Customer.objects.create(name=f"Customer {number}"))
from coroutines import page
with CaptureQueriesContext(connection) as queries:
    before = page.sync_page(None).content.decode()
after = asyncio.run(ask("/page-async/"))
said([json.loads(before) == json.loads(after), len(json.loads(before)["orders"]), len(queries)])
"""
    with postgres.cluster() as database:
        assert value(python, code, **database.environment()) == [True, 3, 1]


@pytest.mark.parametrize(("pool", "opened"), [("", 20), ("4", 4)])
def test_a_pool_bounds_the_connections(python, pool, opened):
    """20 requests that wait together and then ask the database: a connection each, or the pool's four between them."""
    code = """
from django.core.management import call_command
call_command("migrate", verbosity=0, run_syncdb=True)
import psycopg
from django.db import connection
connection.close()
opened, real = [], psycopg.Connection.connect.__func__
def connect(cls, *args, **kwargs):
    opened.append(1)
    return real(cls, *args, **kwargs)
psycopg.Connection.connect = classmethod(connect)
psycopg.connect = psycopg.Connection.connect
answers = asyncio.run(many("/wait-and-query-async/", 20))
said([len(opened), len(answers)])
from django.db import connections
if "pool" in settings.DATABASES["default"].get("OPTIONS", {}):
    connections["default"].close_pool()
"""
    with postgres.cluster() as database:
        found = value(python, code, DB_POOL_SIZE=pool, **database.environment())
    # The pool had one or more already when the counting began.
    assert found[1] == 20
    assert found[0] == opened if opened == 20 else found[0] <= opened
