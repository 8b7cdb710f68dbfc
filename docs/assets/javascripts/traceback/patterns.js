// Which known patterns an entry shows. The rules come from docs/troubleshoot/patterns.yml (see the comment there).

import { readings } from "./alone.js";
import { exceptionLine } from "./blocks.js";
import { timedOut } from "./look.js";
import list from "./rules.js";

// What may follow a log message on its line: its punctuation, then data.
const DATA = "[.!:;,]{0,2}(?:\\\\n(?=[\"']))?[\"'`*)]{0,4}(?:(?:\\\\n|\\s{1,3})(?:(?:future|task|handle|protocol|transport|source_traceback): ?\\S|[\\w.@-]{1,60}=\\S|[[{]|<\\w|Traceback \\(|\\((?:Background on|\\d|[\\w.-]{1,40}[:=])).*|\\s\\S{1,100}\\.py:\\d{1,9})?$";
const RULES = list.map(({ id, match }) => ({ id, match: match.map(compiled) }));
const LOGS = kept((rule) => rule.log);
// What a whole line has to say; all of them first as one.
const SAYS = kept((rule) => rule.says);
const ANY = anyOf(SAYS.map(({ says }) => says));
// What a lone exception line has to say, likewise.
const LINES = kept((rule) => rule.error && !rule.frame && !rule.own && !rule.final);
const ANY_LINE = anyOf(LINES.map(({ error }) => error));
// A few words of each: what has none of them is no such line, and most lines have none.
const WORDS = /SynchronousOnly|AsyncToSync|async context|would deadlock|already quit|event loop|another loop|different loop|oroutine|'await'|be awaited|awaitable|async_gen|Async\w{0,40}Iterator|__aiter__|'async for'|start_response|__call__|No application configured|ASGI|No route found|No handler for|valid unicode|closed protocol|close message|HTTP response has|Socket has not|loaded yet|connection|Connection|too many|Too many|max_user|Shutdown|IdleInTrans|gone away|loop is closed|ContextVar|StopIteration|WORKER TIMEOUT|took too long|ecursion|TaskGroup/;
// One cheap look at a line before the rules are tried on it.
const HINT = /never (?:retrieved|awaited)|WORKER TIMEOUT|Executing <|took too long|shielded future|destroyed but|must consume|Exception in callback|returned without|lifespan startup|FATAL:/;
// An exception whose type was not printed: these are tried, the message decides.
const TYPES = ["RuntimeError", "TypeError", "ValueError", "AttributeError", "LookupError", "OperationalError"];
// How a log message begins; the rest may stand on the next lines.
const BEGINS = /^(?:WORKER|_?\w{0,40}(?:Task|Future) |Executing <|Application instance|for connection <|\w{0,40}Warning(?:: |$)|StreamingHttp|ASGI |\w{1,40}Error exception|FATAL:|coroutine '|Exception in)/;
const ENDS_WITH_DUMP = new Set(["coroutine-never-awaited", "task-destroyed-pending", "stream-iterator-mode"]);

function compiled(rule) {
  const out = { ...rule };
  for (const key of ["error", "unless"]) if (rule[key]) out[key] = new RegExp(rule[key], "m");
  if (rule.log) out.log = new RegExp(`^(?:${rule.log})${DATA}`);
  if (rule.says) out.says = new RegExp(`^(?:${rule.says})[.!]?$`);
  for (const key of ["frame", "not"]) if (rule[key]) out[key] = framePattern(rule[key]);
  return out;
}
function kept(wanted) {
  return RULES.flatMap(({ id, match }) => match.filter(wanted).map((rule) => ({ id, ...rule })));
}
function anyOf(expressions) {
  return new RegExp(expressions.map(({ source }) => source).join("|"), "m");
}
function framePattern({ file, function: name, source, followed }) {
  const expression = (text) => (text ? new RegExp(text) : null);
  return { file: expression(file), name: expression(name), source: expression(source), followed: Boolean(followed) };
}

/** The message of a log in a line, where its prefix ends: {ids, text, prefixed}; null when there is none. */
export function logMessage(line) {
  if (!HINT.test(line)) return null;
  for (const reading of readings(line)) {
    const ids = logPatterns(reading.text);
    if (ids.length) return { ids, ...reading };
  }
  return null;
}

/** What may be the beginning of a log message, when a line was cut: {text, prefixed}, or null. */
export function logBeginning(line) {
  return readings(line).find(({ text }) => BEGINS.test(text)) ?? null;
}

/** The ids of a text that is the message of a log. */
export function logPatterns(text) {
  if (!HINT.test(text)) return [];
  const said = spaced(text).replace(/^\w{0,60}Warning ?: /, "");
  return LOGS.filter(({ log }) => log.test(said)).map(({ id }) => id);
}

/** May this log line also stand after its traceback? */
export function mayFollow(id) {
  return ENDS_WITH_DUMP.has(id);
}

/** The ids of an entry's patterns, most specific first. `logged`: the ids that log lines next to it gave. */
export function patternsOf(entry, logged) {
  // A stack shows no error.
  if (entry.kind === "stack") return RULES.filter(({ id }) => logged.has(id)).map(({ id }) => id);
  const all = flattened(entry.exceptions);
  let final = entry.exceptions[entry.exceptions.length - 1];
  const said = final.members.length ? null : announced(entry, final);
  if (said && final.type === null) {
    all[all.indexOf(final)] = said;
    final = said;
  } else if (said) {
    all.push(said);
  }
  return RULES
    .filter(({ id, match }) => logged.has(id) || match.some((rule) => !rule.log && !rule.says && holds(rule, entry, all, final)))
    .map(({ id }) => id);
}

/** The ids that a lone exception line of this text would have; `logged`: behind the prefix of a log line. */
export function linePatterns(text, logged = false) {
  const behind = logged && /[\]:|] ((?:[a-z_]\w{0,60}\.){0,8}[A-Z]\w{0,80}: .*?)`{0,3}$/.exec(text.length > 2000 ? text.slice(0, 2000) : text);
  const found = exceptionLine(behind ? behind[1] : text);
  if (!found || !found.strong || found.message === null) return [];
  const said = saying(found);
  if (!ANY_LINE.test(said)) return [];
  return [...new Set(LINES.filter(({ error, unless }) => error.test(said) && !(unless && unless.test(said))).map(({ id }) => id))];
}

/**
 * What a line says that is a known message from end to end, apart from a log's prefix and quotes: {ids, type, message,
 * text, prefixed}; null for any other line. Only for texts without a traceback that it could belong to.
 */
export function knownMessage(line) {
  if (!WORDS.test(line)) return null;
  for (const { text, prefixed } of readings(line)) {
    const said = spaced(text);
    const found = exceptionLine(text);
    const typed = found && found.strong ? found : null;
    const ids = [...new Set([...(ANY.test(said) ? SAYS.filter(({ says }) => says.test(said)).map(({ id }) => id) : []), ...linePatterns(text)])];
    if (ids.length) return { ids, type: typed ? typed.type : null, message: typed ? typed.message : text, text, prefixed };
  }
  return null;
}

/** What a log line before the traceback says about its exception: often all that is left when the text was cut. */
function announced(entry, final) {
  if (final.type === null && final.message !== null) return { ...final, type: "?" };
  for (const token of entry.before.slice(-3)) {
    let found = /Exception inside application: (\S.*)$/.exec(token.text);
    if (found) return { ...final, type: "?", message: found[1] };
    found = /(?:raised unexpected: |\bexception=|\]: )([A-Z]\w{0,80})\((['"])(.{1,2000})$/.exec(token.text);
    if (found) return { ...final, type: found[1], message: found[3].replace(/['"]\).*$/, "") };
  }
  return null;
}

function spaced(text) {
  return text.replace(/\s+/g, " ").replace(/[’‘]/g, "'");
}

function flattened(exceptions) {
  return exceptions.flatMap((item) => [item, ...flattened(item.members)]);
}

/** "Type: message" on one line; a second time with its lines joined without a blank, for text that was cut at a width. */
function saying({ type, message }) {
  if (type === "?") return [...TYPES.map((name) => saying({ type: name, message })), saying({ type: "", message })].join("\n");
  const text = `${type ?? ""}: ${message ?? ""}`.slice(0, 6000).replace(/[’‘]/g, "'");
  const spaced = text.replace(/\s+/g, " ");
  return text.includes("\n") ? `${spaced}\n${text.replace(/\n/g, "").replace(/\s+/g, " ")}` : spaced;
}

function holds(rule, entry, all, final) {
  if (rule.link) return entry.exceptions.some((item, index) => index > 0 && timedOut(entry.exceptions[index - 1], item)) || all.some((item) => item.members.some((member, index) => index > 0 && timedOut(item.members[index - 1], member)));
  if (rule.group) return all.some((item) => item.members.length || /(?:^|\.)(?:Base)?ExceptionGroup$/.test(item.type ?? ""));
  return (rule.final ? [final] : all).some((item) => {
    if (rule.error) {
      const said = item.said ??= saying(item); // asked once for every rule
      if (!rule.error.test(said) || rule.unless && rule.unless.test(said)) return false;
    }
    if (rule.own && !item.frames.some((frame) => frame.own === true)) return false;
    if (rule.frame && !hasFrame(item.frames, rule.frame)) return false;
    return !(rule.not && hasFrame(item.frames, rule.not));
  });
}

function hasFrame(frames, { file, name, source, followed }) {
  return frames.some((frame, index) => {
    if (file && !file.test(frame.file.replace(/\\+/g, "/"))) return false;
    if (name && !name.test(frame.function ?? "")) return false;
    if (source && !source.test(frame.source ?? "")) return false;
    const next = frames[index + 1];
    return !followed || Boolean(next) && next.layer !== "server";
  });
}
