"""What a proxy tells Django, and what a client may claim."""

import dataclasses

from lab import client
from lab.errors import LabError
from lab.probes.common import Result
from lab.serve import Running

FORGED = "203.0.113.9"  # an address reserved for documentation
# What the project's view "this request" shows beside X-Forwarded-For and X-Forwarded-Proto
OTHER_CLAIMS = {
    "Forwarded": f"for={FORGED};host=elsewhere.example;proto=http",
    "X-Forwarded-Host": "elsewhere.example",
    "X-Forwarded-Port": "8443",
    "X-Real-IP": FORGED,
}


def _seen(server, headers=None, address=None):
    response = client.get(address or server.address, "/request/", headers)
    if response.status != 200:
        raise LabError(f"{server.setup.name}: /request/ answered {response.status}.")
    return response.json()


def _remote_addr(seen):
    """REMOTE_ADDR as a reader would see it printed: an address, '' or None."""
    return seen["remote_addr"] if seen["remote_addr"] else repr(seen["remote_addr"])


def forwarded_proto(server: Running) -> Result:
    """Whether Django takes the request for HTTPS."""
    if server.setup.proxy:
        seen = _seen(server)
        did = [f"GET https://{client.HOST}/request/ from {client.CLIENT_ADDRESS}; nginx adds the headers"]
    else:
        seen = _seen(server, {"X-Forwarded-Proto": "https", "X-Forwarded-For": FORGED})
        did = [f"GET /request/ with X-Forwarded-Proto: https and X-Forwarded-For: {FORGED}, as a proxy would send it"]
    return Result("https" if seen["is_secure"] else "http", did, {"remote_addr": _remote_addr(seen)})


def forwarded_untrusted(server: Running) -> Result:
    """The headers of a proxy, from an address that the server was not told to trust."""
    stranger = dataclasses.replace(server.direct, source=client.CLIENT_ADDRESS)
    seen = _seen(server, {"X-Forwarded-Proto": "https", "X-Forwarded-For": FORGED}, stranger)
    believed = seen["is_secure"] or FORGED in str(seen["remote_addr"])
    return Result(
        "believed" if believed else "ignored",
        [f"GET /request/ from {client.CLIENT_ADDRESS} with X-Forwarded-Proto: https and X-Forwarded-For: {FORGED}"],
        {"remote_addr": _remote_addr(seen)},
    )


def forwarded_underscore(server: Running) -> Result:
    """A header whose name has underscores, which some servers take for the one with hyphens."""
    seen = _seen(server, {"X_Forwarded_Proto": "https"})
    return Result(
        "believed" if seen["is_secure"] else "ignored",
        ["SECURE_PROXY_SSL_HEADER is set", "GET /request/ with X_Forwarded_Proto: https"],
    )


def forwarded_spoofed(server: Running) -> Result:
    """A client claims what only the proxy may claim."""
    # Without nginx they do arrive: otherwise it would prove nothing that they do not.
    if server.recipe.alone and not _seen(server, OTHER_CLAIMS, server.direct)["other_claims"]:
        raise LabError("The project's view /request/ no longer shows what a client claims: mend lab/probes/proxy.py.")
    claims = {"X-Forwarded-Proto": "https", "X-Forwarded-For": FORGED, "X_Forwarded_Proto": "https"}
    plain = client.get(server.plain, "/request/", claims)
    believed = plain.status != 301
    # Over HTTPS the lie is the other way round. Not every server makes is_secure of the header, so the header is looked at.
    seen = _seen(server, {"X-Forwarded-Proto": "http", "X-Forwarded-For": FORGED, **OTHER_CLAIMS})
    believed = believed or FORGED in f"{seen['remote_addr']} {seen['x_forwarded_for']}" or seen["x_forwarded_proto"] == "http"
    believed = believed or bool(seen["other_claims"])
    return Result(
        "believed" if believed else "ignored",
        [
            f"GET http://{client.HOST}/request/ with X-Forwarded-Proto: https and X-Forwarded-For: {FORGED}: "
            f"answered {plain.status}",
            f"GET https://{client.HOST}/request/ from {client.CLIENT_ADDRESS} with X-Forwarded-Proto: http "
            f"and X-Forwarded-For: {FORGED}, and with {', '.join(OTHER_CLAIMS)}: none of these four may arrive",
        ],
        {"remote_addr": _remote_addr(seen)},
    )
