from django.http import JsonResponse

from sales import orders
from sales.rates import coroutines, database


# --8<-- [start:list]
async def looked_through(currency):
    for rate in await database.all_rates():  # it has returned a list
        if rate.currency == currency:
            return rate.yen
# --8<-- [end:list]


# --8<-- [start:generator]
async def from_history(currency):
    async for rate in coroutines.history(currency):  # it yields with await between
        return rate
# --8<-- [end:generator]


async def async_for_list(request):
    return JsonResponse(await orders.acheckout(orders.CART, looked_through))


async def for_over_async(request):
    return JsonResponse(await orders.acheckout(orders.CART, from_history))
