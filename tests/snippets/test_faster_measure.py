"""The tools of /faster/measure/ say of a page of each kind what the page says they do. No times are compared."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lab import serve
from lab.ladder import measuring, printed
from lab.ladder.stage import Stage

SAMPLES = Path(__file__).resolve().parents[2] / "snippets" / "faster"
ORDERS = """
import django, json, re
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from store.models import Customer, Order
for number in range(20):
    Order.objects.create(customer=Customer.objects.create(name=f"Customer {number}"))
from django.test import Client
client = Client(HTTP_HOST="localhost")
page = client.get("/order-list/").text
"""


def run(code, settings):
    """Code, run inside snippets/faster with the tools for development installed (subprocess.CompletedProcess)."""
    environment = {
        **os.environ, "PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1", "DJANGO_SETTINGS_MODULE": f"measuring.settings_{settings}"
    }  # fmt: skip
    command = [str(measuring.tools() / "bin" / "python"), "-c", code]
    done = subprocess.run(command, cwd=SAMPLES, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done


def test_the_toolbar_counts_the_queries_of_n_plus_one():
    """One query for the orders, twenty alike for their customers; the page itself shows it."""
    said = run(ORDERS + measuring.SEEN_BY_TOOLBAR + "print('21 queries' in page)", "toolbar").stdout
    assert said == "default: 21 queries including 20 similar\nTrue\n"


def test_silk_keeps_the_queries_of_n_plus_one():
    """In the database, with the view; its own page lists them."""
    said = run(
        ORDERS + measuring.SEEN_BY_SILK + 'print("21 queries" in re.sub(r"\\s+", " ", re.sub("<[^>]+>", "", client.get("/silk/requests/").text)))',
        "silk",
    ).stdout
    assert said == "GET /order-list/: 21 queries, view measuring.views.order_list\nTrue\n"


def test_silk_keeps_no_bodies():
    """The settings say so: pages of customers have no place in a log."""
    said = run(ORDERS + "from silk.models import Response; print(repr(Response.objects.get().body))", "silk").stdout
    assert "Customer" not in said


@pytest.mark.parametrize(
    ("header", "logged"),
    [("t=1700000000.500", True), ("1700000000.500", False), ("t=soon", False), ("", False)],
)
def test_the_queue_is_logged_where_the_proxy_says_when(header, logged):
    """A header that is none of the proxy's is left alone."""
    code = f"""
import django, logging, time
django.setup()
from measuring import queue_time
from django.http import HttpResponse
from django.test import RequestFactory
time.time = lambda: 1700000001.25
queue_time.queue_time(lambda request: HttpResponse())(RequestFactory().get("/page/", headers={{"X-Request-Start": "{header}"}}))
"""
    assert ("GET /page/ queue=750" in run(code, "log").stderr) is logged


def test_nobody_writes_a_line_of_the_log_by_the_address():
    """A line feed in the path stays within its line."""
    code = """
import django, logging
django.setup()
from measuring import queue_time
from store import timing
from django.http import HttpResponse
from django.test import RequestFactory
request = RequestFactory().get("/a%0AGET%20/login/", headers={"X-Request-Start": "t=1.0"})
queue_time.queue_time(timing.timing(lambda request: HttpResponse()))(request)
"""
    lines = run(code, "log").stderr.splitlines()
    assert [line.partition("=")[0] for line in lines] == ["GET /a%0AGET%20/login/ queue", "GET /a%0AGET%20/login/ wall"]


@pytest.fixture(scope="module")
def stage():
    """A Stage with PostgreSQL and servers."""
    with Stage(quick=True) as found:
        yield found


def asked(stage, name):
    """What a Printed of this step prints now."""
    (wanted,) = [entry for entry in measuring.OUTPUTS if entry.name == f"measure/{name}"]
    with stage.question():
        return wanted.run(stage)[1]


def test_what_the_time_in_the_database_leaves_out(stage):
    """Connecting and COMMIT are not queries, on PostgreSQL."""
    code = """
import django
django.setup()
from django.db import connection, transaction
from store.models import Order
from store.timing import Queries
queries = Queries()
with connection.execute_wrapper(queries):
    connection.ensure_connection()
    print(connection.connection is not None, queries.count, queries.seconds)
    with transaction.atomic():
        Order.objects.exists()
print(queries.count)
"""
    assert stage.python(code, stage.database.fill()) == "True 0 0.0\n1\n"


LINE = r"GET /{}/ wall=(\d+) cpu=(\d+) db=(\d+) queries=(\d+)"


