"""The same list of orders, asked for synchronously and with the async interface of the ORM."""

from django.http import JsonResponse

from store.models import Order


def orders():
    """The newest orders with their customers: one query."""
    return Order.objects.select_related("customer").order_by("-pk")[:50]


def row(order):
    """One line of the list."""
    return {"number": order.pk, "customer": order.customer.name, "status": order.status}


def sync_page(request):
    """A page of the ORM as it is usually written."""
    return JsonResponse({"orders": [row(order) for order in orders()]})


async def async_page(request):
    """The same page for the event loop. The query itself still runs in a thread: so the ORM does it today."""
    return JsonResponse({"orders": [row(order) async for order in orders()]})
