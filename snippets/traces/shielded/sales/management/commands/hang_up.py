"""python manage.py hang_up FUNCTION: FUNCTION gets the rate for a checkout that is cancelled, as when its client leaves."""

import asyncio

from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string

from sales import orders


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("function", type=import_string)

    def handle(self, *args, function, **options):
        asyncio.run(hang_up(function))


async def hang_up(function):
    request = asyncio.create_task(orders.acheckout(orders.CART_CHF, function))
    await asyncio.sleep(0.1)
    request.cancel()
    await asyncio.wait([request])
    await asyncio.sleep(0.3)  # the server goes on, with other requests
