import asyncio
import logging

from sales.rates import partner

logger = logging.getLogger(__name__)
running = set()  # the event loop itself keeps only weak references


async def booked(currency):
    return await to_the_end(book(currency), f"booking of {currency}")


async def book(currency):
    await asyncio.sleep(0.2)
    return await partner.quote(currency)


async def to_the_end(coroutine, what):
    """Like shield(), but if it fails when nobody waits any more, the log says what failed."""
    task = asyncio.create_task(coroutine, name=what)
    running.add(task)
    task.add_done_callback(running.discard)
    try:
        await asyncio.wait([task])  # does not cancel the task when it is cancelled itself
    except asyncio.CancelledError:
        task.add_done_callback(log_failure)
        raise
    return task.result()


def log_failure(task):
    if not task.cancelled() and (error := task.exception()):
        logger.error("%s failed after its request was cancelled", task.get_name(), exc_info=error)
