"""JSON logs and request ids: what a program that reads the log would find. Asked of the recipes logging-*."""

import json
import threading
from types import SimpleNamespace

from lab import client
from lab.errors import LabError
from lab.probes.common import Result
from lab.serve import Running, wait_until

EACH = 6  # requests to the sync and to the async view; what the recipes work on at the same time is 8
FORGED = "forged-entry"


def _lines(log):
    """The lines of a log: (those that are JSON objects, the others)."""
    objects, others = [], []
    for line in filter(str.strip, log.splitlines()):
        try:
            objects.append(json.loads(line))
        except ValueError:
            others.append(line)
    return [line for line in objects if isinstance(line, dict)], others


def _dump(lines):
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)


def _own_messages(server, mark):
    return [line for line in _lines(server.log(mark))[0] if line.get("message", "").startswith("waiting for ")]


def request_id(server: Running) -> Result:
    """Sync and async requests at the same time, each with an id of its own: does each line name the right one?"""
    mark = server.mark()
    # The seconds say whose line it is, whatever id stands in it.
    wanted = {}
    for number in range(EACH):
        wanted[f"0.3{number}"] = "/slow/", f"sync-request-{number}"
        wanted[f"0.4{number}"] = "/async/slow/", f"async-request-{number}"
    returned = {}

    def ask(seconds, path, sent):
        # Straight to the server: nginx would replace the id by one of its own.
        response = client.get(server.direct, f"{path}?seconds={seconds}", {"X-Request-ID": sent})
        returned[seconds] = response.headers.get("x-request-id")

    threads = [threading.Thread(target=ask, args=(seconds, *rest)) for seconds, rest in wanted.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if not wait_until(lambda: len(_own_messages(server, mark)) >= len(wanted), 10):
        raise LabError(f"{server.setup.name}: not every request has its line in the log. {server.tail()}")
    lines = _own_messages(server, mark)
    wrong = [line for line in lines if line["request_id"] != wanted[line["message"].split()[2].ljust(4, "0")][1]]
    wrong += [seconds for seconds, sent in returned.items() if sent != wanted[seconds][1]]
    # One that is no id: a client wants a line of its own in the log.
    refused = client.get(server.direct, "/healthz/", {"X-Request-ID": 'a"}{"level": "ERROR"'}).headers["x-request-id"]
    if not refused.isalnum():
        raise LabError(f"{server.setup.name} takes {refused!r} for a request id.")
    return Result(
        "mixed-up" if wrong or len(returned) < len(wanted) else "kept-apart",
        [
            f"GET /slow/ and GET /async/slow/, {EACH} times each at the same time, each with its own X-Request-ID",
            "each line and each answer has to carry the id of its request",
            'GET /healthz/ with X-Request-ID: a"}{"level": "ERROR": answered with an id of the server\'s own',
        ],
        {"requests": len(wanted), "wrong": len(wrong)},
        _dump(lines[:6]),
    )


def request_id_traceback(server: Running) -> Result:
    """A view that fails, with DEBUG=False: is its traceback in the log, in one line with the id?"""
    mark = server.mark()
    response = client.get(server.direct, "/checkout/?token=secret", {"X-Request-ID": "failing-request-1"})
    if response.status != 500:
        raise LabError(f"{server.setup.name}: /checkout/ answered {response.status}.")
    server.wait_for_log("KeyError: 'pot'", mark)
    lines = [line for line in _lines(server.log(mark))[0] if "KeyError: 'pot'" in line.get("traceback", "")]
    if "secret" in server.log(mark):
        raise LabError(f"{server.setup.name}: the query string is in the log. {server.tail()}")
    with_id = len(lines) == 1 and lines[0]["request_id"] == "failing-request-1"
    return Result(
        "with-request-id" if with_id else "without-request-id",
        ["DEBUG=False", "GET /checkout/?token=secret with X-Request-ID: failing-request-1: answered 500"],
        {},
        _dump(lines),
    )


def log_lines(server: Running) -> Result:
    """Everything that the server has printed since its start: is every line JSON?"""
    server.get("/healthz/")
    objects, others = _lines(server.log())
    return Result(
        "some-json" if others else "all-json",
        ["start", "GET /healthz/"],
        {"json_lines": len(objects), "other_lines": len(others)},
        "\n".join(others[:2]) if others else _dump(objects[:6]),
    )


def _nginx_lines(server):
    file = server.folder / "django.json"
    return _lines(file.read_text() if file.exists() else "")[0]


def access_log(server: Running) -> Result:
    """The access log: is it there, and does it carry the id that Django's lines carry?"""
    mark = server.mark()
    sent = {} if server.setup.proxy else {"X-Request-ID": "asked-for-access-1"}
    response = server.get("/slow/?seconds=0.2&token=secret", sent)
    wanted = response.headers["x-request-id"]
    found = SimpleNamespace(lines=[])

    def written():
        lines = [line for line in _lines(server.log(mark))[0] if "access" in line.get("logger", "") and line["path"] == "/slow/"]
        found.lines = lines + [line for line in _nginx_lines(server) if line["request_id"] == wanted]
        return len(found.lines) >= (2 if server.setup.proxy else 1)

    wait_until(written, 3)
    if "secret" in server.log(mark) + _dump(found.lines):
        raise LabError(f"{server.setup.name}: the query string is in the log. {server.tail()}")
    if not found.lines:
        outcome = "none"
    else:
        outcome = "with-request-id" if all(line["request_id"] == wanted for line in found.lines) else "without-request-id"
    own = [line for line in _lines(server.log(mark))[0] if line.get("request_id") == wanted and line not in found.lines]
    by = "nginx makes the id" if server.setup.proxy else "with X-Request-ID: asked-for-access-1"
    return Result(outcome, [f"GET /slow/?seconds=0.2&token=secret: {by}"], {}, _dump([*own, *found.lines]))


def log_forged(server: Running) -> Result:
    """A URL and a browser's name made of quotes, backslashes and braces: does the access log stay readable?"""
    mark = server.mark()
    path = f'/no"}}{{"level":"{FORGED}"\\'
    with server.address.connect(10) as connected:
        connected.sendall(
            f'GET {path} HTTP/1.1\r\nHost: {client.HOST}\r\nUser-Agent: a"b\\\r\nConnection: close\r\n\r\n'.encode()
        )
        status = connected.recv(65536).split(b" ", 2)[1].decode()
    server.get("/healthz/")
    did = [f"GET {path} with User-Agent: a\"b\\, sent as it stands: answered {status}", "GET /healthz/"]
    file = server.folder / "django.json"

    def written():
        log = server.log(mark) + (file.read_text() if file.exists() else "")
        found = [line for line in log.splitlines() if FORGED in line and ("access" in line or '"method"' in line)]
        return found if len(found) >= (2 if server.setup.proxy else 1) else None

    about = wait_until(written, 2)
    if not about:
        return Result("none", did)
    objects, others = _lines("\n".join(about))
    forged = others or [line for line in objects if line.get("level") == FORGED]
    return Result("not-json" if forged else "stays-json", did, {}, "\n".join(about))


def with_thread_local(server: Running):
    """Keeps the request id in a thread-local, as it was done before context variables."""
    _replace(
        server.project / "config" / "request_id.py",
        'current = ContextVar("request_id", default=None)',
        "import threading\n\n\nclass ThreadLocal(threading.local):\n    value = None\n\n    def get(self):\n        return self.value\n\n"
        "    def set(self, value):\n        self.value = value\n\n\ncurrent = ThreadLocal()",
    )


def with_existing_loggers_disabled(server: Running):
    """A LOGGING that names no logger of the server and says disable_existing_loggers, which is also what leaving it out means."""
    settings = server.project / "config" / "settings.py"
    settings.write_text(f'{settings.read_text()}\nLOGGING["disable_existing_loggers"] = True\nLOGGING["loggers"] = {{}}\n')


def with_json_as_format(server: Running):
    """Lets Gunicorn's access log be JSON by its format string, as many samples do."""
    _replace(
        server.project / "gunicorn.conf.py",
        'logconfig_json = "logging.json"',
        'accesslog = "-"\naccess_log_format = \'{"method": "%(m)s", "path": "%(U)s", "status": %(s)s, "agent": "%(a)s"}\'',
    )
    settings = server.project / "config" / "settings.py"
    settings.write_text(f"{settings.read_text()}\nLOGGING = {{}}\n")


def _replace(file, old, new):
    text = file.read_text()
    if old not in text:
        raise LabError(f"{file.name} no longer says {old!r}: mend lab/probes/logs.py.")
    file.write_text(text.replace(old, new))
