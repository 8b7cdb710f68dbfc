"""Work that does not have to be done before the page is sent."""

from celery import shared_task
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from store.models import Order


@shared_task(
    acks_late=True,
    autoretry_for=(OSError,),  # of which smtplib's errors are a kind
    retry_backoff=True,
    max_retries=5,
)
def send_receipt(order_id):
    """Mail the receipt of one order; called again for the same order, do nothing.

    order_id: primary key (int). Raises Order.DoesNotExist when there is no such order.
    """
    with transaction.atomic():
        # A second worker with the same order waits here.
        order = Order.objects.select_for_update().get(pk=order_id)
        if order.receipt_sent_at:
            return
        # The row stays locked while the mail is sent: EMAIL_TIMEOUT in settings.py bounds that.
        send_mail("Your receipt", f"Order {order.pk}", None, [order.customer.email])
        order.receipt_sent_at = timezone.now()
        order.save(update_fields=["receipt_sent_at"])
