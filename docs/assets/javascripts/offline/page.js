// Reading without a connection, the page's part: starts the service worker, lets it keep the language being read, and offers
// a newer version of the page when there is one. Nothing is ever reloaded before the reader says so.
// It begins with the first sign of a reader, or a while after the page is there: on a slow line the page itself comes first.

import { whenRead } from "../later.js"

const WHILE = 10000 // ms from the page's being there to the start without a sign
const AGAIN = 10 * 60 * 1000 // ms between two looks for a newer version while a page stays open
// "hash address-of-the-worker" in a published page, empty while the site is being written, not there on 404.html
const given = document.querySelector('meta[name="offline"]')?.content

if (given === "") sayPreview()
if ("serviceWorker" in navigator && given !== undefined) {
  if (!given) retire()
  else if (document.querySelector(".offline-shelf")) soon()
  else whenRead(() => (document.readyState === "complete" ? soon() : addEventListener("load", soon)), WHILE)
}

function soon() {
  const [hash, worker] = given.split(" ")
  const idle = window.requestIdleCallback ?? (task => setTimeout(task, 200))
  idle(() => start(hash, new URL(worker, location)).catch(() => {}), { timeout: 2000 })
}

async function start(hash, worker) {
  const root = new URL(".", worker)
  const lang = document.documentElement.lang
  let looked = Date.now()

  async function look() {
    looked = Date.now()
    const list = await (await fetch(new URL("pages.json", root), { cache: "no-store" })).json()
    const here = decodeURI(location.pathname.slice(root.pathname.length)).replace(/index\.html$/, "")
    const now = list[lang].pages.find(([url]) => url === here)
    if (now && now[2] !== hash) (await import("./notice.js")).offer(lang, take)
  }

  /** Let a worker that waits take over, then load the page again; the reader asked for it. */
  async function take() {
    const { waiting } = registration
    if (!waiting) return location.reload()
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload())
    waiting.postMessage({ type: "take-over" })
  }

  const lookQuietly = () => look().catch(() => {}) // without a connection there is nothing newer to offer
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    if (data.type === "newer") lookQuietly()
    document.dispatchEvent(new CustomEvent("offline", { detail: data }))
  })
  addEventListener("online", lookQuietly)
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - looked > AGAIN) lookQuietly()
  })

  const registration = await navigator.serviceWorker.register(worker, { updateViaCache: "none" })
  registration.addEventListener("updatefound", () => {
    const { active, installing } = registration // the very first worker has none before it
    installing.addEventListener("statechange", () => installing.state === "installed" && active && lookQuietly())
  })
  if (registration.waiting) lookQuietly()
  const { active } = await navigator.serviceWorker.ready
  const { saveData, effectiveType } = navigator.connection ?? {}
  const sparing = saveData || /2g/.test(effectiveType ?? "") || matchMedia("(prefers-reduced-data: reduce)").matches
  active.postMessage({ type: "keep", lang, here: location.href, all: !sparing })
  const shelf = document.querySelector(".offline-shelf")
  if (shelf) (await import("./shelf.js")).show(shelf, root, lang, () => active.postMessage({ type: "keep", lang, here: location.href, all: true }))
}

/** The page about reading offline says why nothing is saved while the site is being written. */
async function sayPreview() {
  const shelf = document.querySelector(".offline-shelf")
  if (shelf) (await import("./shelf.js")).preview(shelf, document.documentElement.lang)
}

/** While the site is being written no service worker may stand between the author and the page. */
async function retire() {
  const root = new URL("../../../", import.meta.url)
  const registration = await navigator.serviceWorker.getRegistration(root)
  if (registration?.scope === root.href) await registration.unregister()
  // Also without one: a worker on its way out may have kept one more page after the last look.
  for (const name of await caches.keys()) if (name.startsWith(`${root.pathname}|`)) await caches.delete(name)
}
