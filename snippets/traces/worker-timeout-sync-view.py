import json
import logging
from urllib.request import urlopen

from django.http import JsonResponse

from sales import orders
from sales.rates import hanging

logger = logging.getLogger(__name__)
USUAL = {"EUR": 163}


def from_partner(currency):
    try:
        # For connecting and for each piece of the answer. All waits of a view together stay below Gunicorn's timeout.
        with urlopen(hanging.PARTNER + currency, timeout=1) as answer:
            return json.load(answer)["rate"]
    except OSError as error:  # TimeoutError and urllib's URLError are both
        logger.warning("no rate for %s: %r", currency, error)
        return USUAL[currency]


def checkout(request):
    return JsonResponse(orders.checkout(orders.CART, from_partner))
