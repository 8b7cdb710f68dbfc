"""The samples with the pages of this step and no tool."""

from settings import *  # noqa: F403

ROOT_URLCONF = "measuring.urls"
