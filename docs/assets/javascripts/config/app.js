// The form, the address and the files of the configuration builder. What it makes comes from build.js.

import { build } from "./build.js"
import { SERVERS, format, key, nearest, parse, sizes } from "./choices.js"

const PARTS = ["interface", "server", "manager", "proxy", "channels"]

/** "{part} is {value}" with its names filled in. */
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole)

/** An element with a class and contents; a text is a text and never HTML. */
function element(tag, name = "", ...contents) {
  const made = document.createElement(tag)
  if (name) made.className = name
  made.append(...contents)
  return made
}

/** A text in which `backquotes` mark code. */
function coded(text) {
  return text.split("`").map((part, odd) => (odd % 2 ? element("code", "", part) : part))
}

/** Copies a text and says so on the button; without permission it shows the text to copy by hand. */
async function copy(button, text, copied) {
  const label = button.textContent
  try {
    await navigator.clipboard.writeText(text)
    button.textContent = copied
    setTimeout(() => { button.textContent = label }, 2000)
  } catch {
    getSelection().selectAllChildren(button.closest("figure")?.querySelector("pre code") ?? button)
  }
}

/** Brings a builder to life: `root` is its section, `data` what overrides/hooks/builder.py publishes. */
export function start(root, data) {
  const said = JSON.parse(root.querySelector(".config-words").textContent)
  const { words, parts } = said
  const form = root.querySelector("form")
  const status = root.querySelector(".config-status")
  const result = root.querySelector(".config-result")
  const valueName = (part, value) => (value === null ? words.none : parts[part]?.values[value] ?? String(value))
  const partName = part => parts[part]?.label ?? said.sizes[part]
  const between = said.language === "ja" ? "、" : ", "
  let choice
  let asked = {} // sizes that the reader chose: what has no such size leaves them out, and they come back

  /** What had to give way, one sentence each. */
  function sentences(changed) {
    return changed.map(({ part, given, taken, why }) => {
      const known = parts[part]?.values[given] !== undefined
      const text = filled(known ? words.not_offered : words.unknown, { part: partName(part), given: known ? valueName(part, given) : given, value: valueName(part, taken) })
      return why && why !== true ? `${text} ${said.why[why]}` : text
    }).join(" ")
  }

  function say(text) {
    status.replaceChildren(...coded(text))
    status.hidden = !text
  }

  function address() {
    const url = new URL(location.href)
    url.search = format(choice)
    url.hash = ""
    return url.href
  }

  function ran(record) {
    const versions = Object.entries(record.versions).map(pair => pair.join(" ")).join(", ")
    const numbers = Object.entries(record.sizes ?? {}).map(pair => pair.join("=")).join(", ")
    return filled(numbers ? words.ran_sizes : words.ran, { date: record.date, versions, sizes: numbers })
  }

  function drawForm() {
    for (const field of form.querySelectorAll("[data-part]")) {
      const { part } = field.dataset
      for (const label of field.querySelectorAll("[data-value]")) {
        const { value } = label.dataset
        const input = label.querySelector("input")
        const wanted = changedTo(part, value)
        const found = nearest(wanted, data.combinations, [part])
        label.hidden = part === "server" && !SERVERS[choice.interface].includes(value)
        input.checked = choice[part] === value
        input.disabled = !found
        const moves = found ? PARTS.filter(other => other !== part && found[other] !== choice[other] && !(part === "interface" && other === "server")) : []
        const why = found ? moves.map(other => filled(words.instead, { part: partName(other), value: valueName(other, found[other]) })).join(between) : said.why[data.combinations[key(wanted)]] ?? ""
        label.querySelector("small").replaceChildren(...coded(input.checked ? "" : why))
      }
    }
    for (const label of form.querySelectorAll("[data-size]")) {
      const input = label.querySelector("input")
      const { size } = label.dataset
      label.hidden = !(size in choice)
      input.disabled = label.hidden
      if (!label.hidden && document.activeElement !== input) input.value = choice[size]
    }
    form.querySelector(".config-sizing").search = sizingAddress()
  }

  /** The same sizes in the calculator, which calls workers processes. */
  function sizingAddress() {
    const { interface: kind, workers = 1, threads = 1 } = choice
    // An ASGI worker has no threads to run out of, and Django keeps no connection of its own accord.
    const rest = kind === "wsgi" ? { threads } : { threads: 1000, connections: "age-0" }
    return new URLSearchParams({ interface: kind, processes: workers, ...rest, config: key(choice) })
  }

  /** The choice with one part changed; another interface begins with its usual server. */
  function changedTo(part, value) {
    const wanted = { ...choice, [part]: value }
    if (part === "interface" && value !== choice.interface) wanted.server = SERVERS[value][0]
    return wanted
  }

  function drawFiles() {
    const record = data.ran[key(choice)] ?? { date: "–", versions: {} }
    const files = build(choice, { texts: data.texts, comments: said.language === "en" ? null : data.comments, address: address(), ran: ran(record) })
    const outcomes = Object.entries(said.outcomes).map(([name, values]) => values[record[name]]).filter(Boolean)
    const download = element("button", "config-button config-download", words.download)
    const link = element("button", "config-button config-permalink", words.permalink)
    for (const button of [download, link]) button.type = "button"
    download.addEventListener("click", () => save(files))
    link.addEventListener("click", () => copy(link, address(), words.copied))
    const hosted = ["systemd", "supervisor"].includes(choice.manager) && choice.proxy !== "none"
    const [...before] = said.steps[choice.manager], last = before.pop()
    const steps = element("ol", "config-steps", ...[...before, ...(hosted ? said.steps.nginx : []), last].map(step => element("li", "", ...coded(step))))
    result.replaceChildren(
      element("p", "config-ran", ran(record)),
      element("ul", "config-outcomes", ...outcomes.map(text => element("li", "", text))),
      element("p", "config-tools", download, " ", link),
      element("p", "config-label", words.steps), steps,
      element("p", "config-label", words.files), ...files.map(drawFile))
    result.hidden = false
  }

  function drawFile(file) {
    const button = element("button", "config-button", words.copy)
    button.type = "button"
    button.setAttribute("aria-label", filled(words.copy_named, { path: file.path }))
    button.addEventListener("click", () => copy(button, file.text, words.copied))
    const whole = said.language === "en" && file.body === data.texts[file.source]
    const code = element("code", "", file.text)
    code.tabIndex = 0
    const figure = element("figure", "config-file no-copy",
      element("figcaption", "", element("b", "", file.path), element("small", "", ...coded(filled(whole ? words.as_recipe : words.from_recipe, { source: file.source }))), button),
      element("pre", "", code))
    figure.dataset.path = file.path
    return figure
  }

  async function save(files) {
    const { strToU8, zipSync } = await import("../vendor/fflate-0.8.3/index.js")
    const folder = key(choice).replaceAll(".", "-")
    const archive = zipSync(Object.fromEntries(files.map(file => [`${folder}/${file.path}`, strToU8(file.text)])))
    const link = element("a")
    link.href = URL.createObjectURL(new Blob([archive], { type: "application/zip" }))
    link.download = `${folder}.zip`
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 10000)
  }

  function go(next, text) {
    choice = next
    history.pushState(null, "", address())
    say(text)
    drawForm()
    drawFiles()
  }

  function fromAddress() {
    const read = parse(location.search, data.combinations)
    choice = read.choice
    asked = Object.fromEntries(Object.keys(sizes(choice)).filter(size => choice[size] !== sizes(choice)[size]).map(size => [size, choice[size]]))
    say(sentences(read.changed))
    drawForm()
    drawFiles()
  }

  form.addEventListener("submit", event => event.preventDefault())
  form.addEventListener("change", event => {
    const { name, value, type } = event.target
    if (type === "number") {
      const number = Math.round(Number(value))
      if (event.target.checkValidity() && number) {
        asked[name] = number
        return go({ ...choice, [name]: number }, "")
      }
      event.target.value = choice[name]
      return say(filled(words.unknown, { part: partName(name), given: value || words.empty, value: String(choice[name]) }))
    }
    const found = nearest(changedTo(name, value), data.combinations, [name])
    if (!found) return say(words.impossible)
    const moved = PARTS.filter(part => part !== name && found[part] !== choice[part])
    const kept = Object.fromEntries(Object.keys(sizes(found)).filter(size => size in asked).map(size => [size, asked[size]]))
    go({ ...found, ...sizes(found), ...kept }, moved.map(part => filled(words.moved, { part: partName(part), value: valueName(part, found[part]) })).join(" "))
  })
  addEventListener("popstate", fromAddress)
  form.hidden = false
  fromAddress()
}
