"""The settings of the shop, with the addresses of what hangs."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "stock.urls"
