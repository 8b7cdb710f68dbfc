"""Step "external calls": what a partner that takes 50 ms, or hangs, costs, and what each remedy gives back."""

import contextlib
import http.client
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from lab import recipes, serve
from lab.ladder import single
from lab.ladder.bench import Case, Effect, Question

HANGS = 450  # ms; as good as for ever for a sample, and over before the next one
THREADS = 4  # of the server whose threads are held
PAGE = "/calls/{how}/?ms={ms}"
FAR = 50  # ms that the partner takes
VISITORS = (1, 4, 8)


def server(stage, environment=None):
    """Address of a server with the threads of this step; httpx, which does the calling, is named in the record."""
    stage.packages.add("httpx")
    return stage.server("gunicorn", threads=THREADS, environment=environment)


# A partner that hangs


def hanging(stage):
    """What another page serves, an empty one or one that waits itself, while visitors wait for a partner that hangs."""
    address = server(stage)
    neighbors = {"empty": "/waiting/empty/", "waiting": f"/waiting/wait/?ms={FAR}"}

    def case(neighbor, timeout, visitors):
        path = PAGE.format(how=f"timeout-{'after' if timeout else 'before'}", ms=HANGS)

        def sample():
            with visiting(address, path, visitors):
                # The timeout is over before the load ends, the partner's silence is not.
                return stage.load(address, neighbors[neighbor], connections=8, seconds=0.3, cut=True)

        return Case({"neighbor": neighbor, "timeout": "with" if timeout else "without", "hanging": visitors}, sample)

    return [case("empty", False, visitors) for visitors in (0, 3, 4)] + [case("empty", True, 4)] + [
        case("waiting", False, visitors) for visitors in (0, 3)
    ]


@contextlib.contextmanager
def visiting(address, path, visitors):
    """Context manager: so many requests for `path` are under way; leaving it waits for their answers."""
    threads = [threading.Thread(target=visit, args=(address, path)) for _ in range(visitors)]
    for thread in threads:
        thread.start()
    # Until the requests have got to the server's threads; too short would let the load overtake them.
    time.sleep(0.1 if visitors else 0)
    yield
    for thread in threads:
        thread.join()


