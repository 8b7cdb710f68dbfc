import os

from channels.generic.websocket import AsyncJsonWebsocketConsumer, AsyncWebsocketConsumer


class EchoConsumer(AsyncWebsocketConsumer):
    """Sends every text message back."""

    async def receive(self, text_data=None, bytes_data=None):
        await self.send(text_data=text_data, bytes_data=bytes_data)


class ChatConsumer(AsyncJsonWebsocketConsumer):
    """What one client of a room sends, all of them receive, whichever process serves them."""

    async def connect(self):
        self.room = f"chat.{self.scope['url_route']['kwargs']['room']}"
        await self.channel_layer.group_add(self.room, self.channel_name)
        await self.accept()

    async def disconnect(self, code):
        await self.channel_layer.group_discard(self.room, self.channel_name)

    async def receive(self, text_data=None, bytes_data=None):
        if text_data:
            message = {"type": "chat.message", "text": text_data[:500], "process": os.getpid()}
            await self.channel_layer.group_send(self.room, message)

    async def chat_message(self, event):
        """Called for each message to the group: its type with the dot made an underscore."""
        await self.send_json({"text": event["text"], "process": event["process"]})
