"""The Celery app of the samples. /deploy/celery/ explains the settings."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "background.settings")

app = Celery("faster")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()  # tasks.py of every app in INSTALLED_APPS
