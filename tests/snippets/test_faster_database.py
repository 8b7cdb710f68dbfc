"""Step 4 of /faster/: which plan PostgreSQL makes, without an index and with it. Plans are asserted, times never."""

import json

import pytest

from lab.ladder import database, pgbench
from lab.ladder.stage import PROJECT, Stage

ORDERS = database.ORDERS
# Plans of the samples' querysets as {name: [node types, from the top]}.
PLANS = """
import json
import django
django.setup()
from django.db import connection
from store import open_orders, search

def nodes(plan):
    return [plan["Node Type"]] + [node for part in plan.get("Plans", []) for node in nodes(part)]

with connection.cursor() as cursor:
    cursor.execute("SET max_parallel_workers_per_gather = 0")
found = {
    "open": open_orders.oldest_open(),
    "function": search.by_email("customer.77@EXAMPLE.org"),
    "wildcard": search.by_part("mer.77@"),
    "short": search.by_part("7@"),
    "most": search.shipped(),
}
print(json.dumps({name: nodes(json.loads(asked.explain(format="json"))[0]["Plan"]) for name, asked in found.items()}))
"""


@pytest.fixture(scope="module")
def stage():
    """A stage with the store of the pages: plans of a small one would be others."""
    with Stage(quick=True) as stage:
        yield stage


def plans(stage, environment):
    """{name of a queryset: [node types]} in a database."""
    return json.loads(stage.python(PLANS, environment))


def test_the_index_replaces_reading_and_sorting_the_table(stage):
    bare = database.copy(stage, ORDERS, "bare", database.WITHOUT_INDEX)
    assert plans(stage, bare)["open"] == ["Limit", "Sort", "Seq Scan"]
    assert plans(stage, stage.database.fill(ORDERS))["open"] == ["Limit", "Index Scan"]


def test_of_a_small_table_only_the_sort_can_be_saved(stage):
    """1,000 orders are few pages: read as a whole they cost next to nothing."""
    bare = database.copy(stage, 1000, "bare", database.WITHOUT_INDEX)
    assert plans(stage, bare)["open"] == ["Limit", "Sort", "Seq Scan"]


def test_searches_that_the_index_on_the_column_does_not_help(stage):
    environments = database.searched(stage)
    without, plain, fitting = (plans(stage, environments[name]) for name in ("none", "plain", "fitting"))
    for condition in ("function", "wildcard"):
        assert without[condition] == plain[condition] == ["Seq Scan"]
    assert "Index Scan" in fitting["function"] or fitting["function"] == ["Bitmap Heap Scan", "Bitmap Index Scan"]
    assert fitting["wildcard"] == ["Bitmap Heap Scan", "Bitmap Index Scan"]
    # Two letters are no trigram.
    assert fitting["short"] == ["Seq Scan"]
    # Nearly every row: there is an index on the status, and the table is read as a whole.
    assert plain["most"] == ["Seq Scan"]


def test_both_searches_find_somebody(stage):
    code = (
        "import django; django.setup(); from store import search; "
        "print(search.by_email('customer.77@EXAMPLE.org').count(), search.by_part('mer.77@').count())"
    )
    assert stage.python(code, stage.database.fill(ORDERS)).split() == ["1", "1"]


def test_a_sort_that_does_not_fit_goes_to_the_disk(stage):
    name = stage.database.fill(ORDERS)["DB_NAME"]
    printed = stage.database.cluster.table((PROJECT / "store/sort.sql").read_text(), name)
    small, enough = printed.split("QUERY PLAN")[1:]
    assert "external merge  Disk:" in small and "quicksort" not in small
    assert "quicksort  Memory:" in enough and "Disk:" not in enough


def test_the_printed_plan_is_that_of_the_page(stage):
    _, before, versions = database.OUTPUTS[0].run(stage)
    _, after, _ = database.OUTPUTS[1].run(stage)
    assert "Seq Scan on store_order" in before and "Rows Removed by Filter" in before and "Buffers: shared" in before
    assert "Index Scan using order_status_placed" in after
    assert list(versions) == ["python", "django", "postgresql"]


def test_top_statements_tells_the_n_plus_one_from_the_slow_one(stage):
    _, printed, _ = next(one for one in database.OUTPUTS if one.name == "database/top-statements").run(stage)
    rows = [[cell.strip() for cell in line.split("|")] for line in printed.splitlines()[2:] if "|" in line]
    calls = {row[-1]: int(row[0]) for row in rows}
    customers = next(count for query, count in calls.items() if "store_customer" in query and "= $1" in query)
    assert customers == 20 * 50  # pages × rows: one query for each order
    assert any("status" in query and count == 40 for query, count in calls.items())


def test_pgbench_says_how_many_a_second(stage):
    found = pgbench.ask(stage.database.cluster, stage.database.fill(1000)["DB_NAME"], "SELECT 1;\n", 2, 5)
    assert found["statements"] > 0 and found["mean_ms"] > 0