def kinds(text):
    """What each line of measure/lines says takes the time, {page: "cpu" | "db, few" | "db, many" | "waiting"}; of many queries Python's share is as large as the database's."""
    found = {}
    for page in ("computing", "slow-query", "order-list", "waiting"):
        wall, cpu, db, queries = map(int, re.search(LINE.format(page), text).groups())
        if queries > 10 or db > wall - db:
            found[page] = "db, many" if queries > 10 else "db, few"
        else:
            found[page] = "cpu" if cpu > 20 * (1 + db) else "waiting"
    return found


def test_the_four_lines_tell_the_pages_apart(stage):
    """As recorded, and now; on a busy machine a page that waits for the CPU looks like one that waits, but not every time."""
    expected = {"computing": "cpu", "slow-query": "db, few", "order-list": "db, many", "waiting": "waiting"}
    assert kinds(kept("lines")) == expected
    assert any(kinds(asked(stage, "lines")) == expected for _ in range(5))


def test_the_queue_is_seen_from_the_proxy_and_from_the_header(stage):
    """Six requests for one thread: each waits for those before it, and only urt and queue say so."""
    for text in (kept("queue"), asked(stage, "queue")):
        urt = [float(value) for value in re.findall(r"urt=([\d.]+)", text)]
        queue = [int(value) for value in re.findall(r"queue=(\d+)", text)]
        wall = [int(value) for value in re.findall(r"wall=(\d+)", text)]
        assert len(urt) == len(queue) == len(wall) == measuring.CLIENTS
        # 200 ms each, one after the other, sent 20 ms apart: the last one stands in line for nearly five of them.
        assert max(queue) >= 700 and max(urt) >= 0.9
        assert min(wall) >= 200 and sorted(wall)[len(wall) // 2] < 600


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("statsd-sync", r"gunicorn\.backlog:[1-9]\d*\|h"),
        ("statsd-gthread", r"gunicorn\.backlog:0\|h"),
        ("uwsgi-stats", r'"listen_queue":[1-9]'),
        ("granian-metrics", r'granian_blocking_queue\{worker="1"\} [1-9]'),
        ("ss-sync", r"LISTEN +[45] +4 "),
        ("ss-gthread", r"LISTEN +0 +4 "),
    ],
)
def test_who_tells_the_length_of_the_queue(stage, name, pattern):
    """Recorded, and now: the servers' own figures, and the kernel's where the connections wait there; on a busy machine not every time."""
    assert re.search(pattern, kept(name))
    if name.startswith("ss-") and sys.platform != "linux":
        return  # ss is Linux's
    assert any(re.search(pattern, asked(stage, name)) for _ in range(3))


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("py-spy-dump-computing", r'active\+gil\): "ThreadPoolExecutor.*\n    computing'),
        ("py-spy-dump-waiting", r'idle\): "ThreadPoolExecutor.*\n    waiting'),
        ("py-spy-record-computing", r"computing.* \d{2,}"),
        ("py-spy-record-waiting", r"waiting \(measuring/views.py:\d+\) \d{2,}"),
        ("py-spy-top-computing", r"GIL: [1-9]"),
        ("py-spy-top-waiting", r"GIL: [0-9]\."),
        ("toolbar", r"21 queries including 20 similar"),
        ("silk", r"21 queries"),
    ],
)
def test_what_was_recorded_says_what_the_page_says(name, pattern):
    """Not asked again: py-spy may look into other processes as root only, and takes its time."""
    assert re.search(pattern, kept(name)), kept(name)


def kept(name):
    """The kept output of a Printed of this step."""
    return (printed.FOLDER / "measure" / f"{name}.txt").read_text().partition("\n\n")[2]


def test_every_printed_of_this_step_is_kept():
    """And nothing else."""
    assert {entry.name.partition("/")[2] for entry in measuring.OUTPUTS} == {path.stem for path in (printed.FOLDER / "measure").glob("*.txt")}


def test_nginx_takes_the_configuration(tmp_path):
    """nginx -t with the file as it is on the page."""
    text = f"pid {tmp_path}/pid;\nerror_log {tmp_path}/error.log;\nevents {{}}\nhttp {{\n{(SAMPLES / 'measuring/nginx.conf').read_text()}}}\n"
    (tmp_path / "nginx.conf").write_text(text.replace("/var/log/nginx", str(tmp_path)))
    command = [serve.program("nginx"), "-t", "-p", str(tmp_path), "-e", str(tmp_path / "error.log"), "-c", str(tmp_path / "nginx.conf")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
