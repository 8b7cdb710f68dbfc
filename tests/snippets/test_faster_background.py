"""Step "background" of /faster/, on PostgreSQL with Redis: what a visitor waits for, and that no receipt is lost or sent twice."""

import http.client
import json
import os
import re
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote_plus, urlsplit

import pytest

from lab import processes, serve
from lab.ladder import background, single
from lab.ladder import stage as ladder

ORDERS = 20
ROW, TASK = "background.place_order_row", "background.place_order_task"
# A task that nobody acknowledged comes again after 3 s instead of an hour.
SETTINGS = """
from background.settings import *
CELERY_BROKER_TRANSPORT_OPTIONS |= {"visibility_timeout": 3, "unacked_restore_interval": 1, "unacked_restore_throttle": 1}
"""
EARLY = 'CELERY_TASK_ANNOTATIONS = {"store.tasks.send_receipt": {"acks_late": False}}\n'
# Instead of half a minute.
SOON = "from celery.app import autoretry\nautoretry.get_exponential_backoff_interval = lambda **options: 0\n"
IMPATIENT = 'CELERY_BROKER_TRANSPORT_OPTIONS["socket_timeout"] /= 10\n'
IMMEDIATE = 'TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}\n'


class MailServer(BaseHTTPRequestHandler):
    """Takes mails; while `closed` is set it keeps whoever sends one waiting, and refuses the first `refusals`."""

    protocol_version = "HTTP/1.1"
    lock = threading.Lock()
    asked, delivered, refusals = [], [], 0
    open = threading.Event()

    def do_GET(self):  # noqa: N802, the name http.server asks for
        """One mail."""
        mail = unquote_plus(re.search(r"mail=([^&]*)", self.path)[1])
        with self.lock:
            self.asked.append(mail)
            refused = type(self).refusals > 0
            type(self).refusals -= refused
        self.open.wait(timeout=60)
        if not refused:
            self.delivered.append(mail)
        self.send_response(503 if refused else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        """Keep the test output quiet."""


class Server(ThreadingHTTPServer):
    """Whoever is killed while it sends a mail leaves a broken connection behind; that is no error here."""

    daemon_threads = True

    def handle_error(self, request, client_address):
        """Say nothing."""


@pytest.fixture
def mails():
    """The MailServer's class, running, with its address."""
    MailServer.asked.clear(), MailServer.delivered.clear()
    MailServer.refusals = 0
    MailServer.open.set()
    server = Server(("127.0.0.1", 0), MailServer)
    MailServer.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield MailServer
    MailServer.open.set()
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)


class Shop:
    """The project with its database, its queue and its mail server; what a test does with them."""

    def __init__(self, stage, database, folder, mails):
        self.stage, self.database, self.folder, self.mails = stage, database, folder, mails
        self.settings()
        # No receipt is to be sent but those of the test; no task is left of the test before.
        self.sql("UPDATE store_order SET receipt_sent_at = now(); DELETE FROM django_tasks_database_dbtaskresult")
        stage.redis.ask("FLUSHALL")

    def settings(self, more=""):
        """Settings for what is started from now on."""
        (self.folder / "shop_settings.py").write_text(SETTINGS + more)
        self.environment = {
            **self.database,
            "DJANGO_SETTINGS_MODULE": "shop_settings",
            "PYTHONPATH": f"{self.folder}{os.pathsep}{ladder.PROJECT}",
            "PARTNER_URL": self.mails.address,
        }

    def sql(self, statement):
        """One value from the database."""
        return self.stage.database.sql(statement, ORDERS)

    def value(self, code):
        """What code prints as JSON, with Django set up."""
        lead = "import json, django; django.setup(); from store.models import Customer, Order; from django.db import transaction; "
        return json.loads(self.stage.python(lead + code, self.environment))

    def order(self, module="store.place_order"):
        """Places an order in the way of a module; returns its number (int)."""
        return self.value(f"from {module} import place_order; print(place_order(Customer.objects.first(), ['tea']).pk)")

    def worker(self):
        """A running worker of Celery (Popen)."""
        return self.stage.process(f"exec {background.CELERY} --concurrency 2", self.environment)

    def receipt_sent(self, order):
        """Whether the receipt of an order is noted as sent."""
        return self.sql(f"SELECT receipt_sent_at IS NOT NULL FROM store_order WHERE id = {order}") == "t"

    def states(self):
        """States of the tasks in the database, e.g. ["READY"]."""
        return self.sql("SELECT status FROM django_tasks_database_dbtaskresult ORDER BY enqueued_at").split()


