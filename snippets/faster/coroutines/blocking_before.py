"""An async view that waits with a blocking call: nobody else on this worker is served meanwhile."""

import time

from django.http import HttpResponse


async def report(request):
    """Answer after a fifth of a second in which the event loop stands still."""
    time.sleep(0.2)  # requests.get(), a driver that cannot be awaited, a long computation: all the same
    return HttpResponse("done")
