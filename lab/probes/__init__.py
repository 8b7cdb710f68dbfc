"""
One function per behaviour: asks a running setup a question and says what happened.

A probe gets a lab.serve.Running and returns a Result. It waits for conditions with a deadline, never for a fixed
time. PROBES says for which setups a probe makes sense and how the server has to be started for it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from lab.errors import LabError
from lab.probes import database, faults, messages, proxy, serving, together
from lab.probes.common import Result
from lab.recipes import Setup
from lab.serve import Running


@dataclass(frozen=True)
class Probe:
    """A behaviour, the function that finds it out, and how the server has to be started for it."""

    behaviour: str
    ask: Callable[[Running], Result]
    edit: Callable[[Setup, str], str] | None = None  # changes the start command
    environment: dict = field(default_factory=dict)  # added to the project's django.env
    before: Callable[[Running], None] | None = None  # called before the start, may edit the copied project
    starts: bool = True  # False: the server is not expected to serve
    database: bool = False  # True: the project uses PostgreSQL
    alone: bool = False  # True: the copied project is of no use to other probes afterwards
    where: Callable[[Setup], bool] = lambda setup: True  # for which setups the question makes sense

    def start(self):
        """What two probes need to have in common to share a start."""
        return self.edit, self.environment, self.before, self.starts, self.database, self.alone and self.behaviour


def _behind(setup):
    return setup.proxy is not None


def _plain(setup):
    """One setup per server: what a proxy or a socket in front of it does not change."""
    return setup.proxy is None and not setup.recipe.unix_socket


def _plain_asgi(setup):
    return _plain(setup) and setup.recipe.interface == "asgi"


# How a probe changes the start command. Gunicorn's options are in its configuration file: an argument goes before it.


def _changed(command, old, new):
    if old not in command:
        raise LabError(f"The start command {command!r} has no {old!r}: mend lab/probes/__init__.py.")
    return command.replace(old, new)


def _one_worker(setup, command):
    if setup.recipe.server == "gunicorn":
        return f"{command} --workers 1"
    return _changed(command, "--workers 2", "--workers 1")


def _time_limit(setup, command):
    if setup.recipe.server == "gunicorn":
        return f"{command} --timeout 2"
    return _changed(command, "--timeout-worker-healthcheck 10", "--timeout-worker-healthcheck 2")


def _short_patience(setup, command):
    if setup.recipe.server == "gunicorn":
        return f"{command} --graceful-timeout 1"
    return _changed(command, "--timeout-graceful-shutdown 30", "--timeout-graceful-shutdown 1")


def _other_interface(setup, command):
    if setup.recipe.server == "gunicorn":
        return f"{command} config.asgi:application"
    return _changed(command, "config.asgi", "config.wsgi")


def _default_trust(setup, command):
    return _changed(command, " --forwarded-allow-ips '*'", "")


def _lifespan_auto(setup, command):
    return _changed(command, " --lifespan off", "")


def _default_health_check(setup, command):
    # Uvicorn may notice a worker that dies during its start only when the health check has run out: 5 s by default.
    if setup.recipe.server == "gunicorn":
        return command
    return _changed(command, " --timeout-worker-healthcheck 10", "")


def _lifespan_on(setup, command):
    return _changed(_default_health_check(setup, command), "--lifespan off", "--lifespan on")


WORKERS_TIMES_THREADS = 8  # of the recipes; the pools of the probe hold as many: 2 workers with 4 each

# In this order on one start: those that only ask first, the one that stops the server last.
PROBES = [
    Probe("http", serving.http_views),
    Probe("websocket", serving.websocket),
    Probe("stream-sync", serving.stream_sync),
    Probe("stream-async", serving.stream_async),
    Probe("forwarded-proto", proxy.forwarded_proto),
    Probe("forwarded-spoofed", proxy.forwarded_spoofed, where=_behind),
    Probe("traceback-sync-view", messages.traceback("/checkout/"), where=_plain),
    Probe("traceback-async-view", messages.traceback("/async/checkout/"), where=_plain),
    Probe("worker-killed", faults.worker_killed),
    Probe("reload-under-load", faults.reload_under_load),
    Probe("sigterm-in-flight", faults.sigterm_in_flight),
    Probe("forwarded-proto-header-set", proxy.forwarded_proto, environment={"DJANGO_BEHIND_HTTPS_PROXY": "1"}),
    Probe(
        "forwarded-proto-default-trust",
        proxy.forwarded_proto,
        edit=_default_trust,
        where=lambda setup: setup.recipe.server == "uvicorn" and bool(setup.recipe.unix_socket),
    ),
    Probe("stream-buffered", serving.stream_buffered, before=serving.without_accel_header, where=_behind),
    Probe("reload-broken-settings", faults.reload_broken_settings, alone=True, where=_plain),
    Probe(
        "start-broken-settings",
        faults.start_broken_settings,
        edit=_default_health_check,
        before=faults.break_settings,
        starts=False,
        where=_plain,
    ),
    Probe("reload-long-request", faults.reload_long_request, edit=_short_patience, where=_plain),
    Probe("request-hangs", faults.request_hangs, edit=_time_limit, where=_plain),
    Probe(
        "holds-gil",
        faults.holds_gil,
        edit=_time_limit,
        where=lambda setup: _plain(setup) and setup.recipe.server == "gunicorn",
    ),
    Probe("blocked-loop", together.blocked_loop, edit=_one_worker, where=_plain_asgi),
    Probe("waiting-sync", together.simultaneous("/slow/?seconds=1", 4), edit=_one_worker, where=_plain),
    Probe("waiting-async", together.simultaneous("/async/slow/?seconds=1", 4), edit=_one_worker, where=_plain),
    Probe("waiting-blocking", together.simultaneous("/async/blocking/?seconds=1", 4), edit=_one_worker, where=_plain),
    Probe("computing", together.simultaneous("/compute/?seconds=0.5", 4), edit=_one_worker, where=_plain),
    Probe(
        "error-default-logging", messages.error_default_logging, environment={"DJANGO_DEFAULT_LOGGING": "1"}, where=_plain
    ),
    Probe("lifespan", messages.lifespan, edit=_lifespan_auto, where=_plain_asgi),
    Probe("lifespan-on", messages.lifespan_on, edit=_lifespan_on, starts=False, where=_plain_asgi),
    Probe("wrong-interface", messages.wrong_interface, edit=_other_interface, starts=False, where=_plain),
    Probe(
        "db-connections-age-0",
        database.connections("as-many-as-threads", WORKERS_TIMES_THREADS),
        environment={"DB_CONN_MAX_AGE": "0"},
        database=True,
        where=_plain,
    ),
    Probe("db-full", database.full, environment={"DB_CONN_MAX_AGE": "0"}, database=True, where=_plain),
    Probe(
        "db-connections-age-60",
        database.connections("as-many-as-threads", WORKERS_TIMES_THREADS),
        environment={"DB_CONN_MAX_AGE": "60"},
        database=True,
        where=_plain,
    ),
    Probe(
        "db-connections-pool",
        database.connections("as-many-as-pool", WORKERS_TIMES_THREADS),
        environment={"DB_POOL_SIZE": "4"},
        database=True,
        where=_plain,
    ),
]


def probes_for(setup):
    """The probes that make sense for a setup, in the order in which they can share a start."""
    return [probe for probe in PROBES if probe.where(setup)]


def probe(behaviour):
    """The probe of that name. Raises LabError for an unknown one."""
    known = {probe.behaviour: probe for probe in PROBES}
    if behaviour not in known:
        raise LabError(f"There is no behaviour {behaviour!r}. Known behaviours: {', '.join(known)}.")
    return known[behaviour]
