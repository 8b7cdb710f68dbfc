"""Step 3 of /faster/ on PostgreSQL: how many queries each page takes, what they ask for, and that before and after say the same."""

import json
import re
import socket
import threading
import time

import pytest

from lab.ladder import distance
from lab.ladder.stage import Stage

ORDERS = 2000
# Calls the function behind each page twice, with few rows and with more, and keeps what it said and asked.
ASK = """
import json, sys
import django
django.setup()
from django.db import connection
from django.test.utils import CaptureQueriesContext
from store.views import PAGES
found = {}
for name, page in PAGES.items():
    found[name] = []
    for number in (5, 25):
        with CaptureQueriesContext(connection) as queries:
            said = page(number)
        found[name].append({"said": said, "asked": [query["sql"] for query in queries]})
print(json.dumps(found, default=str))
"""
# Queries of a page with few rows and with more.
QUERIES = {
    "listing-before": (1 + 2 * 5, 1 + 2 * 25),
    "listing-after": (2, 2),
    "join-before": (1, 1),
    "join-after": (3, 3),
    "twice-before": (2, 2),
    "twice-after": (1, 1),
}
SAME = ["listing", "join", "columns-all/columns-only", "columns-all/columns-values", "wide-all/wide-only", "wide-all/wide-values",
        "totals", "totals-before/totals-values", "any", "many", "twice"]  # fmt: skip


@pytest.fixture(scope="module")
def stage():
    """A stage with a small store."""
    with Stage(quick=True) as stage:
        yield stage


@pytest.fixture(scope="module")
def pages(stage):
    """{page: [{"said", "asked"} with 5, the same with 25]}."""
    return json.loads(stage.python(ASK, stage.database.fill(ORDERS)))


def test_the_number_of_queries_grows_with_the_rows_only_where_the_page_says_so(pages):
    counts = {name: tuple(len(one["asked"]) for one in found) for name, found in pages.items()}
    assert counts == {name: QUERIES.get(name, (1, 1)) for name in pages}


@pytest.mark.parametrize("pair", SAME)
def test_before_and_after_say_the_same(pages, pair):
    before, after = pair.split("/") if "/" in pair else (f"{pair}-before", f"{pair}-after")
    for one, other in zip(pages[before], pages[after], strict=True):
        assert one["said"] == other["said"]
        assert one["said"]


def test_pages_by_number_and_by_the_last_row_are_the_same_rows(stage):
    code = (
        "import json, django; django.setup(); from store import deep_pages_after as after, deep_pages_before as before; "
        "first = after.page(); second = after.page(first[-1]['number']); "
        "print(json.dumps([before.page(1) == first, before.page(2) == second, len(second)]))"
    )
    assert json.loads(stage.python(code, stage.database.fill(ORDERS))) == [True, True, 20]


def test_what_is_asked_of_the_database(pages):
    """The words of the SQL that make the difference."""

    def asked(name):
        return pages[name][1]["asked"][0]

    assert re.search(r"OFFSET 480\b", asked("page-before"))
    assert "OFFSET" not in asked("page-after")
    assert "GROUP BY" in asked("totals-after")
    assert "LIMIT 1" in asked("any-after") and "LIMIT" not in asked("any-before")
    assert "COUNT(*)" in asked("many-after")
    assert '"description"' in asked("wide-all")
    assert '"description"' not in asked("wide-only") and '"description"' not in asked("wide-values")
    assert '"customer_id"' not in asked("columns-only")


def test_a_column_that_only_left_out_is_one_more_query_for_each_row(stage):
    code = (
        "import django; django.setup(); from django.db import connection; from django.test.utils import CaptureQueriesContext; "
        "from store.models import Product; queries = CaptureQueriesContext(connection); queries.__enter__(); "
        "[product.description for product in Product.objects.only('name')[:7]]; print(len(queries))"
    )
    assert stage.python(code, stage.database.fill(ORDERS)).strip() == "8"


def test_the_proxy_hands_on_every_byte_and_takes_its_time_once(stage):
    with socket.create_server(("127.0.0.1", 0)) as listening, stage.question():

        def echo():
            connection, _ = listening.accept()
            with connection:
                while piece := connection.recv(65536):
                    connection.sendall(piece)

        # The first connection only asks whether the proxy is there.
        threads = [threading.Thread(target=echo, daemon=True) for _ in range(2)]
        for thread in threads:
            thread.start()
        port = distance.away(stage, listening.getsockname()[1], 50)
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            started = time.monotonic()
            client.sendall(b"ping")
            assert client.recv(4) == b"ping"
            assert time.monotonic() - started >= 0.05
            sent = bytes(range(256)) * 2000
            threading.Thread(target=client.sendall, args=(sent,), daemon=True).start()
            got = b""
            while len(got) < len(sent):
                got += client.recv(65536)
            assert got == sent
