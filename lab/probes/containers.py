"""
What happens to the images of snippets/containers/ when they run as process 1 of a container.

A question gets the lab.containers.Setup and a container that serves (lab.images.Container), except where Probe says that
it starts its own. PROBES says how the container is started; questions with the same start share it.
"""

import contextlib
import functools
import json
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lab import client, images, recipes, serve
from lab.errors import LabError
from lab.load import Load
from lab.probes.common import Result
from lab.probes.serving import EVERY_VIEW

GUNICORN, UVICORN = "containers-gunicorn", "containers-uvicorn"
BEHIND_NGINX = "containers-gunicorn-behind-containers-nginx"
POD = "10.244.1.7:8000"  # how a kubelet or a load balancer names what it asks
OTHER_CONTAINER = "127.0.0.3"  # an address that no server trusts by default
by_address, by_name = {"Host": POD}, {"Host": client.HOST}
HEALTHZ = "/healthz/"
DIRECT = client.Address(port=8000)
PATIENCE = 60  # seconds that a container gets to answer, or to end


# --- asking -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Peer(client.Address):
    """An address that is connected to from another one, as from another container."""

    peer: str = ""

    def connect(self, timeout):
        return socket.create_connection(("127.0.0.1", self.port), timeout, (self.peer, 0))


def status(path, headers=None, timeout=5.0, address=DIRECT):
    """Status code as text, e.g. "200"; the name of the error when there is no answer."""
    try:
        return str(client.get(address, path, headers, timeout).status)
    except (OSError, client.http.client.HTTPException) as error:
        return type(error).__name__


def answers(path=HEALTHZ, address=DIRECT):
    """True when the answer is 200."""
    return status(path, address=address) == "200"


def in_background(path, answered):
    """Starts a thread that asks once and appends what came to `answered`: Thread."""
    thread = threading.Thread(target=lambda: answered.append(status(path, timeout=30)))
    thread.start()
    return thread


def said(text):
    """What the server said: neither the lines of single requests nor frames of tracebacks."""
    lines = [line for line in text.splitlines() if not serve.REQUEST_LINE.search(line)]
    return "\n".join(line for line in lines if line.strip() and not line.startswith((" ", "Traceback", "The above exception")))


def last_line(text):
    """The last line of what the server said: of a traceback, the error itself."""
    return said(text).rpartition("\n")[2]


# --- changes in the files of a container ----------------------------------------------------------


def _rewrite(root, name, change):
    file = root / name.lstrip("/")
    text = file.read_text()
    changed = change(text)
    if changed == text:
        raise LabError(f"The change of {name} changes nothing.")
    file.write_text(changed)


def _settings(line):
    return lambda root: _rewrite(root, "/srv/django/config/settings.py", lambda text: f"{text}\n{line}\n")


with_redirect = _settings("SECURE_SSL_REDIRECT = True")


def with_health(root):
    """Adds the middleware of snippets/health/ to the project."""
    health = recipes.SNIPPETS / "health"
    (root / "srv/django/config/health.py").write_text((health / "health.py").read_text())
    _settings((health / "settings.py").read_text())(root)


def with_broken_views(root):
    """The same, and a view module that cannot be imported."""
    with_health(root)
    _rewrite(root, "/srv/django/shop/views.py", lambda text: f"import nothing_of_that_name\n{text}")


def without_worker_tmp_dir(root):
    """Leaves the setting of gunicorn.conf.py out."""
    _rewrite(root, "/srv/django/gunicorn.conf.py", lambda text: re.sub(r"(?m)^worker_tmp_dir.*\n", "", text))


def listening_on(address):
    """An edit: the server listens on one address only, as a container of its own would."""
    return lambda root: _rewrite(root, "/srv/django/gunicorn.conf.py", lambda text: text.replace("0.0.0.0:8000", f"{address}:8000"))


# --- process 1 ----------------------------------------------------------------------------------


def http_views(setup, container):
    """Every view once, in a container that is started as compose.yaml says."""
    failed = [f"{path}: {found}" for path in EVERY_VIEW if (found := status(path, timeout=30)) != "200"]
    user = container.execute(["id", "-u"]).stdout.strip()
    if user != "10001":
        failed.append(f"runs as user {user}")
    return Result("does-not-answer" if failed else "answers", [f"GET {path}" for path in EVERY_VIEW], output="\n".join(failed))


