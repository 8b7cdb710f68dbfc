import asyncio

import aiomonitor


class Monitor:
    """An ASGI application around yours: starts aiomonitor beside the event loop, once that runs."""

    def __init__(self, application):
        self.application, self.monitor = application, None

    async def __call__(self, scope, receive, send):
        if not self.monitor:
            # Whoever reaches the port runs Python in your process. 127.0.0.1 is the default; keep it.
            self.monitor = aiomonitor.start_monitor(asyncio.get_running_loop(), host="127.0.0.1")
        await self.application(scope, receive, send)


application = Monitor(application)
