// A result as a short issue report: the final exception, the reader's own frames, crossings, pattern, versions; never the
// rest of what was pasted. Pure functions; the words come from reader.yml.

import { mask } from "./cautions.js"
import { framesOf, layerOf } from "./folders.js"

const MESSAGE_LINES = 6 // of a message
const MESSAGE = 600 // characters of a message
const FRAMES = 12 // own frames of one exception

const PRODUCTS = "Django|asgiref|channels|uvicorn|gunicorn|daphne|hypercorn|granian|uvloop|psycopg|uvicorn-worker|uvicorn_worker"

/** Versions that a text names: {Python: "3.11.7", Django: "5.2.19", …}. What is named twice counts as it was named last. */
export function versions(text) {
  const found = {}
  const add = (name, version) => { found[name] = version }
  for (const [, minor] of text.matchAll(/\bpython(?:3\.|3(?=\d{1,2}[\\/]))(\d{1,2})\b/gi)) add("Python", `3.${minor}`)
  for (const [, version] of text.matchAll(/\b(?:Python Version:\s{0,5}|Python |CPython[/ ])v?(3\.\d{1,2}\.\d{1,3}\w{0,4})\b/g)) add("Python", version)
  for (const [, version] of text.matchAll(/\bDjango (?:Version:\s{0,5}|version )(\d{1,2}\.\d{1,2}[\w.]{0,12})/g)) add("Django", version.replace(/\.$/, ""))
  const named = new RegExp(`\\b(${PRODUCTS})(?:==|/| |-)v?(\\d{1,4}\\.\\d{1,4}(?:\\.\\d{1,6})?(?:(?:a|b|rc|\\.dev)\\d{1,4})?)(?![\\w.]*:)\\b`, "gi")
  for (const [, name, version] of text.matchAll(named)) add({ django: "Django" }[name.toLowerCase()] ?? name.toLowerCase(), version)
  return found
}

/**
 * The report of one entry as Markdown. `about`: {words, titles: {pattern: title}, patternPage, versions, layers: {id: name}};
 * patternPage is the address of the catalogue, to which a pattern's id is added.
 */
export function report(entry, { words, titles, patternPage, versions: seen, layers }) {
  const frames = framesOf(entry)
  const root = projectFolder(frames)
  const where = frame => `${pathOf(frame, root)}:${frame.line}${frame.function ? ` (${frame.function})` : ""}`
  const final = entry.exceptions.at(-1) ?? { type: null, message: null, frames: [], members: [] }
  const line = (label, text) => words.labeled.replace("{label}", () => label).replace("{text}", () => text)
  const parts = [`**${entry.kind === "stack" && final.type === null ? words.stack : code(named(final, words))}**`]
  if (entry.exceptions.length > 1) {
    parts.push(list(words.report_before, words, entry.exceptions.slice(0, -1).map(item => code(named(item, words)))))
  }
  if (final.members.length) parts.push(list(words.report_group, words, shortened(once(members(final).map(item => code(named(item, words)))), words)))
  if (entry.lookFirst) {
    const first = frames.findLast(frame => frame.own === true && frame.file === entry.lookFirst.file && frame.line === entry.lookFirst.line)
    parts.push(line(words.report_first, code(where(entry.lookFirst))) + (first?.source ? `\n${block(first.source)}` : ""))
  }
  if (entry.place) parts.push(line(words.warned, code(where({ ...entry.place, function: null }))) + (entry.place.source ? `\n${block(entry.place.source)}` : ""))
  const own = frames.filter(frame => frame.own === true)
  parts.push(own.length
    ? list(words.report_own, words, shortened(once(own.map(frame => code(where(frame)) + (frame.source ? ` ${code(clipped(frame.source, 160))}` : ""))), words))
    : line(words.report_own, words.report_no_own))
  if (entry.crossings.length) {
    parts.push(list(words.report_crossings, words, entry.crossings.map(({ direction, afterFrame }) => {
      const frame = frames[afterFrame]
      const text = direction === "async->sync" ? words.into_thread : words.into_loop
      return frame ? aside(text, words.report_after.replace("{where}", () => code(where(frame))), words) : text
    })))
  }
  const counts = {}
  for (const layer of frames.map(layerOf)) counts[layer] = (counts[layer] ?? 0) + 1
  parts.push([
    ...(frames.length ? [line(words.report_frames, aside(frames.length, Object.entries(counts).map(([layer, count]) => `${layers[layer] ?? layer} ${count}`).join(", "), words))] : []),
    line(words.report_pattern, entry.patterns.length ? entry.patterns.map(id => `${titles[id] ?? id} <${patternPage}#${id}>`).join(", ") : words.report_no_pattern),
    ...(Object.keys(seen).length ? [line(words.report_versions, Object.entries(seen).map(pair => pair.join(" ")).join(", "))] : []),
  ].join("\n"))
  return `${parts.join("\n\n")}\n`
}

