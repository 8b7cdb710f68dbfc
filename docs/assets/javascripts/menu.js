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
    if (opens.id === "__search") document.querySelector(".md-search__input").focus()
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
