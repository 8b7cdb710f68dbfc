"""A small HTTP and WebSocket client: by TCP, by Unix socket, or by TLS through the proxy."""

import contextlib
import http.client
import json
import select
import socket
import ssl
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from websockets.sync.client import connect as websocket_connect

HOST = "example.com"  # the name in the recipes
# Linux answers for all of 127.0.0.0/8, so there the client can have another address than the proxy has,
# and a record shows which of the two Django was told.
CLIENT_ADDRESS = "127.0.0.2" if sys.platform == "linux" else "127.0.0.1"


@dataclass(frozen=True)
class Address:
    """
    Where to connect: a port on 127.0.0.1 or a Unix socket, with TLS when `certificate` is given.

    `source` is the client's own address; without it the system chooses 127.0.0.1, with TLS it is CLIENT_ADDRESS.
    """

    port: int = 0
    unix_socket: str = ""
    certificate: Path | None = None
    source: str = ""

    def connect(self, timeout):
        """A connected socket. `timeout` in seconds holds for connecting and for each later read."""
        if self.unix_socket:
            connected = socket.socket(socket.AF_UNIX)
            connected.settimeout(timeout)
            connected.connect(self.unix_socket)
            return connected
        source = self.source or (CLIENT_ADDRESS if self.certificate else "")
        connected = socket.create_connection(("127.0.0.1", self.port), timeout, (source, 0) if source else None)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.certificate:
            context = ssl.create_default_context(cafile=str(self.certificate))
            connected = context.wrap_socket(connected, server_hostname=HOST)
        return connected


def websocket(address, path, timeout=10, **options):
    """
    Context manager: a WebSocket to `path`, with the Origin that a browser would send and the options of websockets' connect().

    Raises what connect() raises, and OSError when there is no connection; `timeout` in seconds holds for connecting.
    """
    connected = address.connect(timeout)
    if address.certificate:
        connected = _by_one_thread(connected)
    return websocket_connect(
        # ws: even with TLS, because the socket has done it already.
        f"ws://{HOST}{path}", sock=connected, **{"origin": f"https://{HOST}", "proxy": None, **options},
    )  # fmt: skip


def _by_one_thread(secure):
    """
    A plain socket, between which and the TLS socket `secure` a thread carries everything; closing one end closes the other.

    websockets reads and writes in two threads, which OpenSSL forbids for one connection
    (https://github.com/openssl/openssl/issues/20446): of some 160 WebSockets behind nginx three were lost.
    """
    near, far = socket.socketpair()

    def carry():
        with secure, far:
            while True:
                if not secure.pending():
                    select.select([secure, far], [], [])
                secure.setblocking(False)
                try:
                    received = secure.recv(65536)
                    if not received:
                        return
                    far.sendall(received)
                except ssl.SSLWantReadError:
                    pass
                secure.setblocking(True)
                if select.select([far], [], [], 0)[0]:
                    sent = far.recv(65536)
                    if not sent:
                        return
                    secure.sendall(sent)

    def until_closed():
        with contextlib.suppress(OSError):  # either side may vanish
            carry()

    threading.Thread(target=until_closed, daemon=True).start()
    return near


class Connection(http.client.HTTPConnection):
    """An HTTP connection to an Address. Like its parent it connects again after an answer that closed it."""

    def __init__(self, address, timeout=30):
        super().__init__(HOST, timeout=timeout)
        self.address = address

    def connect(self):
        self.sock = self.address.connect(self.timeout)


@dataclass(frozen=True)
class Response:
    """
    A whole answer. Names of headers are in lower case, as some servers send them and others do not.
    `first` and `last`: seconds from the request to the first and the last piece of the body.
    """

    status: int
    headers: dict
    body: bytes
    first: float
    last: float

    def json(self):
        return json.loads(self.body)


def get(address, path, headers=None, timeout=30, connection=None):
    """
    GET `path`; a new connection that is closed afterwards, or the given one, which stays open.

    Raises OSError or http.client.HTTPException when there is no whole answer.
    """
    used = connection or Connection(address, timeout)
    sent = {"Host": HOST, **(headers or {})}
    if connection is None:
        sent["Connection"] = "close"
    start = time.monotonic()
    try:
        used.request("GET", path, headers=sent)
        response = used.getresponse()
        body, first = b"", None
        while piece := response.read1(65536):
            first = first or time.monotonic() - start
            body += piece
        last = time.monotonic() - start
        if response.length:  # read1() takes an early end of the connection for the end of the body
            raise http.client.IncompleteRead(body, response.length)
        response.close()  # read1() does not notice the end either; without this the connection cannot be used again
        return Response(response.status, {name.lower(): value for name, value in response.getheaders()}, body, first or last, last)
    except BaseException:
        used.close()
        raise
    finally:
        if connection is None:
            used.close()
