from django.http import JsonResponse

from sales import orders
from sales.rates import waiting


async def checkout(request):
    # A coroutine ends at its next await when the client goes. A thread, as that of a sync view, cannot be stopped.
    return JsonResponse(await orders.acheckout(orders.CART, waiting.slow_quote))
