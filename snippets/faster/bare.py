"""The least that a server can serve: no Django, so that only the server is left."""

BODY = b"ok\n"
HEADERS = [("Content-Type", "text/plain"), ("Content-Length", str(len(BODY)))]


def wsgi(environ, start_response):
    """For WSGI servers: bare:wsgi."""
    start_response("200 OK", HEADERS)
    return [BODY]


async def asgi(scope, receive, send):
    """For ASGI servers: bare:asgi."""
    headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": BODY})
