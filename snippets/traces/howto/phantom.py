"""Where the frames with `raise exc_info[1]` come from: no view of Django, no server."""

import asyncio
import threading
import traceback

from asgiref.sync import sync_to_async


async def view():
    print("the view runs in", threading.current_thread().name)
    raise KeyError("CHF")


def log_error():
    """Django writes the log and makes the error response in a thread, as sync code may do both."""
    print("the error is logged in", threading.current_thread().name)
    traceback.print_exc()


async def handler():
    try:
        await view()
    except KeyError:
        await sync_to_async(log_error, thread_sensitive=False)()


asyncio.run(handler())
