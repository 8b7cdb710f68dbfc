// The catalogue of patterns: a field shows the sections that have the words typed into it, and keeps them in the address
// (`?message=different+loop`; `q` is taken, it opens the search of the site). On a narrow screen the sections are folded to
// their beginning. Without this script all is shown.

const LONGEST = 300 // characters: a line of a log, pasted whole
const FEW = 2 // sections that are shown unfolded, however narrow the screen

/** The words of an address; "" for none and for what cannot have been typed here. */
export function parse(search) {
  const query = new URLSearchParams(search).get("message") ?? ""
  return query.length <= LONGEST && wordsOf(query).length ? query : ""
}

/** The inverse of `parse`: puts what was typed into an address, and leaves what others keep there. */
export function format(query, url) {
  if (wordsOf(query).length) url.searchParams.set("message", query)
  else url.searchParams.delete("message")
  return url
}

/** Text as it is compared: one case, and one width for Latin letters typed on a Japanese keyboard. */
const plain = text => text.normalize("NFKC").toLowerCase()

const wordsOf = query => plain(query).split(/\s+/).filter(Boolean)

/**
 * Which of the texts have all the words; when none has, those that have the most.
 * Returns {found: [index], all: boolean}.
 */
export function search(texts, query) {
  const words = wordsOf(query)
  const counts = texts.map(text => words.filter(word => plain(text).includes(word)).length)
  const best = Math.max(...counts)
  return {found: counts.flatMap((count, index) => count === best && (best || !words.length) ? [index] : []), all: best === words.length}
}

function start(form) {
  const field = form.querySelector("input")
  const status = form.querySelector("[role=status]")
  const none = form.querySelector(".patterns-none")
  const index = document.querySelector(".patterns-index")
  const rows = [...index.querySelectorAll("tbody tr")]
  const sections = [...document.querySelectorAll(".pattern")]
  // Its name, its id, and its messages with the classes before them.
  const texts = sections.map(section => [section.querySelector("h3").id, ...[...section.querySelectorAll("h3, h3 + ul code")].map(part => part.textContent)].join("\n"))
  const folds = [index, ...document.querySelectorAll(".pattern-rest")]
  const wide = matchMedia("(min-width: 45em)")
  const groups = new Map() // heading: its sections
  for (const section of sections) {
    let heading = section.previousElementSibling
    while (!heading.matches("h2")) heading = heading.previousElementSibling
    groups.set(heading, [...groups.get(heading) ?? [], section])
  }

  function draw() {
    const {found, all} = search(texts, field.value)
    const typed = wordsOf(field.value).length > 0
    sections.forEach((section, number) => { section.hidden = !found.includes(number) })
    for (const [heading, members] of groups) heading.hidden = members.every(section => section.hidden)
    for (const row of rows) row.hidden = document.getElementById(row.querySelector("a").hash.slice(1)).closest(".pattern").hidden
    index.hidden = found.length === 0
    for (const fold of folds) fold.open = wide.matches || typed && found.length <= FEW && fold !== index
    none.hidden = found.length > 0
    const words = !typed ? form.dataset.start : !found.length ? "" : !all ? form.dataset.most : found.length === 1 ? form.dataset.one : form.dataset.some
    status.textContent = words.replace("{n}", found.length)
  }

  /** What the part of an address after # names, or null. */
  function targetOf(hash) {
    try {
      return document.getElementById(decodeURIComponent(hash.slice(1)))
    } catch {
      return null // a stray per cent sign
    }
  }

  /** Shows a heading and what belongs to it, whatever is typed. */
  function reveal(target) {
    const section = target?.closest(".pattern")
    for (const member of section ? [section] : groups.get(target) ?? []) member.hidden = false
    for (const [heading, members] of groups) heading.hidden = members.every(member => member.hidden)
    if (section) section.querySelector(".pattern-rest").open = true
  }

  /** The same, and goes there if it was hidden; to what was not, the browser goes by itself. */
  function show(target) {
    const hidden = target?.checkVisibility() === false
    reveal(target)
    if (hidden) setTimeout(() => target.scrollIntoView())
  }

  function fromAddress() {
    field.value = parse(location.search)
    draw()
    const target = targetOf(location.hash)
    reveal(target)
    target?.scrollIntoView() // what was folded above it has moved it
  }

  function change() {
    history.replaceState(null, "", format(field.value, new URL(location.href)))
    draw()
  }

  field.addEventListener("input", change)
  form.addEventListener("reset", event => { event.preventDefault(); field.value = ""; change(); field.focus() })
  form.addEventListener("submit", event => event.preventDefault())
  // Before the browser goes there, as it does not go to what is hidden.
  document.addEventListener("click", event => {
    const link = event.target.closest?.("a[href*='#']")
    if (link?.pathname === location.pathname) show(targetOf(link.hash))
  }, true)
  addEventListener("hashchange", () => show(targetOf(location.hash)))
  addEventListener("popstate", () => { if (field.value !== parse(location.search)) fromAddress() })
  wide.addEventListener("change", draw)
  addEventListener("beforeprint", () => { for (const fold of folds) fold.open = true })
  form.hidden = false
  fromAddress()
}

for (const form of globalThis.document?.querySelectorAll(".patterns-filter") ?? []) start(form)
