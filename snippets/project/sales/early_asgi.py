"""Imports the consumers, and with them the models, before the apps are loaded."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

from sales.consumers import AsyncCheckout

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sales.settings")

application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": URLRouter([path("ws/async-checkout/", AsyncCheckout.as_asgi())]),
    }
)
