// What can be chosen, and how a choice stands in the address. Nothing here knows of the page.
//
// A choice is {interface, server, manager, proxy, channels, workers, threads}. Which combinations are offered is data
// (data.json: those that ran); `combinations` maps a key such as "wsgi.gunicorn.systemd.nginx-unix" to true, or to the
// name of the reason why it is not offered.

export const SERVERS = {
  wsgi: ["gunicorn", "granian", "uwsgi", "waitress"],
  asgi: ["uvicorn", "gunicorn", "gunicorn-uvicorn", "granian", "hypercorn", "daphne"],
}
export const MANAGERS = ["systemd", "container", "supervisor", "kubernetes"]
export const PROXIES = ["none", "nginx-tcp", "nginx-unix"]
export const START = { interface: "wsgi", server: "gunicorn", manager: "systemd", proxy: "nginx-unix", channels: "no" }
export const MOST = 64 // workers, and threads

// Parts of a choice, the one that is given up last first.
const PARTS = ["interface", "server", "channels", "manager", "proxy"]
const VALUES = { interface: ["wsgi", "asgi"], manager: MANAGERS, proxy: PROXIES, channels: ["no", "yes"] }

/** The name of a combination in the data and in the record. */
export function key({ interface: kind, server, manager, proxy, channels }) {
  return [kind, server, manager, proxy, ...(channels === "yes" ? ["channels"] : [])].join(".")
}

/** The inverse of `key`. */
export function fromKey(name) {
  const [kind, server, manager, proxy, channels] = name.split(".")
  return { interface: kind, server, manager, proxy, channels: channels ? "yes" : "no" }
}

/** What sizes a combination has, with their values in the recipes: {workers: 2, threads: 4}; {} where there is one process. */
export function sizes({ interface: kind, server, manager }) {
  if (server === "waitress") return { threads: 8 }
  if (kind === "wsgi") return { workers: 2, threads: 4 }
  if (server === "daphne" && manager === "systemd") return {}
  if (server === "uvicorn" && (manager === "container" || manager === "kubernetes")) return {}
  return { workers: 2 }
}

/** The offered combination that is nearest to what is wanted; of `kept`, nothing is given up. null when there is none. */
export function nearest(wanted, combinations, kept = []) {
  let best = null
  let least = Infinity
  for (const [name, offered] of Object.entries(combinations)) {
    if (offered !== true) continue
    const found = fromKey(name)
    let cost = 0
    PARTS.forEach((part, position) => {
      if (found[part] !== wanted[part]) cost += kept.includes(part) ? Infinity : 2 ** (PARTS.length - position)
    })
    // Of the other proxies, nginx is nearer to nginx than none is.
    if ((found.proxy === "none") !== (wanted.proxy === "none")) cost += 1
    if (cost < least) [best, least] = [found, cost]
  }
  return best
}

/** A whole number from 1 to MOST that is nearest to a text; null for what is no number. */
function size(text) {
  if (!/^[+-]?\d{1,9}$/.test(text)) return null
  return Math.min(Math.max(Number(text), 1), MOST)
}

/**
 * Read a choice from the part of an address behind "?".
 *
 * Whatever it holds, the result can be built: {choice, changed}, where `changed` lists what could not be taken as it was
 * as {part, given, taken}, and for a combination that is not offered {part, given, taken, why}.
 */
export function parse(search, combinations) {
  const given = new URLSearchParams(search)
  const changed = []
  const wanted = { ...START }
  for (const part of PARTS) {
    const values = given.getAll(part)
    if (!values.length) continue
    const known = part === "server" ? SERVERS[wanted.interface] : VALUES[part]
    if (values.length === 1 && known.includes(values[0])) wanted[part] = values[0]
    else changed.push({ part, given: values.join(", ").slice(0, 40), taken: null })
  }
  // The first server of an interface is the usual one.
  if (!SERVERS[wanted.interface].includes(given.get("server"))) wanted.server = SERVERS[wanted.interface][0]
  const found = nearest(wanted, combinations) ?? { ...START }
  const why = combinations[key(wanted)]
  for (const part of PARTS) {
    const entry = changed.find(entry => entry.part === part)
    if (entry) entry.taken = found[part]
    else if (found[part] !== wanted[part]) changed.push({ part, given: wanted[part], taken: found[part], why })
  }
  const choice = { ...found, ...sizes(found) }
  for (const part of ["workers", "threads"]) {
    const values = given.getAll(part)
    if (!values.length || (!(part in choice) && values.length === 1)) continue // what has no such size leaves it out
    const taken = values.length === 1 ? size(values[0]) : null
    if (taken !== null) choice[part] = taken
    if (String(taken) !== values[0]) changed.push({ part, given: values.join(", ").slice(0, 40), taken: choice[part] ?? null })
  }
  return { choice, changed: changed.filter(entry => entry.taken !== null) }
}

/** The inverse of `parse`: "interface=wsgi&server=gunicorn&…", always in full and in the same order. */
export function format(choice) {
  const parts = ["interface", "server", "manager", "proxy", "channels", "workers", "threads"]
  return parts.filter(part => part in choice && choice[part] !== "no").map(part => `${part}=${choice[part]}`).join("&")
}
