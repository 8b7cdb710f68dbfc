"""
A slow partner: an HTTP service that answers /wait?ms=50 with "7" after 50 ms, any number of requests at once. Asked for
several (product=1&product=2) it answers with as many numbers.

    python -m lab.ladder.partner                     prints its port and serves until its standard input closes
    python -m lab.ladder.partner CERTIFICATE KEY     the same over TLS
"""

import asyncio
import re
import ssl
import sys


def answer(head):
    """The answer (bytes) to a request whose head is `head` (bytes)."""
    body = b" ".join([b"7"] * max(1, head.count(b"product=")))
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


async def serve(reader, writer):
    """Answers the requests of one connection, one after another, until the client closes it."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            asked = re.match(rb"\w+ \S*[?&]ms=(\d+)", head)
            await asyncio.sleep(int(asked[1]) / 1000 if asked else 0)
            writer.write(answer(head))
            await writer.drain()
            if b"\r\nConnection: close" in head:
                break
    except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
        pass
    finally:
        writer.close()


async def main(*certificate):
    """Serves on a free port until standard input ends; over TLS with a certificate and its key (paths)."""
    tls = None
    if certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(*certificate)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1024, ssl=tls)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
