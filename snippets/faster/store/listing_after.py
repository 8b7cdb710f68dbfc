"""The same order list in two queries, however many orders there are."""

from store.models import Order


def rows(count=50):
    """Return the newest orders (list of dict: number, customer, products), `count` at most."""
    orders = (
        Order.objects.order_by("-pk")
        .select_related("customer")  # a foreign key: a JOIN in the same query
        .prefetch_related("items")  # many rows each: one more query for all
    )
    return [
        {
            "number": order.pk,
            "customer": order.customer.name,
            "products": [item.product for item in order.items.all()],
        }
        for order in orders[:count]
    ]
