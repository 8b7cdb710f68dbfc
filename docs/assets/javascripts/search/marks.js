// Marks on a page the words that its address carries in ?h=: the search put them there.

import {pattern} from "./text.js"

const words = new URLSearchParams(location.search).get("h").split(/\s+/).filter(Boolean).slice(0, 20)
const wanted = pattern(words)
const content = document.querySelector("[data-md-component=content]")

if (wanted && content) {
  const nodes = document.createTreeWalker(content, NodeFilter.SHOW_TEXT), texts = []
  while (nodes.nextNode()) texts.push(nodes.currentNode)
  for (const text of texts) {
    if (text.parentElement.closest("script, style, svg, form, button, select, mark, .headerlink")) continue
    const parts = []
    let end = 0
    for (const match of text.data.matchAll(wanted)) {
      const mark = document.createElement("mark")
      mark.dataset.mdHighlight = ""
      mark.textContent = match[0]
      parts.push(text.data.slice(end, match.index), mark)
      end = match.index + match[0].length
    }
    if (parts.length) text.replaceWith(...parts, text.data.slice(end))
  }
}
