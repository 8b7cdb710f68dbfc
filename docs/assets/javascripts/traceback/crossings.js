// Where a trace changes sides between coroutines and plain functions, and frames that only look like it.

const REFUSED = /You cannot use AsyncToSync|cannot be called from a running event loop|event loop is already running|Cannot run the event loop while another|already quit or is broken|would deadlock|cannot schedule new futures/i;

/** A path ends in this module, also when only a part of the path is left or its slashes are back slashes. */
function at(frame, module) {
  const path = frame.file.replace(/\\+/g, "/");
  return path.endsWith(module) || path.endsWith(`${module}c`);
}
/** A function's own name; py-spy writes SyncToAsync.__call__.<locals>.func. */
const called = (frame) => (frame.function === null ? null : frame.function.slice(frame.function.lastIndexOf(".") + 1));
const source = (frame) => frame.source ?? "";
const sync = (frame) => frame.layer === "asgiref" && (at(frame, "asgiref/sync.py") || at(frame, "/asgiref/") || at(frame, "sync.py"));
const pool = (frame) => at(frame, "concurrent/futures/thread.py") || at(frame, "current_thread_executor.py") || (frame.layer === "stdlib" && at(frame, "thread.py"));
const base = (frame) => at(frame, "concurrent/futures/_base.py");

