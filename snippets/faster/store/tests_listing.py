"""Pins the number of queries, so that an N+1 cannot come back unseen."""

from django.test import TestCase

from store import listing_after, listing_before
from store.models import Customer, Item, Order

ORDERS = 10


class OrderListQueries(TestCase):
    """Ten orders of ten customers, two items each."""

    @classmethod
    def setUpTestData(cls):
        for number in range(ORDERS):
            customer = Customer.objects.create(name=f"Customer {number}")
            order = Order.objects.create(customer=customer)
            Item.objects.create(order=order, product="tea")
            Item.objects.create(order=order, product="cup")

    def test_before_every_order_costs_two_more_queries(self):
        with self.assertNumQueries(1 + ORDERS + ORDERS):
            listing_before.rows()

    def test_after_two_queries_however_many_orders(self):
        with self.assertNumQueries(2):
            listing_after.rows()

    def test_both_return_the_same(self):
        self.assertEqual(listing_before.rows(), listing_after.rows())
