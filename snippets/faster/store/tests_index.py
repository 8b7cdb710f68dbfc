"""Asks the database for its plan, without the index and with it."""

from django.db import connection
from django.test import TransactionTestCase

from store.models import Order


def plan():
    """Return how the database would find the open orders, oldest first (str)."""
    return Order.objects.filter(status="open").order_by("placed_at").explain()


class OpenOrdersPlan(TransactionTestCase):
    """The words are SQLite's; what to look for is the same in PostgreSQL."""

    def test_without_the_index_the_whole_table_is_read_and_sorted(self):
        (index,) = Order._meta.indexes
        with connection.schema_editor() as editor:
            editor.remove_index(Order, index)
        try:
            without = plan()
        finally:
            with connection.schema_editor() as editor:
                editor.add_index(Order, index)
        self.assertIn("SCAN store_order", without)
        self.assertIn("USE TEMP B-TREE FOR ORDER BY", without)

    def test_with_the_index_only_the_open_orders_are_read_and_none_is_sorted(self):
        with_index = plan()
        self.assertIn("USING INDEX order_status_placed (status=?)", with_index)
        self.assertNotIn("TEMP B-TREE", with_index)
