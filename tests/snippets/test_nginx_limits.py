"""What /deploy/nginx/#limits says about connections that stay open, with limits.conf in front of a server with WebSocket."""

import contextlib
import threading

from websockets.exceptions import InvalidMessage

from lab import client, recipes, serve
from lab.probes import channels

LIMITS = (recipes.SNIPPETS / "nginx-limits" / "limits.conf").read_text()
MANY = 12  # more than limit_conn allows at once


@contextlib.contextmanager
def limited(text):
    """A setup with limits.conf beside django.conf (Running), which nginx has loaded."""
    with serve.running(recipes.setup("uvicorn-workers-behind-nginx-tcp")) as run:
        (run.folder / "conf.d" / "limits.conf").write_text(text)
        run.reload_proxy()
        # The login is limited as soon as the file is loaded, and no other limit is used up by asking.
        assert serve.wait_until(lambda: 429 in [post(run) for _ in range(10)], 20, 0.1)
        yield run


def post(run):
    with contextlib.closing(client.Connection(run.address)) as connection:
        connection.request("POST", "/accounts/login/", headers={"Host": client.HOST, "Connection": "close"})
        return connection.getresponse().status


def websocket(run):
    """A WebSocket; asked for once more where a worker of nginx that was on its way out took the connection with it."""
    try:
        return channels.connect(run, "/ws/echo/")
    except InvalidMessage:
        return channels.connect(run, "/ws/echo/")


def open_websockets(run, stack):
    for _ in range(MANY):
        stack.enter_context(websocket(run))


def open_streams(run, stack):
    for _ in range(MANY):
        connection = stack.enter_context(contextlib.closing(client.Connection(run.address)))
        connection.request("GET", "/async/stream/endless/", headers={"Host": client.HOST})
        assert connection.getresponse().status == 200


def test_open_websockets_and_streams_leave_room_for_pages():
    # The rate of requests is another limit, which opening all of this at once would reach.
    with limited(LIMITS.replace("burst=20", "burst=200")) as run, contextlib.ExitStack() as stack:
        open_websockets(run, stack)
        assert client.get(run.address, "/").status == 200
        open_streams(run, stack)
        assert client.get(run.address, "/").status == 200
        # Pages are limited as before.
        statuses = []
        threads = [
            threading.Thread(target=lambda: statuses.append(client.get(run.address, "/async/slow/?seconds=1").status))
            for _ in range(MANY)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [200] * 10 + [429] * 2


def test_with_one_key_for_everything_open_websockets_lock_everybody_out():
    """Why the paths are left out."""
    text = LIMITS.replace("burst=20", "burst=200").replace("limit_conn_zone $busy_client", "limit_conn_zone $page_client")
    with limited(text) as run, contextlib.ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(websocket(run))
        assert client.get(run.address, "/").status == 429
