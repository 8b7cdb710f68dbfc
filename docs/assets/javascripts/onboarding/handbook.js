// The block for a team's handbook names the site by a placeholder; here it becomes the address at which the page is being read.

export const PLACEHOLDER = "https://serving-django.example/"

/** A block with the address of this copy of the site; `page` is the address of the page, `path` its path below the root of the site. */
export function filled(text, page, path) {
  const root = page.split(/[?#]/)[0].replace(/index\.html$/, "")
  return root.endsWith(path) ? text.replaceAll(PLACEHOLDER, root.slice(0, root.length - path.length)) : text
}

for (const mark of globalThis.document?.querySelectorAll(".handbook") ?? []) {
  const {path} = mark.dataset
  const walker = document.createTreeWalker(document.querySelector(".md-content"), NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const node = walker.currentNode
    if (!node.data.includes(PLACEHOLDER) || !node.parentElement.closest("pre")) continue
    node.data = filled(node.data, location.href, path)
    node.parentElement.closest("[data-snippet]")?.removeAttribute("data-snippet") // what is copied is no longer the file itself
  }
}
