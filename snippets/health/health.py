"""Middleware: answers /livez/ and /readyz/ before Django looks at the Host header."""

import logging

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.db import connection
from django.http import HttpResponse
from django.utils.decorators import sync_and_async_middleware

logger = logging.getLogger(__name__)


def livez():
    """The process answers. Nothing else: a restart does not mend a database."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz():
    """The process answers and the database does, too."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception as error:  # whatever it is, there is no database to work with
        logger.warning("not ready: %s", error)
        return HttpResponse("no database\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


@sync_and_async_middleware
def health(get_response):
    """For WSGI and ASGI. Under ASGI /livez/ needs the event loop only, /readyz/ a thread."""
    if iscoroutinefunction(get_response):

        async def middleware(request):
            if request.path_info == "/livez/":
                return livez()
            if request.path_info == "/readyz/":
                return await sync_to_async(readyz)()
            return await get_response(request)

    else:

        def middleware(request):
            if request.path_info == "/livez/":
                return livez()
            if request.path_info == "/readyz/":
                return readyz()
            return get_response(request)

    return middleware
