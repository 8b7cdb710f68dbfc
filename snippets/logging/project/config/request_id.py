"""One id per request, in every line that is logged while it is worked on. WSGI and ASGI, sync and async views."""

import logging
import re
import uuid
from contextvars import ContextVar

from asgiref.sync import iscoroutinefunction
from django.core.signals import request_finished
from django.utils.decorators import sync_and_async_middleware

HEADER = "X-Request-ID"
# What is believed when it arrives. Anything else, be it a line feed or a novel, gets a new id.
VALID = re.compile(r"[A-Za-z0-9_-]{8,64}")

# A context variable and no thread-local: many requests share one thread under ASGI, and asgiref carries it
# into the threads of sync views.
current = ContextVar("request_id", default=None)


def begin(request):
    """Take the id that the proxy sent, or make one; request.request_id is for templates and error reports."""
    sent = request.headers.get(HEADER, "")
    request.request_id = sent if VALID.fullmatch(sent) else uuid.uuid4().hex
    current.set(request.request_id)


@sync_and_async_middleware
def middleware(get_response):
    """The first entry in MIDDLEWARE, so that the others log with the id, too."""
    if iscoroutinefunction(get_response):

        async def with_request_id(request):
            begin(request)
            response = await get_response(request)
            response[HEADER] = request.request_id
            return response

    else:

        def with_request_id(request):
            begin(request)
            response = get_response(request)
            response[HEADER] = request.request_id
            return response

    return with_request_id


def end(**kwargs):
    """Forget the id: the thread goes on, and what it logs between two requests belongs to neither."""
    current.set(None)


# Not at the end of the middleware: the pieces of a streaming response and the access log come after it.
request_finished.connect(end)


class RequestIdFilter(logging.Filter):
    """Writes the id into each record; None outside of requests. Belongs on the handler, where all loggers meet."""

    def filter(self, record):
        record.request_id = current.get()
        return True
