from asgiref.sync import async_to_sync, sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.http import JsonResponse

from sales import orders
from sales.rates import table


def rate(currency):
    # asyncio.run() would hide from asgiref that this thread waits; async_to_sync tells it.
    return async_to_sync(from_table)(currency)


async def from_table(currency):
    return await sync_to_async(table.lookup)(currency)


async def checkout(request):
    return JsonResponse(await sync_to_async(orders.checkout)(orders.CART, rate))


class Checkout(AsyncJsonWebsocketConsumer):
    async def receive_json(self, content):
        await self.send_json(await sync_to_async(orders.checkout)(orders.CART, rate))
