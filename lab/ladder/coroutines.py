"""The step "async": the same work under WSGI and ASGI, where it gains, where it loses, and what each crossing costs."""

import json
import threading
import time
import urllib.request

from lab.ladder import single
from lab.ladder.bench import Case, Effect, Question

# (label of the series, server, its arguments, path of the view)
THREADS = [
    ("gthread-2x4", "gunicorn", {"workers": 2, "threads": 4}, "/coroutines/waiting-sync/"),
    ("gthread-2x32", "gunicorn", {"workers": 2, "threads": 32}, "/coroutines/waiting-sync/"),
    ("gthread-2x128", "gunicorn", {"workers": 2, "threads": 128}, "/coroutines/waiting-sync/"),
]
ASYNC = ("async", "uvicorn", {"workers": 2}, "/coroutines/waiting-async/")
SYNC_UNDER_ASGI = ("sync-under-asgi", "uvicorn", {"workers": 2}, "/coroutines/waiting-sync/")
CLIENTS = {1: 0.2, 8: 0.3, 64: 0.4, 256: 0.4}  # and the seconds of a sample


def waiting(stage):
    """Threads, coroutines, and the synchronous view under ASGI, over the number of clients."""
    cases = []
    for series, server, arguments, path in [*THREADS, ASYNC, SYNC_UNDER_ASGI]:
        for clients, seconds in CLIENTS.items():
            # With fewer clients the one is like the async view; the other is used up by 64 already.
            if (series == "sync-under-asgi" and clients < 256) or (series == "gthread-2x4" and clients > 64):
                continue
            sample = _load(stage, server, arguments, path, clients, seconds, memory=True)
            cases.append(Case({"setup": series, "clients": clients}, sample))
    return cases


def _load(stage, server, arguments, path, clients, seconds=0.5, memory=False, cpu=False):
    """A function that takes one sample of a server's view, with the memory and the CPU time of its processes where asked for."""
    address = stage.server(server, **arguments)

    def sample():
        found = stage.load(address, path, clients, seconds, cpu=cpu)
        return {**found, "memory_mb": stage.memory(address)} if memory else found

    return sample


def loses(stage):
    """A page of the ORM and a computation: synchronous under WSGI, then the same code and its async form under ASGI."""
    wsgi = {"workers": 2, "threads": 4, "environment": {"DB_CONN_MAX_AGE": "60"}}
    asgi = {"workers": 2, "environment": {"DB_POOL_SIZE": "4"}}
    cases = []
    for view, path in (("page", "page"), ("cpu", "computing")):
        cases += [
            Case({"view": view, "setup": "sync-wsgi"}, _load(stage, "gunicorn", wsgi, f"/coroutines/{path}-sync/", 8, 0.5, cpu=True)),
            Case({"view": view, "setup": "sync-asgi"}, _load(stage, "uvicorn", asgi, f"/coroutines/{path}-sync/", 8, 0.5, cpu=True)),
            Case({"view": view, "setup": "async-asgi"}, _load(stage, "uvicorn", asgi, f"/coroutines/{path}-async/", 8, 0.5, cpu=True)),
        ]
    return cases


def crossings(stage):
    """One client, and so many crossings in each of its requests."""
    asgi = stage.server("uvicorn", workers=1)
    wsgi = stage.server("gunicorn", workers=1, threads=1)
    cases = []
    for direction, address in [("to-sync", asgi), ("to-async", wsgi)]:
        for count in (0, 1, 10, 100):  # the curve is a straight line: what one costs, times their number
            path = f"/coroutines/crossings-{direction}/?n={count}"
            cases.append(Case({"direction": direction, "crossings": count}, _crossing(stage, address, path, count)))
    return cases


def _crossing(stage, address, path, count):
    def sample():
        found = single.ask(address, path, stage.seconds(0.12), least=3)
        if count:
            told = [json.load(urllib.request.urlopen(f"{address}{path}", timeout=30))["microseconds"] for _ in range(5)]
            found["crossing_us"] = sorted(told)[2] / count
        return found

    return sample


