"""Rates from a partner who takes the call and never answers. No network is needed: nobody accepts what is queued here."""

import json
import socket
from urllib.request import urlopen

listener = socket.create_server(("127.0.0.1", 0))
PARTNER = f"http://127.0.0.1:{listener.getsockname()[1]}/rates/"


# --8<-- [start:no-limit]
def from_partner(currency):
    with urlopen(PARTNER + currency) as answer:
        return json.load(answer)["rate"]
# --8<-- [end:no-limit]
