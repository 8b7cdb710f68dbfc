"""The same computation in a synchronous and in an async view."""

from django.http import HttpResponse

ROUNDS = 250_000  # some ten milliseconds


def compute():
    """Something that needs the CPU and nothing else."""
    total = 0
    for number in range(ROUNDS):
        total += number * number
    return total


def sync_computing(request):
    """Compute in the thread of the request."""
    return HttpResponse(str(compute()))


async def async_computing(request):
    """Compute on the event loop."""
    return HttpResponse(str(compute()))
