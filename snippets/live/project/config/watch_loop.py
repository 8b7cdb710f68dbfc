"""Writes every thread's stack to standard error when the event loop is blocked."""

import asyncio
import faulthandler


class WatchLoop:
    """An ASGI application around yours, at the end of asgi.py: application = WatchLoop(application)."""

    def __init__(self, application, seconds=3):
        self.application, self.seconds, self.watching = application, seconds, False

    async def __call__(self, scope, receive, send):
        if not self.watching:  # here and not in __init__: now the event loop runs
            self.watching = True
            self._put_off(asyncio.get_running_loop())
        await self.application(scope, receive, send)

    def _put_off(self, loop):
        """Winds a timer up again, three times before it goes off. A blocked loop does not come here."""
        faulthandler.dump_traceback_later(self.seconds, file=2)
        loop.call_later(self.seconds / 3, self._put_off, loop)
