import asyncio


class DebugLoop:
    """An ASGI application around yours: asyncio's debug mode, whatever the server thinks of it. For a test machine."""

    def __init__(self, application):
        self.application = application

    async def __call__(self, scope, receive, send):
        loop = asyncio.get_running_loop()
        loop.set_debug(True)
        loop.slow_callback_duration = 0.1  # seconds; a step that takes so long or longer is logged
        await self.application(scope, receive, send)


application = DebugLoop(application)
