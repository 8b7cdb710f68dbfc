"""Pages by the last row that was seen: the index leads to it, at any depth."""

from store.models import Order

SIZE = 20


def page(before=None):
    """Return the orders after the one numbered `before`, newest first (list of dict: number, status).

    Without `before` it is the first page. The link to the next page carries the last number of this one.
    """
    orders = Order.objects.order_by("-pk")  # unique, so that no row is shown twice or never
    if before:
        orders = orders.filter(pk__lt=before)
    return [{"number": order.pk, "status": order.status} for order in orders[:SIZE]]
