"""asgi.py: what no route matches is refused, without a traceback."""

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from sales.consumers import AsyncCheckout  # noqa: E402


class Unknown(AsyncWebsocketConsumer):
    async def connect(self):
        await self.close()  # before accept(): the client gets 403


application = ProtocolTypeRouter(
    {
        "http": django_application,
        # A page of another site may not connect as your user.
        "websocket": AllowedHostsOriginValidator(
            URLRouter(
                [
                    path("ws/async-checkout/", AsyncCheckout.as_asgi()),
                    re_path("", Unknown.as_asgi()),  # the last one
                ]
            )
        ),
    }
)
