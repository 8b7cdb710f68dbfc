// The decision flowchart: answers light up the way through the chart and are kept in the address
// (`?flow=websocket.none_awaits.many`). Everything it needs stands in the page; without this script the
// answers are plain links.

/** Read questions and answers from the page: `{question: {answer: target}}`, in order. */
function readGraph(root) {
  const graph = {}
  for (const step of root.querySelectorAll("[data-question]")) {
    graph[step.dataset.question] = Object.fromEntries(
      [...step.querySelectorAll("[data-answer]")].map(link => [link.dataset.answer, link.dataset.to]))
  }
  return graph
}

/**
 * Follow an address through the graph.
 * Returns the answers as `[question, answer]` pairs, or null when any part is not an answer to the
 * question that is due.
 */
export function parse(value, graph) {
  if (!value) return []
  const answers = []
  let here = Object.keys(graph)[0]
  for (const part of value.split("_")) {
    const [question, answer, more] = part.split(".")
    if (more !== undefined || question !== here || !Object.hasOwn(graph, here) || !Object.hasOwn(graph[here], answer)) return null
    answers.push([question, answer])
    here = graph[here][answer]
  }
  return answers
}

/** The inverse of `parse`. */
export function format(answers) {
  return answers.map(pair => pair.join(".")).join("_")
}

/** Where a list of answers has led: a question or an outcome. */
export function target(answers, graph) {
  return answers.length ? graph[answers.at(-1)[0]][answers.at(-1)[1]] : Object.keys(graph)[0]
}

/** The answers that lead to a node: those given so far if they pass it, else the shortest way from where they leave off. */
export function wayTo(node, answers, graph) {
  for (let kept = answers.length; kept >= 0; kept--) {
    const open = [answers.slice(0, kept)]
    while (open.length) {
      const way = open.shift()
      const here = target(way, graph)
      if (here === node) return way
      for (const answer of Object.keys(graph[here] ?? {})) open.push([...way, [here, answer]])
    }
  }
  return answers
}

function start(root) {
  const graph = readGraph(root)
  const one = selector => root.querySelector(selector)
  const all = selector => [...root.querySelectorAll(selector)]
  const message = one(".flow-message")
  const trail = one(".flow-trail")
  let answers = []

  function fromAddress() {
    const given = new URLSearchParams(location.search).getAll("flow")
    const parsed = given.length > 1 ? null : parse(given[0], graph) // which of two would be meant?
    answers = parsed ?? []
    message.textContent = parsed ? "" : root.dataset.unknown
    message.hidden = parsed !== null
  }

  function address() {
    const url = new URL(location.href)
    if (answers.length) url.searchParams.set("flow", format(answers))
    else url.searchParams.delete("flow")
    url.hash = ""
    return url
  }

  function draw(focus) {
    const here = target(answers, graph)
    const nodes = new Set([...answers.map(pair => pair[0]), here])
    const edges = new Set(answers.map(pair => pair.join(".")))
    for (const step of all("[data-question]")) step.hidden = step.dataset.question !== here
    for (const result of all("[data-result]")) result.hidden = result.dataset.result !== here
    for (const edge of all("[data-edge]")) edge.classList.toggle("on", edges.has(edge.dataset.edge))
    for (const node of all("[data-node]")) {
      // Several rows may lead to an outcome: only the box at the end of this way is meant.
      const exit = node.closest(".flow-exit")
      const reached = nodes.has(node.dataset.node) && (!exit || exit.querySelector("[data-edge].on") !== null)
      node.classList.toggle("on", reached && answers.length > 0)
      if (reached && node.dataset.node === here) node.setAttribute("aria-current", "step")
      else node.removeAttribute("aria-current")
    }
    trail.replaceChildren(...answers.map(([question, answer], index) => {
      const step = one(`[data-question="${question}"]`)
      const item = document.createElement("li")
      const change = document.createElement("button")
      change.type = "button"
      change.textContent = trail.dataset.change
      change.setAttribute("aria-label", `${trail.dataset.change}: ${step.querySelector("legend").lastChild.textContent}`)
      change.addEventListener("click", () => go(answers.slice(0, index)))
      const given = document.createElement("b")
      given.textContent = step.querySelector(`[data-answer="${answer}"]`).textContent
      item.append(step.querySelector("legend").lastChild.textContent, " ", given, " ", change)
      return item
    }))
    trail.hidden = answers.length === 0
    one(".flow-tools").hidden = answers.length === 0
    one(".flow-copy").hidden = here in graph
    if (focus) (one(`[data-question="${here}"] legend`) ?? one(`[data-result="${here}"] .flow-result-title`)).focus()
  }

  function go(next) {
    answers = next
    message.hidden = true
    history.pushState(null, "", address())
    draw(true)
  }

  root.addEventListener("click", event => {
    const link = event.target.closest("a")
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
    if (link.dataset.answer) {
      event.preventDefault()
      go([...answers, [link.closest("[data-question]").dataset.question, link.dataset.answer]])
    } else if (link.dataset.node) {
      event.preventDefault()
      const edges = [...link.closest(".flow-exit")?.querySelectorAll("[data-edge]") ?? []].map(edge => edge.dataset.edge.split("."))
      const given = answers.findIndex(pair => edges.some(edge => edge.join() === pair.join()))
      if (given >= 0) go(answers.slice(0, given + 1))
      else if (edges.length) go([...wayTo(edges[0][0], answers, graph), edges[0]])
      else go(wayTo(link.dataset.node, answers, graph))
    } else if (link.hash.startsWith("#q-") && link.closest(".flow-table")) {
      event.preventDefault()
      go(wayTo(link.hash.slice(3), answers, graph))
    }
  })
  one(".flow-back").addEventListener("click", () => go(answers.slice(0, -1)))
  one(".flow-restart").addEventListener("click", () => go([]))
  one(".flow-copy").addEventListener("click", async event => {
    const button = event.currentTarget
    const label = button.textContent
    const url = address().href
    try {
      await navigator.clipboard.writeText(url)
      button.textContent = root.dataset.copied
      setTimeout(() => { button.textContent = label }, 2000)
    } catch {
      // No permission, or no secure context: show the address, so that nothing is lost.
      button.textContent = url
    }
  })
  addEventListener("popstate", () => { fromAddress(); draw(false) })

  fromAddress()
  draw(false)
  // A shared address opens at its answer, or at the sentence that it holds none.
  if (!location.hash && (answers.length || !message.hidden)) root.scrollIntoView()
}

for (const root of globalThis.document?.querySelectorAll(".flow") ?? []) start(root)
