from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.core.asgi import get_asgi_application

django_application = get_asgi_application()


# --8<-- [start:start]
async def application(scope, receive, send):
    """Adds a header to the response of Django, in place of starting one of its own."""

    async def send_with_header(message):
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"x-accel-buffering", b"no")]}
        await send(message)

    await django_application(scope, receive, send_with_header)
# --8<-- [end:start]


# --8<-- [start:accept]
class Hello(AsyncJsonWebsocketConsumer):
    async def connect(self):
        await self.accept()
        await self.send_json({"hello": "who is there?"})
# --8<-- [end:accept]
