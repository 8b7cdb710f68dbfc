// “This folder is mine / not mine”: what a reader can choose from, and what a choice changes. Pure functions.
//   A choice is {folder: mine}: folder ends with a slash and is the beginning of a path, or `*/` and the name of an
//   installed package (`*/rest_framework/`), wherever that is installed; mine is true or false.

const INSTALLED = /^(.*\/(?:site|dist)-packages\/)([^/]+)\//

function slashed(file) {
  return file.replaceAll("\\", "/")
}

/** The folders and packages that a path belongs to, the widest first. */
export function foldersOf(file) {
  const path = slashed(file)
  const installed = INSTALLED.exec(path)
  if (installed) return [`*/${installed[2]}/`]
  if (path.startsWith("<")) return []
  const parts = path.split("/").slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join("/") + "/").filter(folder => folder !== "/")
}

/** Whether a path is the reader's by the choices: true, false, or null when none speaks of it. The narrowest one wins. */
export function chosen(file, choices) {
  const named = foldersOf(file).filter(folder => Object.hasOwn(choices, folder))
  return named.length ? choices[named.at(-1)] : null
}

/** All frames of an entry in the printed order, those of group members included. */
export function framesOf(entry) {
  const of = exception => [...exception.frames, ...exception.members.flatMap(of)]
  return entry.exceptions.flatMap(of)
}

/** What a frame is shown as: its layer, or that nobody knows. */
export function layerOf(frame) {
  return frame.own === "unsure" ? "unsure" : frame.own === true ? "own" : frame.layer
}

/** An entry with the choices applied: whose a frame is, and what follows from it. `lookFirst` is the function of look.js. */
export function apply(entry, choices, lookFirst) {
  if (!framesOf(entry).some(frame => chosen(frame.file, choices) !== null)) return entry
  const changed = frame => {
    const mine = chosen(frame.file, choices)
    if (mine === null) return frame
    const foreign = frame.layer === "own" ? "third-party" : frame.layer
    return { ...frame, own: mine, layer: mine ? "own" : foreign }
  }
  const of = exception => ({ ...exception, frames: exception.frames.map(changed), members: exception.members.map(of) })
  const result = { ...entry, exceptions: entry.exceptions.map(of) }
  return { ...result, lookFirst: lookFirst(result) }
}

/**
 * What can be chosen from for some entries, as read: [{folder, frames, own: true|false|"unsure"}], own ones first.
 * Of the project the folders below the one that all its files share (and one level more where they differ), of what is
 * installed the packages. Django, the servers and the standard library are nobody's.
 */
export function candidates(entries, limit = 14) {
  const frames = entries.flatMap(framesOf).filter(frame => ["own", "third-party"].includes(frame.layer))
  const found = new Map()
  const add = (folder, frame) => {
    const known = found.get(folder) ?? { folder, frames: 0, own: frame.own }
    known.frames += 1
    if (known.own !== frame.own) known.own = known.own === true || frame.own === true ? true : "unsure"
    found.set(folder, known)
  }
  const loose = frames.filter(frame => !INSTALLED.test(slashed(frame.file)))
  const shared = sharedDepth(loose.map(frame => foldersOf(frame.file)))
  for (const frame of frames) {
    const folders = foldersOf(frame.file)
    if (INSTALLED.test(slashed(frame.file))) add(folders[0], frame)
    else for (const folder of folders.slice(Math.max(shared - 1, 0), shared + 2)) add(folder, frame)
  }
  const rank = { true: 0, unsure: 1, false: 2 }
  return [...found.values()]
    .sort((one, other) => rank[one.own] - rank[other.own] || Number(one.folder.startsWith("*")) - Number(other.folder.startsWith("*")) || one.folder.localeCompare(other.folder))
    .slice(0, limit)
}

/** How many of the widest folders all lists have in common. */
function sharedDepth(lists) {
  if (!lists.length) return 0
  let depth = 0
  while (lists.every(list => depth < list.length && list[depth] === lists[0][depth])) depth += 1
  return depth
}

/** Choices from where they were remembered: anything but {folder: true|false} is dropped. */
export function remembered(stored) {
  try {
    const entries = Object.entries(JSON.parse(stored) ?? {})
    return Object.fromEntries(entries.filter(([folder, mine]) => folder.endsWith("/") && typeof mine === "boolean").slice(0, 200))
  } catch {
    return {}
  }
}
