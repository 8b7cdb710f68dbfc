"""The samples with silk, which keeps what it saw in the database. Run "manage.py migrate" once."""

from settings import *  # noqa: F403
from settings import INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS = [*INSTALLED_APPS, "django.contrib.staticfiles", "silk"]
MIDDLEWARE = ["silk.middleware.SilkyMiddleware", *MIDDLEWARE]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
STATIC_URL = "static/"
ROOT_URLCONF = "measuring.urls_silk"
SILKY_MAX_RECORDED_REQUESTS = 1000
# Bytes: the pages of customers have no place in a log.
SILKY_MAX_REQUEST_BODY_SIZE = 0
SILKY_MAX_RESPONSE_BODY_SIZE = 0
