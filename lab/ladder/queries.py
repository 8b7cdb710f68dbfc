"""Step 3, queries: what N+1 costs and when, and which of the usual advice gains how much."""

from lab.ladder import single
from lab.ladder.bench import Case, Effect, Question
from lab.ladder.distance import away

SECONDS = 0.1  # of one sample; a page that takes longer is asked once
DEEP = 1_000_000  # orders, for pages far from the first
ONE_CLIENT = "One client on one connection to Gunicorn with 1 worker and 1 thread, which keeps its database connection."


def _address(stage, orders=None, milliseconds=0):
    """A server with one worker and one thread on a database with so many orders, that far away."""
    environment = {**(stage.database.fill(orders) if orders else stage.database.fill()), "DB_CONN_MAX_AGE": 60}
    if milliseconds:
        environment["DB_PORT"] = str(away(stage, environment["DB_PORT"], milliseconds))
    return stage.server("gunicorn", environment=environment)


def _case(labels, address, path):
    return Case(labels, lambda: single.ask(address, path, SECONDS))


def _effect(name, before, after, expects="faster"):
    """An effect on how long a page takes."""
    return Effect(name, before, after, "p50_ms", False, expects)


def n_plus_one(stage):
    """The list of orders, before and after, by rows on a page and by the distance of the database."""
    addresses = {milliseconds: _address(stage, milliseconds=milliseconds) for milliseconds in (0, 1)}
    return [
        _case({"way": way, "rows": rows, "distance_ms": milliseconds}, address, f"/store/listing-{way}/{rows}/")
        for milliseconds, address in addresses.items()
        for way in ("before", "after")
        for rows in (1, 10, 50, 200)
    ]


def columns(stage):
    """A thousand rows: all columns, only two, or plain values; of narrow rows and of wide ones."""
    address = _address(stage)
    return [
        _case({"table": table, "columns": columns}, address, f"/store/{table}-{columns}/1000/".replace("narrow", "columns"))
        for table in ("narrow", "wide")
        for columns in ("all", "only", "values")
    ]


def deep_pages(stage):
    """Twenty orders of a million: the page by its number, or by the last row seen."""
    address = _address(stage, DEEP)
    return [
        _case({"way": way, "page": page}, address, f"/store/page-{way}/{page if way == 'before' else DEEP - (page - 1) * 20 + 1}/")
        for way in ("before", "after")
        for page in (1, 100, 1000, 10_000, 50_000)
    ]


def totals(stage):
    """Orders by status: instances counted in Python, values counted in Python, counted by the database."""
    address = _address(stage)
    return [
        _case({"way": way, "rows": rows}, address, f"/store/totals-{way}/{rows}/")
        for way in ("before", "values", "after")
        for rows in (100, 1000, 10_000, 30_000)
    ]


def counting(stage):
    """Whether there is a row, and how many: read, or asked."""
    address = _address(stage)
    calls = {"if": "any-before", "exists": "any-after", "len": "many-before", "count": "many-after"}
    return [
        _case({"call": call, "rows": rows}, address, f"/store/{path}/{rows}/")
        for call, path in calls.items()
        for rows in (1, 100, 1000, 10_000)
    ]


def twice(stage):
    """exists() before a loop over the same rows."""
    addresses = {milliseconds: _address(stage, milliseconds=milliseconds) for milliseconds in (0, 1)}
    return [
        _case({"way": way, "distance_ms": milliseconds}, address, f"/store/twice-{way}/20/")
        for milliseconds, address in addresses.items()
        for way in ("before", "after")
    ]


def join(stage):
    """Two foreign keys away: JOIN, or two more queries."""
    address = _address(stage)
    return [
        _case({"foreign": foreign, "rows": rows}, address, f"/store/join-{path}/{rows}/")
        for foreign, path in (("join", "before"), ("prefetch", "after"))
        for rows in (20, 200, 2000)
    ]


