"""Step 4, the database: an index and what it costs, connections, and when a bigger machine is the answer."""

import json
from pathlib import Path

from lab import postgres
from lab.ladder import pgbench, single
from lab.ladder.bench import Case, Effect, Question
from lab.ladder.distance import away
from lab.ladder.printed import Printed
from lab.ladder.stage import PROJECT

SECONDS = 0.08  # of one sample with one client; a page that takes longer is asked a second time
BUSY = 0.2  # of one sample with many
SIZES = (1000, 10_000, 100_000, 1_000_000)
ORDERS = 100_000
WITHOUT_INDEX = "DROP INDEX order_status_placed"
INDEXES = ("customer_id", "placed_at", "status", "receipt_sent_at", "status, placed_at", "customer_id, placed_at",
           "customer_id, status", "placed_at, status")  # fmt: skip
AT_ONCE = 2000  # rows of one INSERT
TIMES = {"none": 15, "plain": 15, "fitting": 300}  # per sample; the first statement of a connection takes longer

# What the searches send, with their values, as Django writes it.
STATEMENTS = """
import json
import django
django.setup()
from django.db import connection
from store import open_orders, search
found = {
    "open": open_orders.oldest_open(),
    "function": search.by_email("customer.77@EXAMPLE.org"),
    "wildcard": search.by_part("mer.77@"),
    "most": search.shipped(),
}
print(json.dumps({name: connection.ops.compose_sql(*asked.query.sql_with_params()) for name, asked in found.items()}))
"""
ADD = """
import django
django.setup()
from django.db import connection
from store import {module}
from store.models import Customer
with connection.schema_editor() as editor:
    for index in {module}.INDEXES:
        editor.add_index(Customer, index)
"""


def copy(stage, orders, name, *changes):
    """Environment (dict) of a copy of the database with so many orders, made once, with SQL statements run in it."""
    environment, cluster = stage.database.fill(orders), stage.database.cluster
    database = f"{environment['DB_NAME']}_{name}"
    if not cluster.sql(f"SELECT 1 FROM pg_database WHERE datname = '{database}'"):
        cluster.sql(f"CREATE DATABASE {database} TEMPLATE {environment['DB_NAME']} OWNER shop")
        for change in (*changes, "ANALYZE"):
            cluster.sql(change, database)
    return {**environment, "DB_NAME": database}


def searched(stage):
    """Environments of three copies: no index, the index that comes to mind, those that fit. The first two by name as in search."""
    none = copy(stage, ORDERS, "none", WITHOUT_INDEX)
    found = {"none": none}
    for name, module in (("plain", "search_indexes_before"), ("fitting", "search_indexes_after")):
        there = stage.database.cluster.sql(f"SELECT 1 FROM pg_database WHERE datname LIKE '%\\_{name}'")
        found[name] = copy(stage, ORDERS, name, "CREATE EXTENSION IF NOT EXISTS pg_trgm")
        if not there:
            stage.python(ADD.format(module=module), found[name])
            stage.database.cluster.sql("ANALYZE", found[name]["DB_NAME"])
    return found


def statements(stage):
    """SQL of the querysets by name: open, function, wildcard, most."""
    return json.loads(stage.python(STATEMENTS, stage.database.fill(ORDERS)))


def index(stage):
    """The page of the open orders, by the size of the table, without the index and with it."""
    environments = {
        (way, size): copy(stage, size, "bare", WITHOUT_INDEX) if way == "before" else stage.database.fill(size)
        for size in SIZES
        for way in ("before", "after")
    }
    return [
        _page({"way": way, "orders": size}, stage.server("gunicorn", environment={**environment, "DB_CONN_MAX_AGE": 60}))
        for (way, size), environment in environments.items()
    ]


def _page(labels, address):
    return Case(labels, lambda: single.ask(address, "/store/open/20/", SECONDS, 2))


def search(stage):
    """Three conditions on 10,000 customers and 100,000 orders; with no index, the plain one and the fitting one."""
    asked, environments = statements(stage), searched(stage)
    return [
        _statement(stage, {"condition": condition, "index": name}, environments[name]["DB_NAME"], asked[condition], 3 if condition == "most" else TIMES[name])
        for condition in ("function", "wildcard", "most")
        for name in ("none", "plain", "fitting")
        if (condition, name) != ("most", "fitting")  # there is none
    ]


def _statement(stage, labels, database, statement, transactions, clients=1):
    cluster = stage.database.cluster
    return Case(labels, lambda: pgbench.ask(cluster, database, f"{statement};\n", clients, transactions))


