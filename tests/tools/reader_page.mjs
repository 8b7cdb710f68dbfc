// What the reader's page makes of texts, without a page. Standard input: {words, layers, texts}. Standard output: a list of
// {problems, reports, warned} per text: what is missing from the outline, the short reports, the places of warnings.
import { text as all } from "node:stream/consumers"
import { cautions, mask } from "../../docs/assets/javascripts/traceback/cautions.js"
import { candidates } from "../../docs/assets/javascripts/traceback/folders.js"
import { condense, outline, withChoices } from "../../docs/assets/javascripts/traceback/outline.js"
import { readTraceback } from "../../docs/assets/javascripts/traceback/reader.js"
import { report, versions } from "../../docs/assets/javascripts/traceback/report.js"
import { withPlaces } from "../../docs/assets/javascripts/traceback/warned.js"

const { words, layers, texts } = JSON.parse(await all(process.stdin))

/** Something counted over the rows of an exception and of its members. */
function over(exception, count) {
  return exception.rows.reduce((sum, row) => sum + count(row), 0) + exception.members.reduce((sum, member) => sum + over(member, count), 0)
}

function look(text) {
  const { main, others, found } = condense(withPlaces(readTraceback(text), text))
  const problems = []
  const reports = []
  const kept = [main, ...others].filter(Boolean)
  if (kept.reduce((sum, entry) => sum + entry.times, 0) !== found) problems.push(`${found} were found, others are shown`)
  for (const entry of kept) {
    const seen = outline(entry)
    const total = count => seen.exceptions.reduce((sum, exception) => sum + over(exception, count), 0)
    const frames = total(row => ({ frame: 1, fold: row.frames?.length, repeat: row.frames * row.times })[row.kind] ?? 0)
    const repeated = total(row => Number(["repeat", "omitted"].includes(row.kind)))
    const crossings = total(row => Number(row.kind === "crossing"))
    const first = total(row => Number(row.kind === "frame" && row.frame.first))
    if (frames !== seen.frames) problems.push(`${frames} of ${seen.frames} frames are shown`)
    if (crossings !== entry.crossings.length && !repeated) problems.push(`${crossings} of ${entry.crossings.length} crossings are shown`)
    if (first !== Number(Boolean(entry.lookFirst))) problems.push(`${first} frames are marked as the first to look at`)
    const other = candidates([entry])[0]
    if (other) outline(withChoices(entry, { [other.folder]: other.own !== true }))
    reports.push(report(entry, { words, titles: {}, patternPage: "https://example.org/patterns/", versions: versions(text), layers }))
  }
  cautions(text)
  mask(text)
  return { problems, reports, warned: kept.map(entry => outline(entry).warned) }
}

process.stdout.write(JSON.stringify(texts.map(look)))
