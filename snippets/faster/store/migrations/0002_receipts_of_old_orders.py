"""Marks the orders of the time before receipts: send_receipts would mail one for each of them on its first run."""

from django.db import migrations
from django.db.models.functions import Now


def mark(apps, editor):
    """Deploy it together with the code that sends receipts: what is ordered afterwards gets one."""
    apps.get_model("store", "Order").objects.filter(receipt_sent_at=None).update(receipt_sent_at=Now())


class Migration(migrations.Migration):
    dependencies = [("store", "0001_initial")]
    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
