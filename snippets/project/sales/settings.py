"""
The shop's settings for the sales app, in which everything fails on purpose.

Start a server with DJANGO_SETTINGS_MODULE=sales.settings to have it. No other recipe does, so none is touched by it.
"""

import os

from config import settings as shop

globals().update({name: value for name, value in vars(shop).items() if name.isupper()})

INSTALLED_APPS = [*shop.INSTALLED_APPS, "django.contrib.auth", "django.contrib.sessions", "sales"]
MIDDLEWARE = [
    *shop.MIDDLEWARE,
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # For one run, e.g. SALES_MIDDLEWARE=sales.middleware.sync_audit,sales.middleware.async_audit
    *filter(None, os.environ.get("SALES_MIDDLEWARE", "").split(",")),
]
ROOT_URLCONF = "sales.urls"
# Enough for one process; WebSockets of several need Redis.
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

# --8<-- [start:request-id]
if os.environ.get("SALES_REQUEST_ID"):
    MIDDLEWARE = ["config.request_id.middleware", *MIDDLEWARE]
    LOGGING = {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": "config.request_id.RequestIdFilter"}},
        "formatters": {"line": {"()": "sales.log_lines.EveryLine"}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]},
        },
        "root": {"handlers": ["console"], "level": "INFO"},
    }
# --8<-- [end:request-id]
