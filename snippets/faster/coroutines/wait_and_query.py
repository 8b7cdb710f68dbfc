"""A request that waits for another service and then asks the database."""

import asyncio
import time

from django.http import JsonResponse

from store.models import Order

WAIT = 0.1  # seconds


def sync_view(request):
    """Wait and ask in one thread, on the connection that the thread keeps."""
    time.sleep(WAIT)
    return JsonResponse({"order": Order.objects.order_by("-pk").values_list("pk", flat=True).first()})


async def async_view(request):
    """Wait on the event loop, ask in a thread."""
    await asyncio.sleep(WAIT)
    return JsonResponse({"order": await Order.objects.order_by("-pk").values_list("pk", flat=True).afirst()})
