"""The settings, and one cache for all processes."""

import os

from settings import *  # noqa: F403

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": os.environ["CACHE_URL"],  # redis://127.0.0.1:6379/2
    }
}
