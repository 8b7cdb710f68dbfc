"""The list for the people who pack: what waits longest comes first."""

from store.models import Order


def oldest_open(count=20):
    """Return the open orders that wait longest (queryset), `count` at most."""
    return Order.objects.filter(status="open").order_by("placed_at")[:count]


def rows(count=20):
    """Return the same for a page (list of dict: number, placed_at)."""
    return [{"number": order.pk, "placed_at": order.placed_at} for order in oldest_open(count)]
