"""Indexes on what the searches really compare."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Upper

INDEXES = [
    # For email__iexact: the same function as in the query.
    models.Index(Upper("email"), name="customer_email_upper"),
    # For email__contains: pieces of three letters. Needs the extension pg_trgm (TrigramExtension in a migration).
    GinIndex(fields=["email"], opclasses=["gin_trgm_ops"], name="customer_email_trigrams"),
]
