# Web processes need the app as well: without it .delay() looks for a broker of its own.
from .celery import app as celery_app

__all__ = ["celery_app"]