def stop_in_flight(seconds, patience):
    def ask(setup, container):
        """A stop while a sync and an async request are worked on."""
        mark, answered = container.mark(), []
        paths = [f"/slow/?seconds={seconds}", f"/async/slow/?seconds={seconds}"]
        threads = [in_background(path, answered) for path in paths]
        if not serve.wait_until(lambda: container.log(mark).count(f"waiting for {float(seconds)} s") == 2, 20):
            raise LabError(f"{setup.name}: the requests do not begin. {container.log(mark)}")
        took, killed = container.stop(patience)
        for thread in threads:
            thread.join()
        did = [*(f"GET {path}" for path in paths), f"SIGTERM to process 1 while both are worked on, SIGKILL {patience} s later"]
        return Result(
            "finished" if answered == ["200", "200"] and not killed else "lost", did, _exit(took, container), said(container.log(mark))
        )

    return ask


def _exit(seconds, container):
    return {"seconds_until_exit": round(seconds, 2), "exit_code": container.exit_code()}


def _does_it_stop(*did):
    def ask(setup, container):
        """A stop with Docker's default of 10 s, with nothing to do."""
        mark = container.mark()
        first = container.execute(["cat", "/proc/1/cmdline"]).stdout.split("\0")[0]
        took, killed = container.stop(10)
        figures = {"process_1": first.rpartition("/")[2], **_exit(took, container)}
        return Result("killed" if killed else "stops", [*did, "SIGTERM to process 1, SIGKILL 10 s later"], figures, said(container.log(mark)))

    return ask


def in_shell_form(setup):
    """The command as Docker runs it when CMD has no brackets."""
    return images.command(" ".join(setup.image.command))


SCRIPT = "#!/bin/sh\nset -e\npython manage.py check\n"


def _script(beginning):
    def edit(root):
        (root / "srv/django/entrypoint.sh").write_text(f"{SCRIPT}{beginning}gunicorn --config gunicorn.conf.py\n")

    return edit


def stop_idle_keep_alive(setup, container):
    """A stop while a load balancer keeps an idle connection."""
    mark = container.mark()
    connection = client.Connection(DIRECT)
    client.get(DIRECT, HEALTHZ, connection=connection)
    took, killed = container.stop(PATIENCE)
    connection.close()
    return Result(
        "soon" if took < 5 and not killed else "waits",
        ["GET /healthz/ on a connection that stays open", "SIGTERM to process 1"],
        _exit(took, container),
        said(container.log(mark)),
    )


def zombies(setup, container):
    """Lets processes die whose parent is gone: process 1 inherits them."""
    for _ in range(5):
        container.execute(["sh", "-c", "sleep 0.1 &"])
    if not serve.wait_until(lambda: not container.execute(["pgrep", "-x", "-r", "S,R,D", "sleep"]).stdout.strip(), 10, 0.2):
        raise LabError(f"{setup.name}: the processes do not end.")
    # Those that are reaped at all are reaped at once; one more look for what is slow about it.
    serve.wait_until(lambda: not container.zombies(), 1, 0.1)
    listing = container.execute(["ps", "-eo", "stat,pid,ppid,comm"]).stdout
    left = len(container.zombies())
    return Result(
        "left" if left else "reaped",
        ["five times in the container: sh -c 'sleep 0.1 &'", "ps -eo stat,pid,ppid,comm a second later"],
        {"zombies": left},
        "\n".join(line for line in listing.splitlines() if not line.endswith(" ps")),
    )


def process_killed(setup, container):
    """kill -9 of a process that serves: a worker where there are some, else process 1."""
    mark, before = container.mark(), container.workers()
    os.kill(min(before or {container.pid}), signal.SIGKILL)
    killed = time.monotonic()
    serve.wait_until(lambda: not container.alive() or container.workers() - before, 20)
    did = ["kill -9 of " + ("a worker" if before else "process 1, which is the only one")]
    if not container.alive():
        return Result("container-ends", did, {"exit_code": container.exit_code()}, said(container.log(mark)))
    if not (container.workers() - before and serve.wait_until(answers, 20)):
        raise LabError(f"{setup.name}: no new worker. {container.log(mark)}")
    return Result("replaced", did, {"seconds_until_new_worker": round(time.monotonic() - killed, 2)}, said(container.log(mark)))