@pytest.fixture(scope="module")
def stage():
    """A Stage of the ladder."""
    with ladder.Stage(quick=True) as found:
        yield found


@pytest.fixture(scope="module")
def database(stage):
    """Environment that leads to a small database, with the table of the tasks (dict)."""
    return background.environment(stage, ORDERS)


@pytest.fixture
def shop(stage, database, tmp_path, mails):
    """A Shop whose processes end with the test."""
    with stage.question():
        yield Shop(stage, database, tmp_path, mails)


def kill(process):
    """What the kernel does for want of memory, to every process of a worker at once."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert serve.wait_until(lambda: not processes.in_group(process.pid), 10)


def test_only_the_page_before_waits_for_the_mail_server(shop, mails):
    """The mail server keeps silent; three of four pages are there all the same, and each stored its order."""
    address = shop.stage.server("gunicorn", threads=4, environment=shop.environment)
    number = int(shop.sql("SELECT count(*) FROM store_order"))
    mails.open.clear()
    with ThreadPoolExecutor(1) as pool:
        inside = pool.submit(single.ask, address, "/background/inside/", 0, 1)
        assert serve.wait_until(lambda: mails.asked, 20)
        for how in ("celery", "tasks", "row"):
            connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
            connection.request("GET", f"/background/{how}/")
            assert connection.getresponse().status == 200
            connection.close()
        assert not inside.done()
        mails.open.set()
        inside.result()
    assert int(shop.sql("SELECT count(*) FROM store_order")) == number + 5
    assert background.length(shop.stage) == 1
    assert shop.states() == ["READY"]


@pytest.mark.parametrize("late", [True, False])
def test_a_worker_is_killed_while_it_sends_a_receipt(shop, mails, late):
    """With acks_late another worker gets the task when the visibility timeout is over; without, the receipt is lost."""
    if not late:
        shop.settings(EARLY)
    mails.open.clear()
    worker = shop.worker()
    order = shop.order()
    assert serve.wait_until(lambda: mails.asked, 60)
    kill(worker)
    mails.open.set()
    assert not shop.receipt_sent(order)
    shop.worker()
    sent = serve.wait_until(lambda: shop.receipt_sent(order), 60 if late else 12, 0.2)
    assert bool(sent) == late
    # The first mail had left before the worker died: at least once is not exactly once.
    assert mails.asked == [f"Order {order}"] * (2 if late else 1)
    assert background.length(shop.stage) == 0


def test_the_same_receipt_in_two_processes_at_once_is_one_mail(shop, mails):
    """The second one waits for the row, and then has nothing to do."""
    mails.open.clear()
    order = shop.order(ROW)
    shop.value(f"import background; from store.tasks import send_receipt; send_receipt.delay({order}), send_receipt.delay({order}); print(1)")
    shop.worker()
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%store_order%FOR NO KEY UPDATE%'"
    assert serve.wait_until(lambda: shop.sql(waiting) == "1", 60, 0.2)
    mails.open.set()
    assert serve.wait_until(lambda: shop.receipt_sent(order) and shop.sql(waiting) == "0", 20, 0.2)
    assert mails.asked == [f"Order {order}"]


def test_a_mail_server_that_refuses_is_asked_again(shop, mails):
    """autoretry_for: the task comes back."""
    shop.settings(SOON)
    mails.refusals = 1
    shop.worker()
    order = shop.order()
    assert serve.wait_until(lambda: shop.receipt_sent(order), 60, 0.2)
    assert (len(mails.asked), len(mails.delivered)) == (2, 1)


def test_a_redis_that_keeps_silent_does_not_hold_the_page(shop):
    """It takes connections and answers nothing: the order is stored all the same."""
    shop.settings(IMPATIENT)
    shop.stage.redis.process.send_signal(signal.SIGSTOP)
    try:
        order = shop.order()
    finally:
        shop.stage.redis.process.send_signal(signal.SIGCONT)
    assert not shop.receipt_sent(order)


def test_the_batch_sends_what_is_to_be_sent_and_nothing_twice(shop, mails):
    """One mail is refused; the others go out, and the next run sends that one."""
    orders = [shop.order(ROW) for _ in range(3)]
    mails.refusals = 1
    for sent in ([False, True, True], [True, True, True], [True, True, True]):
        shop.stage.run(["python", "manage.py", "send_receipts"], shop.environment)
        assert [shop.receipt_sent(order) for order in orders] == sent
    assert sorted(mails.delivered) == sorted(f"Order {order}" for order in orders)


def test_the_database_backend_stores_the_task_with_the_order(shop, mails):
    """Without on_commit: nobody sees the task before the commit, and after a rollback there is none."""
    code = """
