"""Eight calls to another service at the same time, with coroutines."""

import asyncio
import os

import httpx
from django.http import JsonResponse

CALLS = 8
CERTIFICATES = httpx.create_ssl_context()  # made once: reading the certificates takes longer than many a call


async def call(client):
    """Ask the service once; return the status."""
    response = await client.get(f"{os.environ['PARTNER_URL']}/wait?ms=25")
    return response.status_code


async def eight(request):
    """Ask eight times at once."""
    async with httpx.AsyncClient(verify=CERTIFICATES, timeout=httpx.Timeout(5.0)) as client:
        return JsonResponse({"answers": await asyncio.gather(*(call(client) for _ in range(CALLS)))})
