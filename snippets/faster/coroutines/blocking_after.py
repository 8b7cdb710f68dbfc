"""The blocking call in a thread: the event loop goes on."""

import time

from asgiref.sync import sync_to_async
from django.http import HttpResponse


async def report(request):
    """Answer after a fifth of a second in which others are served."""
    # thread_sensitive=False: a thread of the event loop's pool, which has CPUs + 4 of them, 32 at most, and looks up
    # host names, too. For more calls at once name a pool of your own: executor=ThreadPoolExecutor(...).
    # For the ORM leave the default, which keeps a request's queries on one thread.
    await sync_to_async(time.sleep, thread_sensitive=False)(0.2)
    return HttpResponse("done")
