"""Connections to PostgreSQL: how many stay open, and what happens when there are none left."""

import re
import time

from lab.load import Load
from lab.probes.common import Result, settled_workers
from lab.serve import Running, wait_until


def connections(holds, limit, per_process=False):
    """
    A probe that counts what PostgreSQL still has open after requests.

    `limit` connections or fewer, but more than none, is the outcome `holds`; more than that is "grows".
    With per_process=True the limit is that of one worker.
    """

    def probe(server: Running) -> Result:
        database = server.database
        paths = ("/products/", "/async/products/")
        done = 0
        # One after another, then eight clients at once: both kinds of views.
        for number in range(20):
            done += server.get(paths[number % 2]).status == 200
        loads = [Load(server.address, path, new=4) for path in paths]
        with loads[0], loads[1]:
            wait_until(lambda: sum(load.requests() for load in loads) >= 100, 60)
        failed = sum(load.new.failed for load in loads)
        done += sum(load.requests() for load in loads)
        # A connection is closed just after the answer, so the last ones are given a moment.
        wait_until(lambda: database.open_connections() == 0, 2, 0.2)
        left = database.open_connections()
        most = limit * (len(settled_workers(server)) if per_process else 1)
        outcome = "none-left" if left == 0 else holds if left <= most else "grows"
        return Result(
            outcome,
            ["20 requests one after another, then eight clients at once, until 120 requests are done",
             "GET /products/ and GET /async/products/ in turn",
             "SELECT count(*) FROM pg_stat_activity"],
            {"open_connections": left, "requests": done, "failed_requests": failed},
            last_error(server),
            {"postgresql": database.version},
        )  # fmt: skip

    return probe


def after_pauses(limit):
    """A probe for servers that end idle threads: eight clients at once, three times, with pauses in which threads end."""

    def probe(server: Running) -> Result:
        counts = []
        for _ in range(3):
            with Load(server.address, "/products/", new=8) as load:
                wait_until(lambda: load.requests() >= 100, 60)
            counts.append(server.database.open_connections())
            time.sleep(7)  # longer than the 5 s after which the recipe's change ends an idle thread
        most = max(counts)
        return Result(
            "as-many-as-threads" if most <= limit else "grows",
            ["eight clients at once: GET /products/ until 100 requests are done, and 7 s of silence; three times",
             "SELECT count(*) FROM pg_stat_activity after each time"],
            {"open_connections": most},
            "open connections: " + ", ".join(map(str, counts)),
            {"postgresql": server.database.version},
        )  # fmt: skip

    return probe


def full(server: Running) -> Result:
    """Takes every connection that PostgreSQL has for ordinary users, then asks for a view that reads the database."""
    code = (
        "import os, psycopg\n"
        "held, refused = [], ''\n"
        "while 'slots' not in refused and 'too many' not in refused:  # on a busy machine one may fail for another reason\n"
        "    try:\n"
        "        held.append(psycopg.connect(host='127.0.0.1', port=os.environ['DB_PORT'], user='shop', dbname='shop'))\n"
        "    except psycopg.OperationalError as error:\n"
        "        refused = str(error)\n"
        "print(len(held), flush=True)\n"
        "input()\n"
    )
    mark = server.mark()
    with server.helper(code) as helper:
        taken = int(helper.stdout.readline())
        statuses = [server.get(path).status for path in ("/products/", "/async/products/")]
        helper.stdin.write("\n")
        helper.stdin.flush()
        helper.wait(30)
    failed = sum(status != 200 for status in statuses)
    return Result(
        "error-500" if statuses == [500, 500] else "served" if not failed else "partly-served",
        [f"another program opens {taken} connections, until PostgreSQL refuses",
         "GET /products/ and GET /async/products/"],
        {"requests": len(statuses), "failed_requests": failed},
        last_error(server, mark),
        {"postgresql": server.database.version},
    )  # fmt: skip


def last_error(server, mark=0):
    """The last exception of the log, without its traceback."""
    errors = re.findall(r"^[\w.]+(?:Error|Timeout|Configured): .*", server.log(mark), re.M)
    return errors[-1] if errors else ""
