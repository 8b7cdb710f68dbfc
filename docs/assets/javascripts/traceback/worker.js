// Reads a text away from the page, so that the page stays quick. One text, one answer; the page ends a worker whose text is
// no longer wanted.

import { readTraceback } from "./reader.js"
import { cautions, otherLanguage } from "./cautions.js"
import { condense } from "./outline.js"
import { versions } from "./report.js"
import { withPlaces } from "./warned.js"

addEventListener("message", event => {
  const text = event.data
  try {
    const read = readTraceback(text)
    postMessage({
      ...condense(withPlaces(read, text)),
      cautions: cautions(text),
      language: read.tracebacks.length ? null : otherLanguage(text),
      versions: versions(text),
    })
  } catch (error) {
    // It must not happen; if it does, the page says so instead of waiting for ever.
    postMessage({ failed: String(error) })
  }
})
