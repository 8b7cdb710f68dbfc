"""Reading a captured traceback: its frames, whose code they are, what only looks like a frame, where the sides change.

Only for the texts below evidence/traces/, which are complete and come from known folders. What readers paste comes in any
shape and is read by assets/javascripts/traceback/; a test compares the two on every capture.
"""

import re
from dataclasses import dataclass, field

FRAME = re.compile(r'^(?P<before>(?:[^"]*\| )? *)File "(?P<file>[^"]+)", line(?:no)? (?P<line>\d+)(?:, in (?P<function>.+))?$')
HEADER = re.compile(r"^(?P<before>.*?)(?:\+ )?(?:Exception Group )?Traceback \(most recent call last\):$")
CHAIN = re.compile(r"(?:direct cause of the following|During handling of the above) exception")
MEMBER = re.compile(r"^ *\+[-+]+ \d+ -+$")
ERROR = re.compile(r"^[\s|]*(?P<type>[A-Za-z_][\w.]*)(?:: .*)?$")
INSTALLED = re.compile(r"/site-packages/([^/]+)/")

PACKAGES = {"django": "django", "channels": "channels", "asgiref": "asgiref", "uvloop": "asyncio"}
SERVERS = {"uvicorn", "uvicorn_worker", "gunicorn", "daphne", "hypercorn", "granian", "twisted", "autobahn", "waitress"}
# asgiref hands an exception to sync code by raising it there again; the frame has this source line.
RAISED_AGAIN = "raise exc_info[1]"
# asgiref and asyncio answer with these before anything has run.
REFUSED = re.compile("You cannot use AsyncToSync|cannot be called from a running event loop|already quit or is broken|would deadlock")
INTO_THREAD, INTO_LOOP = "async->sync", "sync->async"


@dataclass
class Frame:
    """One frame: `lines` as printed, `source` the first line of code below it ("" when there is none)."""

    file: str
    line: int
    function: str | None
    lines: list[str]
    source: str = ""

    @property
    def layer(self) -> str:
        """own, django, channels, asgiref, server, asyncio, stdlib, third-party or launcher."""
        return layer(self.file)

    @property
    def own(self) -> bool:
        return self.layer == "own"

    @property
    def phantom(self) -> bool:
        """Whether the frame only raises an exception again that came from elsewhere."""
        return self.layer == "asgiref" and self.source == RAISED_AGAIN


@dataclass
class Run:
    """The frames of one printed exception or stack, in order; `members` are those of an exception group."""

    frames: list[Frame] = field(default_factory=list)
    error: str = ""  # type of the exception, "" for a stack
    message: str = ""  # its first line
    caused: bool = False  # by the run before, directly
    headed: bool = False  # begins with "Traceback"; a stack does not
    members: list["Run"] = field(default_factory=list)


def layer(file: str) -> str:
    """Whose code a file of a capture is."""
    if found := INSTALLED.search(file):
        return PACKAGES.get(found[1]) or ("server" if found[1] in SERVERS else "third-party")
    if re.search(r"/bin/[\w.-]+$", file):
        return "launcher"
    if file.startswith("uvloop/"):
        return "asyncio"
    if "/asyncio/" in file:
        return "asyncio"
    if file.startswith("<") or "/lib/python3" in file:
        return "stdlib"
    return "own" if file.startswith("/srv/django/") else "third-party"


def read(text: str) -> list[str | Frame]:
    """The capture in order: frames, and every other line as it is."""
    found: list[str | Frame] = []
    inside = None  # what stands before the frame that takes the next lines
    for line in text.splitlines():
        if match := FRAME.match(line):
            inside = match["before"]
            found.append(Frame(match["file"], int(match["line"]), match["function"], [line]))
        elif inside is not None and line.startswith(inside + "  ") and line.strip(" |"):
            frame = found[-1]
            if not frame.source:
                frame.source = line.removeprefix(inside).strip()
            frame.lines.append(line)
        elif inside is not None and line.strip(" |").startswith("[Previous line repeated"):
            found[-1].lines.append(line)
        else:
            inside = None
            found.append(line)
    return found


