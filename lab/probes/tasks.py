"""Celery with Redis: what becomes of a task when a process dies, Redis goes, a transaction rolls back, a limit is reached."""

import contextlib
import json
import os
import re
import shlex
import signal
import socket
import time

from lab import processes
from lab.errors import LabError
from lab.output import lines_with
from lab.probes.common import Result, run_shipped
from lab.serve import Running, wait_until

DATABASE = 1  # the number of the Redis database in celery.env
# Short enough to see what happens when it runs out; the sweep that looks for it is every 100 s otherwise.
SHORT = 'CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 5, "unacked_restore_interval": 1, "unacked_restore_throttle": 1}'
# What a web process is for Celery: Django, the app, the tasks. The code prints one line of JSON at its end.
PRELUDE = """
import json, os, time
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()
from django.db import transaction
from shop.models import Product
from shop import measured_tasks as tasks
def outcome(result, seconds=30):
    try:
        return result.get(timeout=seconds)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
"""


def measured(server: Running, settings=""):
    """For Probe.before: adds the tasks of the records to the copied project, and a folder for their notes."""
    (server.folder / "notes").mkdir()
    server.environment["TASK_NOTES"] = str(server.folder / "notes")
    with open(server.project / "config" / "settings.py", "a") as file:
        file.write(f'\nCELERY_IMPORTS = ["shop.measured_tasks"]\n{settings}\n')


def short_visibility(server: Running):
    """The same with a visibility timeout of 5 s."""
    measured(server, SHORT)


