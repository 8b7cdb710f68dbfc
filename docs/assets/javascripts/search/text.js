// What a word is: the same in the index, in a query and for the marks on a page. No DOM.

import {stemmer} from "../vendor/stemmer-2.0.1/index.js"

// A name with what joins it (proxy_read_timeout, gunicorn.conf.py, X-Forwarded-For), a run of Chinese characters and katakana,
// or one of hiragana. overrides/hooks/search.py cuts words in the same way.
const RUN = /[a-z0-9]+(?:[._/-]+[a-z0-9]+)*|[\u3400-\u9fff々〆ァ-ヺー]+|[ぁ-ん]{3,}/gi
const JAPANESE = /[\u3400-\u9fff々〆ァ-ヺぁ-ん]/
const CHINESE_RUN = /[\u3400-\u9fff々〆]+/g
const KATAKANA_RUN = /[ァ-ヺー]{2,}/g
const PART = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g // what stands between joints, and in camelCase

// Words that do not say what is asked for.
const COMMON = new Set((
  "a about after all also am an and any are as at be because been before but by can cannot could did do does doing each else for " +
  "from get gets getting got had has have help here how i if in into is it its just let made make me my need no not of off on " +
  "one only or other our out over page please same should so some such than that the their them then there these they this " +
  "those to too under until up use used using want was way we were what when where which while who why will with without work " +
  "would you your actually know problem problems properly question really tell try trying versus vs"
).split(" "))

const letters = run => [...run.replace(/(.)ー+/g, "$1")] // サーバー and サーバ, メモリー and メモリ are the same
const pairs = list => list.slice(1).map((letter, i) => list[i] + letter)
const stem = word => /^[a-z]{3,}$/.test(word) ? stemmer(word) : word

/**
 * The units of a text, in order: {text, at, whole, parts}. `at` is where it stands in the text's NFKC form. `whole` is the term for all of it, `parts` are those of its parts: of a
 * name, what stands between its joints; of a Japanese run, every two neighboring characters, and then there is no `whole`.
 */
export function units(text) {
  return [...text.normalize("NFKC").matchAll(RUN)].map(({0: run, index: at}) => {
    if (JAPANESE.test(run)) {
      const all = letters(run)
      return all.length > 1 ? {text: run, at, parts: pairs(all)} : {text: run, at, whole: all[0], parts: []}
    }
    const parts = (run.match(PART) ?? []).filter(part => part.length > 1).map(part => stem(part.toLowerCase()))
    return {text: run, at, whole: stem(run.toLowerCase()), parts: parts.length > 1 || /[._/-]/.test(run) ? parts : []}
  }).filter(unit => unit.text !== "ー")
}

/** Whether a text is in hiragana: grammar, most often. */
export const hiragana = text => /^[ぁ-ん]+$/.test(text)

/** How much a term tells, from 0 to 1. A single Chinese character is most often a verb: 切(れる), 出(る). */
export const telling = term => hiragana(term) ? 0.2 : /^[\u3400-\u9fff]$/.test(term) ? 0.5 : 1

/** The terms of a text, as the index has them. */
export const terms = text =>
  units(text).flatMap(unit => unit.whole ? [unit.whole, ...unit.parts] : unit.parts).filter(term => !COMMON.has(term))

// What a line of a log has around its message: time, process, client and request. Of a traceback, only its last line is searched.
const AROUND = [
  /\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d(:\d\d)?([.,]\d+)?( ?[+-]\d\d:?\d\d|Z)?/g,
  /\b[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d\b/g, /\b\d\d:\d\d:\d\d\b/g,
  /\[\d+\]/g, /\[(debug|info|notice|warn|warning|error|critical|crit)\]/gi, /\b\d+#\d+: ?(\*\d+ )?/g, /\(?\bpid:? ?\d+\)?/gi, /0x[0-9a-f]+/gi,
  /, (client|server|request|subrequest|host|referrer): .*/g,
  /\/\S*\/(site|dist)-packages\//g,
]
const LAST = /\b[\w.]*(?:Error|Exception|Warning|Operation|Timeout|Interrupt|Exit)\b: (?!.*\b[\w.]*(?:Error|Exception)\b: ).*$/s
// What Japanese readers put around what they ask for.
const ASKING = new RegExp((
  "教えて(ほしい|欲しい|ください|下さい)?|(し|やり|使い|知り|動かし|直し)たい|して(ほしい|欲しい|みたい|おきたい)|でき(ない|ます|る)|出来(ない|ます|る)|" +
  "(ん)?でしょうか|(ん)?ですか|ますか|なの(か)?|のか|とは何か|とは|って何|って|について|に関して|(の)?方法|やり方|仕方|使い方|書き方|手順|対処法?|対策|" +
  "解決(策|法)?|原因|理由|意味|場合|どう(する|すれば|したら|やって)|(いい|良い|よい)(の)?(か)?|ください|べき|うまく(いか|行か|動か)ない|わからない|分からない|なぜ|何故"
), "g")

/** A query without what says nothing about its subject, unless there is nothing else. */
function subject(query) {
  const message = /Traceback \(most/.test(query) ? query.match(LAST)?.[0] ?? query : query
  const rest = [...AROUND, ASKING].reduce((text, noise) => text.replace(noise, " "), message)
  return units(rest).length ? rest : query
}

/**
 * The units of a query, without words that do not say what is asked for, unless there are no others. A query in hiragana
 * alone is one that is still being typed: わーかー is read as ワーカー. `senses` tells the senses of words in a text, which are
 * added to the units that they are in: [{term, share of the unit}, …].
 */
export function asked(query, senses = () => []) {
  const plain = query.normalize("NFKC")
  const typing = /^[ぁ-ゖー\s]+$/.test(plain)
  const text = typing ? plain.replace(/[ぁ-ゖ]/g, letter => String.fromCharCode(letter.charCodeAt(0) + 0x60)) : subject(plain)
  const all = units(text), some = all.filter(unit => !COMMON.has(unit.text.toLowerCase()))
  const said = senses(text)
  return (some.length ? some : all).map(unit => {
    const end = unit.at + unit.text.length
    const own = said.filter(({at, length}) => at < end && at + length > unit.at)
    return {...unit, senses: own.map(({term, at, length}) => ({term, share: (Math.min(end, at + length) - Math.max(unit.at, at)) / unit.text.length}))}
  })
}

/** How many typing errors lie between two words: a letter too many, missing or wrong, or two neighbors that changed places. */
export function errors(a, b) {
  let before = [], last = Array.from({length: b.length + 1}, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1)
    }
    [before, last] = [last, row]
  }
  return last[b.length]
}

/** Matches the words of a list wherever a text has them: worker also in workers, サーバ in サーバー, 接続数 in parts; undefined for an empty list. */
export function pattern(words) {
  const escaped = text => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
  const parts = run => [...run].flatMap((_, from) => [...run].map((_, to) => run.slice(from, to + 1))).filter(part => part.length > 1)
  const spelled = run => letters(run).map(letter => `${escaped(letter)}ー*`).join("")
  const found = words.flatMap(word => {
    if (!JAPANESE.test(word)) return [`\\b${escaped(word).replace(/i$/, "[iy]")}[a-z]*`]
    return [word, ...word.match(KATAKANA_RUN) ?? [], ...(word.match(CHINESE_RUN) ?? []).flatMap(parts)].map(spelled)
  })
  return found.length ? new RegExp([...new Set(found)].sort((a, b) => b.length - a.length).join("|"), "gi") : undefined
}
