"""The settings, and one cache for all processes."""

import os

from settings import *  # noqa: F403

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": os.environ["CACHE_URL"],  # redis://127.0.0.1:6379/2
        # Seconds. A cache that takes longer than this is worth nothing; redis-py's own default is 5.
        "OPTIONS": {"socket_connect_timeout": 0.2, "socket_timeout": 0.2},
    }
}
