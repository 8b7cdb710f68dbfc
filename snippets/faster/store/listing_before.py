"""The order list as it is usually written first."""

from store.models import Order


def rows(count=50):
    """Return the newest orders (list of dict: number, customer, products), `count` at most."""
    return [
        {
            "number": order.pk,
            "customer": order.customer.name,  # one query for each order
            "products": [item.product for item in order.items.all()],  # and another one
        }
        for order in Order.objects.order_by("-pk")[:count]
    ]
