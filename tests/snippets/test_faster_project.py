"""The project of the ladder on PostgreSQL: what is filled in, and what the measured views of its first steps serve."""

import json
import re
import urllib.request

import pytest

from lab.ladder.stage import Stage

ORDERS = 2000


@pytest.fixture(scope="module")
def stage():
    """A Stage whose database holds a few orders."""
    with Stage(quick=True) as stage, stage.question():
        yield stage


@pytest.fixture(scope="module")
def shop(stage):
    """The environment that leads to a filled database."""
    return stage.database.fill(ORDERS)


def get(address, path):
    """Body of an answer (str)."""
    with urllib.request.urlopen(f"{address}{path}", timeout=30) as answer:
        assert answer.status == 200
        return answer.read().decode()


def test_the_data_are_the_same_every_time(stage, shop):
    """Filled twice, the tables hold the same, with every index and foreign key that the migrations made."""
    sums = (
        "SELECT (SELECT md5(string_agg(o::text, ',' ORDER BY id)) FROM store_order o),"
        " (SELECT md5(string_agg(i::text, ',' ORDER BY order_id, product)) FROM (SELECT order_id, product, price, quantity FROM store_item) i),"
        " (SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text LIKE 'store%'),"
        " (SELECT count(*) FROM pg_indexes WHERE tablename LIKE 'store%')"
    )
    first = stage.database.sql(sums, ORDERS)
    stage.run(["python", "manage.py", "fill", "--orders", str(ORDERS)], shop)
    assert stage.database.sql(sums, ORDERS) == first
    assert first.split("|")[2] == "2"


def test_how_many_rows_there_are(stage, shop):
    """As many orders as asked for, a tenth of them customers, one in a hundred open, about two lines each."""
    assert stage.database.sql("SELECT count(*), count(DISTINCT customer_id) FROM store_order", ORDERS) == f"{ORDERS}|{ORDERS // 10}"
    assert stage.database.sql("SELECT count(*) FROM store_order WHERE status = 'open'", ORDERS) == str(ORDERS // 100)
    assert int(stage.database.sql("SELECT count(*) FROM store_item", ORDERS)) == pytest.approx(2 * ORDERS, rel=0.01)


@pytest.mark.parametrize("name", ["gunicorn", "uwsgi", "granian", "waitress", "uvicorn", "hypercorn", "daphne", "gunicorn-asgi"])
def test_every_server_serves_the_page(stage, shop, name):
    """Fifty orders, the newest first; and the application without Django."""
    page = get(stage.server(name, threads=2, environment={**shop, "DB_POOL_SIZE": "2"}), "/waiting/page/")
    assert page.count("<tr>") == 50
    assert re.search(r"<td>(\d+)</td>", page)[1] == str(ORDERS)
    bare = "bare:asgi" if name in ("uvicorn", "hypercorn", "daphne", "gunicorn-asgi") else "bare:wsgi"
    assert get(stage.server(name, application=bare), "/") == "ok\n"


def test_the_other_views(stage, shop):
    """Empty, computing, reading the database, waiting."""
    address = stage.server("gunicorn", threads=2, environment=shop)
    assert get(address, "/waiting/empty/") == get(address, "/waiting/wait/?ms=1") == "ok\n"
    assert int(get(address, "/waiting/cpu/")) > 0
    assert int(get(address, "/waiting/database/")) == 3  # one row for each status


def test_the_page_takes_two_queries(stage, shop):
    """However many orders it lists."""
    code = (
        "import django, json; django.setup()\n"
        "from django.db import connection\n"
        "from django.test import RequestFactory\n"
        "from django.test.utils import CaptureQueriesContext\n"
        "from waiting.views import page\n"
        "with CaptureQueriesContext(connection) as queries:\n"
        "    page(RequestFactory().get('/'))\n"
        "print(json.dumps(len(queries)))"
    )
    assert json.loads(stage.python(code, shop)) == 2


def test_load_and_memory(stage, shop):
    """One sample of wrk, with what the server takes."""
    address = stage.server("gunicorn", threads=2, environment=shop)
    sample = stage.load(address, "/waiting/empty/", 2, 0.5)
    assert sample["throughput"] > 0 and sample["failed"] == 0
    assert stage.load(address, "/waiting/nothing/", 2, 0.5)["failed"] > 0
    assert stage.memory(address) is None or stage.memory(address) > 10


def test_cpus_held_by_affinity_are_told(stage):
    """What the page shows: os.cpu_count() does not change, the affinity does."""
    cpu = max(stage.cpus())
    free = stage.run(["python", "waiting/cpus.py"])
    held = stage.run(["taskset", "--cpu-list", str(cpu), "python", "waiting/cpus.py"])
    assert re.search(r"os.cpu_count\(\): (\d+)", free)[1] == re.search(r"os.cpu_count\(\): (\d+)", held)[1]
    assert "os.sched_getaffinity(0): 1\n" in held
