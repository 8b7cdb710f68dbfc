import json
import logging

from django.http import StreamingHttpResponse

from sales import orders
from sales.rates import partner

logger = logging.getLogger(__name__)


# --8<-- [start:async]
async def alines():
    yield "order,total\n"
    try:
        total = await orders.acheckout(orders.CART_CHF, partner.quote)
    except Exception:
        logger.exception("the export broke off at order 1")
        raise  # the server breaks the connection off: a response that ends properly would look complete
    yield f"1,{total['total']}\n"
# --8<-- [end:async]


async def async_export(request):
    return StreamingHttpResponse(alines(), content_type="text/csv")


# --8<-- [start:sync]
def lines():
    yield "order,total\n"
    try:
        total = orders.checkout(orders.CART_CHF)
    except Exception:
        logger.exception("the export broke off at order 1")
        raise
    yield f"1,{total['total']}\n"
# --8<-- [end:sync]


def sync_export(request):
    return StreamingHttpResponse(lines(), content_type="text/csv")


# --8<-- [start:marked]
async def marked(cart):
    """JSON Lines whose last line says whether all is there. Its readers have to check that."""
    try:
        yield json.dumps(await orders.acheckout(cart, partner.quote)) + "\n"
    except Exception:
        logger.exception("the export broke off at order 1")
        yield '{"complete": false}\n'
    else:
        yield '{"complete": true}\n'
# --8<-- [end:marked]


async def marked_export(request):
    return StreamingHttpResponse(marked(orders.CART_CHF), content_type="application/x-ndjson")
