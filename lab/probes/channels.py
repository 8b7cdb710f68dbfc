"""Channels in two processes: who hears a message to a group, and what happens when Redis goes, fills up or is shared."""

import contextlib
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor

from websockets.exceptions import ConnectionClosed, InvalidStatus

from lab import client
from lab.errors import LabError
from lab.output import lines_with
from lab.probes.common import Result, without_frames
from lab.serve import Running, wait_until

ROOM = "/ws/chat/lobby/"
ORIGIN = f"https://{client.HOST}"
EACH = 3  # sockets that each of the two processes has to hold
CORE = "channels_redis.core.RedisChannelLayer"
PUBSUB = "channels_redis.pubsub.RedisPubSubChannelLayer"


def _set_layers(server, text):
    """Puts other CHANNEL_LAYERS at the end of the copied project's settings."""
    with open(server.project / "config" / "settings.py", "a") as settings:
        settings.write(f"\n{text}\n")


def without_layer(server: Running):
    """Takes the channel layer away."""
    _set_layers(server, "CHANNEL_LAYERS = {}")


def in_memory(server: Running):
    """Takes the channel layer that lies in the memory of each process."""
    _set_layers(server, 'CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}')


def core(server: Running):
    """Takes the core layer with the settings that the recipe ships."""
    _set_layers(server, server.script("settings_core.py"))


def core_default(server: Running):
    """Takes the core layer as the documentation of Channels sets it up: with nothing but the host."""
    hosts = '[os.environ["CHANNEL_LAYER_URL"]]'
    _set_layers(server, f'CHANNEL_LAYERS = {{"default": {{"BACKEND": "{CORE}", "CONFIG": {{"hosts": {hosts}}}}}}}')


def core_short_membership(server: Running):
    """Takes the core layer with a membership of 3 s instead of a day."""
    text = server.script("settings_core.py")
    if "86400" not in text:
        raise LabError("settings_core.py no longer has group_expiry of 86400: mend lab/probes/channels.py.")
    _set_layers(server, text.replace("86400", "3"))


def connect(server, path=ROOM, origin=ORIGIN, headers=None):
    """A WebSocket to the server, or to the proxy in front of it: a context manager. Raises InvalidStatus."""
    return client.websocket(
        server.address,
        path,
        origin=origin,
        additional_headers=headers,
        open_timeout=30,
        close_timeout=1,
        max_queue=None,  # everything is taken from the network at once, read or not
    )


def status_of(server, path=ROOM, origin=ORIGIN, headers=None):
    """Status code with which the server answers the opening of a WebSocket: 101 when it opens."""
    try:
        with connect(server, path, origin, headers):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def hear(socket, seconds):
    """The next message as a dict, None when none comes in `seconds`. Raises ConnectionClosed."""
    try:
        return json.loads(socket.recv(timeout=seconds))
    except TimeoutError:
        return None


