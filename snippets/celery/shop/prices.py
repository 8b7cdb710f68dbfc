from django.db import transaction

from .models import Product
from .tasks import print_label


def change_price(sku, price):
    """For a view: the task is sent once the new price is committed, and not at all after a rollback."""
    with transaction.atomic():
        product = Product.objects.get(sku=sku)
        product.price = price
        product.save()
        print_label.delay_on_commit(product.pk)
