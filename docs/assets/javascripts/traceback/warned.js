// The place that a warning names: Python prints "path:line: SomeWarning: message" and the source line below. It is no frame of
// a stack, so the reader's result has no room for it; the page shows it beside the message.

import { readings } from "./alone.js"
import { decode } from "./decode.js"

const WARNING = /^((?:[/~.<]|[A-Za-z]:[\\/]|\w)[^:|\n]{0,400}\.py):(\d{1,9}): ((?:[A-Z]\w{0,80})?Warning): (.{1,2000})$/

/** A reading whose messages that are warnings know their place: {file, line, source}. The first such place counts. */
export function withPlaces(read, text) {
  const wanted = read.tracebacks.filter(entry => entry.kind === "message" && /Warning$/.test(entry.exceptions[0].type ?? ""))
  if (!wanted.length) return read
  const places = new Map()
  const lines = decode(text)
  lines.forEach((line, index) => {
    if (line.length > 2000 || !line.includes("Warning: ")) return
    const found = readings(line).map(reading => ({ said: WARNING.exec(reading.text), text: reading.text })).findLast(({ said }) => said)
    if (!found) return
    const [, file, number, type, message] = found.said
    const key = `${type}: ${message}`
    const start = line.indexOf(found.text)
    if (!places.has(key)) places.set(key, { file, line: Number(number), source: sourceOf(lines[index + 1], line.slice(0, start)) })
  })
  const tracebacks = read.tracebacks.map(entry => {
    const there = wanted.includes(entry) && places.get(`${entry.exceptions[0].type}: ${entry.exceptions[0].message}`)
    return there ? { ...entry, place: there } : entry
  })
  return { ...read, tracebacks }
}

/** The source line below a warning: two blanks further in, behind the same prefix (digits may differ). */
function sourceOf(next, prefix) {
  if (next === undefined || next.length > 1000) return null
  const form = text => text.replace(/\d/g, "0")
  const head = next.slice(0, prefix.length)
  if (form(head) !== form(prefix)) return null
  const found = /^ {2,8}(\S.*)$/.exec(next.slice(prefix.length))
  return found ? found[1].trimEnd() : null
}
