"""Customers, their orders and what was ordered, and the products on sale."""

from django.db import models
from django.utils import timezone


class Customer(models.Model):
    """Somebody who orders."""

    name = models.CharField(max_length=100)
    email = models.EmailField()


class Product(models.Model):
    """Something on sale."""

    name = models.CharField(max_length=100)
    price = models.PositiveIntegerField()  # yen
    description = models.TextField(blank=True)  # about 2,000 characters


class Order(models.Model):
    """One order; open until it is shipped."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    status = models.CharField(max_length=20, default="open")
    placed_at = models.DateTimeField(default=timezone.now)
    receipt_sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # For "open orders, oldest first": the column compared, then the order.
            models.Index(fields=["status", "placed_at"], name="order_status_placed"),
        ]


class Item(models.Model):
    """One line of an order: name and price as they were on that day."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    product = models.CharField(max_length=100)
    price = models.PositiveIntegerField(default=0)  # yen
    quantity = models.PositiveIntegerField(default=1)
