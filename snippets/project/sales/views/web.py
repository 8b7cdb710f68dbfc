"""An HTTP client that is kept between requests."""

from django.http import JsonResponse

from sales import orders
from sales.rates import web


async def kept_client(request):
    return JsonResponse(await orders.acheckout(orders.CART, web.through_kept_client))
