// The comparison of servers: what the form says decides which columns, groups and rows are shown, and is kept in the
// address (`?interface=asgi&servers=uvicorn-workers_daphne&groups=deploy&rows=differing`). Without this script all is shown.

/** What is chosen at the start: no interface, no servers and no groups mean all of them. */
export const START = {interface: "", servers: [], groups: [], differing: false}

/**
 * Read an address. `choices` is what there is: `{servers: {setup: interface}, groups: [id]}`.
 * Returns null when any part is not a choice, or when the servers are not of the interface.
 */
export function parse(search, choices) {
  const given = new URLSearchParams(search)
  const list = name => given.has(name) ? given.get(name).split("_") : []
  const state = {
    interface: given.get("interface") ?? "",
    servers: list("servers"),
    groups: list("groups"),
    differing: given.has("rows"),
  }
  const known = ["", "wsgi", "asgi"].includes(state.interface)
    && state.servers.every(server => Object.hasOwn(choices.servers, server) && shows(state, server, choices))
    && state.groups.every(group => choices.groups.includes(group))
    && (!state.differing || given.get("rows") === "differing")
  return known ? state : null
}

/** The inverse of `parse`: adds the state to an address, and leaves what others keep there. */
export function format(state, url) {
  const values = {
    interface: state.interface, servers: state.servers.join("_"), groups: state.groups.join("_"), rows: state.differing ? "differing" : "",
  }
  for (const [name, value] of Object.entries(values)) {
    if (value) url.searchParams.set(name, value)
    else url.searchParams.delete(name)
  }
  return url
}

/** Whether a server is shown. */
export function shows(state, server, choices) {
  return (!state.interface || choices.servers[server] === state.interface)
    && (!state.servers.length || state.servers.includes(server))
}

/** Whether the outcomes of a row differ; null stands for what was not asked, which is no outcome. */
export function differs(outcomes) {
  return new Set(outcomes.filter(outcome => outcome !== null)).size > 1
}

function start(form) {
  const boxes = name => [...form.querySelectorAll(`[name="${name}"]`)]
  const sections = [...document.querySelectorAll("[data-group]")]
  const status = form.querySelector("output")
  const choices = {
    servers: Object.fromEntries(boxes("servers").map(box => [box.value, box.parentElement.dataset.interface])),
    groups: boxes("groups").map(box => box.value),
  }

  function read() {
    const checked = name => boxes(name).filter(box => box.checked).map(box => box.value)
    const state = {interface: checked("interface")[0], servers: checked("servers"), groups: checked("groups"), differing: boxes("rows")[0].checked}
    // A server of the other interface is no longer offered, so it is no longer chosen either.
    return {...state, servers: state.servers.filter(server => shows({...state, servers: []}, server, choices))}
  }

  function draw(state, unknown) {
    for (const box of boxes("interface")) box.checked = box.value === state.interface
    for (const box of boxes("servers")) {
      box.checked = state.servers.includes(box.value)
      box.parentElement.hidden = !shows({...state, servers: []}, box.value, choices)
    }
    for (const box of boxes("groups")) box.checked = state.groups.includes(box.value)
    boxes("rows")[0].checked = state.differing
    const columns = Object.keys(choices.servers).filter(server => shows(state, server, choices)).length
    let shown = 0
    for (const section of sections) {
      section.hidden = state.groups.length > 0 && !state.groups.includes(section.dataset.group)
      for (const cell of section.querySelectorAll("[data-server]")) cell.hidden = !shows(state, cell.dataset.server, choices)
      const rows = [...section.querySelectorAll("tbody tr")]
      for (const row of rows) {
        const outcomes = [...row.querySelectorAll("td")].filter(cell => !cell.hidden).map(cell => cell.querySelector("a")?.textContent ?? null)
        row.hidden = state.differing && !differs(outcomes)
      }
      const left = rows.filter(row => !row.hidden).length
      section.querySelector(".matrix-same").hidden = left > 0
      const region = section.querySelector(".matrix-scroll")
      region.hidden = left === 0
      region.style.setProperty("--columns", columns)
      if (!section.hidden) shown += left
    }
    status.textContent = (unknown ? `${form.dataset.unknown} ` : "")
      + form.dataset.status.replace("{servers}", columns).replace("{rows}", shown)
  }

  function change(state) {
    history.replaceState(null, "", format(state, new URL(location.href)))
    draw(state)
  }

  function fromAddress() {
    const state = parse(location.search, choices)
    draw(state ?? START, state === null)
  }

  form.addEventListener("change", () => change(read()))
  form.addEventListener("reset", event => { event.preventDefault(); change(START) })
  form.addEventListener("submit", event => event.preventDefault())
  addEventListener("popstate", fromAddress)
  form.hidden = false
  fromAddress()
  // On a phone the choices would take two screens: they are folded away until they are wanted.
  form.querySelector("details").open = matchMedia("(min-width: 45em)").matches

  // The tables scroll sideways together, so that a column stays under its name from one group to the next.
  const regions = [...document.querySelectorAll(".matrix-scroll")]
  for (const region of regions) {
    region.addEventListener("scroll", () => {
      for (const other of regions) if (other.scrollLeft !== region.scrollLeft) other.scrollLeft = region.scrollLeft
    }, {passive: true})
  }
}

for (const form of globalThis.document?.querySelectorAll(".matrix-filter") ?? []) start(form)
