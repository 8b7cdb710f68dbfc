// Ticks and notes of the 30-minute path and of the checklists. They are kept in this browser; an address with `?done=interface.logs`
// shows those of somebody else and leaves one's own alone. Notes are never part of an address, which servers and chats keep.
// Without this script the boxes can be ticked all the same, and nothing is kept.

const LONGEST = 2000 // characters of `done` that are looked at: more than any list has
const NOTE = 500 // characters of a note

/** The ids that a list has, in its order and each once, with outdated ones renamed; and how many others were named. */
export function nearest(names, {ids, moved}) {
  const given = [...new Set(names)].map(name => Object.hasOwn(moved, name) ? moved[name] : name)
  return {done: ids.filter(id => given.includes(id)), unknown: given.filter(name => !ids.includes(name)).length}
}

/** What an address says: `{done, unknown}`, the nearest that the list allows; null when it says nothing about ticks. */
export function parse(search, data) {
  const given = new URLSearchParams(search).getAll("done")
  if (!given.length) return null
  const text = given.join(".")
  const found = nearest(text.slice(0, LONGEST).split(".").filter(Boolean), data)
  return text.length > LONGEST ? {...found, unknown: found.unknown + 1} : found
}

/** The inverse of `parse`: adds the ticks to an address, and leaves what others keep there. */
export function format(done, data, url) {
  const made = new URL(url)
  made.searchParams.set("done", data.ids.filter(id => done.includes(id)).join("."))
  return made
}

/** What the browser kept, as text: `{done, notes}`; anything else, or damaged, counts as nothing. */
export function stored(text, data) {
  let kept
  try { kept = JSON.parse(text) } catch { kept = null }
  const strings = list => Array.isArray(list) ? list.filter(item => typeof item === "string") : []
  const notes = Object.entries(kept?.notes ?? {}).filter(([id, note]) => data.ids.includes(id) && typeof note === "string" && note)
  return {done: nearest(strings(kept?.done), data).done, notes: Object.fromEntries(notes.map(([id, note]) => [id, note.slice(0, NOTE)]))}
}

/** How many are done, and how many minutes the others take (0 where the list has no minutes). */
export function progress(done, data) {
  const open = data.ids.filter(id => !done.includes(id))
  return {done: data.ids.length - open.length, all: data.ids.length, minutes: open.reduce((sum, id) => sum + (data.minutes[id] ?? 0), 0)}
}

/** The list as Markdown with its ticks and notes; `items` are `{id, text, heading}`, where `heading` begins a new part. */
export function sheet(title, items, done, notes) {
  const lines = [`# ${title}`, ""]
  for (const {id, text, heading} of items) {
    if (heading) lines.push(...(lines.at(-1) === "" ? [] : [""]), `## ${heading}`, "")
    lines.push(`- [${done.includes(id) ? "x" : " "}] ${text}`)
    if (notes[id]) lines.push(...notes[id].trim().split("\n").map(line => `    ${line}`))
  }
  return lines.join("\n") + "\n"
}

/** Fill `{name}` in a sentence. */
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all)

