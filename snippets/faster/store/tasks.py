"""Work that does not have to be done before the page is sent."""

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from store.models import Order


@shared_task(
    acks_late=True,
    autoretry_for=(OSError, SoftTimeLimitExceeded),  # smtplib's errors are a kind of OSError
    retry_backoff=30,  # seconds; the double each time, 10 minutes at most, and a random part of that
    max_retries=8,
    soft_time_limit=60,  # seconds for the whole task
    time_limit=90,
)
def send_receipt(order_id):
    """Mail the receipt of one order; called again for the same order, do nothing.

    order_id: primary key (int). Raises Order.DoesNotExist when there is no such order,
    ValueError when the customer has no address.
    """
    with transaction.atomic():
        # A second worker with the same order waits here; who adds items to it (no_key) does not.
        order = Order.objects.select_for_update(of=("self",), no_key=True).get(pk=order_id)
        if order.receipt_sent_at:
            return
        # The row stays locked meanwhile. EMAIL_TIMEOUT bounds each answer of the mail server, the limits above the whole.
        if not send_mail("Your receipt", f"Order {order.pk}", None, [order.customer.email]):
            raise ValueError(f"order {order.pk}: nobody to send the receipt to")
        order.receipt_sent_at = timezone.now()
        order.save(update_fields=["receipt_sent_at"])
