"""The samples without any middleware, to see what middleware costs."""

from settings import *  # noqa: F403

MIDDLEWARE = []
