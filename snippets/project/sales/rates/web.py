"""Rates over HTTP. Needs httpx, which only the captures of this module install."""

import os

import httpx


# --8<-- [start:httpx]
client = httpx.AsyncClient(base_url=os.environ.get("PARTNER_URL", "http://127.0.0.1:8000"), headers={"Host": "example.com"})


async def through_kept_client(currency):
    answer = await client.get("/healthz/")
    return 163 if answer.text == "ok\n" else None
# --8<-- [end:httpx]
