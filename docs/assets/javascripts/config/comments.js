// Comments: in the reader's language, and the two lines that stand above every file. They change nothing but comments:
// tests/tools/test_config.py compares what is left of a file without them.

const LINE = /^(\s*)([#;]) ?(.*)$/
const INLINE = /^(.*\S)( {2}# )(\S.*)$/
const DOCSTRING = /^"""(.+)"""$/

/**
 * The comments of a file in another language. `known` maps the English text of a whole comment, its lines joined by a
 * space, to its translation, in which a line break begins a new line of the comment. What is not known stays English:
 * settings that are commented out, such as `#ReadWritePaths=…`, and what a test then finds.
 */
export function translated(text, known) {
  const lines = text.split("\n")
  const result = []
  for (let at = 0; at < lines.length; at++) {
    const match = LINE.exec(lines[at])
    if (!match) {
      const inline = INLINE.exec(lines[at])
      const doc = DOCSTRING.exec(lines[at])
      if (inline && known[inline[3]]) result.push(inline[1] + inline[2] + known[inline[3]])
      else if (doc && known[doc[1]]) result.push(`"""${known[doc[1]]}"""`)
      else result.push(lines[at])
      continue
    }
    let end = at
    const same = line => { const next = LINE.exec(line); return next && next[1] === match[1] && next[2] === match[2] }
    while (end < lines.length && same(lines[end])) end++
    result.push(...inBlock(lines.slice(at, end), match, known))
    at = end - 1
  }
  return result.join("\n")
}

/** One block of comment lines: as one comment, or as several that follow each other. */
function inBlock(lines, [, indent, sign], known) {
  const words = lines.map(line => LINE.exec(line)[3].trim())
  const result = []
  for (let at = 0; at < lines.length;) {
    let end = lines.length
    while (end > at && !(words.slice(at, end).join(" ") in known)) end--
    if (end === at) result.push(lines[at++])
    else {
      result.push(...known[words.slice(at, end).join(" ")].split("\n").map(line => `${indent}${sign} ${line}`))
      at = end
    }
  }
  return result
}

/** The comments of a file in English, for whoever checks that all are translated: what `translated` would look up. */
export function untranslated(text, known) {
  return translated(text, known).split("\n").filter(line => {
    const comment = LINE.exec(line)?.[3] ?? INLINE.exec(line)?.[3] ?? DOCSTRING.exec(line)?.[1] ?? ""
    return comment.includes(" ") && !/[ぁ-んァ-ヶ一-龠]/.test(comment)
  })
}

/** Two comments above a file: the address that made it, and what it ran with. */
export function withHeader(text, path, address, ran) {
  const sign = path.includes("/supervisor/") ? ";" : "#"
  return `${sign} ${address}\n${sign} ${ran}\n${text}`
}
