// From a paste to plain lines: undo what happened to the text on its way here.
// Every step is done at most once, so that nothing is decoded twice.

const HEADER = "Traceback (most recent call last)";
const BLOCK_TAG = /<\/?(?:p|div|pre|li|ul|ol|tr|table|tbody|thead|h[1-6]|br|hr|blockquote|details|summary|section|article)\b[^<>]{0,300}>/gi;
const INLINE_TAG = /<\/?(?:span|code|b|i|u|s|a|em|strong|tt|td|th|font|small|samp|kbd|var|mark|sup|sub|img|body|html|label|button)\b[^<>]{0,300}>/gi;
const ENTITIES = { quot: '"', amp: "&", lt: "<", gt: ">", apos: "'", nbsp: " ", hellip: "...", ldquo: '"', rdquo: '"', lsquo: "'", rsquo: "'", "#34": '"', "#39": "'" };
const ESCAPES = { n: "\n", r: "", t: "\t", b: "", f: "", '"': '"', "'": "'", "\\": "\\", "/": "/", a: "", v: "", 0: "" };

/** The lines of a paste, with newlines, spaces, colours, JSON, escapes, HTML and quotes put right. */
export function decode(text) {
  let plain = newlines(text);
  plain = colours(plain);
  // JSON inside a page's source: the page's escapes come off first.
  const page = /[{[]\s{0,3}&quot;/.test(plain);
  if (page) plain = html(plain);
  plain = json(plain);
  plain = plain.split("\n").map(escapedLine).join("\n");
  if (!page) plain = html(plain);
  return quotes(plain).split("\n");
}

function newlines(text) {
  return text
    .replace(/\r+\n?/g, "\n")
    .replace(/[\u0085\u2028\u2029\u000b\u000c]/g, "\n")
    .replace(/[\u00a0\u2000-\u200a\u202f\u205f\u3000]/g, " ")
    .replace(/[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]/g, "")
    // How syslog and some viewers write a line break
    .replace(/#012(?=.{0,400}(?:File ["']|#012|$))/gm, "\n").replace(/#011/g, "    ").replace(/↵\n?/g, "\n")
    .replace(/\t/g, "    ");
}

/** Without terminal colours: with the escape character, with its usual replacements, and with nothing left of it. */
function colours(text) {
  if (!/[\x1b\x9b\u241b]|\[\d{0,3}(?:;\d{1,3})*m|\[K/.test(text)) return text;
  return text
    .replace(/(?:\x1b|\u241b)\][^\x07\x1b\n]{0,500}(?:\x07|\x1b\\)/g, "")
    .replace(/(?:(?:\x1b|\u241b|\u2190|\^\[|#033|\\x1b|\\033|\\u001b|\\e)\[|\x9b)[0-9;:?]{0,30}[A-Za-z]/gi, "")
    .replace(/\[(?:\d{1,3}(?:;\d{1,3}){0,5})m/g, "")
    .replace(/\[m(?=\s|$|\[)/gm, "")
    .replace(/[\x1b\u241b]/g, "");
}

/** Does a string look like (a part of) a Python traceback? */
function traceLike(text) {
  return text.includes(HEADER) || /\bFile \\?["']/.test(text) && /\bline \d/.test(text) || /most recent call (?:last|first)/.test(text);
}

/** JSON, whole or line by line, replaced by the text that it carries. What does not parse is left as it is. */
function json(text) {
  const start = text.trimStart()[0];
  if (start !== '"' && !/[{[]/.test(text)) return text;
  if (start === "{" || start === "[" || start === '"') {
    const whole = parsed(text);
    if (whole !== undefined) {
      const said = carried(whole, 0);
      return said.length ? said.join("\n") : text;
    }
  }
  if (!text.includes('"')) return text;
  const amid = betweenText(text);
  if (amid !== null) return amid;
  let failures = 0; // a failed attempt is slow; text that looks like JSON and never is gets no more of them
  const lines = text.split("\n").map((line) => {
    const at = line.indexOf('{"') >= 0 ? line.indexOf('{"') : line.indexOf("{ \"");
    if (at < 0 || failures > 500 || !/\}\s*[,'"`)]{0,2}\s*$/.test(line.slice(-12)) || !/^\{\s?"[^"\\]{0,100}"\s?:\s?["\d{[tfn-]/.test(line.slice(at, at + 120))) return line;
    const value = parsed(line.slice(at, line.lastIndexOf("}") + 1));
    if (value === undefined) {
      failures += 1;
      return line;
    }
    const said = carried(value, 0);
    if (!said.length) return line;
    // What stood before the object (a log prefix) says something on the first line only.
    return said.join("\n").replace(/\n+$/, "");
  });
  const joined = lines.join("\n");
  return structured(joined) || joined;
}

/** JSON over several lines with other text around it, when it carries a trace; null when there is none. */
function betweenText(text) {
  if (!/"(?:filename|lineno|exc_info|exc_text|stack_?trace|traceback)"\s{0,3}:/.test(text)) return null;
  const from = text.search(/^[ \t]{0,40}[[{]/m);
  const to = Math.max(text.lastIndexOf("]\n"), text.lastIndexOf("}\n")) + 1;
  const value = from >= 0 && to > from ? parsed(text.slice(from, to)) : undefined;
  const said = value === undefined ? "" : carried(value, 0).join("\n");
  return traceLike(said) ? `${text.slice(0, from)}\n${said}\n${text.slice(to)}` : null;
}

function parsed(text) {
  try {
    const value = JSON.parse(text);
    return value !== null && (typeof value === "object" || typeof value === "string") ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The texts inside a JSON value that a reader wants: messages first, then traces, each text once. */
function carried(value, depth) {
  if (depth > 12) return [];
  if (Array.isArray(value) && value.length && value.every((item) => item && "thread_id" in Object(item) && isStructured(item))) {
    // py-spy dump --json: one stack per thread, the innermost call first.
    return value.map((item) => traceOf({ frames: item.frames }).replace(`${HEADER}:`, `Thread ${item.thread_id} (most recent call first):`));
  }
  if (typeof value === "string") {
    if (depth < 4 && /^\s*[{[]/.test(value)) {
      const inner = parsed(value);
      if (inner !== undefined && typeof inner === "object") return carried(inner, depth + 1);
    }
    return [value];
  }
  if (Array.isArray(value)) {
    if (value.some(isStructured)) return [chain(value.filter(isStructured))];
    if (value.some(isFrame)) return [traceOf({ frames: value.filter(isFrame) })];
    const rows = value.filter(isRow);
    if (rows.length) return [traceOf({ frames: rows.map(([filename, lineno, name, source]) => ({ filename, lineno, function: name, context_line: source })) })];
    return value.flatMap((item) => carried(item, depth + 1));
  }
  if (!value || typeof value !== "object") return [];
  if (isStructured(value)) return [chain([value])];
  const messages = [];
  const traces = [];
  for (const [key, item] of Object.entries(value)) {
    if (item && typeof item === "object") {
      traces.push(...carried(item, depth + 1));
    } else if (typeof item === "string") {
      const texts = carried(item, depth + 1);
      if (texts.some(traceLike) || /^(?:exc_info|exc_text|exc|exception|stack_?trace|stack|traceback|trace)$/i.test(key) && item.includes("\n")) traces.push(...texts);
      else if (/^(?:message|msg|log|event|text|textpayload|line|error|errormessage|detail|body|@message|short_message|full_message)$/i.test(key)) messages.push(...texts);
    }
  }
  // AWS Lambda: the type and the message stand beside a list of frames.
  if (typeof value.errorType === "string" && traces.length) {
    return [`${HEADER}:`, ...traces, `${value.errorType}: ${value.errorMessage ?? ""}`];
  }
  const all = [...messages, ...traces];
  return all.filter((text, index) => !all.some((other, place) => place !== index && other.length > 40 && other.includes(text.trim()) && (other.length > text.length || place < index)));
}

function isFrame(item) {
  return Boolean(item) && typeof item === "object" && typeof fileOf(item) === "string" && Number.isFinite(Number(lineOf(item))) && lineOf(item) !== null;
}
function isRow(item) {
  return Array.isArray(item) && item.length >= 3 && typeof item[0] === "string" && Number.isInteger(item[1]) && typeof item[2] === "string";
}
function framesIn(item) {
  const list = item?.frames ?? item?.stacktrace?.frames ?? item?.stack_trace?.frames ?? (Array.isArray(item?.stacktrace) ? item.stacktrace : undefined);
  return Array.isArray(list) ? list.filter(isFrame) : [];
}
function isStructured(item) {
  return Boolean(item) && typeof item === "object" && !Array.isArray(item) && framesIn(item).length > 0;
}
function fileOf(frame) {
  const short = frame.filename ?? frame.file ?? frame.path ?? frame.fileName;
  const long = frame.abs_path ?? frame.absPath;
  return typeof long === "string" && (typeof short !== "string" || long.endsWith(short)) ? long : short;
}
function lineOf(frame) {
  return frame.lineno ?? frame.lineNo ?? frame.line_number ?? frame.lineNumber ?? (typeof frame.line === "number" ? frame.line : null);
}

/** Several structured exceptions as one printed chain. structlog writes the last one first, Sentry the oldest. */
function chain(items) {
  const ordered = items.some((item) => "exc_type" in item) ? [...items].reverse() : items;
  return ordered
    .map((item, index) => (index ? `\n${linkBetween(ordered, index)}\n\n` : "") + traceOf(item))
    .join("\n");
}
function linkBetween(items, index) {
  const direct = items[index - 1].is_cause === true || items[index - 1].mechanism?.source === "__cause__";
  return direct ? "The above exception was the direct cause of the following exception:" : "During handling of the above exception, another exception occurred:";
}
function traceOf(item) {
  const frames = item.frames && !item.stacktrace ? item.frames.filter(isFrame) : framesIn(item);
  const lines = frames.map((frame) => {
    const name = frame.function ?? frame.name ?? frame.method ?? frame.func;
    const source = frame.context_line ?? frame.code ?? frame.source ?? (typeof frame.line === "string" ? frame.line : null);
    return `  File "${fileOf(frame)}", line ${lineOf(frame)}${name ? `, in ${name}` : ""}${source && String(source).trim() ? `\n    ${String(source).trim().split("\n")[0]}` : ""}`;
  });
  const type = item.exc_type ?? item.type ?? item.class ?? item.exception_class;
  const message = item.exc_value ?? item.value ?? item.message;
  return [`${HEADER}:`, ...lines, ...(typeof type === "string" ? [`${type}${message ? `: ${message}` : ""}`] : [])].join("\n");
}

/** Frames out of JSON that was cut and does not parse: the keys are read in the order in which they stand. */
function structured(text) {
  if (/\bFile \\?"[^"\n]{1,400}", line \d/.test(text) || text.includes(HEADER)) return null;
  if (!/"(?:filename|abs_path|file)"\s{0,3}:/.test(text) || !/"(?:lineno|lineNo|line_number)"\s{0,3}:\s{0,3}\d/.test(text)) return null;
  const bare = text.replace(/"(?:locals|vars)"\s{0,3}:\s{0,3}\{[^]{0,8000}?\}(?=\s{0,9}[,}])/g, '"locals": 0');
  const key = /(\{?)\s{0,80}"(filename|abs_path|file|lineno|lineNo|line_number|function|name|context_line|exc_type|exc_value|type|value)"\s{0,3}:\s{0,3}(?:"((?:[^"\\]|\\[^]){0,4000})"|(-?\d+))/g;
  const frames = [];
  const about = {};
  let frame = {};
  const finish = () => { if (isFrame(frame) && lineOf(frame) > 0) frames.push(frame); frame = {}; };
  for (const [, brace, name, string, number] of bare.matchAll(key)) {
    const value = string === undefined ? Number(number) : unescape(string);
    if (["type", "value", "exc_type", "exc_value"].includes(name)) {
      if (typeof value === "string") about[name] = value;
    } else {
      if (brace || name in frame) finish();
      frame[name] = value;
    }
  }
  finish();
  return frames.length ? traceOf({ ...about, frames }) : null;
}

function unescape(text) {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))/g, (whole, code, hex, letter) => {
    if (code || hex) {
      const character = String.fromCharCode(parseInt(code || hex, 16));
      return character === "\x1b" ? "" : character;
    }
    return letter in ESCAPES ? ESCAPES[letter] : whole;
  });
}

/** A line that holds a whole traceback in escaped form ("…last):\n  File \"…") becomes the lines it stands for. */
function escapedLine(line) {
  if (!line.includes("\\n")) return line;
  if (!/\bFile \\{0,3}["'][^"'\n]{1,600}["'], line \d/.test(line) && !/\\n\s{0,20}(?:[|+]\s{0,20}){0,6}(?:File\b|Traceback|During handling|The above exc|[A-Za-z_][\w.]{0,80}(?:Error|Exception)\b)/.test(line)) return line;
  // Escaped twice (JSON inside JSON that was cut): the outer layer first.
  const twice = /\\\\n\s{0,20}File \\{2,3}"/.test(line) ? unescape(line) : line;
  const plain = unescape(twice).replace(/\n['"],\s?u?['"]/g, "\n");
  // The quote that closed the string (and the object around it) is no part of the last line.
  return plain.replace(line.includes('\\"') || /^[^']*"/.test(line) ? /"[\s,}\])]{0,10}(?:\.\.\.)?$/ : /'[\s,}\])]{0,10}$/, "")
    .replace(/\x1b\[[0-9;]{0,20}m|\[\d{1,3}(?:;\d{1,3}){0,5}m/g, "");
}

function html(text) {
  let plain = text;
  if (/<\/(?:span|pre|p|div|code|li|td|strong|b|details|a|h[1-6]|summary|blockquote|em|i)>|<br\s?\/?>/i.test(plain)) {
    // The debug page holds the traceback twice: the part that is meant for copying is enough.
    const area = /<textarea[^<>]{0,200}id="traceback_area"[^<>]{0,200}>/.exec(plain);
    if (area && plain.indexOf("</textarea>", area.index) > 0) plain = plain.slice(area.index + area[0].length, plain.indexOf("</textarea>", area.index));
    plain = plain.replace(/<br\s?\/?>\n?/gi, "\n").replace(/<ol start="(\d+)" class="context-line">/g, "\n$1. ").replace(BLOCK_TAG, "\n").replace(INLINE_TAG, "");
  }
  if (/&(?:quot|lt|gt|amp|apos|nbsp|#\d{2,4}|#x[0-9a-f]{2,4});/i.test(plain)) {
    plain = plain.replace(/&(#x[0-9a-f]{1,5}|#\d{1,6}|[a-z]{2,6});/gi, (whole, name) => {
      if (name in ENTITIES) return ENTITIES[name];
      if (name[0] !== "#") return whole;
      const code = name[1] === "x" || name[1] === "X" ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10);
      if (code === 160) return " ";
      return code >= 32 && code < 0x10ffff ? String.fromCodePoint(code) : whole;
    });
  }
  return plain;
}

/** Typographic quotes back to plain ones, only where a frame was printed with them. */
function quotes(text) {
  if (!/\bFile\s{1,3}[“”„‟«»‘’‚″]/.test(text)) return text;
  return text.replace(/[“”„‟«»″]/g, '"').replace(/[‘’‚′]/g, "'").replace(/…/g, "...");
}
