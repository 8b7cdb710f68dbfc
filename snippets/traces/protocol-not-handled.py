"""asgi.py: WebSockets go to Channels, the rest to Django."""

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.urls import path  # noqa: E402

from sales.consumers import AsyncCheckout  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": django_application,
        # A page of another site may not connect as your user.
        "websocket": AllowedHostsOriginValidator(
            URLRouter([path("ws/async-checkout/", AsyncCheckout.as_asgi())]),
        ),
    }
)
