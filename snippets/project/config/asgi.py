import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# First of all: it loads the apps. Consumers may import models, and those need the apps.
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.urls import path  # noqa: E402

from shop.consumers import ChatConsumer, EchoConsumer  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": django_application,
        # Browsers always send Origin; a client without one is refused with 403.
        "websocket": AllowedHostsOriginValidator(
            URLRouter(
                [
                    path("ws/echo/", EchoConsumer.as_asgi()),
                    path("ws/chat/<slug:room>/", ChatConsumer.as_asgi()),
                ]
            )
        ),
    }
)
