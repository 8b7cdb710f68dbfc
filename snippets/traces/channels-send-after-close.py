from channels.generic.websocket import AsyncJsonWebsocketConsumer

from sales import orders


class Checkout(AsyncJsonWebsocketConsumer):
    async def receive_json(self, content):
        if "currency" not in content:
            await self.close(code=4400)
            return  # close() does not end the method
        await self.send_json(orders.checkout({**orders.CART, **content}))