# --- the file system and the environment --------------------------------------------------------


def read_only(setup, container):
    """The root cannot be written to; /tmp and /dev/shm can."""
    if not container.execute(["touch", "/srv/django/x"]).returncode:
        raise LabError(f"{setup.name}: the root can be written to.")
    serving = answers()
    return Result("serves" if serving else "does-not-start", ["root read-only, /tmp and /dev/shm in memory", "GET /healthz/"])


def _without_tmp(*did):
    def ask(setup, container):
        """As read_only, with nothing to write to but /dev/shm."""
        serve.wait_until(lambda: not container.alive() or answers(), 20, 0.1)
        serving = container.alive() and answers()
        return Result(
            "serves" if serving else "does-not-start",
            ["root read-only, /dev/shm in memory, nothing else to write to", *did],
            {} if serving else {"exit_code": container.exit_code()},
            "" if serving else last_line(container.log()),
        )

    return ask


def quoted_environment(setup, container):
    """A value whose quotes are a part of it."""
    serve.wait_until(lambda: status(HEALTHZ).isdigit(), PATIENCE, 0.1)
    mark = container.mark()
    found = status(HEALTHZ)
    return Result(
        f"http-{found}",
        ["DJANGO_ALLOWED_HOSTS='example.com', the quotes part of the value", "GET /healthz/ with Host: example.com"],
        output=said(container.log(mark)).partition("\n")[0],
    )


SERVICE_LINK = "tcp://10.96.0.12:5432"


def service_links(setup, container):
    """What Kubernetes puts into the environment for a Service called db."""
    mark = container.mark()
    found = status("/products/")
    return Result(f"http-{found}", [f"DB_PORT={SERVICE_LINK}", "GET /products/"], output=last_line(container.log(mark)))


SLOW_MIGRATION = """
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    # A second of work, as on a larger table
    operations = [migrations.RunSQL("SELECT pg_sleep(1); ALTER TABLE shop_product ADD COLUMN note text")]
"""


def migrate_at_once(setup, _):
    """Two containers that migrate the same database when they start."""

    def edit(root):
        (root / "srv/django/shop/migrations/0002_note.py").write_text(SLOW_MIGRATION)

    arguments, environment = ["migrate", "--no-input"], {"DB_NAME": "twice"}
    setup.database.sql("DROP DATABASE IF EXISTS twice")
    setup.database.sql("CREATE DATABASE twice OWNER shop")
    setup.manage(*arguments, environment=environment)
    with contextlib.ExitStack() as stack:
        argv = ["python", "manage.py", *arguments]
        both = [stack.enter_context(setup.start(argv, environment, edit=edit)) for _ in range(2)]
        if not serve.wait_until(lambda: not any(one.alive() for one in both), PATIENCE):
            raise LabError("migrate does not end.")
        failed = [one for one in both if one.exit_code()]
        return Result(
            "one-fails" if failed else "both-succeed",
            ["a migration that takes a second and adds a column", "python manage.py migrate --no-input in two containers at the same time"],
            {"exit_code": failed[0].exit_code()} if failed else {},
            last_line(failed[0].log()) if failed else "",
        )


# --- health checks ------------------------------------------------------------------------------


def health_command(setup, container):
    """The HEALTHCHECK of the image while it serves, and while what serves is stopped."""
    begin = time.monotonic()
    serving = container.execute(setup.image.health)
    seconds = time.monotonic() - begin
    stopped = container.workers() or {container.pid}
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    hanging = container.execute(setup.image.health)
    for pid in stopped:
        os.kill(pid, signal.SIGCONT)
    return Result(
        "told-apart" if not serving.returncode and hanging.returncode else "not-told-apart",
        [f"HEALTHCHECK CMD {json.dumps(setup.image.health)}", "once while it serves, once while what serves is stopped (SIGSTOP)"],
        {"exit_code_serving": serving.returncode, "seconds": round(seconds, 2), "exit_code_hanging": hanging.returncode},
        hanging.stdout.strip(),
    )