// asgiref's coroutine around the awaited function; lists of tracemalloc have no function names.
const wraps = (frame) => sync(frame) && (/^(?:main_wrap|new_loop_wrap)$/.test(called(frame) ?? "") || called(frame) === null && /\bawait (?:self\.)?awaitable\b/.test(source(frame)));
const hands = (frame) => sync(frame) && (called(frame) === "thread_handler" || called(frame) === null && /^return (?:self\.)?func\(/.test(source(frame)));

/** Does this frame only re-raise an exception that asgiref carried over? */
export function isPhantom(frame, previous, next) {
  if (!sync(frame) || !["thread_handler", "main_wrap", "inner", null].includes(called(frame))) return false;
  if (/^raise exc_info\[1\]/.test(source(frame))) return true;
  // Without the source line: a real hand-over runs on a pool's thread.
  return frame.source === null && called(frame) === "thread_handler" && !(previous && (pool(previous) || at(previous, "channels/db.py"))) && Boolean(next) && next.layer === "django" && /core\/handlers/.test(next.file.replace(/\\+/g, "/"));
}

/** The crossings of one run of frames; `offset` is the index of its first frame over all printed frames. */
export function crossings(frames, offset, exception) {
  const refused = REFUSED.test(exception.message ?? "");
  const found = [];
  let last = -1; // no crossing may start above this frame again
  for (let index = 0; index < frames.length; index += 1) {
    const frame = frames[index];
    if (frame.phantom) continue;
    const start = toThread(frames, index, exception, refused);
    if (start !== null && start >= last) {
      found.push({ direction: "async->sync", afterFrame: offset + start });
      last = index;
      continue;
    }
    const awaited = toLoop(frames, index, refused);
    if (awaited !== null && awaited.after >= last) {
      found.push({ direction: "sync->async", afterFrame: offset + awaited.after });
      last = awaited.until;
      index = Math.max(index, awaited.until);
    }
  }
  return found;
}

/** Frame `index` is where a thread took over a function: the index of the last frame before, else null. */
function toThread(frames, index, exception, refused) {
  const frame = frames[index];
  const before = frames[index - 1];
  const after = frames[index + 1];
  if (hands(frame)) {
    const handed = /^return /.test(source(frame)) || /(?:self\.)?func\(/.test(source(frame)) || frame.source === null && before && (pool(before) || at(before, "channels/db.py") || sync(before) && called(before) === "__call__");
    if (!handed) return null;
    let top = index - 1;
    while (top >= 0 && (pool(frames[top]) || base(frames[top]) && !frames[top].phantom && top > 0 && pool(frames[top + 1]) || at(frames[top], "threading.py") || at(frames[top], "channels/db.py") && called(frames[top]) === "thread_handler")) top -= 1;
    return top;
  }
  if (pool(frame) && called(frame) === "run" && after && !(sync(after) && /thread_handler|_run_event_loop/.test(called(after) ?? "")) && !at(after, "channels/db.py")) {
    // run_in_executor and to_thread: a coroutine stands above; a pool used by plain code has Future.result() there.
    if (!before || after.layer === "server" || pool(after) || base(before) || at(before, "threading.py") || before.layer === "server") return null;
    if (/\.result\(|\.map\(|as_completed/.test(source(before)) && !/await/.test(source(before))) return null;
    if (/_worker/.test(called(before) ?? "")) return null;
    return index - 1;
  }
  if (/anyio\/_backends\/_asyncio\.py$/.test(frame.file.replace(/\\+/g, "/")) && called(frame) === "run" && /context\.run\(/.test(source(frame)) && before && called(before) === "run_sync_in_worker_thread") return index - 1;
  if (!after && pool(frame) && called(frame) === "run" && !refused) {
    // The function itself was cut off: asgiref's call stands above, with nothing but asyncio between.
    let above = index - 1;
    while (above >= 0 && frames[above].layer === "asyncio") above -= 1;
    if (above >= 0 && sync(frames[above]) && called(frames[above]) === "__call__" && /await/.test(source(frames[above]))) return index - 1;
  }
  if (!after && !refused) {
    // Cancelled (or cut) while waiting for the thread.
    if (sync(frame) && called(frame) === "__call__" && /await\s+(?:asyncio\.(?:shield|wait_for)\(|loop\.run_in_executor|exec_coro)/.test(source(frame))) return index;
    if (at(frame, "asyncio/threads.py") && called(frame) === "to_thread" && /CancelledError$/.test(exception.type ?? "CancelledError")) return index;
    if (sync(before ?? frame) && before && called(before) === "__call__" && /await\s+asyncio\.(?:shield|wait_for)\(/.test(source(before)) && at(frame, "asyncio/tasks.py")) return index;
  }
  return null;
}

/** Frame `index` is where plain code waits for a coroutine: {after, until}, else null. */
function toLoop(frames, index, refused) {
  const frame = frames[index];
  if (wraps(frame)) {
    let until = index;
    while (frames[until + 1] && wraps(frames[until + 1])) until += 1;
    return { after: index - 1, until };
  }
  if (sync(frame) && called(frame) === "__call__" && /(?:call_result|loop_future)\.result\(\)/.test(source(frame)) && !refused) {
    // The coroutine's first frame may have been cut off.
    for (let below = index + 1; below < frames.length && below < index + 12; below += 1) {
      if (wraps(frames[below])) return null;
      if (sync(frames[below]) && /^(?:thread_handler|__call__)$/.test(called(frames[below]) ?? "")) break;
    }
    let end = index;
    while (frames[end + 1] && (base(frames[end + 1]) || pool(frames[end + 1]))) end += 1;
    return { after: end, until: end };
  }
  const runner = (one) => at(one, "asyncio/runners.py") || (at(one, "asyncio/base_events.py") || one.layer === "asyncio" && /\.pyx$|base_events/.test(one.file)) && /^(?:run_until_complete|run_forever|_run_once|_run)$/.test(called(one) ?? "") || at(one, "asyncio/events.py") || at(one, "asyncio/windows_events.py") || at(one, "nest_asyncio.py");
  if (!runner(frame) || !/^(?:run|run_until_complete)$/.test(called(frame) ?? "")) return null;
  const caller = frames[index - 1];
  if (!caller || runner(caller)) return null;
  if (!(caller.own === true || caller.own === "unsure" || caller.layer === "django" || caller.layer === "channels" || caller.layer === "asgiref")) return null;
  let end = index;
  while (frames[end + 1] && runner(frames[end + 1])) end += 1;
  const below = frames[end + 1];
  if (!below || refused) return null;
  if (wraps(below)) return null;
  return { after: end, until: end };
}
