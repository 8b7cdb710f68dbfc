// The explorer of measured points: the choices say which point is shown, and are kept in the address
// (`?view=waiting&waiting_ms=50&workers=2&threads=4`). All figures stand in the page as text: nothing is computed
// here, and what was not measured is not guessed. Without this script the table of all points is there.

/** The points of the same view, by the first label that is chosen. */
function alike(state, data) {
  return data.points.filter(point => point.labels[data.by[0]] === state[data.by[0]])
}

/**
 * The state without labels that its view does not have (one that does not wait has no waiting time); those it lacks are as
 * at the start or, where the view has no such point, as in its first one.
 */
export function complete(state, data) {
  const whole = {[data.by[0]]: state[data.by[0]] ?? data.start[data.by[0]]}
  for (const label of data.by.slice(1)) {
    const values = alike(whole, data).filter(point => Object.hasOwn(point.labels, label)).map(point => point.labels[label])
    if (values.length) whole[label] = state[label] ?? (values.includes(data.start[label]) ? data.start[label] : values[0])
  }
  return whole
}

/** Read an address: what it does not say is as at the start; null if it says anything that is no choice, or says it twice. */
export function parse(search, data) {
  const given = new URLSearchParams(search)
  const labels = data.by.filter(label => given.has(label))
  const state = Object.fromEntries(labels.map(label => [label, given.get(label)]))
  const known = labels.every(label => given.getAll(label).length === 1 && Object.hasOwn(data.labels[label], state[label]))
  return known ? complete(state, data) : null
}

/** The inverse of `parse`: adds the state to an address, and leaves what others keep there. */
export function format(state, data, url) {
  for (const label of data.by) url.searchParams.delete(label)
  for (const label of data.by) if (Object.hasOwn(state, label)) url.searchParams.set(label, state[label])
  return url
}

/** The measured point of a state, or null. */
export function find(state, data) {
  const wanted = Object.entries(state)
  return data.points.find(point => Object.keys(point.labels).length === wanted.length && wanted.every(([label, value]) => point.labels[label] === value)) ?? null
}

/** The nearest measured points of the same kind that differ in one number only: `[label, point]`, the smaller before the larger. */
export function neighbours(state, data) {
  const found = []
  for (const label of data.by) {
    if (data.kinds.includes(label) || !Object.hasOwn(state, label)) continue
    const others = data.points
      .filter(point => find({...state, [label]: point.labels[label]}, data) === point)
      .sort((a, b) => a.labels[label] - b.labels[label])
    const smaller = others.filter(point => Number(point.labels[label]) < Number(state[label])).at(-1)
    const larger = others.find(point => Number(point.labels[label]) > Number(state[label]))
    for (const point of [smaller, larger]) if (point) found.push([label, point])
  }
  return found
}

/** Fill `{name}` in a sentence, and begin it with a capital letter, also where it begins with what was filled in. */
function fill(text, values) {
  const filled = text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all)
  return filled.charAt(0).toUpperCase() + filled.slice(1)
}

function start(root) {
  const data = JSON.parse(root.querySelector(".explorer-data").textContent)
  const words = data.words
  const form = root.querySelector(".explorer-form")
  const status = root.querySelector(".explorer-status")
  const result = root.querySelector(".explorer-point")
  let state
  let kept = {} // the last value of each label, also of those that the view shown does not have

  function element(name, text, ...children) {
    const made = document.createElement(name)
    if (text) made.textContent = text
    made.append(...children)
    return made
  }

  const name = labels => data.by.filter(label => Object.hasOwn(labels, label)).map(label => data.labels[label][labels[label]]).join(words.join)

  /** What a point has of the drawn measure, in words: what a screen reader says, and what a neighbour offers. */
  function line(point) {
    return fill(words.of, {measure: data.measures[data.drawn], times: point.figures[data.drawn].times})
  }

  function table(point) {
    const head = element("tr", "", ...["measure", "ratio", "absolute"].map(word => {
      const cell = element("th", words[word])
      cell.scope = "col"
      return cell
    }))
    const rows = Object.entries(data.measures).map(([measure, text]) => {
      const first = element("th", text)
      first.scope = "row"
      const figure = point.figures[measure]
      return element("tr", "", first, element("td", figure?.ratio ?? "–"), element("td", figure?.absolute ?? words.not_measured))
    })
    const made = element("table", "", element("thead", "", head), element("tbody", "", ...rows))
    made.className = "chart-table"
    return made
  }

  function draw(unknown) {
    const point = find(state, data)
    for (const label of data.by) {
      form.querySelector(`[data-label="${label}"]`).hidden = !Object.hasOwn(state, label)
      for (const box of form.elements[label].length ? form.elements[label] : [form.elements[label]]) {
        box.checked = box.value === state[label]
        const there = find({...state, [label]: box.value}, data) || data.kinds.includes(label)
        box.parentElement.classList.toggle("explorer-gap", !there)
      }
    }
    status.textContent = (unknown ? `${words.unknown} ` : "")
      + (point ? fill(words.says, {case: name(state), figures: line(point), one: words.one}) : fill(words.says_not, {case: name(state)}))
    const near = neighbours(state, data)
    const list = near.map(([label, other]) => {
      const button = element("button", data.labels[label][other.labels[label]])
      button.type = "button"
      button.addEventListener("click", () => {
        go(other.labels)
        form.querySelector(`[name="${label}"]:checked`).focus()
      })
      return element("li", "", button, " ", line(other))
    })
    result.replaceChildren(
      ...(point ? [table(point)] : []), element("p", words[near.length ? "neighbours" : "no_neighbours"]), element("ul", "", ...list))
    // A point that was not measured has no ring, but the drawing of its kind helps all the same.
    const shown = (point ?? data.points.find(other => data.kinds.every(kind => other.labels[kind] === state[kind])))?.at[0]
    for (const figure of root.querySelectorAll("[data-kind]")) {
      figure.hidden = Number(figure.dataset.kind) !== shown
      const ring = figure.querySelector(".explorer-ring")
      ring.toggleAttribute("hidden", figure.hidden || !point)
      if (!figure.hidden && point) {
        ring.setAttribute("cx", point.at[1])
        ring.setAttribute("cy", point.at[2])
      }
    }
  }

  function show(next, unknown) {
    state = next
    kept = {...kept, ...next}
    draw(unknown)
  }

  function go(next) {
    show(complete({...kept, ...next}, data), false)
    history.replaceState(null, "", format(state, data, new URL(location.href)))
  }

  function fromAddress() {
    const parsed = parse(location.search, data)
    show(parsed ?? data.start, parsed === null)
  }

  form.addEventListener("change", () => go(Object.fromEntries(new FormData(form))))
  form.addEventListener("submit", event => event.preventDefault())
  addEventListener("popstate", fromAddress)
  form.hidden = false
  root.querySelector(".explorer-chosen").hidden = false
  root.querySelector(".explorer-all").open = false
  fromAddress()
}

for (const root of globalThis.document?.querySelectorAll(".explorer") ?? []) start(root)
