"""The same middleware for both worlds: as a coroutine where what it calls is one."""

from asgiref.sync import iscoroutinefunction
from django.utils.decorators import sync_and_async_middleware


@sync_and_async_middleware
def branch(get_response):
    """Say in each response which branch served it."""

    def told(response):
        response["X-Branch"] = "tokyo"
        return response

    if iscoroutinefunction(get_response):

        async def middleware(request):
            return told(await get_response(request))

    else:

        def middleware(request):
            return told(get_response(request))

    return middleware
