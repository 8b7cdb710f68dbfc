// The sizing calculator in its page: reads the form, writes what follows, keeps the state in the address.
// The page comes with the start state and all that follows from it; texts and templates are in its data. So the formulas can come after it.

/** A figure with the digits that it needs to be read, as overrides/hooks/sizing.py writes it. */
export function plain(value) {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3
  const [whole, rest = ""] = value.toFixed(digits).split(".")
  const shown = rest.replace(/0+$/, "")
  return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (shown && "." + shown)
}

/** A figure in words: with its unit, or what stands for a figure that has no end. */
export function written(name, value, {kinds, units}) {
  if (value === null) return units.endless
  if (value === Infinity) return units.limitless
  if (typeof value === "string") return value
  const kind = kinds[name] ?? "plain"
  const unit = kind === "time" ? (value >= 1 || value === 0 ? "s" : "ms") : kind
  const shown = plain(unit === "ms" ? value * 1000 : unit === "share" ? value * 100 : value)
  return units[unit] ? units[unit].replace("{}", shown) : shown
}

/** Fill `{name}` in a sentence with figures in words; a field's id stands for its label. */
export function fill(text, values, data) {
  const labels = Object.fromEntries(data.fields.map(field => [field.id, field.label]))
  return text.replace(/\{(\w+)\}/g, (all, name) => {
    if (!Object.hasOwn(values, name)) return all
    return Object.hasOwn(labels, values[name]) ? labels[values[name]] : written(name, values[name], data)
  })
}

/** All figures that a template may name. */
function named(state, result) {
  return {...state, ...result, busy: (state.compute_ms + state.database_ms) / 1000}
}

