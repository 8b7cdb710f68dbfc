"""Views that do nothing, to see what the way to them costs."""

from django.http import HttpResponse


def sync_empty(request):
    """Nothing, synchronously."""
    return HttpResponse("")


async def async_empty(request):
    """Nothing, as a coroutine."""
    return HttpResponse("")