function members(exception) {
  return exception.members.flatMap(member => (member.members.length ? members(member) : [member]))
}

/** `KeyError: 'CHF'`, without what looks like a secret and not too long. */
function named({ type, message }, words) {
  const lines = mask(clipped(message ?? "", MESSAGE)).split("\n")
  const text = lines.slice(0, MESSAGE_LINES).join(" ").trim()
  const end = lines.length > MESSAGE_LINES ? " …" : ""
  return [type ?? (text ? "" : words.no_type), text].filter(Boolean).join(": ") + end
}

function aside(text, more, words) {
  return words.aside.replace("{text}", () => text).replace("{more}", () => more)
}

function clipped(text, length) {
  return text.length > length ? `${text.slice(0, length)} …` : text
}

function list(label, words, items) {
  return `${words.labeled.replace("{label}", label).replace("{text}", "").trimEnd()}\n\n${items.map(item => `- ${item}`).join("\n")}`
}

/** Each once, with how often it is there. */
function once(items) {
  const counts = new Map()
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1)
  return [...counts].map(([item, count]) => (count > 1 ? `${item} ×${count}` : item))
}

/** The outermost and the innermost of too many. */
function shortened(items, words) {
  if (items.length <= FRAMES) return items
  return [...items.slice(0, 2), words.report_more.replace("{n}", items.length - FRAMES), ...items.slice(2 - FRAMES)]
}

/** Inline code, whatever the text holds. */
function code(text) {
  const plain = mask(text.replace(/\s+/g, " ").trim())
  if (!plain.includes("`")) return `\`${plain}\``
  const longest = Math.max(...plain.match(/`+/g).map(run => run.length))
  const fence = "`".repeat(longest + 1)
  return `${fence} ${plain} ${fence}`
}

function block(source) {
  return `\n    ${clipped(mask(source.split("\n")[0].trim()), 200)}`
}

/** A path without what only this machine knows: below the package folder, or below the folder of the project. */
export function pathOf(frame, root) {
  const path = frame.file.replaceAll("\\", "/")
  const installed = /^.*\/(?:site|dist)-packages\/(.+)$/.exec(path) ?? /^.*\/(?:lib\/python3[\d.]*t?|Python3\d+\/[Ll]ib|lib64\/python3[\d.]*)\/(.+)$/.exec(path)
  if (installed) return installed[1]
  return mask(root && path.startsWith(root) ? path.slice(root.length) : path)
}

/** The folder above the project's packages, as far as the frames tell: that of the virtual environment, or what all own files share. */
export function projectFolder(frames) {
  const own = frames.filter(frame => frame.own === true).map(frame => frame.file.replaceAll("\\", "/"))
  if (!own.length) return ""
  for (const frame of frames) {
    const beside = /^(.{1,300}?\/)(?:\.venv|venv|env|\.env|__pypackages__)\//.exec(frame.file.replaceAll("\\", "/"))
    if (beside && own.some(file => file.startsWith(beside[1]))) return beside[1]
  }
  const lists = own.map(file => file.split("/").slice(0, -1))
  let depth = 0
  while (lists.every(parts => depth < parts.length && parts[depth] === lists[0][depth])) depth += 1
  // Less the last folder, which is the package's own name.
  return lists[0].slice(0, Math.max(depth - 1, 0)).map(part => `${part}/`).join("")
}
