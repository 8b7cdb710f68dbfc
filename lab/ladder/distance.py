"""
A database that is further away: a TCP proxy that hands on every answer a little later.

    python distance.py LISTEN PORT MILLISECONDS      on 127.0.0.1, until it is ended
"""

import contextlib
import socket
import sys
import threading
import time
from pathlib import Path

PIECE = 1 << 18  # bytes handed on at once


def away(stage, port, milliseconds):
    """The port (int) of a proxy that lives as long as the question: what is on `port` answers `milliseconds` (float) later there."""
    from lab import serve
    from lab.errors import LabError

    (listen,) = serve.free_ports(1)
    process = stage.process(f"exec {sys.executable} {Path(__file__).resolve()} {listen} {port} {milliseconds}")

    def accepts():
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", listen), timeout=1):
            return True

    if not serve.wait_until(accepts, 20):
        raise LabError(f"The proxy does not start: {stage.log(process)}")
    return listen


def _hand_on(source, target, seconds):
    """Copies what comes from one socket to the other, each piece `seconds` later, until one of them is closed."""
    with contextlib.suppress(OSError):
        while piece := source.recv(PIECE):
            if seconds:
                time.sleep(seconds)
            target.sendall(piece)
    for side in (source, target):
        with contextlib.suppress(OSError):
            side.shutdown(socket.SHUT_RDWR)


def _connect(client, port, seconds):
    """Connects to the service and hands on in both directions, until one side ends."""
    with client, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as service:
        for side in (client, service):
            side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Only the way back takes time: a round trip is later by exactly that.
        back = threading.Thread(target=_hand_on, args=(service, client, seconds), daemon=True)
        back.start()
        _hand_on(client, service, 0)
        back.join()


def serve_forever(listen, port, seconds):
    """Hands on every connection; does not return."""
    with socket.create_server(("127.0.0.1", listen), backlog=128) as listening:
        while True:
            client, _ = listening.accept()
            threading.Thread(target=_connect, args=(client, port, seconds), daemon=True).start()


if __name__ == "__main__":
    serve_forever(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) / 1000)