from background.place_order_task import place_order
def order(fails):
    with transaction.atomic():
        place_order(Customer.objects.first(), ["tea"])
        if fails:
            raise ZeroDivisionError
try:
    order(True)
except ZeroDivisionError:
    pass
"""
    shop.value(f"exec({code!r}); print(1)")
    assert shop.states() == []
    shop.value(f"exec({code!r}); order(False); print(1)")
    assert shop.states() == ["READY"]
    shop.stage.run(["python", "manage.py", "db_worker", "--batch"], shop.environment)
    assert shop.states() == ["SUCCESSFUL"]
    assert len(mails.delivered) == 1


def test_the_database_backend_does_not_try_again(shop, mails):
    """A refused mail is a failed task, and stays one."""
    mails.refusals = 1
    order = shop.order(TASK)
    for _ in range(2):
        shop.stage.run(["python", "manage.py", "db_worker", "--batch"], shop.environment)
        assert shop.states() == ["FAILED"]
    assert not shop.receipt_sent(order)


def test_a_worker_of_the_database_backend_is_killed(shop, mails):
    """Its task stays marked as running, and no other worker takes it; the batch finds the order."""
    mails.open.clear()
    order = shop.order(TASK)
    worker = shop.stage.process("exec python manage.py db_worker --no-startup-delay", shop.environment)
    assert serve.wait_until(lambda: mails.asked, 60)
    kill(worker)
    mails.open.set()
    shop.stage.run(["python", "manage.py", "db_worker", "--batch"], shop.environment)
    assert shop.states() == ["RUNNING"]
    assert not shop.receipt_sent(order)
    shop.stage.run(["python", "manage.py", "send_receipts"], shop.environment)
    assert shop.receipt_sent(order)


def test_the_backend_that_is_there_without_a_choice_sends_inside(shop, mails):
    """ImmediateBackend: the mail leaves in the transaction, and no rollback calls it back."""
    shop.settings(IMMEDIATE)
    code = """
from background.place_order_task import place_order
try:
    with transaction.atomic():
        place_order(Customer.objects.first(), ["tea"])
        raise ZeroDivisionError
except ZeroDivisionError:
    pass
"""
    orders = shop.sql("SELECT count(*) FROM store_order")
    shop.value(f"exec({code!r}); print(1)")
    assert len(mails.delivered) == 1
    assert shop.sql("SELECT count(*) FROM store_order") == orders
