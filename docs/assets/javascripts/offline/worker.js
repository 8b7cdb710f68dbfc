// The service worker. The build puts VERSION, which stands for the content of the whole site, in front of this file and
// writes both to sw.js at the site's root. It is no module: not every browser runs those as service workers.
//
// Pages and files come from the network while there is one, so nobody reads a stale page; what was kept answers when there
// is none, or when it takes too long. A file with a hash in its name cannot be stale and is taken from what was kept.

const ROOT = new URL(registration.scope)
const MINE = `${ROOT.pathname}|` // other sites may live at the same host
const KEPT = MINE + VERSION
const VISITED = `${MINE}visited`
const LIST = "pages.json"
const PATIENCE = 3000 // ms to wait for the network when there is something kept
const HASTE = 20000 // ms during which a network that failed is not waited for again
const MOST_VISITED = 100
const HASHED = /\.[0-9a-f]{8,}\.(?:min\.)?\w+$/

let hasteUntil = 0
let list
let names // of everything that the list has

const at = path => new URL(path, ROOT).href

addEventListener("install", event => event.waitUntil(install()))
addEventListener("activate", event => event.waitUntil(activate()))
addEventListener("fetch", event => {
  const url = new URL(event.request.url)
  if (event.request.method !== "GET" || !url.href.startsWith(ROOT.href)) return
  const path = url.pathname.slice(ROOT.pathname.length)
  if (path === LIST || path === "sw.js") return
  event.respondWith(answer(event, path.replace(/(^|\/)index\.html$/, "$1")))
})
addEventListener("message", event => {
  if (event.data.type === "take-over") skipWaiting()
  if (event.data.type === "keep") event.waitUntil(keep(event.data, event.source))
})

async function install() {
  const fresh = await fetch(at(LIST), { cache: "no-store" })
  list = await fresh.clone().json()
  if (list.version !== VERSION) throw new Error("The site is being published; the browser tries again later.")
  const cache = await caches.open(KEPT)
  await cache.put(at(LIST), fresh)
  await moveUnchanged(cache)
  await fill(cache, [...Object.keys(list.shell), "about/offline/", "en/about/offline/"])
}

async function activate() {
  for (const name of await caches.keys()) if (name.startsWith(MINE) && name !== KEPT && name !== VISITED) await caches.delete(name)
  await clients.claim()
}

/** {path: hash} of everything a list names. */
function hashes({ shell, ja, en }) {
  const pages = [...ja.pages, ...en.pages].map(([url, , hash]) => [url, hash])
  return { ...shell, ...ja.files, ...en.files, ...Object.fromEntries(pages) }
}

/** What the version before had kept and is the same today need not be fetched again. */
async function moveUnchanged(cache) {
  const now = hashes(list)
  for (const name of await caches.keys()) {
    if (!name.startsWith(MINE) || name === KEPT || name === VISITED) continue
    const old = await caches.open(name)
    const before = await (await old.match(at(LIST)))?.json()
    if (!before) continue
    const was = hashes(before)
    for (const path of Object.keys(now)) {
      const kept = was[path] === now[path] && (await old.match(at(path)))
      if (kept) await cache.put(at(path), kept)
    }
  }
}

/** Fetch what is not there yet, a few at a time so that the page the reader opens comes first. */
async function fill(cache, paths, progress = () => {}) {
  const there = new Set((await cache.keys()).map(request => request.url))
  const queue = paths.map(at).filter(url => !there.has(url))
  const all = queue.length
  const work = async () => {
    for (let url; (url = queue.shift()); progress(all - queue.length, all)) {
      const fresh = await fetch(url, { cache: HASHED.test(url) ? "default" : "no-cache", priority: "low" })
      if (!fresh.ok) throw new Error(`${url} answers ${fresh.status}`)
      await cache.put(url, plain(fresh))
    }
  }
  await Promise.all([work(), work(), work()])
}

/** An answer that came by way of a redirect may not answer a navigation. */
const plain = response => (response.redirected ? new Response(response.body, { headers: response.headers }) : response)

/** The page that asks is kept, and with `all` the rest of its language; the records and raw data only as they are visited. */
async function keep({ lang, here, all }, client) {
  try {
    const path = new URL(here).pathname.slice(ROOT.pathname.length)
    if (!(await kept(path))) await store(path, await fetch(at(path)))
    if (all) {
      const { pages, files } = (await known())[lang]
      const paths = pages.map(([url]) => url).filter(url => !/(^|\/)evidence\/./.test(url))
      await fill(await caches.open(KEPT), [...paths, ...Object.keys(files)], (done, of) => client?.postMessage({ type: "progress", done, of }))
    }
    client?.postMessage({ type: "kept", all })
  } catch {
    client?.postMessage({ type: "stopped" }) // no connection, or the host is in trouble: the next page goes on
  }
}

async function known() {
  return (list ??= await (await (await caches.open(KEPT)).match(at(LIST))).json())
}

async function kept(path) {
  const url = at(path)
  return (await (await caches.open(KEPT)).match(url)) ?? (await (await caches.open(VISITED)).match(url))
}

async function store(path, response) {
  if (!response.ok || response.type !== "basic") return
  names ??= hashes(await known())
  const listed = path.startsWith("assets/") || path in names
  const cache = await caches.open(listed ? KEPT : VISITED)
  await cache.put(at(path), plain(response))
  if (listed) return
  const visited = await cache.keys()
  for (const old of visited.slice(0, Math.max(0, visited.length - MOST_VISITED))) await cache.delete(old)
}

async function answer(event, path) {
  const page = event.request.mode === "navigate"
  const old = await kept(path)
  if (old && HASHED.test(path)) return old
  const shown = old?.clone()
  const fresh = network(event)
  const stored = fresh.then(response => after(response.clone(), path, shown, event))
  event.waitUntil(stored.catch(() => {}))
  if (!old) return fresh.catch(error => (page ? offlinePage(path) : Promise.reject(error)))
  const patience = Date.now() < hasteUntil ? 0 : PATIENCE
  const first = await Promise.race([fresh.catch(() => null), new Promise(resolve => setTimeout(resolve, patience, null))])
  if (first && first.status < 500) return first
  hasteUntil = Date.now() + HASTE
  event.late = true
  return old
}

/** Of a page the browser's own cache is asked to make sure: hosts without our headers let it go stale for hours. */
function network({ request }) {
  return request.mode === "navigate" ? fetch(request, { cache: "no-cache" }) : fetch(request)
}

/** Keep what the network brought; if the reader was shown an older one meanwhile, the page is told. */
async function after(response, path, shown, event) {
  const copy = response.clone()
  await store(path, response)
  if (!event.late || !copy.ok || event.request.mode !== "navigate") return
  if ((await copy.text()) !== (await shown.text())) (await clients.get(event.resultingClientId))?.postMessage({ type: "newer" })
}

/** A page that was never kept, and no connection: the page that says what there is, in the language that was asked for. */
async function offlinePage(path) {
  if (!/[./]$|^$/.test(path) && !path.includes(".") && (await kept(`${path}/`))) return Response.redirect(at(`${path}/`))
  const lang = path.startsWith("en/") ? "en/" : ""
  return Response.redirect(at(`${lang}about/offline/?asked=${encodeURIComponent(path)}`))
}
