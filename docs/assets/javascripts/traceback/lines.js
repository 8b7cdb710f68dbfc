// From decoded lines to the lines that were printed: wrapping, flattening, boxes and log prefixes undone.

import { bySource, oldestFirst } from "./sources.js";

const HEADER = "Traceback (most recent call last)";
const FRAME = /\bFile\s{1,3}(["'])[^"'\n]{1,600}\1,?\s{0,3}line(?:no)?\s{0,3}\d+/;
const ANCHOR = /\bFile\s{1,3}["'](?=[^\s"'][^"'\n]{0,600}["'],?(?:\s{0,3}line|\s{0,3}in\b)|[^"'\n]{0,600}$)|(?:Exception Group )?Traceback(?: \(most recent call|:$)|\bTraceback \(innermost|During handling of the above|The above exception (?:\(|was)|[│╭╰┌└]/;
// Lines longer than this are no frames; they are only looked at from the left.
const LONGEST = 4000;

// How log lines of servers and frameworks begin (or what an access log line holds).
const LEVEL = "(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|SEVERE|SUCCESS)";
const LOG = new RegExp([
  "^\\[?\\d{4}[-/]\\d\\d[-/]\\d\\d[T ]\\d\\d?:\\d\\d", "^\\[?\\d{1,2}[/. -](?:\\w{3}|\\d\\d)[/. -]\\d{2,4}[ :T,]\\d\\d?:\\d\\d", "^\\[?\\d\\d:\\d\\d:\\d\\d\\b", "^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\\d{1,2} \\d\\d:\\d\\d",
  `^\\[?${LEVEL}\\b(?:\\]|:|\\s|/|\\()`, "^\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}[: ]", "^(?:Internal Server Error|Not Found|Bad Request|Forbidden(?: \\([^)]{0,80}\\))?|Unauthorized|Service Unavailable|Method Not Allowed(?: \\([A-Z]+\\))?): /",
  "^(?:WebSocket|HTTP) (?:HANDSHAKING|CONNECT|DISCONNECT|REJECT|GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS) /", "^[IWEFD]\\d{4} \\d\\d:\\d\\d", "\"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|WebSocket) /?[^\"\\s]{0,2000} ?(?:HTTP/\\d|\")", "^\\S{0,80} - \\S{1,60} \\[\\d\\d/",
].join("|"));

export { FRAME, HEADER, LOG, LONGEST };

/** The lines as Python printed them. */
export function printed(decoded) {
  let lines = decoded.map((line) => line.trimEnd());
  lines = lines.flatMap(unflatten);
  lines = rewrapped(lines, decoded);
  lines = bySource(oldestFirst(lines));
  lines = withoutPrefixes(lines);
  lines = unboxed(lines);
  lines = finished(lines);
  return evenly(lines.map(unmarked));
}

/** A traceback on a single line (newlines lost) becomes lines again. */
function unflatten(line) {
  // Google Cloud: "… at .total ( /app/shop/totals.py:31 ) at …"
  if (line.length < 20000 && (line.match(/ at \.?[\w.<>]{1,100} \( ?[^()\s]{1,300}\.py:\d+ ?\)/g) ?? []).length > 1) return line.split(/ (?=at \.?[\w.<>]{1,100} \( ?[^()\s]{1,300}\.py:\d+ ?\))/);
  if (line.length < 60 || !line.includes("File")) return [line];
  const frames = line.match(/\bFile "[^"\n]{1,600}", line \d+/g);
  const header = line.indexOf(HEADER);
  if (!frames || (frames.length < 2 && !(header >= 0 && line.indexOf("File", header) > header))) return [line];
  const parts = line
    .replace(/\s{1,20}(?=File "[^"\n]{1,600}", line \d)/g, "\n  ")
    .replace(/\s{1,20}(?=(?:During handling of the above|The above exception was))/g, "\n")
    .replace(/\s{1,20}(?=Traceback \(most recent call last\))/g, "\n")
    .split("\n");
  return parts.flatMap((part) => {
    const found = /^(\s{0,8}File "[^"\n]{1,600}", line \d+,? in (?:<[^>\s]{1,60}>|[\w.<>]{1,200})) (\S.*)$/.exec(part);
    if (!found) return [part];
    const error = /\s((?:[a-z_]\w{0,60}\.){0,8}[A-Z]\w{0,60}(?:Error|Exception|Exit|Interrupt|Operation|Warning|Timeout|Group))(?::\s|$)/.exec(found[2]);
    if (!error) return [found[1], `    ${found[2]}`];
    return [found[1], `    ${found[2].slice(0, error.index)}`, found[2].slice(error.index + 1)];
  });
}

/** Lines cut at a fixed width (a terminal, a mail) are joined when a frame was visibly cut there. */
function rewrapped(lines, decoded) {
  const width = wrapWidth(lines, decoded);
  if (!width) return lines;
  const out = [];
  let open = "";
  let count = 0;
  lines.forEach((line, index) => {
    // The raw line tells the width: a blank at the cut belongs to the text.
    const raw = lines.length === decoded.length ? decoded[index] : line;
    const text = open + (open ? raw : line);
    if (raw.length === width && index + 1 < lines.length && count < 60 && !/^[\s|~^+-]*$/.test(raw) && !startsAnew(lines[index + 1])) {
      open = open + raw;
      count += 1;
    } else {
      out.push(text.trimEnd());
      open = "";
      count = 0;
    }
  });
  if (open) out.push(open.trimEnd());
  return out;
}

function startsAnew(line) {
  return !line.trim() || FRAME.test(line.slice(0, LONGEST)) || line.includes(HEADER) || LOG.test(line.slice(0, LONGEST));
}

/** The width at which the text was cut, or 0: the longest line's, if a frame ends there unfinished. */
function wrapWidth(lines, decoded) {
  let longest = 0;
  for (const line of decoded) if (line.length > longest) longest = line.length;
  if (longest < 30 || longest > 400 || lines.length !== decoded.length) return 0;
  // A frame that is unfinished at another width: a mail program folded the text at its words.
  if (lines.some((line, index) => decoded[index].length !== longest && index + 1 < lines.length && line.length < longest && /\bFile\s{1,3}["'][^"'\n]{0,600}$|\bFile\s{1,3}"[^"\n]{1,600}",?(?:\s{0,3}line(?:no)?)?$/.test(line) && jointOf(line, lines[index + 1]) !== null)) return 0;
  for (let index = 0; index + 1 < lines.length; index += 1) {
    if (decoded[index].length !== longest || !lines[index].includes("File")) continue;
    if (/\bFile\s{1,3}["'][^"'\n]{0,600}$/.test(lines[index]) || /\bFile\s{1,3}(["'])[^"'\n]{1,600}\1,?(?:\s{0,3}l?i?n?e?n?o?)?$/.test(lines[index])) {
      if (!FRAME.test(lines[index + 1]) && lines[index + 1].trim()) return longest;
    }
    if (FRAME.test(lines[index]) && /,(?: i?n?)?$|, in \S{0,200}$|line \d+$/.test(lines[index]) && /^\w+$|^ ?in \S+$|^\d*, in \S+$/.test(lines[index + 1])) return longest;
  }
  return 0;
}

/** A prefix's form: whatever has a digit in it (times, ids, pods) may differ from line to line. */
function shape(prefix) {
  return prefix.replace(/[A-Za-z0-9]*\d[A-Za-z0-9]*/g, "0").replace(/\s+/g, " ");
}

/**
 * Log prefixes are learned, not listed: what stands before a frame or a header on several lines is one.
 * Only blanks, bars and pluses are no prefix but the box of an exception group.
 */
function withoutPrefixes(lines) {
  let current = lines;
  for (let round = 0; round < 4; round += 1) {
    let found = prefixes(current);
    if (!found.length && round === 0) found = everywhere(current);
    if (!found.length) return current;
    const grouped = current.some((line) => line.includes("Exception Group Traceback") || /\+-{8,} \d+ -{8,}/.test(line));
    current = stripped(current, found, grouped);
  }
  return current;
}

function prefixes(lines) {
  const counted = new Map();
  let anchors = 0;
  for (const line of lines) {
    const at = anchorAt(line);
    if (at < 0) continue;
    anchors += 1;
    const before = line.slice(0, at).replace(/[\s|+]*$/, "").replace(/[\s|]*\(Python\)$/, "");
    if (!before.trim() || before.length > 300) continue;
    const known = counted.get(shape(before));
    if (known) known.count += 1;
    else counted.set(shape(before), { before, count: 1 });
  }
  if (!counted.size) return [];
  const matchers = [...counted.values()].sort((a, b) => b.count - a.count).slice(0, 12).map(({ before, count }) => ({ before, count, matches: matcher(before), lines: 0 }));
  for (const line of lines) {
    for (const item of matchers) if (item.matches.test(line)) item.lines += 1;
  }
  return matchers
    .filter(({ count, lines: all, before }) => count >= 2 || all >= 3 && (all >= lines.length / 2 || anchors <= 2) && !/^\s*[-*]$/.test(before))
    .sort((a, b) => b.before.length - a.before.length)
    .map((item) => item.matches);
}

/** Without a frame in Python's own form to learn from: a prefix that nearly every line has. */
function everywhere(lines) {
  const filled = lines.filter((line) => line.trim());
  if (filled.length < 3 || !filled.some((line) => /\.py\b|most recent call|\.py[:"']|^.{0,200}(?:Cell In ?\[|Thread \S+ \()/.test(line.slice(0, LONGEST)))) return [];
  for (const sample of filled.slice(0, 2)) {
    const ends = [...sample.slice(0, 200).matchAll(/(?:[\]:|>]|\d)(?=\s|$)/g)].map((found) => found.index + 1).reverse().slice(0, 12);
    for (const end of ends) {
      const before = sample.slice(0, end);
      if (!/[\]:|>]$/.test(before)) continue;
      const matches = matcher(before);
      if (filled.filter((line) => matches.test(line.slice(0, 400))).length >= filled.length * 0.9) return [matches];
    }
  }
  return [];
}

function anchorAt(line) {
  const found = ANCHOR.exec(line.length > LONGEST ? line.slice(0, LONGEST) : line);
  return found ? found.index : -1;
}

/** A regular expression for a prefix: the fixed parts literally, each part with digits as any word. */
function matcher(prefix) {
  const pattern = shape(prefix)
    .split(/(0| )/)
    .map((part) => (part === "0" ? "[A-Za-z0-9]+" : part === " " ? "\\s+" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")))
    .join("");
  return new RegExp(`^${pattern}`);
}

function stripped(lines, matchers, grouped) {
  const cut = lines.map((line) => {
    const head = line.length > LONGEST ? line.slice(0, LONGEST) : line;
    for (const [index, matches] of matchers.entries()) {
      const found = matches.exec(head);
      if (found) return { index, rest: line.slice(found[0].length) };
    }
    return { index: -1, rest: line };
  });
  // The blank(s) or bar after a prefix belong to it: as many as every one of its lines has.
  const common = matchers.map(() => null);
  for (const { index, rest } of cut) {
    if (index < 0 || !rest.trim()) continue;
    const lead = grouped ? /^\s*/.exec(rest)[0] : /^[\s|]*/.exec(rest)[0];
    common[index] = common[index] === null ? lead : shared(common[index], lead);
  }
  return cut.map(({ index, rest }) => (index < 0 ? rest : rest.startsWith(common[index]) ? rest.slice(common[index].length) : rest.trim() ? rest : ""));
}

function shared(one, other) {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return one.slice(0, length);
}

/** Rich's boxes: what is between the bars, frames in Python's own form, source listings reduced to the line that ran. */
function unboxed(lines) {
  if (!lines.some((line) => /^\s*│.*│$/.test(line))) return lines;
  const out = [];
  let path = null;
  let locals = false;
  for (const line of lines) {
    if (/^\s*[╭╰┌└]/.test(line)) {
      if (/Traceback \(most recent call last\)/.test(line)) out.push(`${HEADER}:`);
      path = null;
      locals = false;
      continue;
    }
    const cell = /^\s*│(.*)│$/.exec(line);
    if (!cell) {
      out.push(line);
      continue;
    }
    const text = cell[1].trim();
    const lead = /^\s*/.exec(line)[0];
    if (/^[╭┌].*locals/.test(text)) locals = true;
    else if (/^[╰└]/.test(text)) locals = false;
    if (locals || !text || /^[╭╰│┌└]/.test(text)) continue;
    const arrow = /^[❱>]\s*\d+\s*│?\s*(.*)$/.exec(text);
    if (arrow) {
      out.push(`${lead}    ${arrow[1].replace(/^[│\s]+/, "")}`);
      continue;
    }
    if (/^\d+\s*│/.test(text) || /^[❱>]/.test(text)) continue;
    const joined = path === null ? text : path + text;
    const frame = /^(\S.{0,600}?):(\d+) in (\S.{0,200})$/.exec(joined);
    if (frame && /^(?:[\/~.<]|[A-Za-z]:[\\/]|\w)/.test(joined)) {
      out.push(`${lead}  File "${frame[1]}", line ${frame[2]}, in ${frame[3]}`);
      path = null;
    } else if (path !== null || /^(?:[\/~]|[A-Za-z]:[\\/])\S/.test(text)) {
      path = joined.length < 600 ? joined : null;
    }
  }
  return out;
}

/** A frame that goes on in the next line(s) is put on one. */
function finished(lines) {
  const out = [];
  for (let index = 0; index < lines.length; index += 1) {
    let line = lines[index];
    if (line.length > LONGEST) {
      out.push(line);
      continue;
    }
    for (let more = 0; more < 4 && index + 1 < lines.length; more += 1) {
      const joint = jointOf(line, lines[index + 1]);
      if (joint === null) break;
      line = line + joint + lines[index + 1].replace(/^[\s>|]+/, "");
      index += 1;
    }
    out.push(line);
  }
  return out;
}

/** What belongs between an unfinished frame line and the next line, or null when the line is no unfinished frame. */
function jointOf(line, next) {
  const rest = next.replace(/^[\s>|]+/, "");
  if (!rest || rest.length > 600 || /^File\s{1,3}["']|^Traceback \(/.test(rest)) return null;
  if (/^[\s|]*File$/.test(line) && /^["']/.test(rest)) return " ";
  const at = line.search(/\bFile\s{1,3}["']/);
  if (at < 0) return null;
  const tail = line.slice(at);
  const quote = /["']/.exec(tail)[0];
  const path = tail.slice(tail.indexOf(quote) + 1);
  const close = path.indexOf(quote);
  if (close < 0) {
    // Inside the path: only when the end of it follows.
    return rest.includes(`${quote}, line`) || rest.includes(`${quote},`) || /["'],?\s{0,3}l?i?n?e?n?o?$/.test(rest) || !/[\s(]/.test(rest) ? "" : null;
  }
  const after = path.slice(close + 1);
  if (/^,?$/.test(after)) return /^(?:,\s*)?line(?:no)?\b/.test(rest) ? " " : null;
  if (/^,?\s*line(?:no)?$/.test(after)) return /^\d/.test(rest) ? " " : null;
  if (/^,?\s*line\s+\d+,$/.test(after)) return /^in\s/.test(rest) ? " " : null;
  if (/^,?\s*line\s+\d+,?\s*in$/.test(after)) return /^[\w<]\S*$/.test(rest) ? " " : null;
  return null;
}

/** Markdown marks on frame and exception lines: back ticks, escapes of underscores, bold for double underscores. */
function unmarked(line) {
  // Most lines have none of the marks.
  if (line.length > LONGEST || !/[`\\*]|\bFile\s/.test(line)) return line;
  let text = line.replace(/^(\s*)```(?:[a-z]{1,10} )?(?=.{0,400}["'], line \d|\s*File\s|\s*Traceback|\d{4}-\d\d|ERROR|INFO|\[)/, "$1");
  if (text.includes("`")) text = text.replace(/^(\s*)`{1,2}(?!`)(.*?)`{1,2}$/, "$1$2").replace(/^(\s*)`(?=File\b|Traceback)/, "$1").replace(/([\w>'")])`$/, "$1");
  if (/\bFile\s{1,3}["']/.test(text) || /most recent call last/.test(text)) {
    text = text.replace(/^(\s*)(?:[-*]\s{1,3}|\d+\.\s{1,3})(?=File\s)/, "$1");
    if (/\\[_*<>.()[\]-]/.test(text) && (text.includes("/") || !/\\[A-Za-z0-9]/.test(text))) text = text.replace(/\\([_*<>.()[\]-])/g, "$1");
    else if (/line \d+, in .*\\[_<>*]/.test(text)) text = text.replace(/(line \d+, in )(.*)$/, (whole, head, name) => head + name.replace(/\\([_*<>])/g, "$1"));
    text = text.replace(/\*\*(\w{1,100})\*\*/g, "__$1__").replace(/(, in )\*(\w{1,100})\*?$/, "$1_$2");
  } else if (/^\s*(?:[A-Za-z_]\w*(?:\\_\w*)+|\*\*[A-Z]\w*)/.test(text) && text.length < 500) {
    text = text.replace(/^(\s*)\*\*([A-Z][\w.]{1,100}(?::.*?)?)\*\*/, "$1$2").replace(/\\_/g, "_");
  }
  return text;
}

/** Text with a blank line between all lines: without them. */
function evenly(lines) {
  let frames = 0;
  let apart = 0;
  for (let index = 0; index + 1 < lines.length; index += 1) {
    if (!FRAME.test(lines[index].slice(0, LONGEST))) continue;
    frames += 1;
    if (!lines[index + 1].trim()) apart += 1;
  }
  return frames >= 2 && apart >= frames * 0.7 ? lines.filter((line) => line.trim()) : lines;
}
