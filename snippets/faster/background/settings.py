"""The settings, with what runs the tasks."""

import os

from settings import *  # noqa: F403
from settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "background", "django_tasks_db"]
EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND", "background.mail.Waits")

# Celery, with Redis.
CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "redis://127.0.0.1:6379/1")
# Seconds. Without them a Redis that keeps silent holds the page that enqueues without end.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 2}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0}  # the default tries four times
CELERY_TASK_IGNORE_RESULT = True
CELERY_IMPORTS = ["background.load"]  # the tasks that are measured
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# Django's tasks framework, with the tasks in a table of the same database.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
