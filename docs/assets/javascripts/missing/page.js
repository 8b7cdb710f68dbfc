// 404.html: names the pages nearest to what was asked, and offers to search for its words.

import { nearest, words } from "./nearest.js"

const WORDS = {
  ja: { near: "お探しのページかもしれません：", search: text => `「${text}」をサイト内で検索` },
  en: { near: "Perhaps you meant:", search: text => `Search this site for “${text}”` },
}

const root = new URL(document.querySelector("script[data-root]").dataset.root, location)

/** The address asked for, from the root of the site; of another site's address, all of it. */
const asked = location.pathname.startsWith(root.pathname) ? location.pathname.slice(root.pathname.length) : location.pathname

const make = (name, properties, ...children) => {
  const element = Object.assign(document.createElement(name), properties)
  element.append(...children)
  return element
}

const sections = [...document.querySelectorAll("section.missing")]
// The language of the address comes first; the other one stays for those who came by a link of somebody else.
const english = /^en(\/|$)/i.test(asked)
sections.sort((one, other) => (one.lang === "en") === english ? -1 : 1)
sections[0].parentElement.append(...sections)
const list = await (await fetch(new URL("pages.json", root))).json()
for (const section of sections) {
  const { near, search } = WORDS[section.lang]
  const box = section.querySelector(".missing-near")
  const path = asked.replace(/^en\//i, "")
  const found = nearest((section.lang === "en" ? "en/" : "") + path, list[section.lang].pages)
  const text = words(asked)
  if (found.length) box.append(make("p", {}, near), make("ul", {}, ...found.map(page => make("li", {}, make("a", { href: new URL(page.url, root).href, textContent: page.title })))))
  if (text) {
    const home = new URL(section.lang === "en" ? "en/" : "", root)
    home.searchParams.set("q", text) // Material opens its search with what q says
    box.append(make("p", {}, make("a", { href: home.href, textContent: search(text) })))
  }
  box.hidden = !box.children.length
}