def _ways(**labels):
    """(before, after) for an effect: the same labels, but for the way."""
    return {"way": "before", **labels}, {"way": "after", **labels}


QUESTIONS = [
    Question(
        "queries/n-plus-one",
        n_plus_one,
        (
            _effect("1-row", *_ways(rows=1, distance_ms=0), "same"),
            _effect("50-rows", *_ways(rows=50, distance_ms=0)),
            _effect("200-rows", *_ways(rows=200, distance_ms=0)),
            _effect("50-rows-away", *_ways(rows=50, distance_ms=1)),
            _effect("before-away", {"way": "before", "rows": 50, "distance_ms": 0}, {"way": "before", "rows": 50, "distance_ms": 1}, "slower"),
            _effect("after-away", {"way": "after", "rows": 1, "distance_ms": 0}, {"way": "after", "rows": 1, "distance_ms": 1}, "slower"),
        ),
        (ONE_CLIENT, "1 ms away: a proxy between Django and the database hands on each answer 1 ms later."),
    ),
    Question(
        "queries/columns",
        columns,
        (
            _effect("only-narrow", {"table": "narrow", "columns": "all"}, {"table": "narrow", "columns": "only"}),
            _effect("values-narrow", {"table": "narrow", "columns": "all"}, {"table": "narrow", "columns": "values"}),
            _effect("only-wide", {"table": "wide", "columns": "all"}, {"table": "wide", "columns": "only"}),
            _effect("values-wide", {"table": "wide", "columns": "all"}, {"table": "wide", "columns": "values"}),
        ),
        (ONE_CLIENT, "1,000 rows a page. Narrow: orders, five short columns. Wide: products, with a text of about 2,000 characters."),
    ),
    Question(
        "queries/deep-pages",
        deep_pages,
        (
            _effect("page-1", *_ways(page=1), "same"),
            _effect("page-1000", *_ways(page=1000)),
            _effect("page-50000", *_ways(page=50_000)),
            _effect("deep-offset", {"way": "before", "page": 1}, {"way": "before", "page": 50_000}, "slower"),
            _effect("deep-keyset", {"way": "after", "page": 1}, {"way": "after", "page": 50_000}, "same"),
        ),
        (ONE_CLIENT, "1,000,000 orders, 20 a page, newest first by primary key."),
    ),
    Question(
        "queries/totals",
        totals,
        (
            _effect("10000-rows", *_ways(rows=10_000)),
            _effect("values-10000-rows", {"way": "before", "rows": 10_000}, {"way": "values", "rows": 10_000}),
        ),
        (ONE_CLIENT, "Orders counted by status, up to a number of orders."),
    ),
    Question(
        "queries/counting",
        counting,
        (
            _effect("exists-1", {"call": "if", "rows": 1}, {"call": "exists", "rows": 1}, "same"),
            _effect("exists-10000", {"call": "if", "rows": 10_000}, {"call": "exists", "rows": 10_000}),
            _effect("count-10000", {"call": "len", "rows": 10_000}, {"call": "count", "rows": 10_000}),
            _effect("exists-grows", {"call": "exists", "rows": 1}, {"call": "exists", "rows": 10_000}, "same"),
            _effect("count-grows", {"call": "count", "rows": 1}, {"call": "count", "rows": 10_000}, "slower"),
        ),
        (ONE_CLIENT,),
    ),
    Question(
        "queries/twice",
        twice,
        (_effect("away", *_ways(distance_ms=1)),),
        (ONE_CLIENT, "20 orders; 1 ms away as in queries/n-plus-one."),
    ),
    Question(
        "queries/join",
        join,
        (
            _effect("200-rows", {"foreign": "join", "rows": 200}, {"foreign": "prefetch", "rows": 200}, "slower"),
            _effect("2000-rows", {"foreign": "join", "rows": 2000}, {"foreign": "prefetch", "rows": 2000}, "slower"),
        ),
        (ONE_CLIENT, "Lines of orders, with the order's customer: select_related against prefetch_related."),
    ),
]
