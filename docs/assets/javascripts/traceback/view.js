// The traceback reader's page: takes a text, has a worker read it, and draws the result. Whatever comes from the text goes
// into the page as text, never as HTML, and nowhere else: no request, no address, no storage.

import { candidates, framesOf, layerOf, remembered } from "./folders.js"
import { outline, withChoices } from "./outline.js"
import { pathOf, projectFolder, report } from "./report.js"

const LIMIT = 10_000_000 // characters that are read; of more, the last ones
const SHOWN = 100_000 // characters that the field shows: a field with millions of them makes a browser slow
const TYPING = 300 // milliseconds without a key before what was typed is read
const STORED = "traceback-reader-folders"

/** An element with attributes and children; strings become text. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "")
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value)
  }
  element.append(...children.filter(child => child !== null && child !== undefined))
  return element
}

/** One of the page's own sentences as nodes: `code` becomes an element. */
function rich(text) {
  return text.split("`").map((part, index) => (index % 2 ? make("code", {}, part) : part))
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole)
}

export function start(root) {
  const data = JSON.parse(root.querySelector(".reader-data").textContent)
  const { words, layers } = data
  const one = selector => root.querySelector(selector)
  const [form, area, status, result] = [".reader-form", "textarea", ".reader-status", ".reader-result"].map(one)
  const comma = words.list.replace(/\{\w+\}/g, "")
  const examples = [...root.querySelectorAll("[data-example]")]

  let text = ""
  let whole = 0 // bytes of the file that the text is the end of; 0 when it is all there is
  let answer = null // of the worker; what is drawn
  let worker = null
  let busy = false
  let timer = 0
  let turn = 0 // counts what was asked for, so that a file that is late does not replace what came after it
  let choices = stored() ?? {}

  // ---- what is read ----

  /** Take a text that was not typed into the field: show it there, as far as a field can, and read it. */
  function take(next, bytes = 0) {
    text = next
    whole = bytes
    area.readOnly = next.length > SHOWN
    area.value = area.readOnly ? next.slice(0, SHOWN) : next
    read(true)
  }

  function cancel() {
    turn += 1
    clearTimeout(timer)
    if (busy) {
      worker.terminate()
      worker = null
    }
    busy = false
    root.removeAttribute("aria-busy")
  }

  function read(jump = false) {
    cancel()
    if (!text.trim()) {
      answer = null
      result.hidden = true
      result.replaceChildren()
      return say(text ? words.empty : words.idle)
    }
    say(words.reading)
    root.setAttribute("aria-busy", "true")
    busy = true
    worker ??= new Worker(new URL("./worker.js", import.meta.url), { type: "module" })
    worker.onmessage = event => done(event.data, jump)
    worker.onerror = () => done({ failed: true }, jump)
    worker.postMessage(text.length > LIMIT ? text.slice(-LIMIT) : text)
  }

  function done(said, jump) {
    busy = false
    root.removeAttribute("aria-busy")
    answer = said
    if (said.failed) {
      worker?.terminate()
      worker = null
    }
    draw()
    // What was pasted or chosen is worth going to; while somebody types, the page stays where it is.
    if (jump && !result.hidden && result.getBoundingClientRect().top > innerHeight * .5) {
      status.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" })
    }
  }

  async function open(file) {
    if (!file) return
    cancel()
    const mine = turn
    say(words.reading)
    try {
      const head = new Uint8Array(await file.slice(0, 4096).arrayBuffer())
      const wide = head[0] === 0xff && head[1] === 0xfe // what PowerShell's > writes
      const bytes = await file.slice(Math.max(file.size - LIMIT * (wide ? 2 : 1), 0)).arrayBuffer()
      if (mine !== turn) return
      if (!wide && head.includes(0)) {
        clear()
        return say(file.type.startsWith("image/") ? words.picture : words.binary)
      }
      take(new TextDecoder(wide ? "utf-16le" : "utf-8").decode(bytes), file.size > bytes.byteLength ? file.size : 0)
    } catch {
      if (mine === turn) say(words.no_file)
    }
  }

  function clear() {
    take("")
    one(".reader-examples").open = true
  }

  // ---- what is said ----

  function say(sentence) {
    status.replaceChildren(...rich(sentence))
    status.hidden = false
  }

  function size(characters) {
    return fill(words.size, { n: (characters / 1_000_000).toFixed(characters < 10_000_000 ? 1 : 0) })
  }

  function plural(name, n) {
    return fill(n === 1 ? words[`${name}_one`] : words[`${name}_many`], { n })
  }

  /** `label: …` with nodes after the label, as the language writes it. */
  function labeled(label, ...nodes) {
    const [before, after] = words.labeled.split("{text}")
    return [label, before.replace("{label}", ""), ...nodes, after]
  }

  function layerName(layer) {
    return layers[layer]?.name ?? layer
  }

  function summary() {
    const notes = []
    if (answer.failed) notes.push(words.broken)
    else if (!answer.main) notes.push(answer.language ? fill(words.other_language, { language: data.languages[answer.language] }) : words.unreadable)
    else if (answer.main.kind === "message") notes.push(words.read_message)
    else if (answer.found === 1) notes.push(answer.main.kind === "stack" ? words.read_stack : words.read_one)
    else notes.push(fill(answer.dump ? words.read_stacks : words.read_many, { n: answer.found }))
    if (whole || text.length > LIMIT) notes.push(fill(words.cut, { size: size(whole || text.length), limit: size(LIMIT) }))
    else if (area.readOnly) notes.push(fill(words.excerpt, { size: size(text.length) }))
    return notes.join(" ")
  }

  // ---- the result ----

  function draw() {
    say(summary())
    const parts = []
    if (answer.cautions?.length) {
      parts.push(make("div", { class: "reader-caution", role: "note" },
        make("p", {}, ...labeled(make("strong", {}, words.caution), ...answer.cautions.flatMap((kind, index) => [index ? comma : "", ...rich(data.cautions[kind])]))),
        make("p", {}, words.caution_after)))
    }
    const traces = make("div", { class: "reader-traces" })
    if (answer.main) {
      drawTraces(traces)
      parts.push(traces)
      const folders = drawFolders(() => drawTraces(traces))
      if (folders) parts.push(folders)
    }
    result.replaceChildren(...parts)
    result.hidden = !parts.length
    one(".reader-examples").open = !answer.main
  }

  /** The main traceback and the others; drawn again when a folder changes sides. */
  function drawTraces(place) {
    const open = new Set([...place.querySelectorAll(".reader-other[open]")].map(details => details.dataset.number))
    const main = withChoices(answer.main, choices)
    const seen = outline(main)
    const parts = [make("section", { class: "reader-trace", "aria-labelledby": "reader-main" },
      make("h3", { id: "reader-main", class: "reader-title" }, ...title(seen)), ...body(main, seen))]
    if (answer.others.length) {
      const items = answer.others.map((entry, number) => {
        const other = withChoices(entry, choices)
        const about = outline(other)
        const details = make("details", { class: "reader-other", "data-number": number, open: open.has(String(number)) },
          make("summary", {}, ...title(about), " ", make("small", {}, about.frames ? counted(about) : "")))
        // Only what is looked at is drawn: there may be many, and long ones.
        const fillIn = () => { if (details.open && details.children.length === 1) details.append(make("div", {}, ...body(other, about))) }
        details.addEventListener("toggle", fillIn)
        fillIn()
        return make("li", {}, details)
      })
      parts.push(make("section", { class: "reader-others", "aria-labelledby": "reader-others" },
        make("h3", { id: "reader-others" }, words.others), make("ul", { role: "list" }, ...items),
        answer.left ? make("p", {}, fill(words.others_left, { n: answer.left })) : null))
    }
    place.replaceChildren(...parts)
  }

  function title({ kind, type, message, times, end }) {
    if (kind === "stack" && !type) return [...labeled(words.stack, make("code", {}, end ? `${pathOf(end, "")}:${end.line}${end.function ? ` ${end.function}` : ""}` : "")), ...again(times)]
    const first = (message ?? "").split("\n", 1)[0]
    const short = first.length > 200 ? `${first.slice(0, 200)} …` : first
    const name = type ?? (short ? "" : words.no_type)
    return [make("code", {}, name ? make("b", {}, name) : "", name && short ? ": " : "", short), ...again(times)]
  }

  function again(times) {
    return times > 1 ? [make("small", {}, ` ${fill(words.times, { n: times })}`)] : []
  }

  function counted({ frames, own }) {
    return fill(own ? words.own_some : words.own_none, { frames: plural("frame", frames), n: own })
  }

  function body(entry, seen) {
    const frames = framesOf(entry)
    const root = projectFolder(frames)
    const parts = [seen.first ? firstLine(seen) : seen.warned ? warnedLine(seen) : noLine(seen), known(seen)]
    if (seen.frames) {
      parts.push(make("h4", {}, words.frames, " ", make("small", {}, words.order)), legend(seen),
        ...seen.exceptions.flatMap((exception, index) => drawException(exception, index, seen, root)))
    }
    parts.push(copying(entry))
    return parts
  }

  /** The sentence that everything else is for: where to look first, and why. */
  function firstLine({ first, exceptions }) {
    const before = exceptions.findLast(exception => exception.rows.some(row => row.frame?.first))
    return make("div", { class: "reader-first" },
      make("p", { class: "reader-first-label" }, words.look),
      make("p", { class: "reader-first-place" }, ...path(first.file, first.line), first.function ? ` ${fill(words.in_function, { function: first.function })}` : ""),
      first.source ? make("pre", {}, make("code", { tabindex: "0" }, first.source)) : null,
      make("p", {}, ...rich(fill(words[`why_${first.why}`], { type: before?.type ?? words.no_type }))))
  }

  /** Where a warning says that it was given: no frame, but a place to start from. */
  function warnedLine({ warned, situation }) {
    return make("div", { class: "reader-first warned" },
      make("p", { class: "reader-first-label" }, words.warned),
      make("p", { class: "reader-first-place" }, ...path(warned.file, warned.line)),
      warned.source ? make("pre", {}, make("code", { tabindex: "0" }, warned.source)) : null,
      make("p", {}, ...rich(warned.late ? words.warned_late : data.situations[situation])))
  }

  function noLine({ frames, situation, raisedBy }) {
    const meaning = situation ? data.situations[situation] : layers[raisedBy]?.raised
    return make("div", { class: "reader-first none" },
      make("p", { class: "reader-first-label" }, frames ? words.none_own : words.none_frames),
      meaning ? make("p", {}, ...rich(meaning)) : null)
  }

  function known({ kind, patterns, first, situation, raisedBy }) {
    const link = (id, ...more) => make("a", { href: `${data.catalogue}#${id}` }, ...rich(data.patterns[id]?.title ?? id), ...more)
    if (patterns.length) {
      const look = data.patterns[patterns[0]]?.look
      return make("div", { class: "reader-pattern" },
        make("p", {}, ...labeled(make("strong", {}, words.known), link(patterns[0], " ", make("small", {}, words.pattern_more)))),
        look ? make("p", {}, ...labeled(words.pattern_look, ...rich(look))) : null,
        patterns.length > 1 ? make("p", {}, ...labeled(words.also, ...patterns.slice(1).flatMap((id, index) => [index ? comma : "", link(id)]))) : null)
    }
    if (kind === "stack" || kind === "message") return null
    return make("div", { class: "reader-pattern unknown" },
      make("p", {}, make("strong", {}, words.unknown), raisedBy ? make("span", { class: "reader-raised" }, fill(words.raised_by, { layer: layerName(raisedBy) })) : ""),
      raisedBy && (first || situation) ? make("p", {}, ...rich(layers[raisedBy].raised)) : null)
  }

  function legend({ frames, layers: counts }) {
    return make("p", { class: "reader-legend" }, fill(words.counts, { frames: plural("frame", frames) }), " ",
      ...Object.entries(counts).map(([layer, count]) => make("span", { class: "reader-layer", "data-layer": layer }, `${layerName(layer)} ${count}`)))
  }

  /** One exception of a chain, or one member of a group, with what leads to the next. */
  function drawException(exception, index, seen, root) {
    const parts = []
    if (index) parts.push(make("p", { class: "reader-chain" }, make("span", { "aria-hidden": "true" }, "▼ "), words.chain))
    parts.push(make("ol", { class: "reader-frames", role: "list" }, ...exception.rows.map(row => drawRow(row, root))))
    if (exception.type !== null || exception.message) {
      const long = (exception.message ?? "").length > 800
      parts.push(make("p", { class: "reader-exception", tabindex: long ? "0" : null }, make("b", {}, exception.type ?? ""), exception.type && exception.message ? ": " : "", exception.message ?? ""))
    }
    if (exception.members.length) {
      parts.push(make("p", { class: "reader-members-label" }, plural("members", exception.members.length)),
        make("ol", { class: "reader-members", role: "list" }, ...exception.members.map((member, number) => make("li", {},
          make("p", { class: "reader-member" }, fill(words.member, { n: number + 1 })), ...drawException(member, 0, seen, root)))))
    }
    return parts
  }

  function drawRow(row, root) {
    if (row.kind === "frame") return drawFrame(row.frame, root)
    if (row.kind === "crossing") {
      const thread = row.direction === "async->sync"
      return make("li", { class: `reader-crossing ${thread ? "thread" : "loop"}` }, make("span", { "aria-hidden": "true" }, "▼ "), thread ? words.into_thread : words.into_loop)
    }
    if (row.kind === "repeat") return make("li", { class: "reader-repeat" }, fill(words.repeat, { frames: plural("frame", row.frames), n: row.times }))
    if (row.kind === "omitted") return make("li", { class: "reader-repeat" }, fill(words.omitted, { n: row.rows }))
    const last = row.frames.at(-1)
    const end = `${pathOf(last, root)}:${last.line}${last.function ? ` ${last.function}` : ""}`
    const details = make("details", {}, make("summary", {}, make("span", { class: "reader-layer", "data-layer": row.layer }, fill(words.fold, { layer: layerName(row.layer), frames: plural("frame", row.frames.length) })),
      row.last ? make("span", { class: "reader-note" }, fill(words.labeled, { label: words.fold_raised, text: end })) : ""))
    details.addEventListener("toggle", () => {
      if (details.open && details.children.length === 1) details.append(make("ol", { class: "reader-frames", role: "list" }, ...row.frames.map(frame => drawFrame(frame, root))))
    })
    return make("li", { class: "reader-fold", "data-layer": row.layer }, details)
  }

  function drawFrame(frame, root) {
    const layer = layerOf(frame)
    const own = frame.own === true
    return make("li", { class: `reader-frame${own ? " own" : ""}${frame.phantom ? " phantom" : ""}${frame.first ? " first" : ""}`, "data-layer": layer },
      make("span", { class: "reader-layer", "data-layer": layer }, layerName(layer)),
      make("span", { class: "reader-place", title: frame.file },
        ...(own || layer === "unsure" ? path(frame.file, frame.line) : [`${pathOf(frame, root)}:${frame.line}`]),
        frame.function ? make("span", { class: "reader-function" }, ` ${frame.function}`) : "", " ",
        frame.first ? make("span", { class: "reader-badge" }, words.look) : ""),
      frame.source ? make("code", { class: "reader-source" }, frame.source) : null,
      frame.phantom ? make("span", { class: "reader-note" }, words.phantom) : null)
  }

  /** A path whose last part catches the eye. */
  function path(file, line) {
    const at = Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1
    return [make("span", { class: "reader-folder" }, file.slice(0, at)), make("b", {}, `${file.slice(at)}:${line}`)]
  }

  // ---- mine, not mine ----

  function drawFolders(changed) {
    const rows = candidates([answer.main, ...answer.others])
    const there = new Set(rows.map(row => row.folder))
    for (const folder of Object.keys(choices)) if (!there.has(folder)) rows.push({ folder, frames: 0, own: null })
    if (!rows.length) return null
    const keep = () => {
      try {
        if (remember.checked) localStorage.setItem(STORED, JSON.stringify(choices))
        else localStorage.removeItem(STORED)
      } catch { /* A browser that stores nothing: the choices hold until the page is left. */ }
    }
    const remember = make("input", { type: "checkbox" })
    remember.checked = stored() !== null
    const fields = rows.map(({ folder, frames, own }, number) => {
      const option = (value, label) => {
        const radio = make("input", { type: "radio", name: `reader-folder-${number}`, value })
        radio.checked = value === String(choices[folder] ?? "")
        radio.addEventListener("change", () => {
          if (value) choices[folder] = value === "true"
          else delete choices[folder]
          keep()
          changed()
        })
        return make("label", {}, radio, " ", label)
      }
      const reads = own === null ? "" : own === true ? "own" : own === "unsure" ? "unsure" : "third-party"
      return make("fieldset", {},
        make("legend", {}, make("code", {}, folder.replace(/^\*\//, "")), " ", make("small", {}, frames ? plural("frame", frames) : "")),
        option("", reads ? fill(words.labeled, { label: words.as_read, text: layerName(reads) }) : words.as_read), option("true", words.mine), option("false", words.not_mine))
    })
    const forget = make("button", { type: "button", class: "reader-button" }, words.forget)
    forget.addEventListener("click", () => {
      choices = {}
      keep()
      for (const radio of details.querySelectorAll("[type=radio]")) radio.checked = radio.value === ""
      changed()
    })
    remember.addEventListener("change", keep)
    const details = make("details", { class: "reader-folders" }, make("summary", {}, words.folders), make("p", {}, words.folders_help), ...fields,
      make("p", { class: "reader-tools" }, make("label", {}, remember, " ", words.remember), forget))
    details.open = Object.keys(choices).length > 0 || rows.some(row => row.own === "unsure")
    return details
  }

  /** The choices of an earlier visit, or null when none are to be remembered. */
  function stored() {
    try {
      const value = localStorage.getItem(STORED)
      return value === null ? null : remembered(value)
    } catch {
      return null
    }
  }

  // ---- copy ----

  function copying(entry) {
    const about = {
      words, versions: answer.versions, patternPage: new URL(data.catalogue, location.href).href,
      titles: Object.fromEntries(Object.entries(data.patterns).map(([id, { title: name }]) => [id, name])),
      layers: Object.fromEntries(Object.entries(layers).map(([id, { name }]) => [id, name])),
    }
    const said = make("span", { role: "status" })
    const button = make("button", { type: "button", class: "reader-button reader-copy" }, words.copy)
    const preview = make("details", { class: "reader-preview" }, make("summary", {}, words.preview))
    preview.addEventListener("toggle", () => {
      if (preview.open && preview.children.length === 1) preview.append(make("pre", {}, make("code", { tabindex: "0" }, report(entry, about))))
    })
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(report(entry, about))
        said.textContent = words.copied
      } catch {
        // No permission, or no secure context: show the text, so that it can be copied by hand.
        said.textContent = words.not_copied
        preview.open = true
      }
    })
    return make("div", { class: "reader-copying" }, make("p", { class: "reader-tools" }, button, said), preview)
  }

  // ---- what the reader does ----

  area.addEventListener("input", event => {
    text = area.value
    whole = 0
    clearTimeout(timer)
    if (["insertFromPaste", "insertFromDrop"].includes(event.inputType)) read(true)
    else timer = setTimeout(read, TYPING)
  })
  area.addEventListener("paste", event => {
    const pasted = event.clipboardData.getData("text/plain")
    if (!pasted && event.clipboardData.files.length) {
      event.preventDefault()
      return open(event.clipboardData.files[0])
    }
    const next = area.readOnly ? pasted : area.value.slice(0, area.selectionStart) + pasted + area.value.slice(area.selectionEnd)
    // A small one is left to the browser, so that it can be undone.
    if (!area.readOnly && next.length <= SHOWN) return
    event.preventDefault()
    take(next)
  })
  one(".reader-clear").addEventListener("click", () => { clear(); area.focus() })
  one(".reader-file").addEventListener("change", event => {
    open(event.target.files[0])
    event.target.value = "" // so that the same file can be opened again
  })
  root.addEventListener("dragover", event => {
    if (!event.dataTransfer.types.includes("Files")) return
    event.preventDefault()
    root.classList.add("dropping")
  })
  root.addEventListener("dragleave", event => { if (!root.contains(event.relatedTarget)) root.classList.remove("dropping") })
  root.addEventListener("drop", event => {
    root.classList.remove("dropping")
    if (!event.dataTransfer.files.length) return
    event.preventDefault()
    open(event.dataTransfer.files[0])
  })
  for (const button of examples) button.addEventListener("click", () => take(button.closest("li").querySelector("pre").textContent))

  form.hidden = false
  root.classList.add("on")
  // A browser may have kept what was in the field when the page was left.
  text = area.value
  if (text) read()
  else say(words.idle)
}
