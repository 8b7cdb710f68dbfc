// The traceback reader: text in, plain data out. No page, no network, no state.
//
//   decode.js   undoes what happened to the text       lines.js      undoes prefixes, wrapping and boxes
//   sources.js  puts mixed lines in order
//   tokens.js   headers, frames, sentences, text       blocks.js     exceptions, chains, groups, dumps
//   layers.js   whose code a frame is                  crossings.js  where the trace changes sides
//   look.js     the frame to open first                patterns.js   known patterns (rules.js, from patterns.yml)
//   alone.js    where a message starts in a line

import { embedded } from "./alone.js";
import { entries } from "./blocks.js";
import { crossings, isPhantom } from "./crossings.js";
import { decode } from "./decode.js";
import { place } from "./layers.js";
import { printed } from "./lines.js";
import { lookFirst } from "./look.js";
import { knownMessage, linePatterns, logBeginning, logMessage, logPatterns, mayFollow, patternsOf } from "./patterns.js";
import { tokens } from "./tokens.js";

// How many lines away a log line still stands next to a traceback.
const NEAR = 8;
const NEAR_AFTER = 4;
// A line of at least this length may have been cut there; a message into at most so many more.
const WIDTH = 60;
const WIDEST = 400;
const CUTS = 12;

/**
 * Read the tracebacks in a text.
 *
 * `choice` is optional: {mine: [...], notMine: [...]}, parts of paths that the reader called theirs or not theirs.
 * Returns {tracebacks, unreadable}; never throws.
 */
export function readTraceback(text, choice = {}) {
  const paste = typeof text === "string" ? text : text === null || text === undefined ? "" : String(text);
  if (!paste.trim()) return { tracebacks: [], unreadable: "There is no text." };
  try {
    return read(paste, choice ?? {});
  } catch (error) {
    return { tracebacks: [], unreadable: `This text could not be read (${error instanceof Error ? error.message : "unknown fault"}).` };
  }
}

function read(text, choice) {
  const stream = tokens(printed(decode(text)));
  const found = entries(stream);
  for (const entry of found) classify(entry, choice);
  const { logged, lone } = logsOf(stream, found);
  const placed = found.map((entry, index) => ({ at: entry.start, result: result(entry, logged[index]) }));
  const named = new Set(placed.flatMap(({ result: { patterns } }) => patterns));
  for (const { id, at, token, said } of lone) {
    if (named.has(id)) continue;
    named.add(id);
    placed.push({ at, result: messageOf(id, token, said) });
  }
  placed.sort((one, other) => one.at - other.at);
  const tracebacks = placed.map((item) => item.result);
  return { tracebacks, unreadable: tracebacks.length ? null : refusal(text) };
}

function classify(entry, choice) {
  const walk = (exception) => {
    for (const frame of exception.frames) Object.assign(frame, place(frame.file, choice));
    exception.frames.forEach((frame, index, all) => { frame.phantom = frame.layer === "asgiref" && isPhantom(frame, all[index - 1], all[index + 1]); });
    exception.members.forEach(walk);
  };
  entry.exceptions.forEach(walk);
}

