"""What only Daphne does: its header Daphne-Root-Path, and views that outlive their client."""

import contextlib

from lab import client
from lab.errors import LabError
from lab.output import lines_with
from lab.probes.common import Result
from lab.serve import Running

FORGED = "https://elsewhere.example/"


def with_reversed_url(server: Running):
    """Makes /healthz/ answer the address that Django makes for the home page."""
    file = server.project / "shop" / "views.py"
    text = file.read_text()
    old = 'return HttpResponse("ok\\n"'
    if old not in text:
        raise LabError("The project's view health has changed: mend lab/probes/daphne.py.")
    new = "return HttpResponse(request.build_absolute_uri(reverse('home'))"
    file.write_text(text.replace(old, new).replace("import os\n", "import os\n\nfrom django.urls import reverse\n", 1))


def root_path_header(server: Running) -> Result:
    """Sends Daphne-Root-Path and looks whether the address that Django makes follows it."""
    said = server.get("/healthz/", {"Daphne-Root-Path": FORGED}).body.decode().strip()
    return Result(
        "believed" if "elsewhere.example" in said else "ignored",
        [f"GET /healthz/ with Daphne-Root-Path: {FORGED}; the view answers request.build_absolute_uri(reverse(\"home\"))"],
        {},
        said,
    )


def client_gone(server: Running) -> Result:
    """Asks for a sync view that takes 8 s and leaves; Daphne lets it go on for --application-close-timeout."""
    mark = server.mark()
    path = "/slow/?seconds=8"
    with contextlib.closing(client.Connection(server.address, timeout=10)) as connection:
        connection.request("GET", path, headers={"Host": client.HOST})
        server.wait_for_log("waiting for 8.0 s", mark)
    server.wait_for_log("took too long to shut down", mark, seconds=10)
    return Result(
        "cancelled",
        [f"GET {path}; the client closes the connection while it is worked on"],
        {},
        lines_with(server.log(mark), "took too long"),
    )