def writes(stage):
    """Rows inserted one by one and many at once, by the number of indexes besides the primary key."""
    cases, orders = [], 10_000
    for count in (0, 1, 2, 4, 8):
        table = f"order_{count}"
        database = copy(
            stage, orders, table, f"CREATE TABLE {table} (LIKE store_order INCLUDING IDENTITY, PRIMARY KEY (id))",
            f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM store_order",
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {orders})",
            *(f"CREATE INDEX ON {table} ({columns})" for columns in INDEXES[:count]),
        )["DB_NAME"]  # fmt: skip
        for kind, at_once, transactions in (("single", 1, 1000), ("many", AT_ONCE, 3)):
            # Not in the order of any index, as rows of a shop arrive.
            insert = (
                f"INSERT INTO {table} (customer_id, status, placed_at, receipt_sent_at) SELECT 1 + (random() * 999)::int, "
                "(ARRAY['open', 'shipped', 'cancelled'])[1 + (random() * 2)::int], now() - random() * interval '300 days', "
                f"now() - random() * interval '300 days' FROM generate_series(1, {at_once})"
            )
            cases.append(_statement(stage, {"indexes": count, "inserted": kind}, database, insert, transactions))
    return cases


def connections(stage):
    """A page of one query, by what happens to the connection after it; clients, and the distance of the database."""
    kept = {"DB_CONN_MAX_AGE": 60}
    ways = {"new": {"DB_CONN_MAX_AGE": 0}, "kept": kept, "checked": {**kept, "DB_HEALTH_CHECKS": 1}, "pool": {"DB_POOL_SIZE": 4}}
    near = stage.database.fill(ORDERS)
    far = {**near, "DB_PORT": str(away(stage, near["DB_PORT"], 1))}
    cases = []
    for milliseconds, environment, clients in ((0, near, (1, 8, 32)), (1, far, (8,))):
        for way, more in ways.items():
            name = f"{way}-{milliseconds}"
            address = stage.server("gunicorn", 2, 4, environment={**environment, **more, "PGAPPNAME": name})
            cases += [_busy(stage, {"connection": way, "clients": n, "distance_ms": milliseconds}, address, name) for n in clients]
    return cases