/** Log lines with a known pattern: given to the traceback that they stand next to, or on their own. */
function logsOf(stream, found) {
  const logged = found.map(() => new Set());
  const lone = [];
  // Cheap distances: how many lines that say something lie before each token.
  const filled = [];
  let count = 0;
  for (const token of stream) { filled.push(count); if (token.t !== "blank" && token.t !== "caret") count += 1; }
  filled.push(count);
  let next = 0;
  stream.forEach((token, at) => {
    while (next < found.length && found[next].start <= at) next += 1;
    if (token.t === "frame" || token.t === "header" || token.t === "blank" || token.t === "caret") return;
    const said = logLine(at, token);
    const ids = said ? said.ids : [];
    const inside = next > 0 && at < found[next - 1].end ? next - 1 : -1;
    for (const id of ids) {
      const owner = inside >= 0 && token.t !== "log" && found[inside].kind !== "stack" ? inside : neighbour(id, at, next, inside);
      if (owner >= 0) logged[owner].add(id);
      else lone.push({ id, at, token: said.token });
    }
    if (!ids.length && !found.length && (token.t === "log" || token.t === "text")) {
      const message = known(at, token);
      if (message) { for (const id of message.ids) lone.push({ id, at, token, said: message }); return; }
    }
    if (!ids.length && inside < 0 && (token.t !== "log" || !found.length)) for (const id of linePatterns(token.text, token.t === "log")) lone.push({ id, at, token });
  });
  return { logged, lone };

  /** The log message that begins in a line: {ids, token}, or null. A terminal or a mail may have cut it into several lines. */
  function logLine(at, token) {
    const one = logMessage(token.text);
    if (one) return one.prefixed || !embedded(stream, at, at, one.text) ? { ids: one.ids, token } : null;
    const beginning = token.text.length >= WIDTH && token.text.length <= WIDEST && stream[at + 1]?.t === "text" ? logBeginning(token.text) : null;
    let folded = beginning?.text;
    let cut = folded;
    for (let last = at + 1; beginning && last <= at + CUTS && stream[last]?.t === "text"; last += 1) {
      const { raw } = stream[last];
      const text = stream[last].text.replace(/^(?:> ?){1,5}/, "");
      if (/^(?:Executing|Application instance|for connection|Exception in callback) /.test(text)) break; // the next message
      folded += ` ${text}`;
      // A blank at the cut stands at the beginning of the next line, or was lost at the end of this one.
      cut += (raw.startsWith(" ") || stream[last - 1].raw.length < stream[at].raw.length ? " " : "") + text;
      const ids = [...new Set([...logPatterns(folded), ...logPatterns(cut)])];
      if (ids.length) return beginning.prefixed || !embedded(stream, at, last, beginning.text) ? { ids, token: { ...token, text: cut } } : null;
      if (text.length < WIDTH || text.length > WIDEST) break;
    }
    return null;
  }

  /** A line that is nothing but a known message, or was cut into two lines. */
  function known(at, token) {
    const one = knownMessage(token.text);
    if (one) return one.prefixed || !embedded(stream, at, at, one.text) ? one : null;
    const next = stream[at + 1];
    if (token.text.length < 40 || token.text.length > 400 || next?.t !== "text" || next.text.length > 400) return null;
    const two = knownMessage(`${token.text} ${next.text}`) ?? knownMessage(token.text + next.text);
    return two && (two.prefixed || !embedded(stream, at, at + 1, two.text)) ? two : null;
  }

  function neighbour(id, at, following, inside) {
    // A creation list belongs to the exception after it.
    let after = following;
    while (after + 1 < found.length && found[after].creation && filled[found[after + 1].start] - filled[found[after].end] <= 3) after += 1;
    if (after < found.length && found[after].creation) after = following;
    const ahead = following < found.length ? filled[found[following].start] - filled[at] : Infinity;
    const back = inside >= 0 ? 0 : following > 0 ? filled[at] - filled[found[following - 1].end] : Infinity;
    if (ahead <= NEAR && (ahead <= back || !mayFollow(id))) return after < found.length ? after : following;
    if (back <= NEAR_AFTER && (mayFollow(id) || inside >= 0)) return following - 1;
    return -1;
  }
}

function result(entry, logged) {
  const crossed = [];
  let offset = 0;
  const walk = (exception) => {
    crossed.push(...crossings(exception.frames, offset, exception));
    offset += exception.frames.length;
    exception.members.forEach(walk);
  };
  entry.exceptions.forEach(walk);
  return {
    kind: entry.kind,
    exceptions: entry.exceptions.map(plain),
    crossings: crossed,
    lookFirst: lookFirst(entry),
    patterns: patternsOf(entry, logged),
  };
}

function plain({ type, message, frames, members }) {
  return {
    type,
    message: message === null ? null : message.trimEnd(),
    frames: frames.map(({ file, line, function: name, source, layer, own, phantom }) => ({ file, line, function: name, source, layer, own, phantom })),
    members: members.map(plain),
  };
}

function messageOf(id, token, said) {
  const warning = /\b([A-Z]\w*Warning|(?<=:\d{1,9}: )Warning): (.*)$/.exec(token.text);
  const { type, message } = warning ? { type: warning[1], message: warning[2] } : said ?? { type: null, message: token.text };
  return {
    kind: "message",
    exceptions: [{ type, message: message === null ? null : message.slice(0, 4000), frames: [], members: [] }],
    crossings: [],
    lookFirst: null,
    patterns: [id],
  };
}

/** Why a text without a traceback cannot be read, in a sentence. */
function refusal(text) {
  const head = text.slice(0, 200000);
  if (/^\s*at [\w$.<>]+\([\w$]+\.(?:java|kt|scala):\d+\)/m.test(head) || /\bException in thread "/.test(head)) return "This looks like a stack trace of Java, not of Python.";
  if (/^\s*at .{0,300}\(?.{0,300}\.(?:js|ts|mjs|jsx|tsx):\d+:\d+\)?/m.test(head)) return "This looks like a stack trace of JavaScript, not of Python.";
  if (/^goroutine \d+ \[/m.test(head) || /^panic: /m.test(head)) return "This looks like a trace of Go, not of Python.";
  if (/\.rb:\d+:in [`']/.test(head)) return "This looks like a trace of Ruby, not of Python.";
  if (/#\d+ .{0,300}\.php\(\d+\)|PHP (?:Fatal error|Warning)/.test(head)) return "This looks like a trace of PHP, not of Python.";
  if (/Traceback \(most recent call last\)/.test(head)) return "There is the head of a traceback, but no frames and no exception.";
  return "There is no Python traceback, stack or known message in this text.";
}
