// From what was read to what is shown: which traceback comes first, what is folded, what is said about it. Pure functions.

import { apply as applyChoices, framesOf, layerOf } from "./folders.js"
import { REASONS, lookFirst } from "./look.js"

const LISTED = 50 // tracebacks that are listed beside the main one
const ROWS = 400 // rows of one exception that are drawn
const PERIOD = 12 // frames in a cycle of a recursion that is still recognised

/** What a worker sends: the last tracebacks, those that are alike only once. */
export function condense({ tracebacks, unreadable }) {
  const kept = new Map()
  for (const entry of tracebacks) {
    const key = JSON.stringify([entry.kind, entry.exceptions.map(alike)])
    const known = kept.get(key)
    kept.delete(key) // the place of the last one counts
    kept.set(key, { ...entry, times: (known?.times ?? 0) + 1 })
  }
  const entries = [...kept.values()]
  const main = mainOf(entries)
  const others = entries.filter(entry => entry !== main)
  return { main, others: others.slice(-LISTED), left: Math.max(others.length - LISTED, 0), found: tracebacks.length, dump: isDump(entries), unreadable }
}

/** Stacks of threads or tasks, and no exception: what hangs is where the reader's own code is, not what happens to be last. */
function isDump(entries) {
  return entries.length > 1 && entries.every(entry => entry.kind === "stack" || entry.kind === "message") && entries.some(entry => entry.kind === "stack")
}

function mainOf(entries) {
  const own = isDump(entries) && entries.findLast(entry => entry.kind === "stack" && framesOf(entry).some(frame => frame.own === true))
  return own || (entries.findLast(entry => entry.kind !== "message") ?? entries.at(-1) ?? null)
}

function alike({ type, message, frames, members }) {
  return [type, frames.length ? null : message, frames.map(frame => [frame.file, frame.line, frame.function]), members.map(alike)]
}

/** An entry with the reader's choices of folders applied. */
export function withChoices(entry, choices) {
  const timeout = entry.patterns.includes("timeout")
  // look.js wants to know whether a TimeoutError was directly caused; the pattern says that one was.
  return applyChoices(entry, choices, changed => lookFirst(timeout ? { ...changed, exceptions: changed.exceptions.map(item => ({ link: "cause", ...item })) } : changed))
}

/** Everything about one entry that the page says, without a word of it. */
export function outline(entry) {
  const frames = framesOf(entry)
  const layers = frames.some(frame => frame.own === true) ? { own: 0 } : {} // comes first
  for (const frame of frames) layers[layerOf(frame)] = (layers[layerOf(frame)] ?? 0) + 1
  const crossings = new Map(entry.crossings.map(crossing => [crossing.afterFrame, crossing.direction]))
  const first = placeOfFirst(entry, frames)
  let index = 0
  const part = exception => {
    const start = index
    index += exception.frames.length
    const numbered = exception.frames.map((frame, at) => ({ ...frame, index: start + at, first: start + at === first }))
    return { type: exception.type, message: exception.message, rows: rows(numbered, crossings), members: exception.members.map(part) }
  }
  const exceptions = entry.exceptions.map(part)
  const final = exceptions.at(-1) ?? { type: null, message: null }
  return {
    kind: entry.kind,
    times: entry.times ?? 1,
    type: final.type,
    message: final.message,
    exceptions,
    end: frames.at(-1) ?? null,
    frames: frames.length,
    own: frames.filter(frame => frame.own === true).length,
    layers,
    first: entry.lookFirst && { ...entry.lookFirst, source: frames[first]?.source ?? null, why: whyFirst(entry, frames, first) },
    warned: entry.place ? { ...entry.place, late: entry.patterns.includes("coroutine-never-awaited") } : null,
    situation: entry.lookFirst ? null : situation(entry, frames),
    raisedBy: raisedBy(entry),
    patterns: entry.patterns,
  }
}

/** The index of the frame to look at first, over all printed frames; -1 when there is none. */
function placeOfFirst({ lookFirst: first }, frames) {
  if (!first) return -1
  const same = frame => frame.own === true && frame.file === first.file && frame.line === first.line && frame.function === first.function
  // Of a group it is in the first member, of a timeout in the first part: elsewhere the last one is meant.
  return [REASONS.member, REASONS.slow].includes(first.reason) ? frames.findIndex(same) : frames.findLastIndex(same)
}

function whyFirst(entry, frames, first) {
  if (entry.patterns.includes("worker-timeout")) return "worker"
  const key = Object.keys(REASONS).find(name => REASONS[name] === entry.lookFirst.reason) ?? "last"
  return key === "last" ? (first === frames.length - 1 ? "raised" : "final") : key
}

