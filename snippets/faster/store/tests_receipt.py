"""The task is queued after the commit only, and running it twice sends one mail."""

from unittest import mock

from django.core import mail
from django.db import transaction
from django.test import TransactionTestCase

from store import place_order
from store.models import Customer, Order
from store.tasks import send_receipt


class Receipt(TransactionTestCase):
    """TransactionTestCase commits, so on_commit happens as in production."""

    def setUp(self):
        self.customer = Customer.objects.create(name="A", email="a@example.com")

    def test_queued_when_the_transaction_is_committed(self):
        with mock.patch.object(send_receipt, "delay") as delay:
            with transaction.atomic():
                order = place_order.place_order(self.customer, ["tea"])
                delay.assert_not_called()
            delay.assert_called_once_with(order.pk)

    def test_not_queued_when_it_is_rolled_back(self):
        with mock.patch.object(send_receipt, "delay") as delay:
            with self.assertRaises(ZeroDivisionError), transaction.atomic():
                place_order.place_order(self.customer, ["tea"])
                raise ZeroDivisionError
            delay.assert_not_called()

    def test_with_the_broker_down_the_order_stands_and_what_comes_later_runs(self):
        later = mock.Mock()
        with mock.patch.object(send_receipt, "delay", side_effect=OSError("no broker")):
            with self.assertLogs("django.db", "ERROR"), transaction.atomic():
                order = place_order.place_order(self.customer, ["tea"])
                transaction.on_commit(later)
        later.assert_called_once_with()
        self.assertIsNone(Order.objects.get(pk=order.pk).receipt_sent_at)

    def test_twice_for_the_same_order_is_one_mail(self):
        order = Order.objects.create(customer=self.customer)
        send_receipt(order.pk)
        send_receipt(order.pk)
        self.assertEqual(len(mail.outbox), 1)
