"""Python 3.14: asyncio.print_call_graph() of waiting tasks, and what await_chain.py says of the same ones. Beside manage.py."""

import asyncio
from types import SimpleNamespace

from config import await_chain
from stock import orders, supplier, views


async def ask(sku):
    """In place of the supplier's: nobody answers, and no socket is needed."""
    await asyncio.get_running_loop().create_future()


async def basket(price):
    return await price


async def stream():
    async for price in orders.prices(["cup", "tin"]):
        print(price)


async def main():
    supplier.ask = ask
    request = SimpleNamespace(path="/stock/async/")
    price = asyncio.create_task(views.async_price(request), name="price")
    others = [asyncio.create_task(basket(price), name="basket"), asyncio.create_task(stream(), name="stream")]
    await asyncio.sleep(0.1)
    for task in [price, *others]:
        asyncio.print_call_graph(task)
    print(await_chain.report())


asyncio.run(main())
