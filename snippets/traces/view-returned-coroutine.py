from django.http import HttpResponse

from sales import orders
from sales.rates import partner


async def receipt(request):
    return await write_receipt(orders.CART)


async def write_receipt(cart):
    total = await orders.acheckout(cart, partner.quote)
    return HttpResponse(f"total: {total['total']}")