def entries(items: list[str | Frame]) -> list[list[Run]]:
    """The tracebacks and stacks of a capture: each a list of runs, the earliest exception of a chain first."""
    found: list[list[Run]] = []
    parents: list[tuple[int, list[Run]]] = []  # (indentation, list that runs of this depth belong to)
    run, before = None, ""
    for item in items:
        if isinstance(item, Frame):
            if run is None:
                found.append([run := Run()])
                parents = [(0, found[-1])]
            run.frames.append(item)
            continue
        if header := HEADER.match(item):
            depth, run = _depth(header["before"]), Run(headed=True)
            if MEMBER.match(before):
                while parents[-1][0] > depth:
                    parents.pop()
                if parents[-1][0] < depth:
                    parents.append((depth, parents[-1][1][-1].members))
                parents[-1][1].append(run)
            elif CHAIN.search(before) and parents:
                while len(parents) > 1 and parents[-1][0] > depth:
                    parents.pop()
                run.caused = "direct cause" in before
                parents[-1][1].append(run)
            else:
                found.append([run])
                parents = [(depth, found[-1])]
        elif run is not None and run.frames:
            if run.headed and (error := ERROR.match(content(item))):
                run.error, run.message = error["type"], content(item)
            run = None
        if item.strip(" |"):
            before = item
    return found


def content(line: str) -> str:
    """A line without the box of a group around it, and without the prefix that a formatter puts before every line of a log."""
    return re.sub(r"^\d{4}-.*? \| ", "", line).strip(" |")


def _depth(before: str) -> int:
    """How far a traceback is indented by the boxes of groups around it."""
    return len(before) if not before.strip(" |+") else 0


def frames_of(run: Run) -> list[Frame]:
    """The frames of a run and of its members, as printed."""
    return [*run.frames, *(frame for member in run.members for frame in frames_of(member))]


def look_first(runs: list[Run]) -> Frame | None:
    """The frame to open first; None when no frame is the project's own."""
    for cause, error in zip(runs, runs[1:]):
        if error.caused and cause.error.endswith("CancelledError") and error.error.endswith("TimeoutError"):
            if slow := _innermost(cause):
                return slow
    for run in reversed(runs):
        if found := _of_members(run) or _innermost(run):
            return found
    return None


def _innermost(run: Run) -> Frame | None:
    return next((frame for frame in reversed(run.frames) if frame.own), None)


def _of_members(run: Run) -> Frame | None:
    for member in run.members:
        if found := _of_members(member) or _innermost(member):
            return found
    return None


def crossings(run: Run) -> dict[int, str]:
    """Where plain functions and coroutines change sides: {index of the last frame before: direction}; -1 is before the first."""
    found = {}
    for index, frame in enumerate(run.frames):
        if frame.phantom:
            continue
        before = run.frames[index - 1] if index else None
        after = run.frames[index + 1] if index + 1 < len(run.frames) else None
        if _is(frame, "asgiref", "thread_handler"):
            top = index - 1
            while top >= 0 and _pool(run.frames[top]):
                top -= 1
            found[top] = INTO_THREAD
        elif frame.function == "run" and frame.file.endswith("concurrent/futures/thread.py") and before and before.layer in ("own", "asyncio"):
            if after and not _is(after, "asgiref", "thread_handler"):
                found[index - 1] = INTO_THREAD
        elif _is(frame, "asgiref", "__call__") and not after and frame.source.startswith("ret = await") and not REFUSED.search(run.message):
            found[index] = INTO_THREAD  # cancelled while it waited for the thread
        elif _drives(frame) and not (before and _drives(before)):
            found[index - 1] = INTO_LOOP
        elif frame.file.endswith("asyncio/runners.py") and before and before.layer in ("own", "django", "channels", "asgiref") and after:
            last = index
            while last + 1 < len(run.frames) and re.search(r"asyncio/(?:runners|base_events|events)\.py$", run.frames[last + 1].file):
                last += 1
            if last + 1 < len(run.frames) and not REFUSED.search(run.message):
                found[last] = INTO_LOOP
    return found


def _is(frame: Frame | None, layer_: str, function: str) -> bool:
    return frame is not None and frame.layer == layer_ and frame.function == function


def _drives(frame: Frame) -> bool:
    """Whether a frame of asgiref awaits what sync code asked for. tracemalloc prints no functions, only the code."""
    known = frame.function in ("main_wrap", "new_loop_wrap") or frame.function is None and frame.source.endswith("await awaitable")
    return frame.layer == "asgiref" and known


def _pool(frame: Frame) -> bool:
    """Whether a frame is a thread or pool that starts what it was given."""
    return frame.file.endswith(("concurrent/futures/thread.py", "current_thread_executor.py", "/threading.py", "channels/db.py"))
