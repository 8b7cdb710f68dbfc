from django.http import JsonResponse

from sales import orders

USUAL = 163


async def first_match(currency):
    rates = iter([])
    return next(rates, USUAL)


async def checkout(request):
    return JsonResponse(await orders.acheckout(orders.CART, first_match))
