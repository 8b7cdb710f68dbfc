"""Eight calls to another service at the same time, with threads."""

import os
from concurrent.futures import ThreadPoolExecutor

import httpx
from django.http import JsonResponse

CALLS = 8
client = httpx.Client(timeout=httpx.Timeout(5.0), limits=httpx.Limits(max_connections=None))
# One pool for the process. At most so many calls at once, whoever makes them.
pool = ThreadPoolExecutor(max_workers=64)


def call(number):
    """Ask the service once; return the status."""
    return client.get(f"{os.environ['PARTNER_URL']}/wait?ms=25").status_code


def eight(request):
    """Ask eight times at once."""
    return JsonResponse({"answers": list(pool.map(call, range(CALLS)))})


def one_after_another(request):
    """Ask eight times, each when the one before is answered."""
    return JsonResponse({"answers": [call(number) for number in range(CALLS)]})
