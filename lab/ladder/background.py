"""Step "background": what a visitor waits for before and after, and what more workers bring to the queue."""

import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

from lab import serve
from lab.errors import LabError
from lab.ladder import single
from lab.ladder.bench import Case, Effect, Question
from lab.ladder.stage import ORDERS

QUEUE = "celery"  # Celery's own name for it, in database 1
WORKERS = (1, 2, 4, 8)
CELERY = "celery --app background worker --pool prefork --without-gossip --without-mingle --without-heartbeat --loglevel WARNING"


def environment(stage, orders=ORDERS):
    """What the servers and workers of this step are started with (dict)."""
    found = {
        **stage.database.fill(orders),
        "DB_CONN_MAX_AGE": "60",
        "DJANGO_SETTINGS_MODULE": "background.settings",
        "CELERY_BROKER_URL": f"redis://{stage.redis.address}/1",
    }
    stage.packages.update(["celery", "django-tasks-db"])
    # The table of the tasks, which no other step needs.
    stage.run(["python", "manage.py", "migrate", "--verbosity", "0"], found)
    return found


def length(stage, queue=QUEUE):
    """How many tasks wait in a queue of Celery."""
    return int(stage.redis.ask("LLEN", queue, database=1))


# The page


def page(stage):
    """Storing an order, and what becomes of its receipt."""
    found = environment(stage)
    servers = {
        work: stage.server("gunicorn", threads=4, environment={**found, "EMAIL_BACKEND": f"background.mail.{backend}"})
        for work, backend in {"waits": "Waits", "computes": "Computes"}.items()
    }

    def case(work, how, visitors):
        address, path = servers[work], f"/background/{how}/"

        def sample():
            if stage.warming:
                # The first order connects to the database, the first task to Redis.
                single.ask(address, path, 0, least=8)
            if visitors == 1:
                figures = single.ask(address, path, stage.seconds(0.2), least=3)
            else:
                figures = stage.load(address, path, connections=visitors, seconds=0.3)
            if how == "celery":
                # Nobody works on them here: the next case shall have the machine to itself.
                figures["queued"] = length(stage)
                stage.redis.ask("DEL", QUEUE, database=1)
            return figures

        return Case({"work": work, "how": how, "visitors": visitors}, sample)

    return [
        *(case("waits", how, 1) for how in ("inside", "celery", "tasks", "row")),
        *(case(work, how, 8) for work in servers for how in ("inside", "celery")),
    ]


# The workers


def workers(stage):
    """Tasks per second by the number of processes of one worker, for tasks that wait and tasks that compute."""
    found = environment(stage)
    stage.redis.ask("SET", "done", "0", database=1)
    address = stage.server("gunicorn", threads=4, environment=found)
    started = {
        count: stage.process(f"exec {CELERY} --concurrency {count} --queues workers-{count} --hostname {count}@ladder", found)
        for count in WORKERS
    }

    def case(kind, count):
        def sample():
            tasks = count * (1 if stage.warming else 4) if kind == "waits" else 4 if stage.warming else 16
            if started[count].poll() is not None:
                raise LabError(f"Celery ends: {stage.log(started[count])}")
            before, begin = done(stage), time.monotonic()
            fill(address, f"workers-{count}", kind, tasks)
            if not serve.wait_until(lambda: done(stage) == before + tasks, 60, 0.004):
                raise LabError(f"{done(stage) - before} of {tasks} tasks are done after 60 s: {stage.log(started[count])}")
            return {"tasks_per_second": tasks / (time.monotonic() - begin)}

        return Case({"work": kind, "processes": count}, sample)

    return [case(kind, count) for kind in ("waits", "computes") for count in WORKERS]


def fill(address, queue, kind, tasks):
    """Has the web process put tasks into a queue. Returns when they are there."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request("GET", f"/background/queue/?queue={queue}&kind={kind}&tasks={tasks}")
    response = connection.getresponse()
    if response.status != 200:
        raise LabError(f"The queue cannot be filled: {response.status} {response.read()[:300]}")
    connection.close()


def done(stage):
    """How many tasks the workers have done so far."""
    return int(stage.redis.ask("GET", "done", database=1))


QUESTIONS = [
    Question(
        "background/page",
        page,
        (
            *(
                Effect(name, {"work": "waits", "how": "inside", "visitors": 1}, {"work": "waits", "how": name, "visitors": 1}, "p50_ms", False)
                for name in ("celery", "tasks", "row")
            ),
            Effect("throughput", {"work": "waits", "how": "inside", "visitors": 8}, {"work": "waits", "how": "celery", "visitors": 8}),
            Effect("throughput-computes", {"work": "computes", "how": "inside", "visitors": 8}, {"work": "computes", "how": "celery", "visitors": 8}),
        ),
        (
            "Gunicorn with 1 process and 4 threads; the page stores an order in PostgreSQL, and its receipt is sent inside, or later.",
            "work: the receipt waits for a mail server for 50 ms, or computes. No worker runs meanwhile.",
        ),
    ),
    Question(
        "background/workers",
        workers,
        (
            Effect("waits-2", {"work": "waits", "processes": 1}, {"work": "waits", "processes": 2}, "tasks_per_second"),
            Effect("waits-8", {"work": "waits", "processes": 1}, {"work": "waits", "processes": 8}, "tasks_per_second"),
            Effect("computes-2", {"work": "computes", "processes": 1}, {"work": "computes", "processes": 2}, "tasks_per_second"),
            Effect("computes-8", {"work": "computes", "processes": 2}, {"work": "computes", "processes": 8}, "tasks_per_second", expects="same"),
        ),
        (
            "A worker of Celery with 1, 2, 4 or 8 processes; a web process puts tasks into its queue, until all are done.",
            "A task waits 50 ms for the partner, or computes.",
        ),
    ),
]
