"""What a reader finds in the log: tracebacks, or their absence, and what servers say at their start."""

import http.client
import re

from lab import output
from lab.errors import LabError
from lab.probes.common import Result, without_frames
from lab.serve import Running, wait_until


def traceback(path):
    """A probe that asks for a failing view and counts the frames of the traceback in the server's log."""

    def probe(server: Running) -> Result:
        mark = server.mark()
        status = server.get(path).status
        if status != 500:
            raise LabError(f"{server.setup.name}: {path} answered {status} instead of 500.")
        server.wait_for_log("KeyError: 'pot'", mark)
        log = server.log(mark)
        printed = re.search(r"[^\n]*Internal Server Error[^\n]*\nTraceback.*?\nKeyError: 'pot'", log, re.S)
        if not printed:
            raise LabError(f"{server.setup.name}: the traceback of {path} looks different than expected:\n{log}")
        files = re.findall(r'^  File "([^"]+)"', printed.group(), re.M)
        return Result(
            "printed",
            [f"GET {path}: answered 500"],
            {
                "frames": len(files),
                "own_frames": sum(file.startswith(str(server.project)) for file in files),
                "asgiref_frames": sum("/asgiref/" in file for file in files),
            },
            printed.group(),
        )

    return probe


def error_default_logging(server: Running) -> Result:
    """A failing view, with Django's own LOGGING and DEBUG=False."""
    mark = server.mark()
    status = server.get("/checkout/").status
    if status != 500:
        raise LabError(f"{server.setup.name}: /checkout/ answered {status} instead of 500.")
    server.get("/healthz/")  # what is logged about the first request is written before the answer to the second
    log = server.log(mark)
    return Result(
        "traceback" if "Traceback" in log else "no-traceback",
        ["LOGGING not set in the settings, DEBUG=False", "GET /checkout/: answered 500", "GET /healthz/"],
        {},
        log,
    )


def lifespan(server: Running) -> Result:
    """What the log says when Uvicorn tries the lifespan protocol, as it does when it is not told otherwise."""
    lines = output.lines_with(server.log(), "[Ll]ifespan")
    return Result("appears-unsupported" if lines else "silent", ["start", "GET /healthz/: answered 200"], {}, lines)


def lifespan_on(server: Running) -> Result:
    """What happens when the lifespan protocol is insisted on."""
    if not wait_until(lambda: not server.alive(), 30):
        raise LabError(f"{server.setup.name} still runs with the lifespan protocol on. {server.tail()}")
    return Result(
        "does-not-start",
        ["start"],
        {"exit_code": server.process.returncode},
        without_frames(server.log()),
    )


def wrong_interface(server: Running) -> Result:
    """Asks a server that was given the application of the other interface."""

    def first_answer():
        try:
            return server.get("/healthz/", timeout=5).status
        except (OSError, http.client.HTTPException):
            if not server.alive():
                return "exit"
            # uWSGI closes the connection without an answer.
            return "closed" if re.search(r"^TypeError: ", server.log(), re.M) else None

    status = wait_until(first_answer, 60, 0.1)
    if status is None:
        raise LabError(f"{server.setup.name} neither answers nor ends. {server.tail()}")
    if status == 200:
        outcome = "serves"
    else:
        outcome = "does-not-serve"
        server.wait_for_log("TypeError|Error", 0)
    errors = re.findall(r"^\w*Error: .*", server.log(), re.M)
    return Result(
        outcome,
        ["GET /healthz/"],
        {"exit": {"exit_code": server.process.returncode}, "closed": {}}.get(status, {"status": status}),
        errors[0] if errors else server.own_lines(0),
    )


def deprecated_worker(server: Running) -> Result:
    """Whether a worker class that is deprecated says so where a reader would see it."""
    status = server.get("/healthz/").status
    if status != 200:
        raise LabError(f"{server.setup.name}: /healthz/ answered {status}.")
    warned = re.search("deprecat", server.log(), re.I)
    return Result("warns" if warned else "works-silently", ["start", "GET /healthz/: answered 200"], {}, server.own_lines())
