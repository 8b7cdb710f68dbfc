"""Where each asyncio task waits, from the outermost coroutine down to the innermost await. Python 3.11 or later."""

import asyncio
import gc
import os
from traceback import StackSummary

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # the folder with manage.py
NEXT = {"cr_frame": "cr_await", "gi_frame": "gi_yieldfrom", "ag_frame": "ag_await"}  # coroutine, generator, async generator


def chain(task):
    """The frames of a waiting task, outermost first, on through whatever it awaits."""
    waiting = task.get_coro()
    for _ in range(1000):  # two tasks may wait for each other
        kind = next((kind for kind in NEXT if getattr(waiting, kind, None)), None)
        if kind:
            yield getattr(waiting, kind)
            waiting = getattr(waiting, NEXT[kind])
        elif isinstance(waiting, asyncio.Task):
            waiting = waiting.get_coro()
        elif waiting is None or isinstance(waiting, asyncio.Future):
            return
        else:  # a wrapper, e.g. of "async for": Python tells what is inside it in no other way
            inside = gc.get_referents(waiting)
            waiting = next((x for x in inside if isinstance(x, asyncio.Task) or any(hasattr(x, kind) for kind in NEXT)), None)


def address(frames):
    """The path of the request or WebSocket that a stack belongs to; "" when it belongs to none."""
    for frame in frames:
        if "request" in frame.f_locals:
            return getattr(frame.f_locals["request"], "path", "")
        if "scope" in frame.f_locals:
            return frame.f_locals["scope"].get("path", "")
    return ""


def report():
    """Text: the tasks of this process that wait in your code, each with its stack; the others are only counted."""
    # The collector knows the tasks of every event loop; asyncio.all_tasks() only those of one.
    tasks = [x for x in gc.get_objects() if issubclass(type(x), asyncio.Task) and not x.done()]
    stacks = []
    for task in tasks:
        frames = list(chain(task))
        files = [frame.f_code.co_filename for frame in frames]
        if any(file.startswith(ROOT) and "site-packages" not in file for file in files):
            lines = StackSummary.extract((frame, frame.f_lineno) for frame in frames).format()
            stacks.append(f"\nStack for {address(frames) or task.get_name()} (most recent call last):\n{''.join(lines)}")
    above = f"Process {os.getpid()}, whose threads are above"
    return f"\n{above}: {len(stacks)} of {len(tasks)} tasks wait in your code.\n{''.join(stacks)}\n"
