"""Addresses of what fails, /<kind>/<view>/, beside those of the shop. What mends it answers at /fixed/<pattern>/<view>/."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import include, path

from sales import fixes

KINDS = ["five", "orm", "loops", "coroutines", "tasks", "waiting", "streams", "db"]
if find_spec("httpx"):
    KINDS.append("web")

urlpatterns = [path("", include("config.urls"))]
for kind in KINDS:
    for name, view in fixes.views_of(import_module(f"sales.views.{kind}")).items():
        urlpatterns.append(path(f"{kind}/{name.replace('_', '-')}/", view))
# Not those that make an application of their own: a server starts them.
for pattern, module in fixes.modules(without=["get_asgi_application"]).items():
    for name, view in fixes.views_of(module).items():
        urlpatterns.append(path(f"fixed/{pattern}/{name.replace('_', '-')}/", view))
