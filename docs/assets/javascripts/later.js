// Material's script is a third of what a page weighs, and nobody needs it to read: it comes with the first sign of a reader.
// overrides/hooks/finish.py writes it as `<script type="later">`; a preview has it as Material does, and this does nothing.

const SIGNS = ["pointermove", "pointerdown", "touchstart", "wheel", "scroll", "keydown", "focusin", "beforeprint"]
const waiting = document.querySelector("script[type=later]")

if (waiting) {
  whenRead(begin)
  // An address that names a place may mean one that is folded away, and one with ?q= opens the search.
  if (location.hash || new URLSearchParams(location.search).has("q")) begin()
}

/** Call `task(event)` once: with the first sign of a reader, or after `patience` ms without one. */
export function whenRead(task, patience) {
  const timer = patience && setTimeout(done, patience)
  for (const sign of SIGNS) addEventListener(sign, done, {capture: true, passive: true})
  function done(event) {
    clearTimeout(timer)
    for (const sign of SIGNS) removeEventListener(sign, done, {capture: true})
    task(event)
  }
}

function begin(event) {
  if (!waiting.isConnected) return // an address has brought it already
  const script = document.createElement("script")
  script.src = waiting.dataset.src
  // The key that brought the script is meant for it, such as / for the search.
  const keys = []
  const keep = event => keys.push(event)
  if (event?.type === "keydown") keep(event)
  addEventListener("keydown", keep)
  script.onload = () => {
    removeEventListener("keydown", keep)
    document.dispatchEvent(new Event("DOMContentLoaded")) // Material waits for it, and it is long past
    for (const {key, ctrlKey, metaKey, altKey, target} of keys)
      if (!ctrlKey && !metaKey && !altKey && target.isConnected) target.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}))
  }
  // Its style first: what it adds to the page is never seen without.
  const sheet = document.createElement("link")
  sheet.rel = "stylesheet"
  sheet.href = waiting.dataset.sheet
  sheet.onload = sheet.onerror = () => document.body.append(script)
  const early = document.createElement("link")
  early.rel = "preload"
  early.as = "script"
  early.href = script.src
  document.head.append(sheet, early)
  waiting.remove()
}
