"""asgi.py for consumers that have to know who is logged in."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django_application = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.urls import path  # noqa: E402

from shop.members import MembersConsumer  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": django_application,
        # The check of Origin stays outermost: without it any other site could use the login of its visitors.
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(URLRouter([path("ws/members/", MembersConsumer.as_asgi())]))
        ),
    }
)
