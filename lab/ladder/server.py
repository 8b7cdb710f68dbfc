"""Step 2, another server: the same three answers from ten servers, from nothing at all to a real page."""

from lab.ladder.bench import Case, Effect, Question

# One process each: with several, the way in which the clients' connections spread over them would decide.
THREADS = 4
CLIENTS = 8
# Both interfaces have it, and a kept connection is not found again by the next request under ASGI.
POOL = {"DB_POOL_SIZE": str(THREADS)}
SERVERS = {  # label: (name, arguments of Stage.server)
    "gunicorn-sync": ("gunicorn", {"options": "--worker-class sync", "threads": 1}),
    "gunicorn-gthread": ("gunicorn", {}),
    "waitress": ("waitress", {}),
    "uwsgi": ("uwsgi", {}),
    "granian-wsgi": ("granian", {}),
    "gunicorn-asgi": ("gunicorn-asgi", {}),
    "daphne": ("daphne", {}),
    "hypercorn": ("hypercorn", {}),
    "uvicorn": ("uvicorn", {}),
    "granian-asgi": ("granian", {"interface": "asgi"}),
}
ASGI = {"gunicorn-asgi", "daphne", "hypercorn", "uvicorn", "granian-asgi"}
VIEWS = {"empty": ("/waiting/empty/", 0.25), "page": ("/waiting/page/", 0.4)}  # address, seconds of a sample


def views(stage):
    """Ten servers with an application of three lines, with Django's shortest way to a view, and with a page."""
    cases = []
    for label, (name, more) in SERVERS.items():
        arguments = {"threads": THREADS, **more}
        bare = f"bare:{'asgi' if label in ASGI else 'wsgi'}"
        found = {"bare": (stage.server(name, application=bare, **arguments), "/", 0.25)}
        django = stage.server(name, environment=POOL, **arguments)
        found.update({view: (django, *more) for view, more in VIEWS.items()})
        cases += [
            Case({"view": view, "server": label}, lambda where=where: stage.load(where[0], where[1], CLIENTS, where[2]))
            for view, where in found.items()
        ]
    return sorted(cases, key=lambda case: ["bare", "empty", "page"].index(case.labels["view"]))


def _pair(view, after, before="gunicorn-gthread", expects="same"):
    return Effect(f"{view}-{after}", {"view": view, "server": before}, {"view": view, "server": after}, expects=expects)


QUESTIONS = [
    Question(
        "server/views",
        views,
        effects=(
            _pair("bare", "uwsgi", expects="faster"),
            _pair("bare", "granian-wsgi", expects="faster"),
            _pair("bare", "uvicorn", expects="faster"),
            _pair("empty", "uwsgi", expects="faster"),
            _pair("empty", "granian-wsgi", expects="faster"),
            _pair("empty", "uvicorn", expects="slower"),
            _pair("page", "uwsgi"),
            _pair("page", "granian-wsgi"),
            _pair("page", "waitress"),
            _pair("page", "uvicorn"),
        ),
        did=(
            f"One process each, so that the way in which connections spread over processes does not decide; under WSGI {THREADS} threads, with Gunicorn's sync worker one; under ASGI Django runs each request in a thread of its own",
            "Uvicorn with uvloop and httptools, the other ASGI servers on asyncio; no access log",
            f"{CLIENTS} clients on keep-alive connections; uWSGI and Gunicorn's sync worker close the connection after each answer",
            "Views: bare is an application of three lines without Django, empty a view that does nothing, page fifty orders in two queries and a template",
            f"The same sync views for all, with a pool of {THREADS} connections to the database",
        ),
    )
]