def middleware(stage):
    """The empty async view behind different middleware, and the way of an async view through WSGI."""
    settings = {
        "none": "coroutines.settings_middleware_none",
        "both-worlds": "coroutines.settings_middleware_after",
        "synchronous": "coroutines.settings_middleware_before",
        "djangos": "settings",
    }
    cases = []
    for name, module in settings.items():
        arguments = {"workers": 1, "environment": {"DJANGO_SETTINGS_MODULE": module}}
        cases.append(Case({"middleware": name}, _load(stage, "uvicorn", arguments, "/coroutines/empty-async/", 8, 0.25, cpu=True)))
    wsgi = {"workers": 1, "threads": 4, "environment": {"DJANGO_SETTINGS_MODULE": settings["none"]}}
    for name in ("sync", "async"):
        cases.append(Case({"middleware": f"wsgi-{name}-view"}, _load(stage, "gunicorn", wsgi, f"/coroutines/empty-{name}/", 8, 0.25, cpu=True)))
    return cases


def blocking(stage):
    """What eight clients get of an empty view on one worker, while another client keeps one request waiting in a blocking call."""
    cases = []
    for server, arguments, path in [
        ("uvicorn", {"workers": 1}, "/coroutines/blocking/"),
        ("uvicorn", {"workers": 1}, "/coroutines/blocking-in-a-thread/"),
        ("gunicorn", {"workers": 1, "threads": 4}, "/coroutines/blocking/"),
    ]:
        address = stage.server(server, **arguments)
        how = {"uvicorn": "asgi", "gunicorn": "wsgi"}[server] + ("-thread" if "thread" in path else "")
        for busy in ("no", "yes") if how != "asgi-thread" else ("yes",):
            cases.append(Case({"setup": how, "blocked": busy}, _beside(stage, address, path if busy == "yes" else None)))
    return cases


def _beside(stage, address, path):
    """A sample of the empty view; meanwhile `path` is asked for again and again by one client."""

    def sample():
        end = threading.Event()

        def ask():
            while not end.is_set():
                urllib.request.urlopen(f"{address}{path}", timeout=30).read()

        other = threading.Thread(target=ask)
        if path:
            other.start()
            time.sleep(0.05)
        try:
            # Longer than one blocking call: the requests that wait for its end have to be in the sample.
            return stage.load(address, "/coroutines/empty-async/", 8, 0.5 if path else 0.25, cut=True)
        finally:
            end.set()
            if path:
                other.join()

    return sample


def pool(stage):
    """A wait and one query, 64 clients: what bounds the connections, and what that costs."""
    wsgi = {"workers": 2, "threads": 64, "environment": {"DB_CONN_MAX_AGE": "60"}}
    path = "/coroutines/wait-and-query-async/"
    return [
        Case({"setup": "threads"}, _load(stage, "gunicorn", wsgi, "/coroutines/wait-and-query-sync/", 64, 0.25)),
        Case({"setup": "async-no-pool"}, _load(stage, "uvicorn", {"workers": 2}, path, 64, 0.25)),
        Case({"setup": "async-pool"}, _load(stage, "uvicorn", {"workers": 2, "environment": {"DB_POOL_SIZE": "8"}}, path, 64, 0.25)),
    ]


def eight(stage):
    """Eight calls of 25 ms each in one request: one after another, with threads, with coroutines under both interfaces."""
    wsgi, asgi = {"workers": 2, "threads": 8}, {"workers": 2}
    ways = [
        ("one-after-another", "gunicorn", wsgi, "/coroutines/eight-one-after-another/"),
        ("threads", "gunicorn", wsgi, "/coroutines/eight-threads/"),
        ("async-under-wsgi", "gunicorn", wsgi, "/coroutines/eight-async/"),
        ("async", "uvicorn", asgi, "/coroutines/eight-async/"),
    ]
    return [
        Case({"setup": how, "clients": clients}, _load(stage, server, arguments, path, clients, 0.2))
        for how, server, arguments, path in ways
        for clients in (1, 16)
        if clients == 1 or how != "one-after-another"
    ]