def heard(socket, text, seconds=5):
    """True when a message with that text arrives within `seconds`; others are thrown away."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        with contextlib.suppress(ConnectionClosed):
            if (message := hear(socket, left)) and message["text"] == text:
                return True
            continue
        return False
    return False


def drain(sockets, quiet=3.0):
    """How many messages arrive on the sockets until `quiet` seconds pass without any."""
    count, last = 0, time.monotonic()
    while time.monotonic() - last < quiet:
        for socket in sockets:
            while hear(socket, 0):
                count, last = count + 1, time.monotonic()
        time.sleep(0.05)
    return count


class Crowd:
    """Context manager: open WebSockets in one room, at least EACH on every one of two processes."""

    def __init__(self, server):
        self.server = server
        self.sockets = {}  # process id -> its sockets
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        try:
            # Connections that come one by one may all be taken by one process, so they come in bursts.
            for _ in range(20):
                with ThreadPoolExecutor(6) as pool:
                    fresh = list(pool.map(lambda _: connect(self.server), range(6)))
                for socket in fresh:
                    self._stack.enter_context(socket)
                    self.sockets.setdefault(self._process_of(socket), []).append(socket)
                if len(self.sockets) == 2 and min(map(len, self.sockets.values())) >= EACH:
                    break
            else:
                raise LabError(f"{self.server.setup.name}: not every process took {EACH} WebSockets.")
            self.forget()
            return self
        except BaseException:
            self._stack.close()
            raise

    def __exit__(self, *_):
        with contextlib.suppress(ConnectionClosed, OSError):
            self._stack.close()

    def _process_of(self, socket):
        text = f"who serves {id(socket)}?"
        socket.send(text)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            if (message := hear(socket, 1)) and message["text"] == text:
                return message["process"]
        raise LabError(f"{self.server.setup.name}: a message to the room does not come back. {self.server.tail()}")

    def forget(self):
        """Throws away what has arrived and was not read."""
        drain(self.all(), quiet=0.5)

    def all(self):
        """Every socket."""
        return [socket for sockets in self.sockets.values() for socket in sockets]

    def closed(self):
        """How many of the sockets are no longer open."""
        return sum(socket.state.name != "OPEN" for socket in self.all())

    def deliveries(self):
        """One socket of each process says something: {(speaker's process, listener's process): sockets that heard it}."""
        for process, sockets in self.sockets.items():
            sockets[0].send(f"from {process}")
        found = {}
        end = time.monotonic() + 3
        for process, sockets in self.sockets.items():
            for socket in sockets:
                for _ in self.sockets:
                    if message := hear(socket, max(0.05, end - time.monotonic())):
                        way = (message["process"], process)
                        found[way] = found.get(way, 0) + 1
        return found


def _once(text):
    """The lines of a text without those that come again."""
    return "\n".join(dict.fromkeys(text.splitlines()))


def group(server: Running) -> Result:
    """One client of each process sends a message to the room that all are in."""
    did = [f"WebSockets {ROOM}, until each of the two processes holds {EACH}", "one client of each process sends a message"]
    mark = server.mark()
    try:
        with Crowd(server) as crowd:
            found = crowd.deliveries()
            sockets = len(crowd.all())
    except InvalidStatus as refused:
        server.wait_for_log("Error", mark)
        return Result(f"http-{refused.response.status_code}", [f"WebSocket {ROOM}"], {}, _once(without_frames(server.log(mark))))
    across = sum(count for (speaker, listener), count in found.items() if speaker != listener)
    within = sum(found.values()) - across
    if across + within == 2 * sockets:
        outcome = "reaches-all"
    elif within == sockets and not across:
        outcome = "own-process-only"
    else:
        outcome = "some-lost"
    return Result(outcome, did, {"sockets": sockets, "expected": 2 * sockets, "delivered": across + within})


def idle(server: Running) -> Result:
    """Leaves open WebSockets alone for 17 s."""
    seconds = 17
    mark = server.mark()
    with Crowd(server) as crowd:
        start = time.monotonic()
        first = wait_until(lambda: crowd.closed() and time.monotonic() - start, seconds, 0.1)
        wait_until(lambda: time.monotonic() - start > seconds, seconds, 0.1)
        closed, sockets = crowd.closed(), len(crowd.all())
    figures = {"sockets": sockets, "closed": closed}
    if first:
        figures["seconds_until_first"] = round(first, 2)
    return Result(
        "closed" if closed else "stays-open",
        [f"WebSockets {ROOM}, until each of the two processes holds {EACH}", f"say nothing for {seconds} s"],
        figures,
        _once("\n".join(re.findall(r"^redis\.exceptions\..*", server.log(mark), re.M))),
    )


def redis_restart(server: Running) -> Result:
    """Stops Redis while WebSockets are open, and starts it again."""
    mark = server.mark()
    with Crowd(server) as crowd:
        speaker, *others = crowd.all()
        sockets = len(crowd.all())
        with server.redis.away(2, forgets=True):
            with contextlib.suppress(ConnectionClosed):
                speaker.send("is anybody there?")
            if not wait_until(lambda: speaker.state.name != "OPEN", 10):
                raise LabError(f"{server.setup.name}: the WebSocket that spoke without Redis is still open.")
            meanwhile = status_of(server)
        back = time.monotonic()
        # New clients, until one gets through: the first ones meet connections to Redis that are gone.
        refused = 0
        delivered = None
        while delivered is None and time.monotonic() - back < 30:
            text = f"back {refused}"
            try:
                with connect(server) as newcomer:
                    newcomer.send(text)
                    if heard(newcomer, text, 3):
                        delivered = time.monotonic() - back
                    else:
                        refused += 1
            except (InvalidStatus, ConnectionClosed):
                refused += 1
        if delivered is None:
            raise LabError(f"{server.setup.name}: 30 s after the start of Redis nobody hears anything. {server.tail()}")
        # Each process subscribes again at its own time, so the old ones are given more than one message to hear.
        deaf = [socket for socket in others if socket.state.name == "OPEN"]
        for number in range(15):
            if deaf:
                # From a new client each: the other process may not have noticed that Redis is back.
                with contextlib.suppress(InvalidStatus, ConnectionClosed), connect(server) as newcomer:
                    newcomer.send(f"do you hear me? {number}")
                deaf = [socket for socket in deaf if not heard(socket, f"do you hear me? {number}", 1)]
        closed = crowd.closed()
        hearing = len(others) - len(deaf)
    if closed == sockets:
        outcome = "all-closed"
    elif closed == 1 and hearing == len(others):
        outcome = "idle-recover"
    else:
        outcome = "some-silent"
    return Result(
        outcome,
        [
            f"WebSockets {ROOM}, until each of the two processes holds {EACH}",
            "stop Redis for 2 s; it starts again with empty memory",
            f"while it is away one client sends a message, and another one connects: answered {meanwhile}",
            "then new clients connect and send a message, until one gets it back",
            "then 15 messages, one per second at most, until every WebSocket that is still open has heard one",
        ],
        {"sockets": sockets, "closed": closed, "refused": refused, "seconds_until_delivered": round(delivered, 2)},
        _once("\n".join(re.findall(r"^redis\.exceptions\..*", server.log(mark), re.M))),
    )


# A program of its own that speaks to the room: {send} sends, then it says so and stays until it is told to go.
SPEAKER = """
import asyncio, os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
sys.stderr = open(os.environ["HOME"] + "/speaker.log", "w")
django.setup()
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
layer = get_channel_layer()
def message(number):
    return {{"type": "chat.message", "text": f"outside {{number}}", "process": os.getpid()}}
{send}
print("sent", flush=True)
input()
"""


@contextlib.contextmanager
def spoken(server, send):
    """Context manager: runs SPEAKER; the block begins when everything is sent, the program lives until its end."""
    with server.helper(SPEAKER.format(send=send)) as helper:
        if helper.stdout.readline() != "sent\n":
            raise LabError(f"{server.setup.name}: the program could not send.")
        yield
        helper.stdin.write("\n")
        helper.stdin.flush()


def burst(server: Running) -> Result:
    """Another program sends 1000 messages to the room as fast as it can."""
    messages = 1000
    send = f"""
