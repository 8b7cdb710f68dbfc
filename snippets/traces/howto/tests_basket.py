"""Two requests that overlap in the same place every time, without waiting and hoping."""

import asyncio
from unittest import IsolatedAsyncioTestCase

from basket import total


class OverlapTests(IsolatedAsyncioTestCase):
    async def test_two_orders_at_once(self):
        both_arrived = asyncio.Barrier(2)

        async def quote(currency):
            """In place of the external call: nobody goes on before the other is here too."""
            await both_arrived.wait()
            return 1

        async with asyncio.timeout(5):
            totals = await asyncio.gather(total([100], "EUR", quote), total([700], "EUR", quote))
        self.assertEqual(totals, [100, 700])