def _at(series, clients):
    return {"setup": series, "clients": clients}


QUESTIONS = [
    Question(
        "async/waiting",
        waiting,
        (
            Effect("enough-threads-8", _at("gthread-2x32", 8), _at("async", 8), expects="same"),
            Effect("few-threads-64", _at("gthread-2x4", 64), _at("async", 64)),
            Effect("more-threads-64", _at("gthread-2x4", 64), _at("gthread-2x128", 64)),
            Effect("very-many-threads-256", _at("gthread-2x128", 256), _at("async", 256), expects="slower"),
        ),
        (
            "a view that waits 100 ms: time.sleep() under Gunicorn with 2 workers, await asyncio.sleep() under Uvicorn with 2 workers",
            "1 to 256 clients, each sending its next request when the answer is there",
        ),
    ),
    Question(
        "async/loses",
        loses,
        (
            Effect("page-same-code", {"view": "page", "setup": "sync-wsgi"}, {"view": "page", "setup": "sync-asgi"}, "cpu_ms", False, "slower"),
            Effect("page-async-orm", {"view": "page", "setup": "sync-wsgi"}, {"view": "page", "setup": "async-asgi"}, "cpu_ms", False, "slower"),
        ),
        ("2 workers each, 8 clients; PostgreSQL by persistent connections under WSGI, by a pool of 4 for each worker under ASGI",),
    ),
    Question(
        "async/crossings",
        crossings,
        (
            Effect("one-to-sync", {"direction": "to-sync", "crossings": 0}, {"direction": "to-sync", "crossings": 1}, "p50_ms", False, "same"),
            Effect("hundred-to-sync", {"direction": "to-sync", "crossings": 0}, {"direction": "to-sync", "crossings": 100}, "p50_ms", False, "slower"),
            Effect("hundred-to-async", {"direction": "to-async", "crossings": 0}, {"direction": "to-async", "crossings": 100}, "p50_ms", False, "slower"),
        ),
        ("one client, one request after another; the functions called do nothing",),
    ),
    Question(
        "async/middleware",
        middleware,
        (
            Effect("both-worlds", {"middleware": "none"}, {"middleware": "both-worlds"}, "cpu_ms", False, "same"),
            Effect("djangos", {"middleware": "none"}, {"middleware": "djangos"}, "cpu_ms", False, "slower"),
            Effect("async-view-under-wsgi", {"middleware": "wsgi-sync-view"}, {"middleware": "wsgi-async-view"}, "cpu_ms", False, "slower"),
        ),
        ("an empty async view on 1 worker, 8 clients",),
    ),
    Question(
        "async/blocking",
        blocking,
        (
            Effect("asgi", {"setup": "asgi", "blocked": "no"}, {"setup": "asgi", "blocked": "yes"}, expects="slower"),
            Effect("asgi-thread", {"setup": "asgi", "blocked": "no"}, {"setup": "asgi-thread", "blocked": "yes"}, expects="same"),
            Effect("wsgi", {"setup": "wsgi", "blocked": "no"}, {"setup": "wsgi", "blocked": "yes"}, expects="same"),
        ),
        ("one worker; one client asks for a view that blocks for 200 ms, again and again; 8 clients ask for an empty view",),
    ),
    Question(
        "async/pool",
        pool,
        (
            Effect("pool", {"setup": "async-no-pool"}, {"setup": "async-pool"}),
        ),
        ("a view that waits 100 ms and asks the database once; 64 clients",),
    ),
    Question(
        "async/eight-calls",
        eight,
        (
            Effect("threads-1", {"setup": "one-after-another", "clients": 1}, {"setup": "threads", "clients": 1}),
            Effect("async-1", {"setup": "one-after-another", "clients": 1}, {"setup": "async", "clients": 1}),
        ),
        ("a page that calls another service eight times, 25 ms each; 2 workers",),
    ),
]
