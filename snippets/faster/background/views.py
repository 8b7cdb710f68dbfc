"""The pages that are measured: each stores an order, and gets its receipt sent in the way that its address names."""

from django.http import HttpResponse

from background import place_order_before, place_order_row, place_order_task
from background.load import fill
from store import place_order
from store.models import Customer

PLACE_ORDER = {
    "inside": place_order_before.place_order,
    "celery": place_order.place_order,
    "tasks": place_order_task.place_order,
    "row": place_order_row.place_order,
}


def order(request, how):
    """Place an order. A real page would ask for POST."""
    placed = PLACE_ORDER[how](Customer.objects.order_by("pk").first(), ["tea", "cup"])
    return HttpResponse(f"{placed.pk}\n")


def queue(request):
    """Fill a queue, for the workers that are measured."""
    fill(request.GET["queue"], request.GET["kind"], int(request.GET["tasks"]))
    return HttpResponse("ok\n")
