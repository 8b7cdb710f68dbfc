"""Where exists() is one query too many: the rows are needed anyway."""

from store.models import Order


def asked_first(last):
    """Return the numbers of the orders (list of int) up to `last`: two queries."""
    orders = Order.objects.filter(pk__lte=last)
    if not orders.exists():
        return []
    return [order.pk for order in orders]


def read_once(last):
    """The same in one query: the rows that `if` reads are kept for the loop."""
    orders = Order.objects.filter(pk__lte=last)
    if not orders:
        return []
    return [order.pk for order in orders]
