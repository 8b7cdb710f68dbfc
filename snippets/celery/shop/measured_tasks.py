"""The tasks with which the records were made."""

import os
import time
from pathlib import Path

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from .models import Product


def has_note(name):
    return (Path(os.environ["TASK_NOTES"]) / name).exists()


def note(name, text):
    """A line in a file: what a task did, also when its process does not live to say so."""
    with open(Path(os.environ["TASK_NOTES"]) / name, "a") as file:
        file.write(f"{text}\n")


@shared_task(ignore_result=False)
def add(a, b):
    return a + b


@shared_task(ignore_result=False)
def price_of(product_id):
    return Product.objects.get(pk=product_id).price


@shared_task
def note_price(product_id, name):
    try:
        note(name, f"price {Product.objects.get(pk=product_id).price}")
    except Product.DoesNotExist:
        note(name, "DoesNotExist")
        raise


@shared_task(ignore_result=False)
def wait(seconds, name):
    note(name, f"begin {os.getpid()}")
    time.sleep(seconds)
    note(name, f"end {os.getpid()}")
    return "done"


wait_acks_late = shared_task(name="shop.measured_tasks.wait_acks_late", ignore_result=False, acks_late=True)(wait.run)


@shared_task(ignore_result=False)
def lose_process(name):
    """As a crash in C code or the kernel's OOM killer would."""
    note(name, "begin")
    os._exit(1)


@shared_task(ignore_result=False, acks_late=True)
def lose_process_acks_late(name):
    note(name, "begin")
    os._exit(1)


@shared_task(ignore_result=False, acks_late=True, reject_on_worker_lost=True)
def lose_process_twice(name):
    """Loses its process on the first two deliveries. Without an end of its own it would come back forever."""
    note(name, "begin")
    if len((Path(os.environ["TASK_NOTES"]) / name).read_text().splitlines()) < 3:
        os._exit(1)
    return "done"


@shared_task(ignore_result=False, soft_time_limit=1, time_limit=30)
def over_soft_limit():
    try:
        time.sleep(10)
    except SoftTimeLimitExceeded:
        return "cleaned up"


@shared_task(time_limit=60)
def hard_limit_alone():
    """Its soft limit is the one of the settings, which is higher."""


@shared_task(ignore_result=False, soft_time_limit=1, time_limit=2)
def over_hard_limit():
    """Takes no notice of the soft limit."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            time.sleep(10)
        except SoftTimeLimitExceeded:
            pass


@shared_task(ignore_result=False, bind=True, autoretry_for=(ConnectionError,), retry_backoff=True, max_retries=5)
def fails_twice(self):
    if self.request.retries < 2:
        raise ConnectionError("the other service does not answer")
    return self.request.retries
