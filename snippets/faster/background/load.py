"""What is measured of the workers: tasks that wait, and tasks that compute."""

import os

import httpx
import redis
from celery import shared_task
from django.conf import settings

client = httpx.Client(timeout=5.0)
counter = redis.Redis.from_url(getattr(settings, "CELERY_BROKER_URL", "redis://"))


@shared_task
def waits():
    """Ask the partner, who takes 50 ms; next to no CPU time."""
    client.get(f"{os.environ['PARTNER_URL']}/wait?ms=50")
    counter.incr("done")


@shared_task
def computes():
    """Use the CPU, as a PDF or an image would."""
    sum(number * number for number in range(400_000))
    counter.incr("done")


def fill(queue, kind, tasks):
    """Put so many tasks of a kind ("waits", "computes") into a queue."""
    task = {"waits": waits, "computes": computes}[kind]
    for _ in range(tasks):
        task.apply_async(queue=queue)
