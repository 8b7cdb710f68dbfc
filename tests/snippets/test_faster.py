"""The samples of /faster/ run as a reader would run them: their own tests, and calls to a local HTTP server."""

import json
import os
import socket
import subprocess
import threading
import time
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


def run(*command, **environment):
    """Run a command inside snippets/faster and return it, done (subprocess.CompletedProcess)."""
    environment = {**os.environ, "PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1", **environment}
    return subprocess.run(command, cwd=SAMPLES, env=environment, capture_output=True, text=True, timeout=60)


def value(python, code, *arguments, **environment):
    """What an expression of the samples is worth: `code` prints it as JSON, with arguments in sys.argv."""
    done = run(python, "-c", f"import json, sys; {code}", *arguments, **environment)
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
    assert "Ran 12 tests" in done.stderr, done.stderr


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


def test_async_what_is_no_stock(python, service):
    """The same from the asynchronous form; and no request reads the certificates on the event loop."""
    code = """
import asyncio, ssl
from calls.side_by_side_async import stocks
def read(*arguments, **options):
    raise AssertionError("certificates are read again")
ssl.create_default_context = read
print(json.dumps(asyncio.run(stocks(sys.argv[1:]))))
"""
    assert value(python, code, f"{service}/broken", f"{service}/maintenance", "http://127.0.0.1:9/") == [None] * 3


# A shop in memory whose mails stay in mail.outbox.
SHOP = """
import django
django.setup()
from unittest import mock
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from store import tasks
from store.models import Customer, Order
def order(email):
    return Order.objects.create(customer=Customer.objects.create(name="A", email=email)).pk
def sent(number):
    return Order.objects.filter(pk=number).exclude(receipt_sent_at=None).exists()
mail.outbox = []
"""
IN_MEMORY = {"DJANGO_SETTINGS_MODULE": "background.settings", "EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend", "DB_NAME": ""}


def test_the_batch_goes_on_after_any_error(python):
    """A forged and a malformed address, none at all, an order deleted meanwhile: the last order gets its receipt, these are not noted as sent."""
    code = (
        SHOP
        + """
call_command("migrate", verbosity=0)
bad = [order(email) for email in ("a@example.com\\n", "m\u00fcller@@@", "x@" + "\u00e9" * 80 + ".com", "")]
deletes, gone, last = order("deletes@example.com"), order("gone@example.com"), order("last@example.com")
real = tasks.send_mail
def send(subject, text, sender, recipients):
    if recipients == ["deletes@example.com"]:
        Order.objects.filter(pk=gone).delete()
    return real(subject, text, sender, recipients)
tasks.send_mail = send
call_command("send_receipts")
print(json.dumps([[sent(number) for number in (*bad, deletes, last)], len(mail.outbox)]))
"""
    )
    assert value(python, code, **IN_MEMORY) == [[False] * 4 + [True] * 2, 2]


def test_the_first_batch_sends_nothing_for_old_orders(python):
    """The migration marks those that were there before."""
    code = (
        SHOP
        + """
call_command("migrate", "store", "0001", verbosity=0)
old = order("old@example.com")
call_command("migrate", verbosity=0)
new = order("new@example.com")
call_command("send_receipts")
print(json.dumps([[message.to for message in mail.outbox], sent(old), sent(new)]))
"""
    )
    assert value(python, code, **IN_MEMORY) == [[["new@example.com"]], True, True]


def test_how_long_a_receipt_is_tried(python):
    """Nine times, in up to 45 minutes; then only the batch is left. A mail that takes too long is tried again like a refused one."""
    code = (
        SHOP
        + """
from celery.app import autoretry
from celery.exceptions import SoftTimeLimitExceeded
call_command("migrate", verbosity=0)
waits, real = [], autoretry.get_exponential_backoff_interval
def wait(**options):
    waits.append(real(**{**options, "full_jitter": False}))
    return 0
autoretry.get_exponential_backoff_interval = wait
tasks.send_mail = mock.Mock(side_effect=[OSError("no"), SoftTimeLimitExceeded(), *[OSError("no")] * 7])
number = order("a@example.com")
state = tasks.send_receipt.apply(args=[number]).state
print(json.dumps([tasks.send_mail.call_count, sum(waits[:8]) / 60, state, sent(number), tasks.send_receipt.soft_time_limit < tasks.send_receipt.time_limit]))
"""
    )
    calls, minutes, state, sent, limited = value(python, code, **IN_MEMORY)
    assert (calls, state, sent, limited) == (9, "FAILURE", False, True)
    assert 45 < minutes < 46


def test_delay_on_commit_fails_after_the_commit(python):
    """With the broker down the view fails although the order is stored, as the page says."""
    code = (
        SHOP
        + """
from kombu.exceptions import OperationalError
call_command("migrate", verbosity=0)
failed = False
with mock.patch.object(tasks.send_receipt, "apply_async", side_effect=OperationalError):
    try:
        with transaction.atomic():
            tasks.send_receipt.delay_on_commit(order("a@example.com"))
    except OperationalError:
        failed = True
print(json.dumps([failed, Order.objects.count()]))
"""
    )
    assert value(python, code, **IN_MEMORY) == [True, 1]


def test_a_mail_timeout_does_not_bound_the_whole_mail(python):
    """A mail server that takes its time for each answer: the mail is sent, in longer than EMAIL_TIMEOUT."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = listening.accept()
        with connection, connection.makefile("rb") as lines:
            command, answers = b"", {b"": b"220", b"DATA": b"354", b"QUIT": b"221"}
            while True:
                time.sleep(0.1)
                connection.sendall(answers.get(command, b"250") + b" ok\r\n")
                if command == b"QUIT":
                    return
                if command == b"DATA":
                    while lines.readline() != b".\r\n":
                        pass
                    command = b"."
                else:
                    command = lines.readline()[:4].upper()

    threading.Thread(target=serve, daemon=True).start()
    code = """
import time, django
from django.conf import settings
django.setup()
settings.EMAIL_TIMEOUT, settings.EMAIL_PORT, settings.EMAIL_HOST = 0.4, int(sys.argv[1]), "127.0.0.1"
from django.core.mail import send_mail
started = time.monotonic()
print(json.dumps([send_mail("Your receipt", "Order 1", None, ["a@example.com"]), time.monotonic() - started]))
"""
    with listening:
        number, seconds = value(
            python, code, str(listening.getsockname()[1]), DJANGO_SETTINGS_MODULE="background.settings",
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        )  # fmt: skip
    assert number == 1
    assert seconds > 0.4