def visit(address, path):
    """One request, whatever becomes of it."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
        connection.request("GET", path)
        connection.getresponse().read()
        connection.close()


# Connections


def connections(stage):
    """Four calls per page, with a partner that answers at once: what is left is the cost of calling."""
    pages = {"http": server(stage), "https": server(stage, tls_partner(stage))}

    def case(protocol, client):
        path = f"{PAGE.format(how=client, ms=0)}&times=4"
        return Case(
            {"protocol": protocol, "client": client},
            lambda: single.ask(pages[protocol], path, stage.seconds(0.3), least=2),
        )

    return [case(protocol, client) for protocol in pages for client in ("new-client", "new-connection", "kept")]


def tls_partner(stage):
    """Starts the partner with TLS. Returns the environment (dict) of a server that calls it and trusts it."""
    folder = stage.folder / "partner"
    folder.mkdir(exist_ok=True)
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [serve.program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    # Beside the authorities that every client reads: a file of one certificate would be read too fast.
    bundle = folder / "bundle.pem"
    bundle.write_text(Path(stage.python("import certifi; print(certifi.where())").strip()).read_text() + certificate.read_text())
    # sleep keeps the partner's standard input open.
    process = stage.process(f"cd {recipes.ROOT} && sleep 3600 | {sys.executable} -m lab.ladder.partner {certificate} {key}")
    port = serve.wait_until(lambda: stage.log(process).strip(), 20)
    address = f"https://localhost:{port}"
    context = ssl.create_default_context(cafile=str(bundle))

    def answers():
        with contextlib.suppress(OSError):
            connection = http.client.HTTPSConnection("localhost", int(port), context=context, timeout=5)
            connection.request("GET", "/wait?ms=0", headers={"Connection": "close"})
            return connection.getresponse().read() == b"7"

    serve.wait_until(answers, 20)
    return {"PARTNER_URL": address, "SSL_CERT_FILE": str(bundle)}


# A cache


def caching(stage):
    """One call per page, of which a share finds the answer in the cache."""
    redis = f"redis://{stage.redis.address}/2"
    pages = {
        "locmem": server(stage),
        "redis": server(stage, {"DJANGO_SETTINGS_MODULE": "calls.settings_redis", "CACHE_URL": redis}),
    }

    def case(cache, known):
        path = f"{PAGE.format(how='cached', ms=FAR)}&known={known}"
        return Case({"cache": cache, "hits": known}, lambda: stage.load(pages[cache], path, connections=8, seconds=0.25))

    return [case("locmem", known) for known in (0, 50, 90, 100)] + [case("redis", known) for known in (90, 100)]


# Several calls for one page


def several(stage):
    """How long one visitor waits for a page that makes several calls."""
    address = server(stage)

    def case(how, calls):
        path = f"{PAGE.format(how=how, ms=FAR)}&calls={calls}"
        return Case({"how": how, "calls": calls}, lambda: single.ask(address, path, stage.seconds(0.2)))

    return (
        [case("one-after-another", calls) for calls in (1, 4, 8)]
        + [case("side-by-side", calls) for calls in (1, 4, 8, 16, 32)]
        + [case("at-once", 8)]
    )


def capacity(stage):
    """A page with four calls, for more and more visitors at once."""
    address = server(stage)

    def case(how, visitors):
        path = f"{PAGE.format(how=how, ms=FAR)}&calls=4"
        return Case({"how": how, "visitors": visitors}, lambda: stage.load(address, path, connections=visitors, seconds=0.3))

    return [case(how, visitors) for how in ("one-after-another", "side-by-side") for visitors in VISITORS]


QUESTIONS = [
    Question(
        "external-calls/hanging",
        hanging,
        (
            # That of an empty page is the same or a little faster, with fewer threads at it: that flips, so it is shown and not promised.
            Effect("three-held-waiting", {"neighbor": "waiting", "hanging": 0}, {"neighbor": "waiting", "hanging": 3}, expects="slower"),
            Effect("all-held", {"timeout": "with", "hanging": 4}, {"timeout": "without", "hanging": 4}, expects="slower"),
        ),
        (
            "Gunicorn with 1 process and 4 threads; visitors ask for a page whose partner does not answer.",
            "Meanwhile 8 clients ask for another page of the same server, an empty one or one that waits 50 ms; its throughput is counted.",
        ),
    ),
    Question(
        "external-calls/connections",
        connections,
        (
            Effect("http", {"protocol": "http", "client": "new-connection"}, {"protocol": "http", "client": "kept"}, "p50_ms", False),
            Effect("https", {"protocol": "https", "client": "new-connection"}, {"protocol": "https", "client": "kept"}, "p50_ms", False),
            Effect("client", {"protocol": "http", "client": "new-client"}, {"protocol": "http", "client": "new-connection"}, "p50_ms", False),
        ),
        (
            "Gunicorn with 1 process and 4 threads, one client; the page calls a partner on the same machine four times, and each time it answers at once.",
            "new-client: httpx.get(); new-connection: one httpx.Client that keeps no connection; kept: one httpx.Client.",
        ),
    ),
    Question(
        "external-calls/caching",
        caching,
        (
            Effect("half", {"cache": "locmem", "hits": 0}, {"cache": "locmem", "hits": 50}),
            Effect("nine-of-ten", {"cache": "locmem", "hits": 0}, {"cache": "locmem", "hits": 90}),
            Effect("all", {"cache": "locmem", "hits": 0}, {"cache": "locmem", "hits": 100}),
            Effect("redis", {"cache": "locmem", "hits": 0}, {"cache": "redis", "hits": 100}),
            Effect("redis-locmem", {"cache": "locmem", "hits": 100}, {"cache": "redis", "hits": 100}, expects="slower"),
        ),
        ("Gunicorn with 1 process and 4 threads, 8 clients; a miss calls a partner that takes 50 ms.",),
    ),
    Question(
        "external-calls/several",
        several,
        tuple(
            Effect(name, {"how": "one-after-another", "calls": calls}, {"how": how, "calls": calls}, "p50_ms", False, expects)
            for name, how, calls, expects in (
                ("one-call", "side-by-side", 1, "same"),
                ("side-by-side-4", "side-by-side", 4, "faster"),
                ("side-by-side-8", "side-by-side", 8, "faster"),
                ("at-once", "at-once", 8, "faster"),
            )
        ),
        (
            "Gunicorn with 1 process and 4 threads, one client; the page makes several calls to a partner that takes 50 ms.",
            "at-once: one call for all of them, to a partner for which several are no more work than one.",
        ),
    ),
    Question(
        "external-calls/capacity",
        capacity,
        tuple(
            Effect(f"visitors-{visitors}", {"how": "one-after-another", "visitors": visitors}, {"how": "side-by-side", "visitors": visitors})
            for visitors in VISITORS
        ),
        ("Gunicorn with 1 process and 4 threads; the page makes four calls to a partner that takes 50 ms.",),
    ),
]