async def send():
    for number in range({messages}):
        await layer.group_send("chat.lobby", message(number))
asyncio.run(send())
"""
    with Crowd(server) as crowd:
        with spoken(server, send):
            pass
        total = drain(crowd.all())
        sockets = len(crowd.all())
    return Result(
        "all-delivered" if total == messages * sockets else "some-dropped",
        [f"WebSockets {ROOM}, until each of the two processes holds {EACH}", f"another program sends {messages} messages to the room, one after the other without a pause"],
        {"sockets": sockets, "expected": messages * sockets, "delivered": total},
        "\n".join(lines_with((server.folder / "speaker.log").read_text(), "over capacity").splitlines()[:3]),
    )


def connections(server: Running) -> Result:
    """Counts the connections to Redis with few and with many open WebSockets."""
    with contextlib.ExitStack() as stack:
        counts = {}
        for sockets in (10, 40):
            with ThreadPoolExecutor(6) as pool:
                for socket in pool.map(lambda _: connect(server), range(sockets - sum(counts) if counts else sockets)):
                    stack.enter_context(socket)
                    speaker = socket
            speaker.send(f"{sockets} are here")
            if not heard(speaker, f"{sockets} are here"):
                raise LabError(f"{server.setup.name}: a message to the room does not come back. {server.tail()}")
            counts[sockets] = len(server.redis.connections())
    return Result(
        "grows" if counts[40] > counts[10] * 2 else "few",
        [f"10, then 40 WebSockets {ROOM}", "one message", "CLIENT LIST of Redis"],
        {"connections_10": counts[10], "connections_40": counts[40]},
    )


def membership(server: Running) -> Result:
    """Sends a message to a room whose members came longer ago than group_expiry, here 3 s instead of a day."""
    with Crowd(server) as crowd:
        came = time.monotonic()
        wait_until(lambda: time.monotonic() - came > 5, 10, 0.1)
        listener = crowd.all()[0]
        with connect(server) as newcomer:
            newcomer.send("is anybody there?")
            if not heard(newcomer, "is anybody there?"):
                raise LabError(f"{server.setup.name}: a message to the room does not come back. {server.tail()}")
            reached = heard(listener, "is anybody there?", 3)
        still_open = listener.state.name == "OPEN"
    outcome = "still-hears" if reached else "silent" if still_open else "closed"
    return Result(
        outcome,
        ["group_expiry = 3", f"WebSocket {ROOM}, 5 s old and open", "a newcomer sends a message to the room and hears it itself"],
    )


def other_site(backend, prefix):
    """A probe in which another site, with database 1 of the same Redis, sends to a room of the same name."""

    def probe(server: Running) -> Result:
        hosts = [{"address": f"redis://{server.redis.address}/1", "socket_timeout": None}]
        module, name = backend.rsplit(".", 1)
        code = (
            "import asyncio, json, sys\n"
            f"from {module} import {name}\n"
            f"layer = {name}(hosts={hosts!r}, prefix={prefix!r})\n"
            "message = {'type': 'chat.message', 'text': 'from elsewhere', 'process': 0}\n"
            "async def send():\n"
            "    await layer.group_send('chat.lobby', message)\n"
            "    await layer.flush()\n"
            "asyncio.run(send())\n"
        )
        with connect(server) as socket:
            socket.send("here")
            if not heard(socket, "here"):
                raise LabError(f"{server.setup.name}: a message to the room does not come back. {server.tail()}")
            with server.helper(code) as helper:
                if helper.wait(30):
                    raise LabError(f"{server.setup.name}: the other site could not send.")
            crossed = heard(socket, "from elsewhere", 3)
        return Result(
            "crosses-over" if crossed else "kept-apart",
            [
                f"WebSocket {ROOM} of a site with redis://127.0.0.1:6379/0 and prefix shop",
                f"another program with redis://127.0.0.1:6379/1 and prefix {prefix} sends to a group of the same name",
            ],
        )

    return probe


def from_outside(server: Running) -> Result:
    """A synchronous program, such as a task or a management command, sends 20 messages to the room."""
    send = """
