"""Static files and uploads, as a browser gets them. Asked of the recipes static-*."""

import re
import threading
from pathlib import Path

from lab import client, output, recipes
from lab.errors import LabError
from lab.probes.common import Result
from lab.serve import Running

LARGE_MIB = 64
STYLE = "shop/static/shop/shop.css"


def _style_url(server):
    """Address of the style sheet, as the home page names it."""
    page = server.get("/")
    found = re.search(rb'href="(/static/shop/shop[^"]*\.css)"', page.body)
    if page.status != 200 or not found:
        raise LabError(f"{server.setup.name}: the home page names no style sheet: {page.status} {page.body[:200]!r}.")
    return found.group(1).decode()


def _headers(response):
    wanted = ("cache-control", "content-encoding", "content-type", "etag", "last-modified", "vary")
    return "\n".join(f"{name}: {response.headers[name]}" for name in wanted if name in response.headers)


def _max_age(response):
    found = re.search(r"max-age=(\d+)", response.headers.get("cache-control", ""))
    return int(found.group(1)) if found else 0


def _own_mib(pid):
    """MiB of memory that a process has to itself, without files that it maps (RssAnon in /proc/<pid>/status)."""
    found = re.search(r"^RssAnon:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.M)
    return int(found.group(1)) / 1024


def _readable(text):
    """The hash in a file's name says nothing to a reader and changes with the file."""
    return re.sub(r"shop\.[0-9a-f]{12}\.css", "shop.0123456789ab.css", text)


def static_file(server: Running) -> Result:
    """The style sheet that the home page names, under its name with a hash and under its plain one."""
    mark = server.mark()
    url = _style_url(server)
    hashed = server.get(url, {"Accept-Encoding": "gzip"})
    plain = server.get("/static/shop/shop.css", {"Accept-Encoding": "gzip"})
    did = [_readable(f"GET / names {url}"), _readable(f"GET {url} with Accept-Encoding: gzip: answered {hashed.status}"),
           f"GET /static/shop/shop.css: answered {plain.status}"]  # fmt: skip
    if (hashed.status, plain.status) != (200, 200):
        return Result(f"http-{hashed.status}", did, {}, _readable(output.lines_with(server.log(mark), "Not Found")))
    if not hashed.headers.get("content-type", "").startswith("text/css"):
        raise LabError(f"{server.setup.name}: the style sheet is sent as {hashed.headers.get('content-type')}.")
    figures = {"max_age_hashed": _max_age(hashed), "max_age_plain": _max_age(plain)}
    text = _readable(f"GET {url}\n{_headers(hashed)}\n\nGET /static/shop/shop.css\n{_headers(plain)}")
    return Result("served", did, figures, text)


def static_new_release(server: Running) -> Result:
    """collectstatic with a changed style sheet: the old name, for pages in caches, and the new one, before a reload."""
    old = _style_url(server)
    style = server.project / STYLE
    style.write_text(f"{style.read_text()}\nbody {{ margin: 1rem }}\n")
    done = server.run(server.script("collectstatic.sh"))
    if done.returncode:
        raise LabError(f"collectstatic.sh fails: {done.stderr.strip()}")
    names = {path.name for path in (server.project / "staticfiles" / "shop").glob("shop.*.css")}
    new = f"/static/shop/{(names - {old.rsplit('/', 1)[1]}).pop()}"
    statuses = {"old_name_status": server.get(old).status, "new_name_status": server.get(new).status}
    both = list(statuses.values()) == [200, 200]
    outcome = "both-served" if both else "only-old-until-restart" if statuses["old_name_status"] == 200 else "old-gone"
    return Result(
        outcome,
        ["shop.css changed, sh collectstatic.sh, the server not reloaded",
         f"GET of the old name with its hash: {statuses['old_name_status']}",
         f"GET of the new name with its hash: {statuses['new_name_status']}"],
        statuses,
        done.stdout.strip(),
    )  # fmt: skip


def with_longer_style(server: Running):
    """Makes the style sheet long enough to be worth compressing, before collectstatic."""
    style = server.project / STYLE
    style.write_text(style.read_text() + "".join(f".column-{number} {{ width: {number}rem }}\n" for number in range(100)))


def static_no_manifest(server: Running) -> Result:
    """The page of a project whose collectstatic did not run, or ran elsewhere."""
    (server.project / "staticfiles" / "staticfiles.json").unlink()
    mark = server.mark()
    status = server.get("/").status
    server.wait_for_log("ValueError", mark)
    errors = re.findall(r"^ValueError: .*", server.log(mark), re.M)
    return Result(
        f"error-{status}", ["staticfiles/staticfiles.json deleted", f"GET /: answered {status}"], {}, errors[0]
    )


def with_unknown_file(server: Running):
    """Lets the style sheet refer to an image that is not there, before collectstatic."""
    style = server.project / STYLE
    style.write_text(f'{style.read_text()}\nbody {{ background: url("paper.png") }}\n')


def static_unknown_file(server: Running) -> Result:
    """collectstatic with a style sheet that names an image which does not exist."""
    with_unknown_file(server)
    done = server.run(server.script("collectstatic.sh"))
    said = [line for line in done.stderr.strip().splitlines() if line.strip()]
    return Result(
        "collectstatic-fails" if done.returncode else "collectstatic-succeeds",
        ['background: url("paper.png") added to shop.css; there is no paper.png', "sh collectstatic.sh"],
        {"exit_code": done.returncode},
        re.sub(r" at 0x[0-9a-f]+", "", said[-1]) if done.returncode else done.stdout.strip(),
    )


def with_large_file(server: Running):
    """Puts a large file beside the style sheet, before collectstatic. A .zip, because nothing tries to compress that."""
    (server.project / "shop" / "static" / "shop" / "large.zip").write_bytes(bytes(LARGE_MIB * 1024 * 1024))


def static_large_file(server: Running) -> Result:
    """Large files to slow readers: is a file read as a whole before it is sent, and do others wait meanwhile?"""
    mark = server.mark()
    server.get("/healthz/")
    before = {pid: _own_mib(pid) for pid in server.workers()}
    peak, slowest, over = dict(before), 0.0, threading.Event()

    def watch():
        while not over.is_set():
            for pid in peak:
                peak[pid] = max(peak[pid], _own_mib(pid))
            over.wait(0.02)

    watching = threading.Thread(target=watch)
    watching.start()
    connected = server.address.connect(timeout=20)
    try:
        connected.sendall(f"GET /static/shop/large.zip HTTP/1.1\r\nHost: {client.HOST}\r\nConnection: close\r\n\r\n".encode())
        first = connected.recv(65536)
        if not first.startswith(b"HTTP/1.1 200"):
            raise LabError(f"{server.setup.name}: large.zip: {first[:80]!r}.")
        for _ in range(20):
            slowest = max(slowest, server.get("/async/").last)
        received = len(first)
        while piece := connected.recv(1 << 20):
            received += len(piece)
    finally:
        connected.close()
        over.set()
        watching.join()
    if received < LARGE_MIB * 1024 * 1024:
        raise LabError(f"{server.setup.name}: large.zip ended after {received} bytes.")
    grown = max(peak[pid] - before[pid] for pid in before)
    return Result(
        "read-whole" if grown > LARGE_MIB / 2 else "in-pieces",
        [f"GET /static/shop/large.zip, {LARGE_MIB} MiB, by a client that reads the first piece and then waits",
         "meanwhile GET /async/ twenty times; then the rest of the file"],
        {"grown_mib": round(grown, 1), "other_seconds": round(slowest, 2)},
        output.lines_with(server.log(mark), "StreamingHttpResponse"),
    )  # fmt: skip


def media_file(server: Running) -> Result:
    """An upload that holds a script, asked for directly."""
    folder = server.folder / "media"  # outside of the project, as MEDIA_ROOT in snippets/static/media.py
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    (folder / "page.html").write_text("<script>alert(document.cookie)</script>")
    response = server.get("/media/page.html")
    if response.status != 200:
        return Result(f"http-{response.status}", ["GET /media/page.html"])
    inert = "sandbox" in response.headers.get("content-security-policy", "")
    inert = inert and response.headers.get("x-content-type-options") == "nosniff"
    wanted = ("cache-control", "content-security-policy", "x-content-type-options")
    return Result(
        "served-inert" if inert else "served",
        ["an HTML file with a script in MEDIA_ROOT", "GET /media/page.html: answered 200"],
        {},
        "\n".join(f"{name}: {response.headers[name]}" for name in wanted if name in response.headers),
    )


def with_slash_forgotten(server: Running):
    """Takes the slash at the end of `location /static/` away."""
    if "location /static/ {" not in server.script("django.conf", recipes.load("nginx-tcp")):
        raise LabError("nginx's configuration no longer says location /static/: mend lab/probes/statics.py.")
    server.proxy_edit = lambda text: text.replace("location /static/ {", "location /static {")


def alias_slash(server: Running) -> Result:
    """Asks for a file that lies beside the folder of the static files."""
    path = "/static../config/settings.py"
    response = server.get(path)
    leaked = response.status == 200 and b"SECRET_KEY" in response.body
    return Result(
        "source-readable" if leaked else "not-readable",
        ["location /static { alias /srv/django/staticfiles/; }: without the slash after static", f"GET {path}: answered {response.status}"],
        {},
        "\n".join(response.body.decode().splitlines()[:3]) if leaked else "",
    )