function begin(root, {configure, evaluate, warnings}, {CHOICE, format, nearest, parse, start}) {
  const data = JSON.parse(root.querySelector(".sizing-data").textContent)
  const words = data.words
  const form = root.querySelector("form")
  const status = root.querySelector(".sizing-status")
  const list = root.querySelector(".sizing-warnings")
  const between = document.documentElement.lang === "ja" ? "、" : "; "
  const files = root.querySelector(".sizing-files")
  const limits = Object.fromEntries(data.fields.map(field => [field.id, field.max]))
  let state = start(data.fields)
  let speaking

  function element(name, className, ...children) {
    const made = document.createElement(name)
    if (className) made.className = className
    made.append(...children)
    return made
  }

  /** HTML of a text with `code` in it. */
  const coded = text => text.split("`").map((part, at) => at % 2 ? element("code", "", part) : part)

  /** What follows from the state, written into the table and the list. Returns it in one sentence. */
  function draw() {
    const result = evaluate(state)
    const values = named(state, result)
    for (const row of data.results) {
      const line = root.querySelector(`[data-result="${row.id}"]`)
      line.querySelector("output").textContent = written(row.id, result[row.id], data)
      const how = row.how_pool && state.connections === "pool" ? row.how_pool : row.how
      line.querySelector("small").textContent = result[row.id] === null ? "" : fill(how, values, data)
      const meter = line.querySelector("meter")
      if (meter) meter.value = Math.min(1, result[row.id] === null ? 1 : result[row.id] / Math.max(values[row.share] ?? row.share, 1e-9))
    }
    const found = warnings(state, result)
    list.replaceChildren(...found.map(({id, ...figures}) => {
      const {level, text, proof, href} = data.warnings[id]
      const link = element("a", "", ...coded(proof))
      link.href = href
      const item = element("li", `sizing-${level}`, element("strong", "", words[`level_${level}`]), " ", ...coded(fill(text, figures, data)), " ", element("small", "", words.proof, words.proof.endsWith(":") ? " " : "", link)) // texts come without the blank at their end
      item.dataset.warning = id
      return item
    }), ...(found.length ? [] : [element("li", "", words.no_warnings)]))
    const given = new URLSearchParams(location.search)
    const [, server, manager, proxy, channels] = (given.get(CHOICE) ?? "").split(".")
    const rest = proxy ? {server, manager, proxy, channels: channels ? "yes" : "no"} : {}
    files.search = new URLSearchParams({interface: state.interface, ...rest, workers: state.processes, threads: state.threads})
    return fill(words.says, {...values, count: found.length}, data)
  }

  /** A value as its field shows it. */
  const shown = (id, value) => form.elements[id].querySelector(`[value="${value}"]`)?.textContent ?? String(value)

  /** Say something to those who see and to those who listen; typing is not interrupted. */
  function say(text, soon = false) {
    clearTimeout(speaking)
    if (soon) speaking = setTimeout(() => { status.textContent = text }, 500)
    else status.textContent = text
  }

  function toForm() {
    for (const field of data.fields) {
      form.elements[field.id].value = state[field.id]
      complain(field, true)
    }
  }

  /** Mark a field whose text is no value, and say below it what would be. */
  function complain(field, good) {
    const control = form.elements[field.id]
    const box = control.closest(".sizing-field")
    const id = `sizing-${field.id}-error`
    box.querySelector(".sizing-error")?.remove()
    const described = (control.getAttribute("aria-describedby") ?? "").split(" ").filter(name => name && name !== id)
    if (good) control.removeAttribute("aria-invalid")
    else {
      control.setAttribute("aria-invalid", "true")
      const message = element("small", "sizing-error", fill(words.range, {min: field.min, max: field.max, used: state[field.id]}, data))
      message.id = id
      box.append(message)
      described.push(id)
    }
    if (described.length) control.setAttribute("aria-describedby", described.join(" "))
    else control.removeAttribute("aria-describedby")
  }

  function keep(how = "replaceState") {
    history[how](null, "", format(state, data, new URL(location.href)))
  }

  form.addEventListener("input", event => {
    const field = data.fields.find(each => each.id === event.target.name)
    if (!field) return
    const used = nearest(field, event.target.value)
    const exact = used !== null && (field.values || used === Number(event.target.value))
    if (used !== null) state = {...state, [field.id]: used}
    complain(field, exact)
    say(draw(), true)
    keep()
  })
  // Leaving a field shows what is used.
  form.addEventListener("change", event => {
    const field = data.fields.find(each => each.id === event.target.name)
    if (!field) return
    event.target.value = state[field.id]
    complain(field, true)
  })
  form.addEventListener("submit", event => event.preventDefault())

  const actions = {
    find() {
      const {state: found, reason, ...more} = configure(state, {...limits, slots: 2000})
      if (!found) return say(fill(words[`none_${reason}`], {max: limits.replicas, service: evaluate(state).service, ...more}, data))
      keep()
      const moved = data.fields.filter(({id}) => !["replicas", "processes", "threads"].includes(id) && found[id] !== state[id])
        .map(({id, label}) => fill(words.correction, {label, given: shown(id, state[id]), used: shown(id, found[id])}, data))
      state = found
      keep("pushState")
      toForm()
      say([fill(words.found, state, data), moved.length ? words.moved.replace("{list}", () => moved.join(between)) : "", draw()].filter(Boolean).join(" "))
    },
    reset() {
      state = start(data.fields)
      keep("pushState")
      toForm()
      say(draw())
    },
    async copy() {
      keep()
      try {
        await navigator.clipboard.writeText(location.href)
        say(words.copied)
      } catch { // not allowed, or no HTTPS
        say(words.not_copied)
      }
    },
  }
  for (const button of root.querySelectorAll("[data-do]")) {
    button.disabled = false
    button.addEventListener("click", () => actions[button.dataset.do]())
  }
  for (const button of document.querySelectorAll(".sizing-use")) {
    button.disabled = false
    button.addEventListener("click", () => {
      const fields = Object.fromEntries(data.fields.map(field => [field.id, field]))
      state = {...state, worker_mb: nearest(fields.worker_mb, button.dataset.worker), main_mb: nearest(fields.main_mb, button.dataset.main)}
      keep()
      toForm()
      say(`${fill(words.used_memory, {setup: button.dataset.name}, data)} ${draw()}`)
      form.elements.worker_mb.focus()
    })
  }

  function fromAddress() {
    read(location.search)
  }

  function read(search) {
    const {state: parsed, corrected, unknown, another} = parse(search, data)
    state = parsed
    toForm()
    const said = draw()
    const wrong = [
      ...corrected.map(({field, given, used}) => fill(words.correction, {label: field.label, given: given || "–", used}, data)),
      ...unknown.map(name => words.unknown.replace("{name}", () => name)),
    ]
    const correction = wrong.length ? words.corrected.replace("{list}", () => wrong.join(between)) : ""
    say([another ? words.another : "", correction, said].filter(Boolean).join(" "))
  }

  addEventListener("popstate", fromAddress)
  // Whoever was quicker than this script has typed into the form, unless the address says something else.
  const given = new URLSearchParams(location.search)
  if (data.fields.some(field => given.has(field.id)) || given.has("v")) fromAddress()
  else read(new URLSearchParams(new FormData(form)))
}

for (const root of globalThis.document?.querySelectorAll(".sizing") ?? []) {
  Promise.all([import("./model.js"), import("./state.js")]).then(([model, state]) => begin(root, model, state))
}