def _health(path, headers):
    def ask(setup, container):
        """One request as a load balancer or a kubelet sends it."""
        serve.wait_until(lambda: status(path, {"Host": client.HOST}).isdigit(), PATIENCE, 0.1)
        mark = container.mark()
        found = status(path, headers)
        did = [f"GET {path}", *(f"{name}: {value}" for name, value in headers.items())]
        return Result(f"http-{found}" if found.isdigit() else "no-answer", did, {}, said(container.log(mark)).partition("\n")[0])

    return ask


def _busy(path, count, begun):
    def ask(setup, container):
        """A health check with a second of patience while `count` requests are there and `begun` of them have begun."""
        mark, answered = container.mark(), []
        threads = [in_background(path, answered) for _ in range(count)]
        if not serve.wait_until(lambda: len(re.findall(r"(?:waiting|blocking) for", container.log(mark))) >= begun, 20):
            raise LabError(f"{setup.name}: the requests do not begin. {container.log(mark)}")
        begin = time.monotonic()
        found = status(HEALTHZ, timeout=1)
        seconds = time.monotonic() - begin
        for thread in threads:
            thread.join()
        did = [f"{count} requests at the same time: GET {path}", "meanwhile GET /healthz/, for at most 1 s"]
        return Result("answers" if found == "200" else "no-answer", did, {"seconds": round(seconds, 2)})

    return ask


def health_database_down(setup, container):
    """Both checks of the middleware when nobody listens where the database should be."""
    mark = container.mark()
    live, ready = (status(path, {"Host": POD}) for path in ("/livez/", "/readyz/"))
    return Result(
        "told-apart" if (live, ready) == ("200", "503") else "not-told-apart",
        ["nobody listens on the port of the database", "GET /livez/, GET /readyz/"],
        {"livez": live, "readyz": ready},
        said(container.log(mark)).partition("\n")[0],
    )


def health_broken_views(setup, container):
    """The middleware, and a view, when the view module cannot be imported."""
    serve.wait_until(lambda: status("/livez/").isdigit(), PATIENCE, 0.1)
    mark = container.mark()
    live, view = (status(path, by_name) for path in ("/livez/", HEALTHZ))
    return Result(
        "only-view-fails" if (live, view) == ("200", "500") else "both-fail" if live != "200" else "none-fails",
        ["a view module that imports what is not there", "GET /livez/, GET /healthz/"],
        {"livez": live, "healthz": view},
        last_line(container.log(mark)),
    )


# --- taken out of service -----------------------------------------------------------------------

ROUTED = 2  # seconds for which requests still come after a pod was told to stop


def _stop_while_routed(sleep):
    def ask(setup, container):
        """New connections keep coming for a while, as long as the load balancer has not heard of the stop."""
        with Load(DIRECT, "/slow/?seconds=0.05", new=3, pause=0.05, timeout=5) as load:
            if not serve.wait_until(lambda: load.requests() >= 20, 20):
                raise LabError(f"{setup.name}: the load came to a halt. {container.log()}")
            begin = time.monotonic()
            term = threading.Timer(sleep, container.kill, ["TERM"])
            term.start()
            serve.wait_until(lambda: time.monotonic() - begin > ROUTED, ROUTED + 1)
        term.join()
        serve.wait_until(lambda: not container.alive(), PATIENCE)
        did = [
            "three clients on new connections: GET /slow/?seconds=0.05",
            f"SIGTERM to process 1{f', {sleep} s later' if sleep else ''}",
            f"the clients stop {ROUTED} s after the beginning",
        ]
        return Result(
            "some-lost" if load.new.failed else "none-lost",
            did,
            {"requests_new_connections": load.new.requests, "failed_new_connections": load.new.failed},
            "\n".join(f"client: {count} times {reason}" for reason, count in load.new.reasons.items()),
        )

    return ask


# --- another container in front -----------------------------------------------------------------


