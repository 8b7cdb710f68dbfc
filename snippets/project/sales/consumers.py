"""WebSocket consumers that fail, when they receive a message or before."""

from asgiref.sync import sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer, JsonWebsocketConsumer

from . import orders
from .rates import database, loops, partner, table


class AsyncCheckout(AsyncJsonWebsocketConsumer):
    async def receive_json(self, content):
        await self.send_json(await orders.acheckout({**orders.CART, **content}, partner.quote))


class SyncCheckout(JsonWebsocketConsumer):
    def receive_json(self, content):
        self.send_json(orders.checkout({**orders.CART, **content}, table.lookup))


class OrmCheckout(AsyncJsonWebsocketConsumer):
    async def receive_json(self, content):
        await self.send_json(await orders.acheckout(orders.CART, database.from_coroutine))


# --8<-- [start:own-loop]
class OwnLoopCheckout(AsyncJsonWebsocketConsumer):
    async def receive_json(self, content):
        await self.send_json(await sync_to_async(orders.checkout)(orders.CART, loops.through_own_loop))
# --8<-- [end:own-loop]


# --8<-- [start:no-handler]
class NoHandler(AsyncJsonWebsocketConsumer):
    async def receive_json(self, content):
        await self.channel_layer.send(self.channel_name, {"type": "rate.changed"})

    async def on_rate_changed(self, event):
        await self.send_json({"changed": True})
# --8<-- [end:no-handler]


# --8<-- [start:group-name]
class GroupName(AsyncJsonWebsocketConsumer):
    async def connect(self):
        await self.channel_layer.group_add(f"orders of {self.scope['client'][0]}", self.channel_name)
        await self.accept()
# --8<-- [end:group-name]


# --8<-- [start:send-after-close]
class SendAfterClose(AsyncJsonWebsocketConsumer):
    async def receive_json(self, content):
        if "currency" not in content:
            await self.close(code=4400)
        await self.send_json(orders.checkout({**orders.CART, **content}))
# --8<-- [end:send-after-close]


# --8<-- [start:send-before-accept]
class SendBeforeAccept(AsyncJsonWebsocketConsumer):
    async def connect(self):
        await self.send_json({"hello": "who is there?"})
        await self.accept()
# --8<-- [end:send-before-accept]