for number in range(20):
    async_to_sync(layer.group_send)("chat.lobby", message(number))
"""
    with connect(server) as socket:
        socket.send("here")
        if not heard(socket, "here"):
            raise LabError(f"{server.setup.name}: a message to the room does not come back. {server.tail()}")
        before = len(server.redis.connections())
        with spoken(server, send):
            added = len(server.redis.connections()) - before
            found = sum(heard(socket, f"outside {number}", 3) for number in range(20))
    return Result(
        "reaches-all" if found == 20 else "some-lost",
        [f"WebSocket {ROOM}", "async_to_sync(channel_layer.group_send)(…), 20 times in a program of its own"],
        {"delivered": found, "connections_left": added},
    )


def origin(server: Running) -> Result:
    """Opens a WebSocket without an Origin, with a foreign one and with the right one."""
    found = {
        "status_without": status_of(server, origin=None),
        "status_foreign": status_of(server, origin="https://elsewhere.example"),
        "status_right": status_of(server),
    }
    return Result(
        "only-right" if list(found.values()) == [403, 403, 101] else "not-checked",
        [f"WebSocket {ROOM} without Origin", "with Origin: https://elsewhere.example", f"with Origin: {ORIGIN}"],
        found,
    )


def import_order(server: Running) -> Result:
    """Starts with an asgi.py that imports the consumers, and a consumer that imports a model, before Django is ready."""
    error = "AppRegistryNotReady"
    server.wait_for_log(error, seconds=30)
    try:
        client.get(server.direct, "/healthz/", timeout=2)
        outcome = "serves"
    except OSError:
        outcome = "does-not-start"
    message = re.search(rf"^[\w.]*{error}: .*", server.log(), re.M).group()
    return Result(
        outcome,
        ["config/asgi.py: from shop.consumers import … above get_asgi_application()",
         "shop/consumers.py: from shop.models import Product", "start", "GET /healthz/"],
        {},
        message,
    )  # fmt: skip


def early_import(server: Running):
    """Moves the import of the consumers to the top of the copied project's asgi.py."""
    asgi = server.project / "config" / "asgi.py"
    text = asgi.read_text()
    line = next(line for line in text.splitlines() if line.startswith("from shop.consumers"))
    asgi.write_text(text.replace("\ndjango_application =", f"\n{line}\n\ndjango_application ="))
    consumers = server.project / "shop" / "consumers.py"
    consumers.write_text(f"from shop.models import Product\n{consumers.read_text()}")