/** The layer of the frame that raised the final exception (of a group: of its first member); null without frames. */
function raisedBy(entry) {
  const innermost = exception => (exception.members.length ? innermost(exception.members[0]) : exception.frames.at(-1))
  const frame = entry.exceptions.length ? innermost(entry.exceptions.at(-1)) : undefined
  return frame ? layerOf(frame) : null
}

const STARTING = /\/django\/(?:apps\/(?:registry|config)|__init__|conf\/__init__|core\/(?:asgi|wsgi))\.py$|\/(?:uvicorn\/(?:importer|config)|gunicorn\/(?:util|app\/\w+)|importlib\/__init__)\.py$|^<frozen importlib/
const HANDLING = /\/django\/core\/handlers\/|\/channels\/(?:consumer|routing|sessions|auth|middleware)\.py$|\/asgi_handler|\/django\/contrib\/staticfiles\/handlers\.py$/

/** What it means that no frame is the reader's own, as a key of `situations` in reader.yml; null leaves it to the layer. */
function situation(entry, frames) {
  const has = (...ids) => ids.some(id => entry.patterns.includes(id))
  const some = pattern => frames.some(frame => pattern.test(frame.file.replaceAll("\\", "/")))
  if (!frames.length) return "message"
  if (entry.kind === "stack") return "waiting"
  if (has("wsgi-app-on-asgi-server", "asgi-app-on-wsgi-server")) return "mismatch"
  if (has("channels-no-route", "protocol-not-handled", "channels-no-handler")) return "routing"
  if (has("worker-timeout")) return "worker"
  if (entry.exceptions.at(-1).type === null) return "cut"
  if (has("task-exception-never-retrieved", "exception-in-callback", "task-destroyed-pending")) return "task"
  if (some(HANDLING)) return raisedBy(entry) === "django" ? "view" : null
  return some(STARTING) ? "start" : null
}

/**
 * The rows of one exception: {kind: "frame", frame}, {kind: "fold", layer, frames, last}, {kind: "crossing", direction},
 * {kind: "repeat", frames, times} and {kind: "omitted", rows}.
 */
function rows(frames, crossings) {
  const found = []
  if (frames[0]?.index === 0 && crossings.has(-1)) found.push({ kind: "crossing", direction: crossings.get(-1) }) // all of it is on the other side
  let run = []
  const end = () => {
    if (run.length === 1) found.push({ kind: "frame", frame: run[0] })
    else if (run.length) found.push({ kind: "fold", layer: layerOf(run[0]), frames: run, last: run.at(-1).index === frames.at(-1).index })
    run = []
  }
  for (const { frames: part, times } of cycles(frames)) {
    for (const frame of part) {
      const shown = frame.own !== false || frame.phantom
      if (shown || (run.length && layerOf(run[0]) !== layerOf(frame))) end()
      if (shown) found.push({ kind: "frame", frame })
      else run.push(frame)
      if (crossings.has(frame.index)) {
        end()
        found.push({ kind: "crossing", direction: crossings.get(frame.index) })
      }
    }
    if (times > 1) {
      end()
      found.push({ kind: "repeat", frames: part.length, times: times - 1 })
    }
  }
  end()
  if (found.length <= ROWS) return found
  return [...found.slice(0, ROWS / 2), { kind: "omitted", rows: found.length - ROWS }, ...found.slice(-ROWS / 2)]
}

/** Frames, and how often they are repeated: a recursion is printed a thousand times over. */
function cycles(frames) {
  const keys = frames.map(frame => `${frame.file}\n${frame.line}\n${frame.function}`)
  const parts = []
  let at = 0
  while (at < frames.length) {
    let best = { period: 1, times: 1 }
    for (let period = 1; period <= PERIOD && best.times === 1; period += 1) {
      let equal = at
      while (equal + period < frames.length && keys[equal] === keys[equal + period]) equal += 1
      const times = Math.floor((equal - at) / period) + 1
      const foreign = frames.slice(at, at + period).every(frame => frame.own === false) // is folded anyway
      if (times >= (foreign ? 10 : 3) && times * period >= 6) best = { period, times }
    }
    if (best.times === 1) {
      const previous = parts.at(-1)
      if (previous?.times === 1) previous.frames.push(frames[at])
      else parts.push({ frames: [frames[at]], times: 1 })
    } else {
      const all = frames.slice(at, at + best.period * best.times)
      // The frame to look at first is mostly in the last round, and the first one stands for it.
      const first = all.findIndex(frame => frame.first) % best.period
      parts.push({ frames: all.slice(0, best.period).map((frame, place) => ({ ...frame, first: place === first })), times: best.times })
    }
    at += best.period * best.times
  }
  return parts
}
