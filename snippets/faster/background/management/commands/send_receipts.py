"""Sends the receipts that are still to be sent; for cron or a systemd timer."""

import logging

from django.core.management.base import BaseCommand

from store.models import Order
from store.tasks import send_receipt

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """manage.py send_receipts"""

    help = __doc__

    def handle(self, **options):
        """Send them one by one; one that fails stays to be sent and does not stop the others."""
        waiting = Order.objects.filter(receipt_sent_at=None).order_by("pk").values_list("pk", flat=True)
        for order_id in waiting:
            try:
                # Locks the order and looks again: two runs at once send no receipt twice.
                send_receipt(order_id)
            except Exception:  # a refused mail, a malformed address, an order deleted meanwhile: the next one all the same
                logger.exception("receipt of order %s", order_id)