def other_container(setup, container):
    """What Django makes of X-Forwarded-Proto: https from a peer that is not 127.0.0.1."""
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    found = client.get(Peer(port=8000, peer=OTHER_CONTAINER), "/request/", headers).json()
    did = ["GET /request/ from another address", *(f"{name}: {value}" for name, value in headers.items())]
    return Result("https" if found["is_secure"] else "http", did, {"remote_addr": found["remote_addr"] or ""})


def _trusting(value):
    return lambda setup: [*setup.image.command, "--forwarded-allow-ips", value]


class NameServer:
    """A name server where Docker has its own, on 127.0.0.11. It knows the name `web`, whose address may change."""

    def __init__(self, address):
        self.address = address
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.11", 53))
        self._socket.settimeout(0.1)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def end(self):
        """Frees the address."""
        self._ended.set()
        self._thread.join()
        self._socket.close()

    def _serve(self):
        while not self._ended.is_set():
            with contextlib.suppress(TimeoutError):
                query, peer = self._socket.recvfrom(512)
                self._socket.sendto(self._answer(query), peer)

    def _answer(self, query):
        question = query[12 : query.index(b"\0", 12) + 5]
        kind = question[-4:-2]
        if not question.startswith(b"\3web\0") or not self.address:
            return query[:2] + b"\x81\x83\0\1\0\0\0\0\0\0" + question  # no such name
        if kind != b"\0\1":
            return query[:2] + b"\x81\x80\0\1\0\0\0\0\0\0" + question  # no address of that kind
        # A time to live of ten minutes, as Docker's
        answer = b"\xc0\x0c\0\1\0\1" + (600).to_bytes(4, "big") + b"\0\4" + socket.inet_aton(self.address)
        return query[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + question + answer


def as_upstream(root):
    """Names the service in an upstream block, as in front of a server on the same host."""

    def change(text):
        text = re.sub(r"\n(?: *#.*\n)? +resolver .*\n +set \$django .*\n", "\n", text).replace("proxy_pass $django;", "proxy_pass http://django;")
        return "upstream django {\n    server web:8000;\n}\n\n" + text

    _rewrite(root, "/etc/nginx/conf.d/default.conf", change)


@contextlib.contextmanager
def nginx(setup, address, edit=None, wait=True):
    """Context manager: (container with nginx, name server, address for HTTPS). `address`: of the name web, "" for none."""

    def lay(root):
        certificates = root / "etc/ssl/example.com"
        certificates.mkdir(parents=True)
        for file in setup.certificates.iterdir():
            (certificates / file.name).write_bytes(file.read_bytes())
        if edit:
            edit(root)

    https = client.Address(port=443, certificate=setup.certificates / "fullchain.pem")
    names = NameServer(address)
    try:
        # nginx asks `resolver` for names in variables, and the system's name server for all others.
        with images.container(setup.proxy, setup.folder, edit=lay, name_server="127.0.0.11") as started:
            up = lambda: not started.alive() or answers("/static/shop/shop.css", https)  # noqa: E731
            if not serve.wait_until(up, 30, 0.1) or (wait and not started.alive()):
                raise LabError(f"{setup.name}: nginx does not answer. {started.log()}")
            yield started, names, https
    finally:
        names.end()


def nginx_views(setup, container):
    """HTTPS through the nginx of the image: views, static files of the same build, the redirect."""
    with nginx(setup, "127.0.0.1") as (_, _, https):
        paths = [*EVERY_VIEW, "/products/?a=1&b=%20c", "/static/shop/shop.css"]
        failed = [f"{path}: {found}" for path in paths if (found := status(path, timeout=30, address=https)) != "200"]
        seen = client.get(https, "/request/").json()
        if not seen["is_secure"] or seen["host"] != client.HOST:
            failed.append(f"/request/ says {seen}")
        if client.get(client.Address(port=80), "/").headers.get("location") != f"https://{client.HOST}/":
            failed.append("plain HTTP is not redirected")
    did = [*(f"GET {path}" for path in paths), "GET / over plain HTTP"]
    return Result("does-not-answer" if failed else "answers", did, output="\n".join(failed))


def _message(log, level):
    """The first line of nginx's log with a level, without date and process."""
    found = re.search(rf"\[{level}\] \d+#\d+: (?:\*\d+ )?(.*)", log)
    return f"[{level}] {found[1]}" if found else ""


def _new_address(edit):
    def ask(setup, _):
        """The container web is replaced by one that has another address."""
        before, after = "127.0.0.4", "127.0.0.5"
        with nginx(setup, before, edit) as (proxy, names, https):
            with setup.start(edit=listening_on(before)):
                if not serve.wait_until(lambda: answers(address=https), PATIENCE, 0.1):
                    raise LabError(f"{setup.name}: nginx does not reach web. {proxy.log()}")
            names.address = after
            with setup.start(edit=listening_on(after)):
                mark = proxy.mark()
                if not serve.wait_until(lambda: _listens(after), PATIENCE, 0.1):
                    raise LabError(f"{setup.name}: web does not start.")
                begin = time.monotonic()
                served = serve.wait_until(lambda: answers(address=https), 20, 0.2)
                seconds = time.monotonic() - begin
                found = "" if served else status(HEALTHZ, address=https)
        return Result(
            "followed" if served else f"http-{found}",
            ["web answers through nginx", "web is replaced by a container with another address", "GET /healthz/ through nginx, for up to 20 s"],
            {"seconds": round(seconds, 1)} if served else {},
            _message(proxy.log(mark), "error"),
        )

    return ask


def _listens(address):
    with contextlib.suppress(OSError), socket.create_connection((address, 8000), 1):
        return True


def _unknown_name(edit):
    def ask(setup, _):
        """nginx starts when there is no container web."""
        with nginx(setup, "", edit, wait=False) as (proxy, _, _):
            return Result("serves" if proxy.alive() else "does-not-start", ["nobody knows the name web", "start nginx"],
                          output=_message(proxy.log(), "emerg"))  # fmt: skip

    return ask


def with_health_server(root):
    """Adds snippets/health/nginx-health.conf."""
    (root / "etc/nginx/conf.d/health.conf").write_text((recipes.SNIPPETS / "health" / "nginx-health.conf").read_text())


def health_nginx(setup, _):
    """The check that nginx answers itself, while there is no Django behind it."""
    with nginx(setup, "127.0.0.4", with_health_server) as (_, _, https):
        found = status("/nginx-health", {"Host": "10.244.1.7:8080"}, address=client.Address(port=8080))
        behind = status("/", address=https)
    did = ["no container web", "GET /nginx-health on port 8080 with Host: 10.244.1.7:8080", "GET / over HTTPS"]
    return Result(f"http-{found}", did, {"django": behind})


# --- the questions ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Probe:
    """A behaviour, the function that finds it out, and how the container is started for it."""

    behaviour: str
    ask: Callable
    where: tuple = (GUNICORN, UVICORN)
    argv: Callable | None = None  # setup -> the command instead of the image's
    environment: dict = field(default_factory=dict)
    edit: Callable | None = None  # changes files before the start
    read_only: bool = True  # with /tmp in memory, as compose.yaml has it
    tmp: bool = True
    init: bool = False
    starts: bool = True  # False: not expected to serve
    alone: bool = False  # True: it starts containers of its own
    long: bool = False  # True: the tests leave it to scripts/record --check

    def start(self):
        """What two questions need to have in common to share a container."""
        return self.argv, self.environment, self.edit, self.read_only, self.tmp, self.init, self.starts, self.alone and self.behaviour


no_proxy_header = {"DJANGO_BEHIND_HTTPS_PROXY": ""}
only_gunicorn = functools.partial(Probe, where=(GUNICORN,))
only_uvicorn = functools.partial(Probe, where=(UVICORN,))
only_nginx = functools.partial(Probe, where=(BEHIND_NGINX,))

# In this order on one start: those that only ask first, the one that stops it last.
PROBES = [
    Probe("http", http_views),
    Probe("read-only", read_only),
    Probe("other-container-header-set", other_container),
    Probe("health-command", health_command),
    Probe("health-by-address", _health(HEALTHZ, by_address)),
    Probe("health-with-host", _health(HEALTHZ, by_name)),
    only_gunicorn("health-busy", _busy("/slow/?seconds=3", 16, begun=8)),
    only_uvicorn("health-busy", _busy("/slow/?seconds=3", 16, begun=16)),
    only_uvicorn("health-blocked", _busy("/async/blocking/?seconds=3", 2, begun=1), long=True),
    Probe("zombies", zombies),
    only_gunicorn("process-killed", process_killed),
    Probe("stop-exec-form", stop_in_flight(2, 40)),
    only_uvicorn("process-killed", process_killed, long=True),
    Probe("zombies-init", zombies, init=True, long=True),
    only_gunicorn(
        "stop-shell-form", _does_it_stop("CMD gunicorn --config gunicorn.conf.py, without brackets"), argv=in_shell_form
    ),
    only_gunicorn(
        "stop-script", _does_it_stop("entrypoint.sh whose last line is gunicorn --config gunicorn.conf.py"),
        argv=lambda setup: ["sh", "entrypoint.sh"], edit=_script(""), long=True,
    ),
    only_gunicorn(
        "stop-script-exec", _does_it_stop("entrypoint.sh whose last line is exec gunicorn --config gunicorn.conf.py"),
        argv=lambda setup: ["sh", "entrypoint.sh"], edit=_script("exec "), long=True,
    ),
    Probe("stop-grace-too-short", stop_in_flight(4, 1), long=True),
    Probe("stop-idle-keep-alive", stop_idle_keep_alive, long=True),
    Probe("stop-while-routed", _stop_while_routed(0), long=True),
    Probe("stop-after-sleep", _stop_while_routed(3), long=True),
    only_gunicorn("read-only-no-tmp", _without_tmp(), tmp=False, starts=False, long=True),
    only_gunicorn(
        "read-only-default-tmp", _without_tmp("worker_tmp_dir deleted from gunicorn.conf.py"),
        tmp=False, starts=False, edit=without_worker_tmp_dir, long=True,
    ),
    only_gunicorn(
        "quoted-environment", quoted_environment, environment={"DJANGO_ALLOWED_HOSTS": "'example.com'"}, starts=False, long=True
    ),
    only_gunicorn("service-links", service_links, environment={"DB_PORT": SERVICE_LINK}, long=True),
    only_gunicorn("migrate-at-once", migrate_at_once, alone=True, long=True),
    Probe("health-middleware", _health("/livez/", by_address), edit=with_health, environment={"DB_PORT": "1"}),
    Probe("health-database-down", health_database_down, edit=with_health, environment={"DB_PORT": "1"}),
    only_gunicorn("health-broken-views", health_broken_views, edit=with_broken_views, starts=False, long=True),
    only_gunicorn("health-redirected", _health(HEALTHZ, by_name), edit=with_redirect, starts=False, long=True),
    only_gunicorn(
        "health-not-redirected", _health(HEALTHZ, {**by_name, "X-Forwarded-Proto": "https"}),
        edit=with_redirect, starts=False, long=True,
    ),
    Probe("other-container", other_container, environment=no_proxy_header, long=True),
    only_uvicorn("other-container-quoted-star", other_container, argv=_trusting("'*'"), environment=no_proxy_header, long=True),
    only_uvicorn("other-container-star", other_container, argv=_trusting("*"), environment=no_proxy_header, long=True),
    only_nginx("http", nginx_views),
    only_nginx("new-address", _new_address(None), alone=True, long=True),
    only_nginx("new-address-upstream", _new_address(as_upstream), alone=True, long=True),
    only_nginx("unknown-name", _unknown_name(None), alone=True, long=True),
    only_nginx("unknown-name-upstream", _unknown_name(as_upstream), alone=True, long=True),
    only_nginx("health-nginx", health_nginx, alone=True, long=True),
]
SETUPS = (GUNICORN, UVICORN, BEHIND_NGINX)


def probes_for(setup_name, behaviours=(), long=True):
    """The questions to ask of a setup: of those named if any are, without the long ones if not wanted."""
    found = [probe for probe in PROBES if setup_name in probe.where and (long or not probe.long)]
    return [probe for probe in found if not behaviours or probe.behaviour in behaviours]
