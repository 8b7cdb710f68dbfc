// Material's script is a third of what a page weighs, and nobody needs it to read: it comes with the first sign of a reader.
// overrides/hooks/finish.py writes it as `<script type="later">`; a preview has it as Material does, and this does nothing.

const SIGNS = ["pointermove", "pointerdown", "touchstart", "wheel", "scroll", "keydown", "focusin", "beforeprint"]
const waiting = document.querySelector("script[type=later]")

if (waiting) {
  for (const sign of SIGNS) addEventListener(sign, begin, {capture: true, passive: true})
  // An address that names a place may mean one that is folded away, and one with ?q= opens the search.
  if (location.hash || new URLSearchParams(location.search).has("q")) begin()
}

function begin(event) {
  for (const sign of SIGNS) removeEventListener(sign, begin, {capture: true})
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
  waiting.replaceWith(script)
}
