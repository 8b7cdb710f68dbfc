"""Stores an order and leaves the receipt to a worker, by Django's tasks framework."""

from django.db import transaction
from django_tasks import task  # Django 6.0 and newer: from django.tasks import task

from store import tasks
from store.models import Item, Order


@task()
def send_receipt(order_id):
    """Mail the receipt of one order (primary key, int); called again, do nothing."""
    tasks.send_receipt(order_id)


def place_order(customer, products):
    """Store an order of these products (list of str) and return it (Order)."""
    with transaction.atomic():
        order = Order.objects.create(customer=customer)
        Item.objects.bulk_create(Item(order=order, product=name) for name in products)
        # With django-tasks-db the task is a row beside the order: committed with it,
        # or not at all. A backend that keeps its tasks elsewhere needs on_commit.
        send_receipt.enqueue(order.pk)
    return order