function start(root) {
  const data = JSON.parse(root.querySelector(".ticks-data").textContent)
  const words = data.words
  const key = `serving-django.${data.name}` // both languages have the same list
  const boxes = [...document.querySelectorAll("[data-tick]")]
  const fields = [...document.querySelectorAll("[data-note]")]
  const status = root.querySelector(".ticks-status")
  const tools = root.querySelector(".ticks-tools")
  let own, done, unknown, shared, cleared = null
  let keeps = true

  function read() {
    try { return localStorage.getItem(key) } catch { keeps = false; return null } // storage may be forbidden
  }

  function keep() {
    try { localStorage.setItem(key, JSON.stringify(own)) } catch { keeps = false }
  }

  function button(text, act) {
    const made = document.createElement("button")
    made.type = "button"
    made.textContent = text
    made.addEventListener("click", () => act(made))
    tools.append(made)
    return made
  }

  async function copy(made, text, failing) {
    const label = made.textContent
    try {
      await navigator.clipboard.writeText(text)
      made.textContent = words.copied
      setTimeout(() => { made.textContent = label }, 2000)
    } catch {
      made.textContent = failing // no permission, or no secure context: nothing is lost
    }
  }

  const plain = element => element.textContent.replace(/\s+/g, " ").trim()

  /** What stands on the page as the items of a sheet: an item of a checklist, or the question of a stop below its heading. */
  function items() {
    let last
    return boxes.map(box => {
      const head = heading(box)
      const begins = head !== last
      last = head
      const question = box.closest("li") ? box.parentElement : document.querySelector(`[data-ask="${box.dataset.tick}"]`)
      return {id: box.dataset.tick, text: plain(question), heading: begins ? head.firstChild.textContent : ""}
    })
  }

  function heading(box) {
    let before = box.closest("ul, p")
    while (before && !/^H[1-6]$/.test(before.tagName)) before = before.previousElementSibling
    return before
  }

  const address = () => format(done, data, location.href.split("#")[0])

  function draw() {
    for (const box of boxes) box.checked = done.includes(box.dataset.tick)
    for (const field of fields) if (field !== document.activeElement) field.value = own.notes[field.dataset.note] ?? ""
    const now = progress(done, data)
    const parts = [fill(words.status, now)]
    if (now.done === now.all) parts.push(words.finished)
    else if (now.minutes) parts.push(fill(words.left, now))
    const said = [parts.join(words.join)]
    if (unknown) said.push(fill(words.unknown, {count: unknown}))
    if (shared) said.push(words.shared)
    if (!keeps) said.push(words.unkept)
    status.replaceChildren(...said.map(text => Object.assign(document.createElement("span"), {textContent: text})))
    for (const [name, made] of Object.entries(buttons)) made.hidden = {keep: !shared, mine: !shared, undo: cleared === null, clear: !done.length}[name] ?? false
  }

  /** Ticks change: one's own are kept, those of an address stay in the address. */
  function change(next) {
    done = data.ids.filter(id => next.includes(id))
    unknown = 0
    if (shared) history.replaceState(null, "", address())
    else {
      own = {...own, done}
      keep()
    }
    draw()
  }

  /** Leave what came with the address for one's own ticks. */
  function leave(next) {
    const url = new URL(location.href)
    url.searchParams.delete("done")
    history.replaceState(null, "", url)
    shared = false
    change(next)
    buttons.copy.focus() // the button that was pressed is gone
  }

  function fromAddress() {
    own = stored(read(), data)
    const given = parse(location.search, data)
    unknown = given?.unknown ?? 0
    shared = given !== null && given.done.join() !== own.done.join()
    done = shared ? given.done : own.done
    cleared = null
    draw()
  }

  const buttons = {
    keep: button(words.keep, () => leave(done)),
    mine: button(words.mine, () => leave(own.done)),
    copy: button(words.copy, made => copy(made, address().href, address().href)),
    sheet: button(words.sheet, made => copy(made, sheet(plain(document.querySelector("h1").firstChild), items(), done, own.notes), words.sheet)),
    print: button(words.print, () => print()),
    clear: button(words.clear, () => { cleared = done; change([]); buttons.undo.focus() }),
    undo: button(words.undo, () => { const before = cleared; cleared = null; change(before); buttons.clear.focus() }),
  }
  for (const box of boxes) box.addEventListener("change", () => { cleared = null; change(boxes.filter(each => each.checked).map(each => each.dataset.tick)) })
  for (const field of fields) {
    field.addEventListener("input", () => {
      own = {...own, notes: {...own.notes, [field.dataset.note]: field.value.slice(0, NOTE)}}
      keep()
    })
  }
  addEventListener("popstate", fromAddress)
  addEventListener("storage", event => { if (event.key === key) fromAddress() }) // ticked in another tab
  root.hidden = false
  fromAddress()
}

for (const root of globalThis.document?.querySelectorAll(".ticks") ?? []) start(root)
