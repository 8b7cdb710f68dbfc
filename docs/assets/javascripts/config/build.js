// From a choice to finished files. Like choices.js, comments.js and files.js it knows nothing of the page: the same
// functions make what a reader sees, what tests/tools/config.mjs compares with the recipes, and what lab.combinations runs.

import { translated, withHeader } from "./comments.js"
import { filesOf } from "./files.js"

/** A text with pairs of old and new replaced. Throws when an old one is not there, or there more than once. */
export function edited(text, edits, name) {
  for (const [old, replacement] of edits) {
    const parts = text.split(old)
    if (parts.length !== 2) throw new Error(`${name} holds ${JSON.stringify(old)} ${parts.length - 1} times, not once: mend files.js.`)
    text = parts.join(replacement)
  }
  return text
}

/** The text of a file before the two lines above it: the recipe's, byte for byte, where nothing has to differ. */
export function body({ source, edits = [], sizes = [] }, texts, comments = null) {
  if (!(source in texts)) throw new Error(`snippets/${source} is not among the published texts: name its folder in docs/tools/config.yml.`)
  let text = edited(texts[source], edits, source)
  if (comments) text = translated(text, comments)
  return edited(text, sizes, source)
}

/**
 * The finished files of a choice: [{path, source, text, body}].
 *
 * `texts`: path below snippets/ -> text; `comments`: English -> the reader's language, or null for English; `address`: the
 * permalink; `ran`: one line with date and versions. Both go above each file as comments.
 */
export function build(choice, { texts, comments, address, ran }) {
  return filesOf(choice, texts).map(file => {
    const text = body(file, texts, comments)
    return { path: file.path, source: file.source, body: text, text: withHeader(text, file.path, address, ran) }
  })
}
