"""Where each asyncio task waits, from the outermost coroutine down to the innermost await. Python 3.11 or later."""

import asyncio
import gc
import os
from traceback import StackSummary
from urllib.parse import quote

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # the folder with manage.py
NEXT = {"cr_frame": "cr_await", "gi_frame": "gi_yieldfrom", "ag_frame": "ag_await"}  # coroutine, generator, async generator
MOST = 50  # so many different stacks are written, those of the most tasks


def chain(task):
    """The frames of a waiting task, outermost first, on through whatever it awaits."""
    waiting, seen = task.get_coro(), set()
    while id(waiting) not in seen:  # two tasks may wait for each other
        seen.add(id(waiting))
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
        request, scope = frame.f_locals.get("request"), frame.f_locals.get("scope")
        path = getattr(request, "path", "") or (scope.get("path") if isinstance(scope, dict) else "")
        if path and isinstance(path, str):
            return quote(path)  # a path may hold a line break
    return ""


def stack(task):
    """The stack of a task as text, "" for one that is not in your code; and what the task belongs to."""
    try:
        frames = list(chain(task))
        files = [frame.f_code.co_filename for frame in frames]
        if not any(file.startswith(ROOT) and "site-packages" not in file for file in files):
            return "", ""
        lines = StackSummary.extract((frame, frame.f_lineno) for frame in frames).format()
        return "".join(lines), address(frames) or task.get_name()
    except Exception as error:  # the other tasks are still worth reading
        return f"  not read: {type(error).__name__}\n", task.get_name()


def report():
    """Text: the tasks of this process that wait in your code, equal stacks once; the other tasks are only counted."""
    # The collector knows the tasks of every event loop; asyncio.all_tasks() only those of one.
    tasks = [x for x in gc.get_objects() if issubclass(type(x), asyncio.Task) and not x.done()]
    owners = {}  # stack: what its tasks belong to
    for text, owner in map(stack, tasks):
        if text:
            owners.setdefault(text, []).append(owner)
    said = [f"{sum(map(len, owners.values()))} of {len(tasks)} tasks wait in your code.\n"]
    for text, names in sorted(owners.items(), key=lambda item: -len(item[1]))[:MOST]:
        some = list(dict.fromkeys(names))[:3]
        more = f" and {len(names) - len(some)} more" if len(names) > len(some) else ""
        said.append(f"\nStack for {', '.join(some)}{more} (most recent call last):\n{text}")
    if len(owners) > MOST:
        said.append(f"\nOther stacks left out: {len(owners) - MOST}\n")
    return f"\nProcess {os.getpid()}, whose threads are above: {''.join(said)}\n"
