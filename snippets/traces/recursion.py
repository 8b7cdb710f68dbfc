from django.http import JsonResponse

from sales import orders
from sales.rates import table

PARENT = {"japan": "asia", "asia": "japan"}


async def by_region(currency, region="japan"):
    seen = set()
    while region not in seen:  # a circle in the data ends here
        seen.add(region)
        region = PARENT[region]
    return table.lookup(currency)


async def checkout(request):
    return JsonResponse(await orders.acheckout(orders.CART, by_region))
