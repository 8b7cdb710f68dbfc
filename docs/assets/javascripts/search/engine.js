// Finds pages and their sections in an index that overrides/hooks/search.py wrote. No DOM: the worker runs it.

import MiniSearch from "../vendor/minisearch-7.2.0/index.js"
import {senses} from "./senses.js"
import {asked, errors, hiragana, pattern, telling, terms} from "./text.js"

// How much a word counts where it stands. tests/browser/search.yml tells which figures do well; half or double changes little.
const OF_PAGE = {title: 6, keywords: 5, description: 2.5, headings: 1.2}
const OF_SECTION = {title: 5, keywords: 5, beginning: 1, rare: 1}
const SENSE = 0.6 // what another word for the same counts
const LACKING = 2 // what it costs to lack a word of the query: a power
const NAMED = 0.8 // what a page gains whose whole title is in the query: Gunicorn before Gunicorn with Uvicorn
const SELDOM = 3 // a word of fewer pages may be a typing error that a page shows
const PAGES = 20, SECTIONS = 8, SHOWN = 3 // results: pages, sections of a page, and how many of them are shown at once
const LONG = 32 // characters of a name beyond which it is a path: not shown behind a section's beginning
const LEAST = 0.05 // of the best page's score: what scores less has a word of the query by chance

const cut = new Map() // the terms of the texts that are being read: most are needed twice
function both(text) {
  if (!cut.has(text)) cut.set(text, [...terms(text), ...senses(text).map(({term}) => term)])
  return cut.get(text)
}

const table = boost => new MiniSearch({
  fields: Object.keys(boost), tokenize: both, processTerm: term => term,
  searchOptions: {boost, tokenize: text => text.split(" "), bm25: {k: 1.2, b: 0.6, d: 0.3}},
})

/** The index of a language. */
export function load(pages) {
  const byPage = table(OF_PAGE), bySection = table(OF_SECTION), sections = []
  const known = new Map() // in how many pages a term is
  for (const [number, {t: title, d: description = "", k: keywords = "", s: own = []}] of pages.entries()) {
    const headings = own.map(section => section[1]).join("\n")
    byPage.add({id: number, title, keywords, description, headings})
    for (const [id, title, beginning = "", rare = "", keywords = ""] of own) {
      bySection.add({id: sections.length, title: id ? title : "", keywords, beginning, rare})
      sections.push({page: number, id, title, beginning, rare})
    }
    const texts = [title, description, keywords, ...own.flatMap(section => section.slice(1))]
    for (const term of new Set(texts.flatMap(both))) known.set(term, (known.get(term) ?? 0) + 1)
  }
  cut.clear()
  return {pages, sections, byPage, bySection, known, titles: pages.map(page => terms(page.t))}
}

/** The word that was meant by one that hardly any page has; undefined if none is near. */
function meant(known, word) {
  if (!/^[a-z]{4,}$/.test(word)) return undefined
  const pages = known.get(word) ?? 0
  let best, least = pages || word.length < 8 ? 1.5 : 2.5
  for (const [term, count] of known) {
    if (count <= pages * 10 || Math.abs(term.length - word.length) > 2 || !/^[a-z]+$/.test(term)) continue
    const wrong = errors(word, term) + (term[0] === word[0] ? 0 : 0.5) // few mistype the first letter
    if (wrong < least) [best, least] = [term, wrong]
  }
  return best
}

/**
 * The units of a query (see `asked`) with those terms that the index has. A word that is still being typed has in `begun`
 * what it may become.
 */
function understood({known}, query) {
  const all = asked(query, senses)
  return all.map((unit, i) => {
    let whole = unit.whole
    const begun = whole?.length > 1 && !known.has(whole) && i === all.length - 1 && /\w$/.test(query)
      ? [...known.keys()].filter(term => term.startsWith(unit.text.toLowerCase())) : []
    const parts = unit.parts.filter(part => known.has(part))
    if (whole && !begun.length && !parts.length && (known.get(whole) ?? 0) < SELDOM) whole = meant(known, whole) ?? meant(known, unit.text.toLowerCase()) ?? whole
    // What the word itself finds needs no other word for it.
    const own = known.get(whole) ?? (parts.length < unit.parts.length ? 0 : Math.min(...parts.map(part => known.get(part))))
    const senses = unit.senses.filter(({term}) => known.has(term)).map(sense => ({...sense, weight: SENSE * Math.max(0, 1 - own / known.get(sense.term))}))
    return {text: unit.text, whole: known.has(whole) ? whole : undefined, parts, of: unit.parts.length, begun, senses}
  })
}

const ofUnit = unit => [unit.whole, ...unit.parts, ...unit.begun, ...unit.senses.map(({term}) => term)].filter(Boolean)

/** How much of a unit a set of terms has, from 0 to 1. */
function covered(unit, found) {
  const sense = unit.senses.reduce((sum, {term, share}) => sum + (found.has(term) ? share : 0), 0)
  return Math.max(itself(unit, found), Math.min(1, sense) * 0.9)
}

