"""The views of the shop, each in a sync and an async form where the difference matters."""

import asyncio
import logging
import os
import re
import time

from django.core.exceptions import BadRequest
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render

from . import services
from .models import Product

logger = logging.getLogger(__name__)

STREAM_PIECES = 5
STREAM_INTERVAL = 0.3  # seconds
# Behind HTTPS nginx gathers small pieces until the response ends; this header stops that for one response.
UNBUFFERED = {"X-Accel-Buffering": "no"}
# Further headers by which clients and proxies say where a request came from. Django reads X-Forwarded-Host and
# X-Forwarded-Port when told to, other software the rest.
OTHER_CLAIMS = ["Forwarded", "X-Forwarded-Host", "X-Forwarded-Port", "X-Real-IP"]


def home(request):
    return render(request, "shop/home.html", {"kind": "sync"})


async def async_home(request):
    return render(request, "shop/home.html", {"kind": "async"})


def health(request):
    """For load balancers: touches neither the database nor another service."""
    return HttpResponse("ok\n", content_type="text/plain")


def products(request):
    return JsonResponse({"products": list(Product.objects.values("sku", "name", "price"))})


async def async_products(request):
    rows = [row async for row in Product.objects.values("sku", "name", "price")]
    return JsonResponse({"products": rows})


def checkout(request):
    """Fails with KeyError: 'pot', four frames deep in our own code."""
    return JsonResponse({"total": services.cart_total(services.CART)})


async def async_checkout(request):
    return JsonResponse({"total": await services.acart_total(services.CART)})


def about_request(request):
    """What Django knows about this request after the proxy and the server have had their say."""
    return JsonResponse(
        {
            "is_secure": request.is_secure(),
            "scheme": request.scheme,
            "host": request.get_host(),
            "remote_addr": request.META.get("REMOTE_ADDR"),
            "x_forwarded_for": request.headers.get("X-Forwarded-For"),
            "x_forwarded_proto": request.headers.get("X-Forwarded-Proto"),
            "other_claims": {name: request.headers[name] for name in OTHER_CLAIMS if name in request.headers},
            "pid": os.getpid(),
        }
    )


def _seconds(request):
    """The bounded `seconds` parameter, so that nobody can park a worker for an hour."""
    try:
        seconds = float(request.GET.get("seconds", "1"))
    except ValueError:
        raise BadRequest("seconds has to be a number") from None
    if not 0 <= seconds <= 10:
        raise BadRequest("seconds has to be between 0 and 10")
    return seconds


def slow(request):
    seconds = _seconds(request)
    logger.info("waiting for %s s", seconds)
    time.sleep(seconds)
    return HttpResponse("done\n", content_type="text/plain")


async def async_slow(request):
    seconds = _seconds(request)
    logger.info("waiting for %s s", seconds)
    await asyncio.sleep(seconds)
    return HttpResponse("done\n", content_type="text/plain")


async def async_blocking(request):
    """The mistake to recognise: time.sleep() in an async view stops the whole event loop."""
    seconds = _seconds(request)
    logger.info("blocking for %s s", seconds)
    time.sleep(seconds)
    return HttpResponse("done\n", content_type="text/plain")


def compute(request):
    """Uses the given seconds of CPU time, however long that takes on the clock."""
    end = time.thread_time() + _seconds(request)
    rounds = 0
    while time.thread_time() < end:
        rounds += 1
    return HttpResponse(f"{rounds} rounds\n", content_type="text/plain")


def holds_gil(request):
    """
    For measuring: one call in C that keeps the interpreter's lock, so that no other thread of the process runs.

    The pattern tries every way to split n letters and fits none: each letter more doubles the time.
    """
    try:
        n = int(request.GET.get("n", "20"))
    except ValueError:
        raise BadRequest("n has to be a number") from None
    if not 0 <= n <= 30:
        raise BadRequest("n has to be between 0 and 30")
    logger.info("matching %s letters", n)
    re.match(r"(a+)+$", "a" * n + "b")
    return HttpResponse("done\n", content_type="text/plain")


def stream(request):
    def pieces():
        for number in range(1, STREAM_PIECES + 1):
            if number > 1:
                time.sleep(STREAM_INTERVAL)
            yield f"piece {number}\n"

    return StreamingHttpResponse(pieces(), content_type="text/plain", headers=UNBUFFERED)


async def async_stream(request):
    async def pieces():
        for number in range(1, STREAM_PIECES + 1):
            if number > 1:
                await asyncio.sleep(STREAM_INTERVAL)
            yield f"piece {number}\n"

    return StreamingHttpResponse(pieces(), content_type="text/plain", headers=UNBUFFERED)


def endless_stream(request):
    """For measuring: goes on until the client or the server ends it, for a minute at the longest."""

    def pieces():
        for number in range(200):
            yield f"piece {number}\n"
            time.sleep(STREAM_INTERVAL)

    return StreamingHttpResponse(pieces(), content_type="text/plain", headers=UNBUFFERED)


async def async_endless_stream(request):
    async def pieces():
        for number in range(200):
            yield f"piece {number}\n"
            await asyncio.sleep(STREAM_INTERVAL)

    return StreamingHttpResponse(pieces(), content_type="text/plain", headers=UNBUFFERED)


def exit_process(request):
    """For measuring: ends the worker at once, as a crash in C code would."""
    os._exit(1)
