"""Stores an order and leaves the receipt to a worker."""

from django.db import transaction

from store.models import Item, Order
from store.tasks import send_receipt


def place_order(customer, products):
    """Store an order of these products (list of str) and return it (Order)."""
    with transaction.atomic():
        order = Order.objects.create(customer=customer)
        Item.objects.bulk_create(Item(order=order, product=name) for name in products)
        # Queued at once, a worker could look for an order that is not committed yet.
        # robust: with the broker down the order still stands, the error is logged,
        # and a batch can send what has no receipt_sent_at. Not with functools.partial:
        # it has no name, and Django 5.2 fails when it wants to log it.
        transaction.on_commit(lambda: send_receipt.delay(order.pk), robust=True)
    return order