def django(server, code, seconds=120):
    """Runs code after PRELUDE as a web process would, and returns what its last line, JSON, says."""
    done = server.run(f"python -c {shlex.quote(PRELUDE + code)}", timeout=seconds)
    if done.returncode:
        raise LabError(f"{server.setup.name}: {done.stderr.strip()[-1500:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def noted(server, name):
    """First words of the lines that tasks wrote to a note, e.g. ["begin", "end"]."""
    file = server.folder / "notes" / name
    return [line.split()[0] for line in file.read_text().splitlines()] if file.exists() else []


def wait_for_note(server, name, word, count=1, seconds=30):
    """Waits until a note has `count` lines that begin with `word`. Raises LabError after `seconds`."""
    if not wait_until(lambda: noted(server, name).count(word) >= count, seconds):
        raise LabError(f"{server.setup.name}: no task wrote {word!r} to {name!r}. {server.tail()}")


def waiting(server):
    """How many tasks wait in the queue in Redis."""
    return int(server.redis.ask("LLEN", "celery", database=DATABASE))


def restart(server):
    """Starts the worker again after it has ended, and waits until it is ready."""
    processes.end_group(server.process)
    server.start()
    server.wait()


def shown(server, mark, *patterns):
    """The lines of the log that match, with the host's name as a reader's."""
    lines = lines_with(server.log(mark), *patterns)
    lines = re.sub(r"\[[0-9a-f]{8}-[0-9a-f-]{27}\]", "[…]", lines)
    return lines.replace(f"celery@{socket.gethostname()}", "celery@web1")


EVENTS = (r"\] Task ", r"exited with", r"time limit", r"[Ww]arm shutdown", r"Restoring", r"^billiard\.exceptions", r"Connection to broker lost")


def result(server: Running) -> Result:
    """Sends tasks and reads their results; one reads the database."""
    mark = server.mark()
    found = django(server, """
product = Product.objects.first()
started = time.monotonic()
both = [outcome(tasks.add.delay(1, 2)), outcome(tasks.price_of.delay(product.pk)) == product.price]
print(json.dumps([both == [3, True], round(time.monotonic() - started, 2)]))
""")  # fmt: skip
    return Result(
        "arrives" if found[0] else "missing",
        ["add.delay(1, 2).get()", "price_of.delay(product.pk).get(), which reads the database"],
        {"seconds": found[1]},
        shown(server, mark, *EVENTS),
    )


def process_lost(task, again, did):
    """A probe in which a task ends the process that runs it; `again`: what its note has to hold to be "runs-again"."""

    def probe(server: Running) -> Result:
        mark = server.mark()
        name = task.replace("_", "-")
        told, following, seconds = django(server, f"""
told = outcome(tasks.{task}.delay({name!r}))
started = time.monotonic()
print(json.dumps([told, outcome(tasks.add.delay(1, 2)), round(time.monotonic() - started, 2)]))
""")  # fmt: skip
        if following != 3:
            raise LabError(f"{server.setup.name}: after a lost process no task runs: {following}. {server.tail()}")
        begun = noted(server, name).count("begin")
        outcome = "runs-again" if begun == again and begun > 1 else "lost" if begun == 1 else "unexpected"
        return Result(
            outcome,
            [did, f"its result: {told}", "add.delay(1, 2).get(), which a new process runs"],
            {"begun": begun, "seconds_until_next": seconds},
            shown(server, mark, r"exited with", r"^billiard\.exceptions"),
        )

    return probe


def soft_limit(server: Running) -> Result:
    """A task that catches SoftTimeLimitExceeded."""
    mark = server.mark()
    told = django(server, "print(json.dumps(outcome(tasks.over_soft_limit.delay())))")
    return Result(
        "caught" if told == "cleaned up" else "not-caught",
        ["a task of 10 s with soft_time_limit=1 that catches SoftTimeLimitExceeded and returns"],
        {},
        shown(server, mark, *EVENTS),
    )


def hard_limit(server: Running) -> Result:
    """A task that takes no notice of the soft limit."""
    mark = server.mark()
    told, following = django(server, """
print(json.dumps([outcome(tasks.over_hard_limit.delay()), outcome(tasks.add.delay(1, 2))]))
""")  # fmt: skip
    killed = told.startswith("TimeLimitExceeded") and following == 3
    return Result(
        "killed" if killed else "not-killed",
        ["a task of 10 s with soft_time_limit=1 and time_limit=2 that goes on after the first", f"its result: {told}",
         "add.delay(1, 2).get()"],
        {},
        shown(server, mark, r"time limit", r"exited with", r"^billiard\.exceptions"),
    )  # fmt: skip


def hard_below_soft(server: Running) -> Result:
    """A time_limit for one task that is lower than the soft limit in the settings."""
    told = django(server, """
try:
    tasks.hard_limit_alone.delay()
    told = "sent"
except ValueError as error:
    told = f"ValueError: {error}"
print(json.dumps(told))
""")  # fmt: skip
    return Result(
        "sent" if told == "sent" else "refused",
        ["CELERY_TASK_SOFT_TIME_LIMIT = 240", "hard_limit_alone.delay(), a task with time_limit=60"],
        {},
        "" if told == "sent" else told,
    )


def retry(server: Running) -> Result:
    """A task that fails twice with an error it is to be tried again for."""
    mark = server.mark()
    told, seconds = django(server, """
started = time.monotonic()
print(json.dumps([outcome(tasks.fails_twice.delay()), round(time.monotonic() - started, 1)]))
""")  # fmt: skip
    return Result(
        "succeeds" if told == 2 else "fails",
        ["a task with autoretry_for and retry_backoff that raises ConnectionError twice"],
        {"retries": told, "seconds": seconds},
        shown(server, mark, *EVENTS),
    )


def ping(server: Running) -> Result:
    """Asks whether the worker lives: idle, with every process busy, and with a main process that stands still."""

    def check():
        started = time.monotonic()
        return server.run(server.script("check.sh")).returncode, time.monotonic() - started

    idle, seconds = check()
    django(server, "[tasks.wait.delay(20, 'busy') for _ in range(2)]; print('null')")
    wait_for_note(server, "busy", "begin", 2)
    busy, _ = check()
    still_busy = noted(server, "busy").count("end") == 0
    server.signal("STOP")
    try:
        stopped, _ = check()
    finally:
        server.signal("CONT")
    if not still_busy:
        raise LabError(f"{server.setup.name}: the worker was no longer busy. {server.tail()}")
    outcome = "answers-while-busy" if (idle, busy) == (0, 0) and stopped else "not-reliable"
    return Result(
        outcome,
        ["sh check.sh", "both processes are given a task of 20 s: sh check.sh", "kill -STOP of the main process: sh check.sh"],
        {"exit_code_idle": idle, "exit_code_busy": busy, "exit_code_stopped": stopped, "seconds": round(seconds, 2)},
    )


def _stopped(server, name, stop):
    """Two tasks of 3 s run and two wait when stop() is called: (how many of the two end, seconds, how many wait)."""
    django(server, f"[tasks.wait.delay(3, {name!r}) for _ in range(4)]; print('null')")
    wait_for_note(server, name, "begin", 2)
    started = time.monotonic()
    stop()
    if not wait_until(lambda: not server.alive(), 60):
        raise LabError(f"{server.setup.name} still runs 60 s after SIGTERM. {server.tail()}")
    return noted(server, name).count("end"), round(time.monotonic() - started, 2), waiting(server)


def warm_shutdown(server: Running) -> Result:
    """Stops the worker as stop.sh does while tasks run and others wait."""
    mark = server.mark()
    ended, seconds, left = _stopped(server, "warm", lambda: run_shipped(server, "stop.sh"))
    log = shown(server, mark, *EVENTS)
    figures = {"finished": ended, "still_waiting": left, "seconds_until_exit": seconds, "exit_code": server.process.returncode}
    restart(server)
    wait_for_note(server, "warm", "end", 4)
    return Result(
        "finished" if ended == 2 and left == 2 else "lost",
        ["four tasks of 3 s, two of them run", "sh stop.sh (SIGTERM to the main process)", "start again: the two others run"],
        figures,
        log,
    )


def term_to_all(server: Running) -> Result:
    """Sends SIGTERM to every process at once, as systemd does unless KillMode says otherwise."""
    mark = server.mark()
    ended, seconds, left = _stopped(server, "all", lambda: os.killpg(server.process.pid, signal.SIGTERM))
    log = shown(server, mark, r"[Ww]arm shutdown", r"^billiard\.exceptions")
    figures = {"finished": ended, "still_waiting": left, "seconds_until_exit": seconds, "exit_code": server.process.returncode}
    restart(server)
    wait_for_note(server, "all", "begin", 2 + left)
    return Result(
        "finished" if ended == 2 else "lost",
        ["four tasks of 3 s, two of them run", "SIGTERM to every process of the worker"],
        figures,
        log,
    )


def worker_lost(task, name):
    """A probe that kills the whole worker while a task runs, and starts it again."""

    def probe(server: Running) -> Result:
        django(server, f"tasks.{task}.delay(4, {name!r}); print('null')")
        wait_for_note(server, name, "begin")
        os.killpg(server.process.pid, signal.SIGKILL)
        killed = time.monotonic()
        restart(server)
        again = wait_until(lambda: noted(server, name).count("end") and time.monotonic() - killed, 30)
        figures = {"begun": noted(server, name).count("begin")}
        if again:
            figures["seconds_until_done"] = round(again, 1)
        return Result(
            "runs-again" if again else "lost",
            ["visibility_timeout = 5", f"{task}: a task of 4 s", "kill -9 of every process of the worker while it runs",
             "start again, wait 30 s"],
            figures,
        )  # fmt: skip

    return probe


def too_long(server: Running) -> Result:
    """A task with acks_late that takes longer than the visibility timeout."""
    mark = server.mark()
    django(server, "tasks.wait_acks_late.delay(13, 'long'); print('null')")
    wait_for_note(server, "long", "begin")
    wait_until(lambda: noted(server, "long").count("end"), 30)
    begun = noted(server, "long").count("begin")
    return Result(
        "runs-twice" if begun > 1 else "runs-once",
        ["visibility_timeout = 5", "a task of 13 s with acks_late"],
        {"begun": begun},
        shown(server, mark, *EVENTS),
    )


def too_late(server: Running) -> Result:
    """A task whose countdown is longer than the visibility timeout."""
    mark = server.mark()
    django(server, "tasks.wait.apply_async((0, 'countdown'), countdown=13); print('null')")
    wait_for_note(server, "countdown", "end", seconds=40)
    wait_until(lambda: noted(server, "countdown").count("end") > 1, 5)
    begun = noted(server, "countdown").count("begin")
    return Result(
        "runs-twice" if begun > 1 else "runs-once",
        ["visibility_timeout = 5", "a task with countdown=13"],
        {"begun": begun},
        shown(server, mark, *EVENTS),
    )


def in_transaction(how, rolls_back):
    """A probe that sends a task from inside a transaction: `how` is delay or delay_on_commit."""

    def probe(server: Running) -> Result:
        mark = server.mark()
        name = f"new-{how.replace('_', '-')}-{'back' if rolls_back else 'kept'}"
        end = "raise ZeroDivisionError" if rolls_back else "pass"
        code = f"""
try:
    with transaction.atomic():
        product = Product.objects.create(sku={name!r}, name="new", price=1)
        tasks.note_price.{how}(product.pk, {name!r})
        # The rest of the request takes its time.
        end = time.monotonic() + 3
        while time.monotonic() < end and not tasks.has_note({name!r}):
            time.sleep(0.05)
        {end}
except ZeroDivisionError:
    pass
print("null")
"""
        django(server, code)
        wait_until(lambda: noted(server, name), 5)
        found = (noted(server, name) or ["not-sent"])[0]
        what = "a row is written, then the transaction is rolled back" if rolls_back else "a row is written"
        return Result(
            {"price": "sees-row", "DoesNotExist": "row-missing"}.get(found, found),
            [f"inside transaction.atomic(): {what}", f"before its end: {how}(product.pk), a task that reads the row"],
            {},
            shown(server, mark, *EVENTS),
        )

    return probe


def redis_away(task):
    """A probe in which a web process sends a task while Redis is stopped."""

    def probe(server: Running) -> Result:
        with server.redis.away(0):
            told, seconds = django(server, f"""
started = time.monotonic()
try:
    tasks.{task}
    told = "sent"
except Exception as error:
    told = f"{{type(error).__module__}}.{{type(error).__name__}}: {{error}}".strip()
print(json.dumps([told, round(time.monotonic() - started, 1)]))
""")  # fmt: skip
        return Result(
            "sent" if told == "sent" else "error-after-seconds" if seconds > 5 else "error-at-once",
            ["stop Redis", f"{task}, in a process that has sent no task before"],
            {"seconds": seconds},
            "" if told == "sent" else told,
        )

    return probe


def redis_restart(forgets):
    """A probe that stops Redis while tasks run and wait, and starts it again with its snapshot or empty."""

    def probe(server: Running) -> Result:
        mark = server.mark()
        name = "empty" if forgets else "kept"
        django(server, f"[tasks.wait.delay(3, {name!r}) for _ in range(5)]; print('null')")
        wait_for_note(server, name, "begin", 2)
        with server.redis.away(2, forgets=forgets):
            pass
        back = time.monotonic()

        def works():
            with contextlib.suppress(LabError):
                return django(server, "print(json.dumps(outcome(tasks.add.delay(1, 2), 2)))") == 3

        if not wait_until(works, 60, 0.2):
            raise LabError(f"{server.setup.name}: no task runs 60 s after the start of Redis. {server.tail()}")
        seconds = round(time.monotonic() - back, 1)
        wait_until(lambda: noted(server, name).count("end") == 5, 12)
        done = noted(server, name).count("end")
        running, queued = min(done, 2), max(0, done - 2)
        outcome = "nothing-lost" if done == 5 else "waiting-lost" if (running, queued) == (2, 0) else "some-lost"
        return Result(
            outcome,
            ["five tasks of 3 s, two of them run",
             f"stop Redis for 2 s; it starts again {'with empty memory' if forgets else 'with what it wrote when it stopped'}",
             "add.delay(1, 2).get() until the result comes"],
            {"seconds_until_next": seconds, "running_finished": running, "waiting_finished": queued},
            "\n".join(dict.fromkeys(re.sub(r"^.* WARNING", "WARNING", line) for line in
                                    shown(server, mark, r"Connection to broker lost").splitlines())),
        )  # fmt: skip

    return probe


def unknown_task(server: Running) -> Result:
    """Sends a task that the worker's code does not have, as a new web process does to an old worker."""
    mark = server.mark()
    told = django(server, """
from config.celery import app
print(json.dumps(outcome(app.send_task("shop.tasks.print_receipt", (1,), ignore_result=False), 3)))
""")  # fmt: skip
    server.wait_for_log("unregistered task", mark)
    return Result(
        "discarded" if waiting(server) == 0 else "kept",
        ["app.send_task('shop.tasks.print_receipt', …), which this worker does not have", f"its result after 3 s: {told}"],
        {},
        shown(server, mark, r"unregistered task", r"The message has been ignored", r"Did you remember to import", r"Or maybe you're using"),
    )


def unknown_argument(server: Running) -> Result:
    """Sends an argument that the worker's code does not know."""
    mark = server.mark()
    told = django(server, """
from config.celery import app
print(json.dumps(outcome(app.send_task("shop.measured_tasks.add", (1,), {"b": 2, "currency": "JPY"}, ignore_result=False))))
""")  # fmt: skip
    return Result(
        "fails" if told.startswith("TypeError") else "runs",
        ["app.send_task('shop.measured_tasks.add', (1,), {'b': 2, 'currency': 'JPY'})"],
        {},
        "\n".join(dict.fromkeys(shown(server, mark, r"^TypeError").splitlines())),
    )


def connections(server: Running) -> Result:
    """Counts what PostgreSQL still has open after 40 tasks that read it."""
    done = django(server, """
product = Product.objects.first()
sent = [tasks.price_of.delay(product.pk) for _ in range(40)]
print(json.dumps(sum(outcome(result) == product.price for result in sent)))
""")  # fmt: skip
    wait_until(lambda: server.database.open_connections() == 0, 2, 0.2)
    left = server.database.open_connections()
    return Result(
        "none-left" if left == 0 else "as-many-as-processes" if left <= 2 else "grows",
        ["40 tasks that read the database, on two processes", "SELECT count(*) FROM pg_stat_activity"],
        {"open_connections": left, "tasks": done},
        versions={"postgresql": server.database.version},
    )
