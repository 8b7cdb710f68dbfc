"""The ASGI application with WebSockets, and applications that are wrong in one way each."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sales.settings")

django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path  # noqa: E402

from sales import consumers, fixes  # noqa: E402

fixed = [
    path(f"fixed/{pattern}/{name}/", consumer.as_asgi())
    for pattern, module in fixes.modules().items()
    for name, consumer in fixes.consumers_of(module).items()
]

application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": URLRouter(
            [
                path("ws/async-checkout/", consumers.AsyncCheckout.as_asgi()),
                path("ws/sync-checkout/", consumers.SyncCheckout.as_asgi()),
                path("ws/orm-checkout/", consumers.OrmCheckout.as_asgi()),
                path("ws/own-loop-checkout/", consumers.OwnLoopCheckout.as_asgi()),
                path("ws/no-handler/", consumers.NoHandler.as_asgi()),
                path("ws/group-name/", consumers.GroupName.as_asgi()),
                path("ws/send-after-close/", consumers.SendAfterClose.as_asgi()),
                path("ws/send-before-accept/", consumers.SendBeforeAccept.as_asgi()),
                path("ws/not-as-asgi/", consumers.AsyncCheckout),
                *fixed, *fixes.websockets(),
            ]
        ),
    }
)


# --8<-- [start:incomplete]
async def maintenance(scope, receive, send):
    """Forgets to answer what it does not pass on."""
    if scope["path"].startswith("/five/"):
        return
    await django_application(scope, receive, send)
# --8<-- [end:incomplete]


# --8<-- [start:half-response]
async def half_response(scope, receive, send):
    """Starts a response and returns before its body is complete."""
    if scope["path"].startswith("/five/"):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"total: ", "more_body": True})
        return
    await django_application(scope, receive, send)
# --8<-- [end:half-response]


# --8<-- [start:starts-twice]
async def starts_twice(scope, receive, send):
    """Sends headers of its own, and lets Django send its response after them."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-accel-buffering", b"no")]})
    await django_application(scope, receive, send)
# --8<-- [end:starts-twice]
