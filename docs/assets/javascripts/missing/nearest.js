// Which pages an address that does not exist may have meant. Pure functions, tested with Node.

/** `/EN/Servers/gunicorn.html` → `en/servers/gunicorn/`: as pages of this site are addressed; `ja/` is the root. */
export function normal(asked) {
  let path = asked
  try {
    path = decodeURIComponent(asked)
  } catch {
    // a stray % stays as it is
  }
  path = path.toLowerCase().replace(/\/{2,}/g, "/").replace(/^\//, "").replace(/_/g, "-")
  path = path.replace(/(^|\/)index(\.[a-z-]+)*$/, "$1").replace(/\.(?:[a-z]{2}\.)?(?:html?|md|php)$/, "")
  path = path.replace(/^(?:en\/)+/, "en/").replace(/^ja\//, "")
  return path && !path.endsWith("/") ? `${path}/` : path
}

/** The words of an address: what to search for. */
export const words = asked => normal(asked).replace(/^en\//, "").split(/[/\-.\s]+/).filter(Boolean).join(" ")

/** The pages of `[address, title]` in the asked language that are nearest, the best first; none if nothing is near. */
export function nearest(asked, pages, most = 5) {
  const path = normal(asked)
  if (!path || path === "en/") return []
  const scored = pages.map(([url, title]) => ({ url, title, score: score(path, url, title) })).sort((one, other) => other.score - one.score)
  // When one page is clearly meant, what is merely similar only distracts.
  const near = Math.max(0.35, 0.6 * Math.min(1, scored[0]?.score ?? 0))
  return scored.filter(page => page.score >= near).slice(0, most)
}

function score(path, url, title) {
  if (path === url) return 2
  const [asked, there] = [path, url].map(address => address.replace(/^en\//, "").split("/").filter(Boolean))
  if (!there.length) return 0
  const last = likeness(asked.at(-1), there.at(-1))
  const whole = likeness(asked.join("/"), there.join("/"))
  const named = likeness(asked.at(-1), title.toLowerCase().replace(/[\s_]+/g, "-"))
  return Math.max(0.7 * last + 0.3 * whole, 0.9 * whole, 0.8 * named)
}

/** From 0 to 1: the share of pairs of letters that two texts have in common (Dice), so a slip or a swap costs little. */
export function likeness(one, other) {
  const [first, second] = [pairs(one), pairs(other)]
  let common = 0
  for (const [pair, count] of first) common += Math.min(count, second.get(pair) ?? 0)
  const sum = map => [...map.values()].reduce((total, count) => total + count, 0)
  return (2 * common) / (sum(first) + sum(second) || 1)
}

function pairs(text) {
  const found = new Map()
  const edged = ` ${text} `
  for (let index = 0; index < edged.length - 1; index++) {
    const pair = edged.slice(index, index + 2)
    found.set(pair, (found.get(pair) ?? 0) + 1)
  }
  return found
}
