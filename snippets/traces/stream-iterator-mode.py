from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse

from sales import orders
from sales.rates import partner


async def alines():
    yield "order,total\n"
    total = await orders.acheckout(orders.CART, partner.quote)
    yield f"1,{total['total']}\n"


def lines():
    yield "order,total\n"
    total = orders.checkout(orders.CART)
    yield f"1,{total['total']}\n"


def export(request):
    # The server decides, not the view: an async generator for ASGI, an ordinary one for WSGI.
    pieces = alines() if isinstance(request, ASGIRequest) else lines()
    return StreamingHttpResponse(pieces, content_type="text/csv")
