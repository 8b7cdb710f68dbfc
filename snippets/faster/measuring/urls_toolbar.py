"""The pages of this step, and what the toolbar needs."""

from debug_toolbar.toolbar import debug_toolbar_urls
from django.urls import include, path

urlpatterns = [path("", include("measuring.urls")), *debug_toolbar_urls()]
