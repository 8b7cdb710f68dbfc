// The meaning of a word from the glossary, shown when it is pointed at, tapped or has the focus. site.js loads this on the first
// use; without it the browser shows the title when the mouse rests there.

const GAP = 6 // pixels between the word and its meaning, and to the edge of the window

/** Where a box goes beside a word: `{left, top}` in the window; below the word, or above it where there is more room. */
export function place(word, box, view) {
  const left = Math.max(GAP, Math.min(word.left, view.width - box.width - GAP))
  const below = word.bottom + GAP
  return {left, top: below + box.height > view.height && word.top > box.height + GAP ? word.top - box.height - GAP : below}
}

const LINGER = 250 // milliseconds for the mouse to get from the word to its meaning

let tip, shown, leaving

function make() {
  tip = document.createElement("div")
  tip.className = "term-tip"
  tip.id = "__term"
  tip.setAttribute("role", "tooltip")
  tip.hidden = true
  document.body.append(tip)
  addEventListener("keydown", event => { if (event.key === "Escape") hide() })
  addEventListener("scroll", hide, {passive: true})
  addEventListener("resize", hide)
  document.addEventListener("pointerdown", event => { if (!within(event.target)) hide() })
  document.addEventListener("focusin", event => { if (!within(event.target)) hide() })
  // The mouse may move on to the text, to read or copy it.
  document.addEventListener("pointerover", event => {
    if (event.pointerType !== "mouse" || shown === document.activeElement) return
    if (within(event.target)) leaving = clearTimeout(leaving)
    else leaving ??= setTimeout(hide, LINGER)
  })
}

const within = target => Boolean(shown) && (shown.contains(target) || tip.contains(target))

function hide() {
  leaving = clearTimeout(leaving)
  if (!shown) return
  shown.title = tip.textContent // where the script finds it again
  shown.removeAttribute("aria-describedby")
  shown = null
  tip.hidden = true
}

/** Show the meaning of a word. */
export function show(word) {
  if (!tip) make()
  if (shown === word) return
  hide()
  shown = word
  tip.textContent = word.title
  word.removeAttribute("title") // or the browser would show it as well
  word.setAttribute("aria-describedby", tip.id)
  tip.hidden = false
  const {left, top} = place(word.getClientRects()[0], tip.getBoundingClientRect(), {width: document.documentElement.clientWidth, height: innerHeight})
  tip.style.left = `${left}px`
  tip.style.top = `${top}px`
}
