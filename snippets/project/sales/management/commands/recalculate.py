"""python manage.py recalculate: sync code in a thread that starts an event loop of its own."""

import asyncio

from asgiref.sync import sync_to_async
from django.core.management.base import BaseCommand

from sales import orders
from sales.rates import loops


class Command(BaseCommand):
    def handle(self, *args, **options):
        print(asyncio.run(recalculated()))


async def recalculated():
    return await sync_to_async(orders.checkout)(orders.CART, loops.through_own_loop)
