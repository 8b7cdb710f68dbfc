from celery import shared_task
from celery.utils.log import get_task_logger

from .models import Product

logger = get_task_logger(__name__)


# acks_late: acknowledged when it is done, so it comes again when the whole worker is lost. Twice has to be the same
# as once. Errors of the network are tried again, after 1, 2, 4, ... seconds and a random part of them.
@shared_task(acks_late=True, autoretry_for=(OSError,), retry_backoff=True, max_retries=5)
def print_label(product_id):
    """Takes a primary key and not a product: it reads what is in the database when it runs."""
    product = Product.objects.get(pk=product_id)
    logger.info("label: %s, %s yen", product.name, product.price)
