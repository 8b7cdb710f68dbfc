"""On SIGRTMIN this process writes to standard error where each thread is, and where each task waits. Linux."""

import faulthandler
import os
import signal
import traceback

from config import await_chain

SIGNAL = signal.SIGRTMIN  # no server uses it


def arm():
    """Call it where the application is loaded: at the end of asgi.py or wsgi.py."""
    signal.signal(SIGNAL, write_tasks)
    # In C: it writes even when Python gets no turn. chain=True goes on with the function above.
    faulthandler.register(SIGNAL, file=2, all_threads=True, chain=True)


def write_tasks(*_):
    try:
        text = await_chain.report()
    except Exception:  # it would go on in whatever the signal has interrupted
        text = traceback.format_exc()
    os.write(2, text.encode())
