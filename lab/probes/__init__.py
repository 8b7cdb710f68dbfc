"""
One function per behaviour: asks a running setup a question and says what happened.

A probe gets a lab.serve.Running and returns a Result. It waits for conditions with a deadline, never for a fixed
time. PROBES says for which setups a probe makes sense and how the server has to be started for it.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from lab.errors import LabError
from lab.probes import channels, connections, daphne, database, deploys, faults, frontier, limits, logs, messages, proxy, resources, serving, tasks, statics, together
from lab.probes.common import Result
from lab.recipes import Setup
from lab.serve import Running


@dataclass(frozen=True)
class Probe:
    """A behaviour, the function that finds it out, and how the server has to be started for it."""

    behaviour: str
    ask: Callable[[Running], Result]
    changes: tuple = ()  # names from [changes] of the recipe; with a "?" those that not every server needs
    environment: dict = field(default_factory=dict)  # added to the project's django.env
    before: Callable[[Running], None] | None = None  # called before the start, may edit the copied project
    starts: bool = True  # False: the server is not expected to serve
    database: bool = False  # True: the project uses PostgreSQL
    alone: bool = False  # True: the copied project is of no use to other probes afterwards
    where: Callable[[Setup], bool] = lambda setup: True  # for which setups the question makes sense
    only_named: bool = False  # True: asked only of recipes that name it under `asks`
    long: bool = False  # True: takes minutes, so the tests leave it to scripts/record --check
    often: Callable[[Setup], bool] = lambda setup: True  # of which setups the tests ask it, if it is the same for all servers
    systems: tuple = ("linux", "darwin")  # sys.platform of the systems that can answer

    def changes_for(self, setup):
        """The names in [changes] to make for a setup: all that are required, and of the others those it has."""
        names = [(name.removesuffix("?"), name.endswith("?")) for name in self.changes]
        return tuple(name for name, optional in names if not optional or name in setup.recipe.changes)

    def applies(self, setup):
        """True when the question makes sense for a setup and its recipe has the changes that it needs."""
        asks = setup.recipe.asks
        if (asks or self.only_named) and self.behaviour not in asks:
            return False
        return self.where(setup) and all(name in setup.recipe.changes for name in self.changes_for(setup))

    def start(self):
        """What two probes need to have in common to share a start."""
        return self.changes, self.environment, self.before, self.starts, self.database, self.alone and self.behaviour


def _behind(setup):
    return setup.proxy is not None


def _plain(setup):
    """One setup per server: what a proxy or a socket in front of it does not change."""
    return setup.proxy is None and not setup.recipe.unix_socket


def _tcp(setup):
    return not setup.recipe.unix_socket


def _plain_asgi(setup):
    return _plain(setup) and setup.recipe.interface == "asgi"


def _plain_workers(setup):
    return _plain(setup) and setup.recipe.processes == "workers"


def _reloads(setup):
    return _plain(setup) and setup.recipe.has("reload.sh")


def _reloads_by_signal(setup):
    return _reloads(setup) and "kill -HUP" in (setup.recipe.folder / "reload.sh").read_text()


def _reloads_asgi(setup):
    return _plain_asgi(setup) and setup.recipe.has("reload.sh")


def _one_of(*names):
    """For what is about the proxy, or about WSGI and ASGI, and not about each server."""
    return lambda setup: setup.name in names


# One of each kind of server: what a process keeps open does not depend on how many there are.
KEEP_ALIVES = (
    "gunicorn-sync", "gunicorn-gthread", "gunicorn-asgi", "gunicorn-uvicorn", "uvicorn-workers", "granian-wsgi",
    "granian-asgi", "hypercorn", "daphne", "waitress", "uwsgi",
)  # fmt: skip


def _behind_proxy(name):
    return lambda setup: _behind(setup) and setup.proxy.name == name


# One setup with WSGI and one with ASGI, alone and behind nginx: for what is about Django or nginx and not about the server.
_stands_for_all = _one_of(
    "gunicorn-gthread", "gunicorn-gthread-behind-nginx-tcp", "gunicorn-gthread-unix-behind-nginx-unix",
    "uvicorn-workers", "uvicorn-workers-behind-nginx-tcp", "uwsgi-unix-behind-nginx-uwsgi",
)  # fmt: skip

WORKERS_TIMES_THREADS = 8  # of the recipes: 2 workers with 4 each

# In this order on one start: those that only ask first, the one that stops the server last.
PROBES = [
    Probe("start-up", resources.start_up, where=_plain),
    Probe("http", serving.http_views),
    Probe("memory", resources.memory, where=_plain, systems=("linux",)),
    Probe("websocket", serving.websocket),
    Probe("websocket-idle", serving.websocket_idle, where=lambda s: _behind(s) and _tcp(s) and s.recipe.interface == "asgi", long=True),
    Probe("keep-alive", limits.keep_alive, where=_tcp),
    Probe("head-request", serving.head_request, where=_plain),
    Probe("stream-sync", serving.stream_sync),
    Probe("stream-async", serving.stream_async),
    Probe("forwarded-proto", proxy.forwarded_proto),
    Probe("forwarded-untrusted", proxy.forwarded_untrusted, where=_plain, systems=("linux",)),
    Probe("forwarded-spoofed", proxy.forwarded_spoofed, where=_behind),
    Probe("header-limit", limits.header_limit, where=_plain),
    Probe("url-limit", limits.url_limit, where=_plain),
    Probe("body-limit", limits.body_limit, where=_tcp),
    Probe("traceback-sync-view", messages.traceback("/checkout/"), where=_plain),
    Probe("traceback-async-view", messages.traceback("/async/checkout/"), where=_plain),
    Probe("body-too-large", frontier.body_too_large, where=_one_of("gunicorn-gthread-behind-nginx-tcp")),
    Probe("bad-gateway", frontier.bad_gateway, where=_one_of("gunicorn-gthread-behind-nginx-tcp")),
    Probe("worker-killed", faults.worker_killed),
    Probe("reload-under-load", deploys.reload_under_load),
    Probe("sigterm-in-flight", deploys.sigterm_in_flight),
    Probe("sigterm-die-on-term", deploys.sigterm_in_flight, changes=("die-on-term",), where=_plain),
    Probe("sigterm-unset", deploys.sigterm_in_flight, changes=("sigterm-unset",), where=_plain, long=True),
    Probe("stop-in-flight", deploys.stop_in_flight, where=lambda setup: deploys.stops_otherwise(setup.recipe)),
    Probe("slow-headers", limits.slow_headers, where=_tcp),
    Probe("slow-bodies", limits.slow_bodies, where=_tcp),
    Probe("slow-closed", limits.slow_closed, where=_plain, long=True),
    Probe("keep-alive-timeout", frontier.keep_alive_timeout, where=_one_of(*KEEP_ALIVES), long=True),
    Probe("master-killed", faults.master_killed, where=_plain_workers),
    # On a start of its own: Granian takes a second crash within 5.5 s for a loop and gives up.
    Probe("exit-in-view", faults.exit_in_view, alone=True, where=_plain),
    Probe(
        "exit-code-3",
        faults.exit_code_3,
        before=faults.with_exit_code_3,
        alone=True,
        where=lambda setup: setup.name == "gunicorn-gthread",  # its own convention
    ),
    Probe("crash-again", faults.crash_again, alone=True, where=_plain_workers),
    Probe("worker-killed-no-respawn", faults.worker_killed, changes=("no-respawn",), alone=True, where=_plain_workers),
    Probe("default-threads", together.default_threads, changes=("default-threads",), where=_plain),
    Probe(
        "upstream-gone",
        frontier.upstream_gone,
        where=_one_of("gunicorn-gthread-behind-nginx-tcp", "gunicorn-gthread-unix-behind-nginx-unix"),
    ),
    Probe(
        "gateway-timeout",
        frontier.gateway_timeout,
        before=frontier.with_short_patience,
        where=_one_of("gunicorn-gthread-behind-nginx-tcp", "uvicorn-workers-behind-nginx-tcp"),
    ),
    Probe(
        "client-gone",
        frontier.client_gone,
        before=frontier.with_short_patience,
        where=_one_of("gunicorn-gthread-behind-nginx-tcp", "uvicorn-workers-behind-nginx-tcp"),
    ),
    Probe(
        "forwarded-proto-header-set",
        proxy.forwarded_proto,
        environment={"DJANGO_BEHIND_HTTPS_PROXY": "1"},
        often=lambda setup: _plain(setup) or _stands_for_all(setup),
    ),
    Probe(
        "forwarded-underscore", proxy.forwarded_underscore, environment={"DJANGO_BEHIND_HTTPS_PROXY": "1"}, where=_plain
    ),
    Probe("forwarded-proto-unix", proxy.forwarded_proto, changes=("unix-socket",), where=_plain),
    Probe("forwarded-proto-default-trust", proxy.forwarded_proto, changes=("default-trust",)),
    Probe("stream-buffered", serving.stream_buffered, before=serving.without_accel_header, where=_behind, often=_stands_for_all),
    Probe("memory-preload", resources.memory, changes=("preload",), where=_plain, long=True, systems=("linux",)),
    Probe("recycling", faults.recycling, changes=("recycle",), where=_plain),
    Probe("reload-new-code", deploys.reload_new_code, before=deploys.with_release, alone=True, where=_reloads),
    Probe(
        "reload-new-code-preload",
        deploys.reload_new_code,
        changes=("preload",),
        before=deploys.with_release,
        alone=True,
        where=_reloads,
    ),
    Probe(
        "reload-symlink", deploys.reload_symlink, before=deploys.with_symlink, alone=True, where=_reloads, long=True
    ),
    Probe(
        "reload-symlink-shell",
        deploys.reload_symlink,
        before=deploys.with_symlink_in_shell,
        alone=True,
        where=lambda setup: setup.name == "gunicorn-gthread",  # the only one that looks at PWD
        long=True,
    ),
    Probe("reload-slow-start", deploys.reload_slow_start, before=deploys.with_slow_start, alone=True, where=_reloads),
    Probe("reload-broken-settings", deploys.reload_broken_settings, alone=True, where=_reloads_by_signal),
    Probe(
        "start-broken-settings",
        deploys.start_broken_settings,
        changes=("quick-health-check?",),
        before=deploys.break_settings,
        starts=False,
        where=_plain,
    ),
    Probe("reload-long-request", deploys.reload_long_request, changes=("short-patience",), where=_reloads),
    Probe("reload-websocket", deploys.reload_websocket, changes=("short-patience?",), where=_reloads_asgi),
    Probe("stop-websocket", deploys.stop_websocket, changes=("short-patience?",), where=_plain_asgi),
    Probe("stop-endless-stream", deploys.stop_endless_stream, changes=("short-patience?",), where=_plain),
    Probe(
        "reload-endless-stream",
        deploys.reload_endless_stream,
        changes=("short-patience?",),
        alone=True,
        where=_reloads,
        long=True,
    ),
    Probe("stop-during-start", deploys.stop_during_start, before=deploys.with_slow_loading, starts=False, alone=True, where=_plain),
    Probe(
        "stop-during-start-uvloop",
        deploys.stop_during_start,
        changes=("uvloop",),
        before=deploys.with_slow_loading,
        starts=False,
        alone=True,
        where=_plain,
        long=True,
    ),
    Probe("request-hangs", faults.request_hangs, changes=("time-limit?",), where=_plain),
    # uWSGI has one clock for each process, whatever its number of threads.
    Probe("request-hangs-one-thread", faults.request_hangs, changes=("one-thread-time-limit",), where=_plain),
    Probe("request-hangs-blocking", faults.request_hangs_blocking, changes=("time-limit?",), where=_plain_asgi),
    Probe(
        "holds-gil",
        faults.holds_gil,
        changes=("time-limit",),
        where=lambda setup: setup.name == "gunicorn-gthread",  # 20 s of computing: once is enough
    ),
    Probe("blocked-loop", together.blocked_loop, changes=("one-worker?",), where=_plain_asgi),
    Probe("waiting-sync", together.simultaneous("/slow/?seconds=1", 4), changes=("one-worker?",), where=_plain),
    Probe("waiting-async", together.simultaneous("/async/slow/?seconds=1", 4), changes=("one-worker?",), where=_plain),
    Probe(
        "waiting-blocking", together.simultaneous("/async/blocking/?seconds=1", 4), changes=("one-worker?",), where=_plain
    ),
    Probe("computing", together.simultaneous("/compute/?seconds=0.5", 4), changes=("one-worker?",), where=_plain),
    Probe(
        "error-default-logging",
        messages.error_default_logging,
        environment={"DJANGO_DEFAULT_LOGGING": "1"},
        where=_plain,
        often=_stands_for_all,
    ),
    Probe("deprecated-worker", messages.deprecated_worker, changes=("deprecated-worker",), where=_plain),
    Probe("lifespan", messages.lifespan, changes=("lifespan-auto?",), where=_plain_asgi),
    Probe("lifespan-on", messages.lifespan_on, changes=("lifespan-on",), starts=False, where=_plain_asgi),
    Probe("wrong-interface", messages.wrong_interface, changes=("other-interface",), starts=False, where=_plain),
    Probe(
        "db-connections-age-0",
        database.connections("as-many-as-threads", WORKERS_TIMES_THREADS),
        environment={"DB_CONN_MAX_AGE": "0"},
        database=True,
        where=_plain,
        often=_stands_for_all,
    ),
    Probe("db-full", database.full, environment={"DB_CONN_MAX_AGE": "0"}, database=True, where=_plain, often=_stands_for_all),
    Probe(
        "db-connections-age-60",
        database.connections("as-many-as-threads", WORKERS_TIMES_THREADS),
        environment={"DB_CONN_MAX_AGE": "60"},
        database=True,
        where=_plain,
        often=_stands_for_all,
    ),
    Probe(
        "db-connections-idle-threads",
        database.after_pauses(WORKERS_TIMES_THREADS),
        changes=("short-idle",),
        environment={"DB_CONN_MAX_AGE": "600"},
        database=True,
        where=_plain,
        long=True,
    ),
    Probe(
        "db-connections-pool",
        database.connections("as-many-as-pool", 4, per_process=True),
        environment={"DB_POOL_SIZE": "4"},
        database=True,
        where=_plain,
        often=_stands_for_all,
    ),
    # Channels and Redis
    Probe("origin", channels.origin, where=_plain, only_named=True),
    Probe("group-redis-pubsub", channels.group, only_named=True),
    Probe("group-from-outside-redis-pubsub", channels.from_outside, where=_plain, only_named=True),
    Probe("connections-redis-pubsub", channels.connections, where=_plain, only_named=True, long=True),
    Probe("other-database-redis-pubsub", channels.other_site(channels.PUBSUB, "shop"), where=_plain, only_named=True),
    Probe("other-prefix-redis-pubsub", channels.other_site(channels.PUBSUB, "blog"), where=_plain, only_named=True),
    Probe("idle-redis-pubsub", channels.idle, where=_plain, only_named=True, long=True),
    Probe("burst-redis-pubsub", channels.burst, where=_plain, only_named=True, long=True),
    Probe("redis-restart-redis-pubsub", channels.redis_restart, where=_plain, only_named=True),
    Probe("group-none", channels.group, before=channels.without_layer, where=_plain, only_named=True),
    Probe("group-memory", channels.group, before=channels.in_memory, where=_plain, only_named=True),
    Probe("idle-redis-default", channels.idle, before=channels.core_default, where=_plain, only_named=True),
    Probe("group-redis", channels.group, before=channels.core, where=_plain, only_named=True),
    Probe("group-from-outside-redis", channels.from_outside, before=channels.core, where=_plain, only_named=True, long=True),
    Probe("connections-redis", channels.connections, before=channels.core, where=_plain, only_named=True, long=True),
    Probe("other-database-redis", channels.other_site(channels.CORE, "shop"), before=channels.core, where=_plain, only_named=True, long=True),
    Probe("idle-redis", channels.idle, before=channels.core, where=_plain, only_named=True, long=True),
    Probe("burst-redis", channels.burst, before=channels.core, where=_plain, only_named=True, long=True),
    Probe("redis-restart-redis", channels.redis_restart, before=channels.core, where=_plain, only_named=True, long=True),
    Probe("group-expiry-redis", channels.membership, before=channels.core_short_membership, where=_plain, only_named=True, long=True),
    Probe("login-in-scope", channels.login_in_scope, changes=("login",), before=channels.with_login, where=_plain, only_named=True),
    Probe("session-deleted", channels.after_logout("delete"), changes=("login",), before=channels.with_login, where=_plain, only_named=True),
    Probe("logged-out", channels.after_logout("logout"), changes=("login",), before=channels.with_login, where=_plain, only_named=True),
    Probe("websocket-no-upgrade", channels.no_upgrade, before=channels.without_upgrade, where=_behind, only_named=True),
    Probe("import-order", channels.import_order, before=channels.early_import, starts=False, where=_plain, only_named=True),
    Probe("request-id", logs.request_id, where=_plain, only_named=True),
    Probe("request-id-traceback", logs.request_id_traceback, where=_plain, only_named=True),
    Probe("log-lines", logs.log_lines, where=_plain, only_named=True),
    Probe("access-log", logs.access_log, only_named=True),
    Probe("log-forged", logs.log_forged, only_named=True),
    Probe("request-id-thread-local", logs.request_id, before=logs.with_thread_local, only_named=True),
    Probe(
        "access-log-disabled",
        logs.access_log,
        before=logs.with_existing_loggers_disabled,
        where=_plain,
        only_named=True,
    ),
    Probe("log-forged-format", logs.log_forged, before=logs.with_json_as_format, where=_plain, only_named=True),
    Probe("static-file", statics.static_file, before=statics.with_longer_style, only_named=True),
    Probe("media-file", statics.media_file, before=statics.with_longer_style, where=_behind, only_named=True),
    Probe(
        "static-new-release",
        statics.static_new_release,
        before=statics.with_longer_style,
        where=lambda setup: _behind(setup) or setup.recipe.name != "static-gunicorn",
        only_named=True,
    ),
    Probe("alias-slash", statics.alias_slash, before=statics.with_slash_forgotten, where=_behind, only_named=True),
    Probe("static-unknown-file", statics.static_unknown_file, before=statics.with_longer_style, where=_plain, only_named=True),
    Probe("static-no-manifest", statics.static_no_manifest, where=_plain, alone=True, only_named=True),
    Probe(
        "static-large-file",
        statics.static_large_file,
        before=statics.with_large_file,
        systems=("linux",),
        only_named=True,
    ),
    Probe(
        "statement-timeout",
        frontier.statement_timeout,
        before=frontier.with_short_statements,
        database=True,
        only_named=True,
    ),
    Probe("rate-limit", frontier.rate_limit, where=_behind_proxy("nginx-limits"), only_named=True),
    Probe("login-limit", frontier.login_limit, alone=True, where=_behind_proxy("nginx-limits"), only_named=True),
    Probe("at-once-limit", frontier.at_once_limit, alone=True, where=_behind_proxy("nginx-limits"), only_named=True),
    Probe(
        "keep-alive-race",
        frontier.keep_alive_race,
        before=frontier.with_long_line,
        alone=True,
        where=_behind_proxy("nginx-keepalive"),
        only_named=True,
    ),
    Probe(
        "keep-alive-race-default",
        frontier.keep_alive_race,
        changes=("default-keep-alive",),
        before=frontier.with_long_line,
        alone=True,
        where=_behind_proxy("nginx-keepalive"),
        only_named=True,
    ),
    Probe("db-count", connections.count, database=True, only_named=True),
    Probe("db-busy", connections.busy, database=True, only_named=True, long=True),
    Probe("db-role-limit", connections.role_limit, database=True, only_named=True),
    Probe("db-restart", connections.restart, database=True, only_named=True),
    Probe("db-reload", connections.reload, database=True, only_named=True, long=True),
    Probe(
        "db-restart-unchecked",
        connections.restart,
        before=connections.without_health_checks,
        database=True,
        alone=True,
        only_named=True,
    ),
    Probe("db-busy-no-pool", connections.busy, before=connections.without_pool, database=True, alone=True, only_named=True, long=True),
    Probe(
        "pool-with-max-age",
        connections.pool_with_max_age,
        before=connections.with_max_age,
        database=True,
        alone=True,
        only_named=True,
    ),
    # Celery and Redis
    Probe("task-result", tasks.result, before=tasks.measured, only_named=True),
    Probe("inspect-ping", tasks.ping, before=tasks.measured, only_named=True, long=True),
    Probe("task-process-lost", tasks.process_lost("lose_process", 1, "a task calls os._exit(1)"), before=tasks.measured, only_named=True),
    Probe("task-process-lost-late", tasks.process_lost("lose_process_acks_late", 2, "a task with acks_late calls os._exit(1)"), before=tasks.measured, only_named=True),
    Probe("task-process-lost-reject", tasks.process_lost("lose_process_twice", 3, "a task with acks_late and reject_on_worker_lost calls os._exit(1), twice"), before=tasks.measured, only_named=True),
    Probe("soft-time-limit", tasks.soft_limit, before=tasks.measured, only_named=True),
    Probe("hard-time-limit", tasks.hard_limit, before=tasks.measured, only_named=True),
    Probe("hard-below-soft", tasks.hard_below_soft, before=tasks.measured, only_named=True),
    Probe("task-retry", tasks.retry, before=tasks.measured, only_named=True),
    Probe("unknown-task", tasks.unknown_task, before=tasks.measured, only_named=True),
    Probe("unknown-argument", tasks.unknown_argument, before=tasks.measured, only_named=True),
    Probe("warm-shutdown", tasks.warm_shutdown, before=tasks.measured, only_named=True),
    Probe("sigterm-to-all", tasks.term_to_all, before=tasks.measured, only_named=True),
    Probe("delay-without-redis", tasks.redis_away("note_price.delay(1, 'away')"), before=tasks.measured, only_named=True),
    Probe("delay-without-redis-result", tasks.redis_away("add.delay(1, 2)"), before=tasks.measured, only_named=True, long=True),
    Probe("redis-restart-celery", tasks.redis_restart(False), before=tasks.measured, only_named=True, long=True),
    Probe("redis-restart-celery-empty", tasks.redis_restart(True), before=tasks.measured, only_named=True, long=True),
    Probe("celery-killed", tasks.worker_lost("wait", "early"), before=tasks.short_visibility, only_named=True, long=True),
    Probe("celery-killed-late", tasks.worker_lost("wait_acks_late", "late"), before=tasks.short_visibility, only_named=True, long=True),
    Probe("visibility-long-task", tasks.too_long, before=tasks.short_visibility, alone=True, only_named=True, long=True),
    Probe("visibility-countdown", tasks.too_late, before=tasks.short_visibility, alone=True, only_named=True, long=True),
    Probe("delay-in-transaction", tasks.in_transaction("delay", False), before=tasks.measured, database=True, only_named=True),
    Probe("delay-on-commit", tasks.in_transaction("delay_on_commit", False), before=tasks.measured, database=True, only_named=True),
    Probe("delay-rolled-back", tasks.in_transaction("delay", True), before=tasks.measured, database=True, only_named=True),
    Probe("delay-on-commit-rolled-back", tasks.in_transaction("delay_on_commit", True), before=tasks.measured, database=True, only_named=True),
    Probe("task-connections-age-0", tasks.connections, before=tasks.measured, environment={"DB_CONN_MAX_AGE": "0"}, database=True, only_named=True, long=True),
    Probe("task-connections-age-60", tasks.connections, before=tasks.measured, environment={"DB_CONN_MAX_AGE": "60"}, database=True, only_named=True, long=True),
    Probe("task-connections-pool", tasks.connections, before=tasks.measured, environment={"DB_POOL_SIZE": "4"}, database=True, only_named=True, long=True),
    Probe(
        "root-path-header",
        daphne.root_path_header,
        before=daphne.with_reversed_url,
        alone=True,
        where=lambda setup: setup.recipe.name == "daphne",  # the header is Daphne's
    ),
    Probe(
        "client-gone-cancelled",
        daphne.client_gone,
        changes=("short-close-timeout",),
        where=lambda setup: setup.name == "daphne",
        long=True,
    ),
]


def probes_for(setup, long=True):
    """The probes that make sense for a setup here, in the order in which they can share a start."""
    return [p for p in PROBES if p.applies(setup) and (long or not p.long) and sys.platform in p.systems]


def asked_often(setup):
    """Those of them that every run of the tests asks; scripts/record --check asks all."""
    return [p for p in probes_for(setup, long=False) if p.often(setup)]


def probe(behaviour):
    """The probe of that name. Raises LabError for an unknown one."""
    known = {probe.behaviour: probe for probe in PROBES}
    if behaviour not in known:
        raise LabError(f"There is no behaviour {behaviour!r}. Known behaviours: {', '.join(known)}.")
    return known[behaviour]
