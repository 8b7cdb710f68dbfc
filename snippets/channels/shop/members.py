from asgiref.sync import async_to_sync
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import get_channel_layer
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver

LOGGED_OUT = 4401  # from 4000 on a close code is the application's own


class MembersConsumer(AsyncJsonWebsocketConsumer):
    """For users who are logged in. Who it is is looked up once, when the WebSocket opens."""

    async def connect(self):
        user = self.scope["user"]
        if not user.is_authenticated:
            await self.close()  # before accept(): the opening is answered with 403
            return
        self.group = f"user.{user.pk}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        await self.send_json({"text": f"hello {user.get_username()}"})

    async def disconnect(self, code):
        if hasattr(self, "group"):
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def logged_out(self, event):
        await self.close(code=LOGGED_OUT)


@receiver(user_logged_out)
def close_websockets(sender, user, **kwargs):
    """Nothing else ends them: an open WebSocket outlives its session."""
    if user:
        async_to_sync(get_channel_layer().group_send)(f"user.{user.pk}", {"type": "logged.out"})
