// Small things every page needs.

import "./later.js"

const box = document.querySelector(".md-search__input")

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

// The menu and its levels, and on a phone the search, open with labels of checkboxes that nobody sees: a finger reaches them, the
// keyboard and a screen reader do not. They become buttons; `for` stays, because Material's styles ask for it.
const NAMES = {ja: {__drawer: "メニュー", __search: "検索", __toc: "目次", back: "戻る"}, en: {__drawer: "Menu", __search: "Search", __toc: "Contents", back: "Back"}}
const names = NAMES[document.documentElement.lang] ?? NAMES.ja
const menu = document.querySelector(".md-sidebar--primary"), drawer = document.getElementById("__drawer")
const LABELS = ".md-header__button:is([for=__drawer], [for=__search]), .md-sidebar--primary :is(.md-nav__link, .md-nav__title):not([for=__drawer])"
for (const label of document.querySelectorAll(`label:is(${LABELS})`)) {
  const opens = document.getElementById(label.htmlFor), back = label.matches(".md-nav__title")
  const button = document.createElement("button")
  for (const {name, value} of label.attributes) if (name !== "tabindex") button.setAttribute(name, value)
  button.type = "button"
  const text = label.textContent.trim() || label.previousElementSibling?.textContent.trim()
  button.ariaLabel = back ? `${names.back}: ${text}` : label.htmlFor === "__toc" ? `${names.__toc}: ${text}` : names[label.htmlFor] ?? text
  button.ariaExpanded = opens.checked
  button.append(...label.childNodes)
  button.addEventListener("click", () => {
    opens.click()
    if (opens.id === "__search") box?.focus()
    else if (opens.id === "__drawer") [...menu.querySelectorAll("button, a")].find(one => one.checkVisibility({visibilityProperty: true}))?.focus()
    else if (drawer.checked) [...document.querySelectorAll(`button[for=${opens.id}]`)].find(one => one.checkVisibility({visibilityProperty: true}))?.focus()
  })
  opens.addEventListener("change", () => button.ariaExpanded = opens.checked)
  label.replaceWith(button)
}

// The open menu closes with Escape, and when the keyboard goes on to what it covers.
menu?.addEventListener("keydown", event => {
  if (event.key !== "Escape" || !drawer.checked) return
  drawer.click()
  document.querySelector("button[for=__drawer]").focus()
})
menu?.addEventListener("focusout", ({relatedTarget}) => {
  if (drawer.checked && relatedTarget && !menu.contains(relatedTarget)) drawer.click()
})

// The keyboard has to reach a table that is wider than the screen, to scroll it. One that fits would only be one more stop.
const boxes = new ResizeObserver(changes => {
  for (const {target} of changes) {
    if (target.scrollWidth > target.clientWidth || !target.clientWidth) target.tabIndex = 0
    else target.removeAttribute("tabindex")
  }
})
for (const wide of document.querySelectorAll(".md-typeset__scrollwrap[role], .chart-scroll")) boxes.observe(wide)

// The search box and the marks of its words load when they are used.
const useBox = () => import("./search/box.js")
if (box === document.activeElement) useBox()
else box?.addEventListener("focus", useBox, {once: true})
if (new URLSearchParams(location.search).get("h")) import("./search/marks.js")
