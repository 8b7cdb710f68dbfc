"""The pages that are measured: each asks the partner, in the way that its address names."""

import os
import random
import uuid

from django.http import HttpResponse

from calls import caching_after, client, connections_before, connections_new, fewer_after, fewer_before, side_by_side
from calls import timeout_after, timeout_before

STOCK = {
    "timeout-before": timeout_before.stock,
    "timeout-after": timeout_after.stock,
    "new-client": connections_before.stock,
    "new-connection": connections_new.stock,
    "kept": client.stock,
    "cached": caching_after.cached_stock,
}
STOCKS = {
    "one-after-another": fewer_before.stocks,
    "side-by-side": lambda url, products: side_by_side.stocks([f"{url}&product={product}" for product in products]),
    "at-once": fewer_after.stocks,
}


def address(request):
    """Return the partner's address; ms of the query says how long it takes to answer (str)."""
    return f"{os.environ['PARTNER_URL']}/wait?ms={int(request.GET.get('ms', 50))}"


def one(request, how):
    """One call, or `times` of it. Of 100 requests, `known` ask for the same product, the others for a new one each."""
    new = random.random() * 100 >= int(request.GET.get("known", 100))
    product = uuid.uuid4() if new else "tea"
    found = [STOCK[how](f"{address(request)}&product={product}") for _ in range(int(request.GET.get("times", 1)))]
    return HttpResponse(f"{found[-1]}\n")


def several(request, how):
    """As many calls as `calls` of the query says."""
    products = range(int(request.GET.get("calls", 8)))
    return HttpResponse(f"{STOCKS[how](address(request), products)}\n")
