"""Work that the page does not wait for: with Celery, with Django's tasks framework, with a batch."""

from background.celery import app as celery_app

__all__ = ["celery_app"]
