"""The same with both middlewares, and their lines on standard output."""

from measuring.settings_plain import *  # noqa: F403
from settings import MIDDLEWARE

MIDDLEWARE = ["measuring.queue_time.queue_time", "store.timing.timing", *MIDDLEWARE]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {
        "measuring.queue_time": {"handlers": ["console"], "level": "INFO"},
        "store.timing": {"handlers": ["console"], "level": "INFO"},
    },
}
