"""Fails when a coroutine blocks the event loop."""

import asyncio
from unittest import IsolatedAsyncioTestCase

from sales import orders
from sales.rates import waiting


class BlockingTests(IsolatedAsyncioTestCase):
    """Asyncio's debug mode is on in this class: it warns of every step that takes longer than slow_callback_duration."""

    async def test_checkout_leaves_the_event_loop_free(self):
        asyncio.get_running_loop().slow_callback_duration = 0.3
        with self.assertNoLogs("asyncio", "WARNING"):
            await orders.acheckout(orders.CART, waiting.blocking)
            await asyncio.sleep(0)  # the step ends here, and with it comes the warning
