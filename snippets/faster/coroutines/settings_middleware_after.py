"""The samples with a middleware for both worlds in front of everything."""

from settings import *  # noqa: F403

MIDDLEWARE = ["coroutines.middleware_after.branch"]
