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
        # The status is long sent. Log it as yours, and say in the stream that it is not complete.
        logger.exception("the export broke off at order 1")
        yield "# incomplete\n"
        return
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
        yield "# incomplete\n"
        return
    yield f"1,{total['total']}\n"
# --8<-- [end:sync]


def sync_export(request):
    return StreamingHttpResponse(lines(), content_type="text/csv")
