"""Responses that are sent piece by piece."""

from django.http import StreamingHttpResponse

from sales import orders
from sales.rates import partner


# --8<-- [start:async-stream]
async def async_lines():
    yield "order,total\n"
    total = await orders.acheckout(orders.CART_CHF, partner.quote)
    yield f"1,{total['total']}\n"


async def async_export(request):
    return StreamingHttpResponse(async_lines(), content_type="text/csv")
# --8<-- [end:async-stream]


# --8<-- [start:sync-stream]
def lines(cart):
    yield "order,total\n"
    total = orders.checkout(cart)
    yield f"1,{total['total']}\n"


def sync_export(request):
    return StreamingHttpResponse(lines(orders.CART_CHF), content_type="text/csv")
# --8<-- [end:sync-stream]


# --8<-- [start:iterator-mode]
def good_sync_export(request):
    return StreamingHttpResponse(lines(orders.CART), content_type="text/csv")


async def good_async_lines():
    yield "order,total\n"
    total = await orders.acheckout(orders.CART, partner.quote)
    yield f"1,{total['total']}\n"


async def good_async_export(request):
    return StreamingHttpResponse(good_async_lines(), content_type="text/csv")
# --8<-- [end:iterator-mode]
