"""Rows are read to learn how many there are, or whether there are any."""

from store.models import Order


def any_left(last):
    """Return whether there is an order (bool) up to the one numbered `last`."""
    orders = Order.objects.filter(pk__lte=last)
    return True if orders else False  # reads all of them


def how_many(last):
    """Return the number of orders (int) up to the one numbered `last`."""
    return len(Order.objects.filter(pk__lte=last))
