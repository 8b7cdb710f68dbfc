// Small things every page needs.

import "./later.js"

// The copy button copies the file as it is, its last line break included; Material's own would trim it.
document.addEventListener("click", event => {
  const button = event.target.closest?.("[data-clipboard-target]")
  if (button) button.dataset.clipboardText = document.querySelector(button.dataset.clipboardTarget).textContent
}, true)

// The language switch keeps the place: same heading, same answers.
document.addEventListener("click", event => {
  const link = event.target.closest?.("a.md-select__link")
  if (!link) return
  link.hash = location.hash
  link.search = location.search
}, true)

// Material puts every copy button into a <nav> without a name: to a screen reader, landmarks by the dozen that are none. And it
// calls all buttons the same, whatever they copy.
new MutationObserver(changes => {
  for (const change of changes)
    for (const node of change.addedNodes) {
      if (!node.matches?.(".md-code__nav, .md-code__button")) continue
      if (node.matches(".md-code__nav")) node.setAttribute("role", "none")
      const file = node.closest(".highlight")?.querySelector(".filename")?.textContent
      const button = node.matches("button") ? node : node.querySelector("button")
      if (file && button?.title) button.setAttribute("aria-label", `${button.title}: ${file}`)
    }
}).observe(document.body, {childList: true, subtree: true})

// That something was copied is to be heard as well.
document.querySelector(".md-dialog__inner")?.setAttribute("role", "status")

// Not needed to read: it comes when the page is there.
const idle = window.requestIdleCallback ?? (task => setTimeout(task, 200))
idle(() => import("./menu.js"), {timeout: 1000})

// The keyboard has to reach a table that is wider than the screen, to scroll it. One that fits would only be one more stop.
const boxes = new ResizeObserver(changes => {
  for (const {target} of changes) {
    if (target.scrollWidth > target.clientWidth || !target.clientWidth) target.tabIndex = 0
    else target.removeAttribute("tabindex")
  }
})
for (const wide of document.querySelectorAll(".md-typeset__scrollwrap[role], .chart-scroll")) boxes.observe(wide)

// The search box and the marks of its words load when they are used.
const box = document.querySelector(".md-search__input")
const useBox = () => import("./search/box.js")
const opened = document.querySelector("#__search")
if (box === document.activeElement || opened?.checked) useBox()
else box?.addEventListener("focus", useBox, {once: true})
// Material's script leads to the box; who opens the search before it has come is led by this.
opened?.addEventListener("change", () => opened.checked && box.focus())
if (new URLSearchParams(location.search).get("h")) import("./search/marks.js")

// What a word of the glossary means, and the address of a heading: both load with their first use.
for (const sign of ["pointerover", "focusin"]) {
  document.addEventListener(sign, event => {
    const word = event.target.closest?.("abbr.term, a.headerlink")
    if (word?.matches("abbr")) import("./term.js").then(term => term.show(word))
    else if (word) import("./heading.js").then(heading => heading.name(word))
  })
}
document.addEventListener("click", event => {
  const link = event.target.closest?.("a.headerlink")
  if (link && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)) import("./heading.js").then(heading => heading.copy(link))
})
