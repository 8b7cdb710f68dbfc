from hashlib import sha256

from channels.auth import AuthMiddlewareStack
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.urls import path


class Orders(AsyncJsonWebsocketConsumer):
    group = None

    async def connect(self):
        user = self.scope["user"]
        if not user.is_authenticated:
            return await self.close()  # before accept(): the client gets 403
        # A primary key is unique and short. An address is shared by all who are behind one router.
        self.group = f"orders.{user.pk}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code):
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)


def group_of(text):
    """For a value that is text: each has a group of its own, and all names are equally long."""
    return f"orders.{sha256(text.encode()).hexdigest()}"


# For asgi.py, inside its AllowedHostsOriginValidator. AuthMiddlewareStack puts the user into the scope.
websockets = [
    path("ws/orders/", AuthMiddlewareStack(Orders.as_asgi())),
]
