"""A view that waits for another service, written synchronously: its thread can do nothing else meanwhile."""

import time

from django.http import HttpResponse

WAIT = 0.1  # seconds that the other service takes


def waiting(request):
    """Answer after the wait."""
    time.sleep(WAIT)
    return HttpResponse("done")
