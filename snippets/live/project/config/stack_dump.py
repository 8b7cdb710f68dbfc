"""On SIGRTMIN this process writes to standard error where each thread is, and where each task waits. Linux."""

import contextlib
import faulthandler
import os
import signal
import threading
import traceback

from config import await_chain

SIGNAL = getattr(signal, "SIGRTMIN", None)  # no server uses it; macOS and Windows have none


def arm():
    """Call it where the application is loaded: at the end of asgi.py or wsgi.py."""
    if SIGNAL is None or threading.current_thread() is not threading.main_thread():
        return  # only the main thread may; runserver loads the application in another one
    faulthandler.unregister(SIGNAL)  # or a second call would lose the threads
    signal.signal(SIGNAL, write_tasks)
    if signal.getsignal(SIGNAL) is write_tasks:  # mod_wsgi ignores the line above
        # In C: it writes even when Python gets no turn. chain=True goes on with write_tasks.
        faulthandler.register(SIGNAL, file=2, all_threads=True, chain=True)


def write_tasks(*_):
    try:
        text = await_chain.report()
    except Exception:  # it would go on in whatever the signal has interrupted
        text = traceback.format_exc()
    with contextlib.suppress(OSError):  # so would this, when nobody reads standard error
        os.write(2, text.encode(errors="backslashreplace"))
