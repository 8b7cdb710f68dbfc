"""Connections to PostgreSQL in daily life: counted, used up, cut, and doubled by a reload."""

import contextlib
import http.client
import threading
import time

from lab import client
from lab.errors import LabError
from lab.load import Load
from lab.probes.common import Result, settled_workers
from lab.probes.database import last_error
from lab.serve import Running, wait_until

AT_ONCE = 8  # as many as the recipes of this page work on at the same time
TOO_MANY = 12
LOCKED = 8  # seconds; longer than the pool of the recipe waits


def _at_once(server, count, paths=("/products/",)):
    """Sends `count` requests at the same time: [(status or name of the error, seconds)]."""
    found = []

    def ask(path):
        start = time.monotonic()
        try:
            answer = server.get(path, timeout=30).status
        except (OSError, http.client.HTTPException) as error:
            answer = type(error).__name__
        found.append((answer, time.monotonic() - start))

    threads = [threading.Thread(target=ask, args=(paths[number % len(paths)],)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def _paths(server):
    return ("/products/",) if server.recipe.interface == "wsgi" else ("/products/", "/async/products/")


def count(server: Running) -> Result:
    """Runs the shipped count.sql while the application is busy and another program is connected, too."""
    database = server.database
    code = (
        "import os, psycopg\n"
        "where = dict(host='127.0.0.1', port=os.environ['DB_PORT'], user='shop', dbname='shop')\n"
        "held = [psycopg.connect(**where, application_name='celery', autocommit=True) for _ in range(2)]\n"
        "held[0].execute('SELECT 1')\n"
        "held[1].execute('BEGIN')\n"
        "print('connected', flush=True)\n"
        "input()\n"
    )
    with server.helper(code) as helper, Load(server.address, "/products/", new=AT_ONCE) as load:
        if helper.stdout.readline() != "connected\n":
            raise LabError(f"{server.setup.name}: a second program could not connect.")
        wait_until(lambda: load.requests() >= 60, 60)
        done = server.run(server.script("count.sh"))
        helper.stdin.write("\n")
        helper.stdin.flush()
        helper.wait(30)
    if done.returncode:
        raise LabError(f"snippets/{server.recipe.name}/count.sh fails: {done.stderr.strip()}")
    return Result(
        "counted",
        [f"{AT_ONCE} clients: GET /products/", "two connections of a program that calls itself celery, one of them in a transaction",
         "sh count.sh"],
        {},
        done.stdout,
        {"postgresql": database.version},
    )  # fmt: skip


def _answering(server):
    """Process id of a worker that answers, as a set; empty when none does."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        return {server.get("/request/", timeout=2).json()["pid"]}
    return set()


@contextlib.contextmanager
def _table_locked(server):
    """Context manager: every request that reads the products waits until the block ends."""
    code = (
        "import os, psycopg\n"
        "connection = psycopg.connect(host='127.0.0.1', port=os.environ['DB_PORT'], user='shop', dbname='shop')\n"
        "connection.execute('LOCK TABLE shop_product IN ACCESS EXCLUSIVE MODE')\n"
        "print('locked', flush=True)\n"
        "input()\n"
        "connection.rollback()\n"
    )
    with server.helper(code) as helper:
        if helper.stdout.readline() != "locked\n":
            raise LabError(f"{server.setup.name}: the table could not be locked.")
        yield
        helper.stdin.write("\n")
        helper.stdin.flush()
        helper.wait(30)


def busy(server: Running) -> Result:
    """More slow requests at once than there are connections for."""
    mark = server.mark()
    found = []
    asking = threading.Thread(target=lambda: found.extend(_at_once(server, TOO_MANY * 2, _paths(server))))
    with _table_locked(server):
        asking.start()
        time.sleep(LOCKED)
        held = server.database.open_connections() - 1  # without the one that holds the lock
    asking.join()
    failed = [seconds for answer, seconds in found if answer != 200]
    return Result(
        "some-fail" if failed else "all-answer",
        [f"lock the table for {LOCKED} s, so that every request that reads it waits",
         f"{TOO_MANY * 2} requests at the same time: " + ", ".join(f"GET {path}" for path in _paths(server))],
        {
            "open_connections": held,
            "requests": len(found),
            "failed_requests": len(failed),
            **({"seconds_until_error": round(min(failed), 2)} if failed else {}),
            "slowest_seconds": round(max(seconds for _, seconds in found), 2),
        },
        last_error(server, mark),
        {"postgresql": server.database.version},
    )  # fmt: skip


def reload(server: Running) -> Result:
    """Reloads while every old worker still works on requests, and counts the connections of old and new together."""
    database = server.database
    before = settled_workers(server)
    counted = []

    def ask():
        thread = threading.Thread(target=lambda: _at_once(server, AT_ONCE * 2, _paths(server)))
        thread.start()
        return thread

    def held():
        return database.open_connections() - 1  # without the one that holds the lock

    with _table_locked(server):
        asking = [ask()]
        # One worker may take most of them, so more are sent until every worker holds all it can.
        while not wait_until(lambda: held() >= AT_ONCE, 1, 0.1) and len(asking) < 8:
            asking.append(ask())
        usual = held()
        server.signal("HUP")
        new = set()

        def fresh(wanted):
            new.update(_answering(server) - before)
            return len(new) >= wanted

        if not wait_until(lambda: fresh(1), 20, 0.1):
            raise LabError(f"{server.setup.name}: no new worker answers 20 s after SIGHUP. {server.tail()}")
        wait_until(lambda: fresh(len(before)), 2, 0.05)  # where all are replaced at once, all of them
        asking.append(ask())
        wait_until(lambda: counted.append(held()) or counted[-1] >= 2 * usual, 4, 0.1)
    for thread in asking:
        thread.join()
    return Result(
        "more-meanwhile" if max(counted) > usual else "no-more",
        ["lock the table, requests that wait for it until all connections are in use", "kill -HUP of the main process",
         f"{AT_ONCE * 2} more requests once new workers answer; count the connections for 4 s"],
        {"usual_connections": usual, "most_connections": max(counted)},
        "",
        {"postgresql": database.version},
    )  # fmt: skip


def restart(server: Running) -> Result:
    """Cuts every connection on PostgreSQL's side, as its restart does, and asks again."""
    mark = server.mark()
    warm = _at_once(server, AT_ONCE * 2, _paths(server))
    cut = server.database.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'shop'")
    found = _at_once(server, AT_ONCE * 2, _paths(server))
    failed = sum(answer != 200 for answer, _ in found)
    if any(answer != 200 for answer, _ in warm):
        raise LabError(f"{server.setup.name}: requests fail before anything was cut. {server.tail()}")
    return Result(
        "some-fail" if failed else "all-answer",
        [f"{AT_ONCE * 2} requests", "pg_terminate_backend() of every connection that stayed open", f"{AT_ONCE * 2} requests"],
        {"connections_cut": int(cut), "requests": len(found), "failed_requests": failed},
        last_error(server, mark),
        {"postgresql": server.database.version},
    )


def without_health_checks(server: Running):
    """Leaves CONN_HEALTH_CHECKS at its default."""
    _edit(server, '"CONN_HEALTH_CHECKS": True,', "")


def without_pool(server: Running):
    """The same settings with no pool."""
    file = server.project / "config" / "settings.py"
    file.write_text(file.read_text() + '\ndel DATABASES["default"]["OPTIONS"]["pool"]\n')


def with_max_age(server: Running):
    """Persistent connections in addition to the pool."""
    _edit(server, '"CONN_MAX_AGE": 0,', '"CONN_MAX_AGE": 60,')


def _edit(server, old, new):
    file = server.project / "config" / "settings.py"
    head, found, tail = file.read_text().rpartition(old)
    if not found:
        raise LabError(f"The settings of {server.recipe.name} no longer hold {old!r}: mend lab/probes/connections.py.")
    file.write_text(head + new + tail)


def role_limit(server: Running) -> Result:
    """A role that may have three connections, and eight requests at once."""
    database = server.database
    mark = server.mark()
    found = []
    database.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'shop'")
    with _table_locked(server):
        limit = server.script("limit.sql")
        if "LIMIT 80" not in limit:
            raise LabError(f"snippets/{server.recipe.name}/limit.sql has changed: mend lab/probes/connections.py.")
        database.table(limit.replace("LIMIT 80", "LIMIT 3"))
        try:
            asking = threading.Thread(target=lambda: found.extend(_at_once(server, AT_ONCE)))
            asking.start()
            wait_until(lambda: found, 20)
        finally:
            database.sql("ALTER ROLE shop CONNECTION LIMIT -1")
    asking.join()
    failed = sum(answer != 200 for answer, _ in found)
    return Result(
        "some-fail" if failed else "all-answer",
        ["limit.sql with 3 in the place of 80", f"{AT_ONCE} requests at the same time while the table is locked"],
        {"requests": len(found), "failed_requests": failed},
        last_error(server, mark),
        {"postgresql": database.version},
    )


def pool_with_max_age(server: Running) -> Result:
    """The pool together with CONN_MAX_AGE."""

    def status():
        with contextlib.suppress(OSError, http.client.HTTPException):
            return client.get(server.address, "/products/", timeout=5).status

    answered = wait_until(status, 30, 0.2)
    return Result(
        f"error-{answered}" if answered != 200 else "answers",
        ["CONN_MAX_AGE = 60 beside the pool", "GET /products/"],
        {},
        last_error(server),
        {"postgresql": server.database.version},
    )
