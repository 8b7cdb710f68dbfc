import re

from channels.generic.websocket import AsyncJsonWebsocketConsumer


class Orders(AsyncJsonWebsocketConsumer):
    async def connect(self):
        # Letters, digits, hyphens, underscores and dots, fewer than 100.
        self.group = "orders." + re.sub(r"[^A-Za-z0-9._-]", "-", self.scope["client"][0])
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code):
        await self.channel_layer.group_discard(self.group, self.channel_name)