def _busy(stage, labels, address, name):
    """Throughput with many clients, and the connections that the server holds afterwards."""

    def sample():
        found = stage.load(address, "/store/open/1/", labels["clients"], BUSY)
        held = stage.database.cluster.sql(f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{name}'")
        return {**found, "connections": float(held)}

    return Case(labels, sample)


def cores(stage):
    """The statement of the open orders from more and more clients, without the index and with it."""
    asked = statements(stage)["open"]
    bare = copy(stage, ORDERS, "bare", WITHOUT_INDEX, "ALTER DATABASE shop_100000_bare SET max_parallel_workers_per_gather = 0")
    databases = {"before": (bare["DB_NAME"], 16), "after": (stage.database.fill(ORDERS)["DB_NAME"], 800)}
    return [
        _statement(stage, {"way": way, "clients": clients}, database, asked, total // clients, clients)
        for way, (database, total) in databases.items()
        for clients in (1, 2, 4, 8, 16)
    ]


def sort(stage):
    """A sort of all rows, with work_mem too small for it and with enough."""
    database = stage.database.fill(ORDERS)["DB_NAME"]
    # The last row only: nothing to send, everything to sort.
    statement = "SELECT * FROM store_item ORDER BY product OFFSET (SELECT count(*) - 1 FROM store_item)"
    settings = "SET max_parallel_workers_per_gather = 0;\nSET work_mem = '{}MB';\n"
    return [_statement(stage, {"work_mem_mb": size}, database, settings.format(size) + statement, 2) for size in (4, 64, 256)]


# What is printed


def _explain(stage, environment):
    """The reader's explain.py in a database."""
    script = Path("store/explain.py")
    code = f"import django; django.setup(); exec(open({str(script)!r}).read())"
    versions = stage.versions()
    output = stage.python(code, environment)
    return f"python manage.py shell < {script}", output, {key: versions[key] for key in ("python", "django", "postgresql")}


def _psql(stage, cluster, environment, file):
    """A file of SQL in a database, as psql prints it for people."""
    text = (PROJECT / file).read_text()
    output = cluster.table(f"\\echo begins here\n{text}", environment["DB_NAME"])  # or the first line loses its indentation
    lines = [line for line in output.splitlines()[1:] if line != "SET"]
    return f"psql --file={file}", "\n".join(lines), {"postgresql": stage.database.cluster.version}


def top_statements(stage):
    """pg_stat_statements after an hour of a shop, in small: some pages, each asked a few times."""
    with postgres.cluster({"shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.track": "top"}) as cluster:
        environment = {**cluster.environment(), "DB_CONN_MAX_AGE": 60}
        stage.run(["python", "manage.py", "migrate", "--verbosity", "0"], environment)
        stage.run(["python", "manage.py", "fill", "--orders", str(ORDERS)], environment)
        for statement in (WITHOUT_INDEX, "CREATE EXTENSION pg_stat_statements", "SELECT pg_stat_statements_reset()"):
            cluster.sql(statement, "shop")
        with stage.question():
            address = stage.server("gunicorn", environment=environment)
            for path, times in (("listing-before/50", 20), ("listing-after/50", 20), ("open/20", 40), ("any-after/1000", 60)):
                single.ask(address, f"/store/{path}/", 0, times - 1)  # and one before these
            found = _psql(stage, cluster, environment, "store/top_statements.sql")
    return found


OUTPUTS = [
    Printed("database/plan-before", lambda stage: _explain(stage, copy(stage, ORDERS, "bare", WITHOUT_INDEX))),
    Printed("database/plan-after", lambda stage: _explain(stage, stage.database.fill(ORDERS))),
    Printed("database/sort-plan", lambda stage: _psql(stage, stage.database.cluster, stage.database.fill(ORDERS), "store/sort.sql")),
    Printed("database/top-statements", top_statements),
]

PAGE = "One client on one connection to Gunicorn with 1 worker and 1 thread, which keeps its database connection."
PGBENCH = "pgbench sends the statement of the queryset, without Django."
NO_FSYNC = "The database runs with fsync off: a commit does not wait for the disk."


def _size(orders, expects="faster"):
    return Effect(f"{orders}-orders", {"way": "before", "orders": orders}, {"way": "after", "orders": orders}, "p50_ms", False, expects)


def _searching(name, condition, index, expects):
    return _rate(name, {"condition": condition, "index": "none"}, {"condition": condition, "index": index}, expects)


def _rate(name, before, after, expects="faster"):
    return Effect(name, before, after, "statements", expects=expects)


def _reuse(name, connection, **labels):
    return Effect(name, {"connection": "new", **labels}, {"connection": connection, **labels})


QUESTIONS = [
    Question(
        "database/index",
        index,
        (
            _size(1000, "same"),
            _size(100_000),
            _size(1_000_000),
            Effect("bare-grows", {"way": "before", "orders": 1000}, {"way": "before", "orders": 1_000_000}, "p50_ms", False, "slower"),
            Effect("indexed-grows", {"way": "after", "orders": 1000}, {"way": "after", "orders": 1_000_000}, "p50_ms", False, "same"),
        ),
        (PAGE, "One order in a hundred is open; the page shows the twenty oldest of these."),
    ),
    Question(
        "database/search",
        search,
        (
            _searching("function-plain", "function", "plain", "same"),
            _searching("function-fitting", "function", "fitting", "faster"),
            _searching("wildcard-plain", "wildcard", "plain", "same"),
            _searching("wildcard-fitting", "wildcard", "fitting", "faster"),
            _searching("most-plain", "most", "plain", "same"),
        ),
        (PGBENCH, "10,000 customers, 100,000 orders."),
    ),
    Question(
        "database/writes",
        writes,
        (
            _rate("one-by-one", {"indexes": 0, "inserted": "single"}, {"indexes": 1, "inserted": "single"}, "same"),
            _rate("at-once-8", {"indexes": 0, "inserted": "many"}, {"indexes": 8, "inserted": "many"}, "slower"),
        ),
        ("pgbench inserts rows in no order into a table of 10,000 and more.", NO_FSYNC),
    ),
    Question(
        "database/connections",
        connections,
        (
            _reuse("kept", "kept", clients=8, distance_ms=0),
            _reuse("kept-1-client", "kept", clients=1, distance_ms=0),
            _reuse("kept-32-clients", "kept", clients=32, distance_ms=0),
            _reuse("kept-away", "kept", distance_ms=1),
            _reuse("checked", "checked", clients=8, distance_ms=0),
            _reuse("checked-away", "checked", distance_ms=1),
            _reuse("pool", "pool", clients=8, distance_ms=0),
        ),
        ("wrk asks Gunicorn with 2 workers and 4 threads each for a page of one query.",
         "No password and no TLS: connecting is as cheap as it gets.", "checked: kept, with CONN_HEALTH_CHECKS.", "1 ms away: a proxy hands on each answer of the database 1 ms later."),
    ),
    Question(
        "database/cores",
        cores,
        (
            _rate("two-clients", {"way": "before", "clients": 1}, {"way": "before", "clients": 2}),
            _rate("index-instead", {"way": "before", "clients": 16}, {"way": "after", "clients": 1}),
        ),
        (PGBENCH, "100,000 orders, no parallel query."),
    ),
    Question(
        "database/sort",
        sort,
        (
            # From 4 to 64 MB the same or a little slower: that flips, so it is shown and not promised.
            _rate("more-work-mem", {"work_mem_mb": 64}, {"work_mem_mb": 256}, "same"),
        ),
        (PGBENCH, "The lines of 100,000 orders sorted by product. Temporary files stay in the system's cache."),
    ),
]  # fmt: skip