function itself(unit, found) {
  if (found.has(unit.whole)) return 1
  if (unit.begun.some(term => found.has(term))) return 0.8
  if (!unit.parts.length) return 0
  const share = unit.parts.filter(part => found.has(part)).length / unit.of
  return unit.whole ? 0.6 * share : share ** 2
}

/** The pages that fit a query, best first: {number, score, sections: [{number, score, found}, …]}, and the query's units. */
export function find(index, query) {
  const all = understood(index, query), wanted = all.filter(unit => ofUnit(unit).length)
  const sought = new Set(wanted.flatMap(ofUnit)), text = [...sought].join(" ")
  if (!text) return {hits: [], units: all}
  // A word that few pages have says more about what is meant.
  const lent = new Map(wanted.flatMap(unit => unit.senses).map(({term, weight}) => [term, weight]))
  const weight = term => Math.log(1 + index.pages.length / index.known.get(term)) * (lent.get(term) ?? telling(term))
  const options = {boostTerm: weight}
  const hits = new Map()
  const at = number => hits.get(number) ?? hits.set(number, {number, score: 0, about: [], found: new Set(), sections: []}).get(number)
  for (const {id, score, match} of index.byPage.search(text, options)) {
    const found = Object.keys(match)
    const about = found.filter(term => match[term].some(field => field !== "headings"))
    Object.assign(at(id), {score, about, found: new Set(found)})
  }
  for (const {id, score, match} of index.bySection.search(text, options)) {
    const hit = at(index.sections[id].page), found = new Set(Object.keys(match))
    hit.sections.push({number: id, score, found})
    for (const term of found) hit.found.add(term)
  }
  const weights = wanted.map(unit => Math.sqrt(Math.max(...ofUnit(unit).map(weight))))
  const sum = list => list.reduce((total, one) => total + one, 0)
  const cover = found => (sum(wanted.map((unit, i) => weights[i] * covered(unit, found))) / sum(weights)) ** LACKING
  for (const hit of hits.values()) {
    for (const section of hit.sections) section.score *= cover(new Set([...section.found, ...hit.about]))
    hit.sections.sort((a, b) => b.score - a.score)
    const title = index.titles[hit.number], named = title.filter(term => sought.has(term)).length / title.length
    const score = hit.score * cover(hit.found) + (hit.sections[0]?.score ?? 0)
    hit.score = score * (index.pages[hit.number].w ?? 1) * (1 + NAMED * (named || 0) ** 2)
  }
  return {hits: [...hits.values()].filter(hit => hit.score > 0).sort((a, b) => b.score - a.score), units: all}
}

const escaped = text => text.replace(/&/g, "&amp;").replace(/</g, "&lt;")

/** A text as HTML, with the query's words marked. */
function marked(text, words) {
  let html = "", end = 0
  for (const match of words ? text.matchAll(words) : []) {
    html += `${escaped(text.slice(end, match.index))}<mark>${escaped(match[0])}</mark>`
    end = match.index + match[0].length
  }
  return html + escaped(text.slice(end))
}

/**
 * The answer to a query in the form that Material's script shows: a list of pages, each a list of {location, title, text,
 * score, terms} with the best first; one of them is the page itself. What has the first one's score is shown, the rest is folded.
 */
export function search(index, query) {
  const {hits, units: all} = find(index, query)
  const units = all.filter(unit => !hiragana(unit.text))
  const words = units.flatMap(unit => unit.whole ? [unit.whole] : unit.begun.length ? [unit.text.toLowerCase()] : unit.parts.length ? [unit.text] : [])
  // Of 決め方, neither 決 nor 方 is worth a mark, unless the query has nothing else.
  const long = words.filter(word => !/^[\u3400-\u9fff]$/.test(word))
  if (long.length) words.splice(0, words.length, ...long)
  const marks = pattern(words), h = `?h=${encodeURIComponent(words.join(" "))}`
  const has = found => Object.fromEntries(units.map(unit => [unit.text, covered(unit, found) > 0.3]))
  return hits.filter(hit => hit.score > LEAST * hits[0].score).slice(0, PAGES).map(hit => {
    const page = index.pages[hit.number], best = hit.sections[0]
    const item = {location: page.u + h, title: marked(page.t, marks), text: marked(page.d ?? "", marks), score: 0, terms: has(hit.found)}
    const sections = hit.sections.filter(section => index.sections[section.number].id).slice(0, SECTIONS).map((section, i) => {
      const {id, title, beginning, rare} = index.sections[section.number]
      const more = rare.split(" ").filter(word => marks && word.length <= LONG && word.search(marks) >= 0).slice(0, SHOWN).join(" ")
      const text = marked([beginning, more].filter(Boolean).join(" … "), marks)
      const near = i < SHOWN && section.score > best.score / 2
      const found = new Set([...section.found, ...hit.about])
      return {location: `${page.u}${h}#${id}`, title: marked(title, marks), text, score: near ? hit.score : hit.score * 0.9, terms: has(found)}
    })
    // What stands above the first heading, or the title alone, fits best: the page itself comes first.
    const itself = !best || !index.sections[best.number].id
    return itself ? [{...item, score: hit.score}, ...sections.map(section => ({...section, score: hit.score * 0.9}))] : [...sections, item]
  })
}
