"""Each step of the ladder has an app, and each app that is installed its addresses."""

from django.conf import settings
from django.urls import include, path

APPS = ["store", "waiting", "calls", "coroutines", "background"]
urlpatterns = [path(f"{app}/", include(f"{app}.urls")) for app in APPS if app in settings.INSTALLED_APPS]
