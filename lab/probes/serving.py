"""What a setup serves: views, WebSocket, streaming."""

import time

from websockets.exceptions import ConnectionClosed, InvalidStatus

from lab import client, output
from lab.errors import LabError
from lab.probes.common import Result
from lab.serve import Running

EVERY_VIEW = [
    "/",
    "/async/",
    "/healthz/",
    "/products/",
    "/async/products/",
    "/request/",
    "/slow/?seconds=0.2",
    "/async/slow/?seconds=0.2",
    "/async/blocking/?seconds=0.2",
    "/compute/?seconds=0.2",
    "/stream/",
    "/async/stream/",
]


def http_views(server: Running) -> Result:
    """Asks every view once, and runs the recipe's own check.sh."""
    failed = [f"{path}: {status}" for path in EVERY_VIEW if (status := server.get(path).status) != 200]
    did = [f"GET {path}" for path in EVERY_VIEW]
    checked = server.setup.proxy or server.recipe
    said = ""
    if checked.has("check.sh"):  # a variant leaves it to the recipe that it varies
        done = server.run(server.script("check.sh", checked))
        did.append((checked.folder / "check.sh").read_text().strip())
        said = done.stdout.strip()
        if done.returncode:
            failed.append(f"check.sh: {done.stderr.strip()}")
    if server.setup.proxy:
        did += ["GET /static/shop/shop.css", "GET / over plain HTTP", "GET / over plain HTTP with Host: elsewhere.example"]
        if server.get("/static/shop/shop.css").headers.get("content-type") != "text/css":
            failed.append("/static/shop/shop.css is not served by nginx")
        for host in (client.HOST, "elsewhere.example"):
            redirect = client.get(server.plain, "/", {"Host": host})
            if (redirect.status, redirect.headers.get("location")) != (301, f"https://{client.HOST}/"):
                failed.append(f"plain HTTP with Host: {host} is not redirected to https://{client.HOST}/")
    return Result("does-not-answer" if failed else "answers", did, output="\n".join([*failed, said]))


def websocket(server: Running) -> Result:
    """Opens a WebSocket with the Origin that a browser would send, and sends one message."""
    did = [f"WebSocket /ws/echo/ with Origin: https://{client.HOST}", 'send "hello"']
    try:
        with client.websocket(server.address, "/ws/echo/") as socket:
            socket.send("hello")
            answer = socket.recv(timeout=10)
    except InvalidStatus as refused:
        return Result(f"http-{refused.response.status_code}", did[:1])
    if answer != "hello":
        return Result("does-not-echo", did, output=repr(answer))
    checked = server.setup.proxy or server.recipe
    if not checked.has("check-websocket.sh"):
        return Result("echoes", did)
    script = checked.folder / "check-websocket.sh"
    done = server.run(server.script(script.name, checked))
    if " 101 " not in done.stdout:
        raise LabError(f"{script.parent.name}/check-websocket.sh does not see the WebSocket: {done.stdout!r}")
    return Result("echoes", [*did, "sh check-websocket.sh"], output=done.stdout.strip())


def _stream(path):
    def probe(server: Running) -> Result:
        mark = server.mark()
        response = server.get(path)
        if response.status != 200 or response.body.count(b"piece") != 5:
            raise LabError(f"{server.setup.name}: {path} answered {response.status} {response.body!r}.")
        # Five pieces take 1.2 s. All at once means that the first one came with the last.
        pieces = response.last - response.first > 0.6
        return Result(
            "piece-by-piece" if pieces else "all-at-once",
            [f"GET {path}: five pieces, one every 0.3 s"],
            {
                "seconds_until_first_piece": round(response.first, 2),
                "seconds_until_last_piece": round(response.last, 2),
            },
            output.lines_with(server.log(mark), "StreamingHttpResponse|warn"),
        )

    return probe


stream_sync = _stream("/stream/")
stream_async = _stream("/async/stream/")


def stream_buffered(server: Running) -> Result:
    """Streams with the generator that fits the interface, and without the header that tells nginx not to buffer."""
    return (stream_sync if server.recipe.interface == "wsgi" else stream_async)(server)


def without_accel_header(server: Running):
    """Takes X-Accel-Buffering out of the project's views before the start."""
    views = server.project / "shop" / "views.py"
    text = views.read_text()
    if '{"X-Accel-Buffering": "no"}' not in text:
        raise LabError("shop/views.py no longer sets X-Accel-Buffering: mend lab/probes/serving.py.")
    views.write_text(text.replace('{"X-Accel-Buffering": "no"}', "{}"))


def head_request(server: Running) -> Result:
    """Sends HEAD, as uptime monitors do, and looks whether the log complains."""
    mark = server.mark()
    connection = client.Connection(server.address, timeout=10)
    try:
        connection.request("HEAD", "/healthz/", headers={"Host": client.HOST, "Connection": "close"})
        answered = connection.getresponse()
        status, body = answered.status, answered.read()
    finally:
        connection.close()
    server.get("/healthz/")  # what is logged about the first request is written before the answer to the second
    warnings = output.lines_with(server.log(mark), "WARN|ERROR")
    if status != 200 or body:
        outcome = f"error-{status}"
    else:
        outcome = "logs-a-warning" if warnings else "answers-quietly"
    return Result(outcome, ["HEAD /healthz/"], {}, warnings)


SILENT_SECONDS = 75  # nginx closes what is silent for 60 s: proxy_read_timeout


def websocket_idle(server: Running) -> Result:
    """Opens a WebSocket through nginx on which neither side says anything; the client only answers pings."""
    mark = server.mark()
    with client.websocket(server.address, "/ws/echo/", ping_interval=None, close_timeout=1) as socket:
        start = time.monotonic()
        try:
            socket.recv(timeout=SILENT_SECONDS)
            raise LabError(f"{server.setup.name}: something arrived on the WebSocket.")
        except TimeoutError:
            outcome, figures = "stays-open", {}
        except ConnectionClosed as closed:
            outcome = "closed-properly" if closed.rcvd else "cut"
            figures = {"seconds": round(time.monotonic() - start, 1)}
    return Result(outcome, [f"open a WebSocket through nginx, say nothing for {SILENT_SECONDS} s"], figures, server.own_lines(mark))
