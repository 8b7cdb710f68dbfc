"""The samples with a synchronous middleware in front of everything."""

from settings import *  # noqa: F403

MIDDLEWARE = ["coroutines.middleware_before.branch"]
