// The order of the lines, put right before their prefixes are stripped: several sources mixed in one log, and the newest line first.

import { FRAME, LOG } from "./lines.js";

// How much of a line is looked at for its prefix, and how many forms of prefixes there may be.
const HEAD = 300;
const FORMS = 12;

const HEADER = /most recent call (?:last|first)/;
const CHAIN = /During handling of the above|The above exception (?:\(|was)/;
const CLOCK = "\\d{1,2}:\\d\\d(?::\\d\\d)?(?:[.,]\\d{1,9})?(?: ?(?:Z|UTC|GMT|AM|PM)\\b| ?[+-]\\d\\d:?\\d\\d\\b)?";
const MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
// What changes from line to line without saying where the line comes from: times, and how long something took.
const TIME = [
  `(?:\\d{4}[-/.]\\d\\d[-/.]\\d\\d|\\d{1,2}[-/. ](?:${MONTH}|\\d\\d)[-/. ]\\d{2,4}|\\d{8}(?=T))(?:(?:T|:|,? {1,3})(?:${CLOCK}|\\d{6}(?:\\.\\d{1,9})?Z?))?`,
  `(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? {1,2})?${MONTH} {1,2}\\d{1,2}(?:,? {1,2}(?:20\\d\\d,? {1,2})?${CLOCK})?`,
  CLOCK,
  "1[6-9]\\d{8}(?:\\d{3}){0,3}(?:\\.\\d{1,9})?",
  "\\d{1,9}\\.\\d{2,9}(?!\\.)",
  "\\d{1,9}(?:\\.\\d{1,9})?(?:ms|us|ns|s|m|h)",
].map((form) => `${form}(?![A-Za-z0-9])`).join("|");
const PARTS = new RegExp(`(?<time>${TIME})|(?<said>(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|stdout|stderr|[A-Z])(?![\\w.@-]))|(?<word>[\\w.@-]+)|(?<blank>\\s+)|(?<mark>.)`, "giu");

/**
 * The lines of a log, those of each source together.
 *
 * A source is what its prefix says apart from times and counters (container, pod, process, request). A traceback takes the
 * place of its first line; a text whose tracebacks nothing interrupts stays in its order. Unless every source's frames stand
 * below a header of that source (or the text begins in the middle of them), the prefix tells something else, and nothing is moved.
 */
export function bySource(lines) {
  const forms = prefixForms(lines);
  if (!forms.length) return lines;
  const marked = lines.map((line) => markOf(line, forms));
  if (!keyed(marked, forms) || !coherent(lines, marked)) return lines;
  const units = unitsOf(lines, marked);
  const out = [];
  let before = null;
  for (const { key, members } of units) {
    if (before !== null && before !== key) out.push("");
    before = key;
    for (const line of members) out.push(line);
  }
  return out;
}

/**
 * A log that was copied with its newest line first, turned round.
 *
 * Only when it is sure: nearly every line has a date and a time, none of them rises, and the headers stand below their frames.
 */
export function oldestFirst(lines) {
  let filled = 0;
  let timed = 0;
  let falls = 0;
  let last = null;
  let first = null; // what the first of the frames and headers is
  let final = null;
  for (const line of lines) {
    if (!line.trim()) continue;
    filled += 1;
    const head = line.slice(0, 2000);
    const kind = HEADER.test(head) ? "header" : FRAME.test(head) ? "frame" : null;
    first ??= kind;
    if (first === "header") return lines;
    final = kind ?? final;
    const time = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?/.exec(line.slice(0, 120))?.[0];
    if (time === undefined) continue;
    timed += 1;
    if (last !== null && time > last) return lines;
    if (last !== null && time < last) falls += 1;
    last = time;
  }
  return falls >= 3 && timed >= filled * 0.9 && final === "header" ? [...lines].reverse() : lines;
}

/** The forms of what stands before frames and headers, as regular expressions; the words that may name a source are groups. */
function prefixForms(lines) {
  const counted = new Map();
  for (const line of lines) {
    const head = line.slice(0, HEAD);
    const at = head.search(/\bFile\s{1,3}["']|(?:Exception Group )?Traceback \(most recent/);
    if (at < 1) continue;
    let before = head.slice(0, at).replace(/[\s|+]*$/, "");
    if (!before.trim()) continue;
    // A name and a bar (docker compose): the bar belongs to the form, a lone word would fit any text.
    const bar = /^\s*\|/.exec(head.slice(before.length));
    if (bar && /^\s*[\w.@-]+$/.test(before)) before += bar[0];
    const form = formOf(before);
    counted.set(form, (counted.get(form) ?? 0) + 1);
  }
  const often = [...counted].filter(([, count]) => count >= 2).sort((one, other) => other[1] - one[1]).slice(0, FORMS).map(([form]) => form);
  // "web-1 | ERROR app:" before a header is "web-1 |" and a part of the line.
  return often.filter((form) => !often.some((other) => other !== form && form.startsWith(other))).map((form) => new RegExp(form));
}

function formOf(before) {
  // Between brackets or before a bar any word may stand; elsewhere only words with a digit differ.
  const loose = /[|\]>]/.test(before);
  let form = "^";
  for (const { groups, 0: text } of before.matchAll(PARTS)) {
    if (groups.time !== undefined) form += `(?:${TIME})`;
    else if (groups.said !== undefined) form += "[A-Za-z]{1,20}";
    else if (groups.word !== undefined) form += loose || /\d/.test(text) ? "([\\w.@-]{1,120})" : text.replace(/[.-]/g, "\\$&");
    else form += groups.blank !== undefined ? "\\s{1,80}" : text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  }
  return form;
}

function markOf(line, forms) {
  const head = line.slice(0, HEAD);
  for (const [form, matches] of forms.entries()) {
    const found = matches.exec(head);
    if (found) return { form, words: found.slice(1), length: found[0].length, key: null };
  }
  return null;
}

/** Give every line its source. False when there are not several, or none of them comes back after another. */
function keyed(marked, forms) {
  const telling = forms.map((_, form) => tellingWords(marked.filter((mark) => mark?.form === form)));
  const seen = new Set();
  let last = null;
  let returns = 0;
  for (const mark of marked) {
    if (!mark) continue;
    mark.key = `${mark.form} ${telling[mark.form].map((place) => mark.words[place]).join(" ")}`;
    if (mark.key !== last && seen.has(mark.key)) returns += 1;
    seen.add(mark.key);
    last = mark.key;
  }
  return seen.size > 1 && returns > 0;
}

/** The places of the words that differ and come back. What never comes back, or counts up, is no name. */
function tellingWords(marks) {
  const places = [];
  for (let place = 0; place < (marks[0]?.words.length ?? 0); place += 1) {
    const seen = new Set();
    let changes = 0;
    let returns = 0;
    let steps = 0;
    let last = null;
    for (const { words } of marks) {
      const word = words[place];
      if (word === last) continue;
      if (last !== null) changes += 1;
      if (seen.has(word)) returns += 1;
      if (last !== null && /^\d{1,15}$/.test(word) && Number(word) === Number(last) + 1) steps += 1;
      seen.add(word);
      last = word;
    }
    const counter = changes >= 4 && steps >= changes * 0.7 && seen.size >= changes / 4;
    if (returns && !counter) places.push(place);
  }
  return places;
}

/** The source whose traceback the text begins in the middle of: its header is above the text. Null when there is none. */
function cutSource(lines, marked) {
  const first = marked.findIndex(Boolean);
  if (first < 0 || !/^\s{3,}\S/.test(lines[first].slice(marked[first].length))) return null;
  return marked[first].key;
}

/** Do the frames of every source stand below a header of the same source, and does a frame follow every header? */
function coherent(lines, marked) {
  const states = new Map();
  const cut = cutSource(lines, marked);
  if (cut !== null) states.set(cut, { headed: true, waits: false });
  let frames = 0;
  let strangers = 0;
  for (const [index, mark] of marked.entries()) {
    const head = lines[index].slice(0, 2000);
    const frame = FRAME.test(head);
    if (!mark) {
      if (frame) strangers += 1;
      continue;
    }
    const said = head.slice(mark.length);
    if (!/[^\s|]/.test(said)) continue;
    const state = states.get(mark.key) ?? { headed: false, waits: false };
    states.set(mark.key, state);
    if (frame && !state.headed) return false;
    if (state.waits && !frame) return false;
    if (frame) frames += 1;
    state.waits = !frame && HEADER.test(said);
    state.headed ||= state.waits;
  }
  // Of a cut text only another source's header tells that the prefixes name sources.
  const proven = [...states].some(([key, state]) => state.headed && key !== cut);
  return proven && frames > 0 && strangers <= frames / 10;
}

/** What belongs together: a traceback with the log line before it, or what a source says in one go. In order of first lines. */
function unitsOf(lines, marked) {
  const units = [];
  const open = new Map();
  let cut = cutSource(lines, marked);
  let last = null;
  for (const [index, mark] of marked.entries()) {
    const line = lines[index];
    if (!mark) {
      // Without a prefix: stays behind the line before it.
      if (!last) units.push(last = { key: "", members: [] });
      last.members.push(line);
      continue;
    }
    const said = line.slice(mark.length, mark.length + 2000);
    const column = said.search(/[^\s|+]/);
    const header = HEADER.test(said);
    const frame = FRAME.test(said);
    const log = !header && !frame && column >= 0 && LOG.test(said.slice(column));
    let unit = open.get(mark.key);
    const anew = !unit
      || header && unit.framed && !unit.chained && column <= unit.column
      || log && (!unit.headed || unit.finished)
      || !header && !unit.headed && unit !== last;
    if (anew) {
      unit = { key: mark.key, members: [], headed: false, framed: false, finished: false, chained: false, column: 0 };
      units.push(unit);
      open.set(mark.key, unit);
      if (mark.key === cut) Object.assign(unit, { headed: true, framed: true, column: column - (frame ? 2 : 4) });
      cut = null;
    }
    if (header && !unit.headed) unit.column = column;
    if (header) { unit.headed = true; unit.chained = false; }
    else if (CHAIN.test(said)) unit.chained = true;
    else if (frame) { unit.framed = true; unit.finished = false; }
    else if (unit.framed && column >= 0 && column <= unit.column && !log) unit.finished = true;
    unit.members.push(line);
    last = unit;
  }
  return units;
}
