// Served in place of the service worker while the site is being written: one that an earlier visit to this address left in
// the browser fetches this as its update, throws away what it kept, and is gone.
addEventListener("install", () => skipWaiting())
addEventListener("activate", event => event.waitUntil(retire()))

async function retire() {
  const mine = `${new URL(registration.scope).pathname}|`
  for (const name of await caches.keys()) if (name.startsWith(mine)) await caches.delete(name)
  await registration.unregister()
}