def without_upgrade(server: Running):
    """Takes the two lines out of the proxy's configuration that pass on the Upgrade of a WebSocket."""

    def edit(text):
        left = [line for line in text.splitlines() if not re.search(r"proxy_set_header (Upgrade|Connection) ", line)]
        if len(left) != len(text.splitlines()) - 2:
            raise LabError("nginx's configuration has no longer two lines for Upgrade: mend lab/probes/channels.py.")
        return "\n".join(left) + "\n"

    server.proxy_edit = edit


def no_upgrade(server: Running) -> Result:
    """Opens a WebSocket through a proxy that does not pass on Upgrade."""
    mark = server.mark()
    status = status_of(server)
    return Result(
        "echoes" if status == 101 else f"http-{status}",
        ["django.conf without proxy_set_header Upgrade and Connection", f"WebSocket {ROOM}"],
        {},
        lines_with(server.log(mark), "GET /ws/"),
    )


# Logins

LOGIN = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()
import shop.members
from django.contrib.auth import login, logout
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
user, _ = User.objects.get_or_create(username="hanako")
request = HttpRequest()
request.session = SessionStore()
request.user = user
login(request, user, "django.contrib.auth.backends.ModelBackend")
request.session.save()
print(request.session.session_key, flush=True)
while how := input():
    if how == "delete":
        request.session.delete()
    else:
        logout(request)
    print("done", flush=True)
"""


def with_login(server: Running):
    """Adds sessions and users to the copied project, as every project with a login has them."""
    with open(server.project / "config" / "settings.py", "a") as settings:
        settings.write(
            '\nINSTALLED_APPS += ["django.contrib.auth", "django.contrib.sessions"]\n'
            'MIDDLEWARE += ["django.contrib.sessions.middleware.SessionMiddleware",'
            ' "django.contrib.auth.middleware.AuthenticationMiddleware"]\n'
        )
    done = server.run("python manage.py migrate --verbosity 0")
    if done.returncode:
        raise LabError(f"The project cannot be prepared for logins: {done.stderr.strip()}")


@contextlib.contextmanager
def _member(server):
    """Context manager: (cookie header of a user who is logged in, function that ends the session in a named way)."""
    with server.helper(LOGIN) as helper:
        key = helper.stdout.readline().strip()
        if not key:
            raise LabError(f"{server.setup.name}: the login failed.")

        def tell(how):
            helper.stdin.write(f"{how}\n")
            helper.stdin.flush()
            return helper.stdout.readline()

        yield {"Cookie": f"sessionid={key}"}, tell
        tell("")


MEMBERS = "/ws/members/"


def login_in_scope(server: Running) -> Result:
    """Opens a WebSocket for members without and with the cookie of a session."""
    anonymous = status_of(server, MEMBERS)
    with _member(server) as (cookie, _), connect(server, MEMBERS, headers=cookie) as socket:
        greeting = hear(socket, 5)
    known = anonymous == 403 and greeting == {"text": "hello hanako"}
    return Result(
        "known" if known else "unknown",
        [f"WebSocket {MEMBERS} without a cookie: answered {anonymous}", "with the session cookie of a user who is logged in"],
        {"status_anonymous": anonymous},
        json.dumps(greeting),
    )


def after_logout(how):
    """A probe that ends the session of an open WebSocket: "delete" deletes it, "logout" calls Django's logout()."""

    def probe(server: Running) -> Result:
        figures = {}
        with _member(server) as (cookie, tell), connect(server, MEMBERS, headers=cookie) as socket:
            hear(socket, 5)
            tell(how)
            try:
                hear(socket, 5)
                outcome = "stays-open"
            except ConnectionClosed as closed:
                outcome = "closed"
                figures = {"close_code": closed.rcvd.code} if closed.rcvd else {}
            again = status_of(server, MEMBERS, headers=cookie)
        did = "delete the session" if how == "delete" else "django.contrib.auth.logout()"
        return Result(
            outcome,
            [f"WebSocket {MEMBERS} of a user who is logged in", did, f"wait 5 s; a new WebSocket with the same cookie: answered {again}"],
            {**figures, "status_again": again},
        )

    return probe
