"""A synchronous middleware: in front of an async view it costs a thread per request."""


def branch(get_response):
    """Say in each response which branch served it."""

    def middleware(request):
        response = get_response(request)
        response["X-Branch"] = "tokyo"
        return response

    return middleware
