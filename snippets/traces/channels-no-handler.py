from channels.generic.websocket import AsyncJsonWebsocketConsumer


class Rates(AsyncJsonWebsocketConsumer):
    async def receive_json(self, content):
        await self.channel_layer.send(self.channel_name, {"type": "rate.changed"})

    async def rate_changed(self, event):  # the type with its dots made underscores
        await self.send_json({"changed": True})
