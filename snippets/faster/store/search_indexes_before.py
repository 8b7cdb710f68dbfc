"""The index that comes to mind first. None of the searches uses it."""

from django.db import models

INDEXES = [models.Index(fields=["email"], name="customer_email")]
