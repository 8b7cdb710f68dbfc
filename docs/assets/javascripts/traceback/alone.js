// Where a message starts: behind the prefix of a log, between quotes, in a field; and whether it is only a piece of a sentence
// or of code. A sentence that quotes a message has words before it, and words are no prefix.

const LEVEL = "(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|SEVERE)";
const MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
const DATE = `(?:\\d{4}[-/.]\\d\\d[-/.]\\d\\d|\\d{1,2}[/ .-](?:${MONTH}|\\d\\d)[/ .-]\\d{2,4}|\\d\\d-\\d\\d|(?:[A-Z][a-z]{2},? )?${MONTH} {1,2}\\d{1,2}(?:,? \\d{4})?)`;
const CLOCK = "\\d\\d?:\\d\\d(?::\\d\\d)?(?:[.,]\\d{1,9})?(?: ?(?:Z|AM|PM|[A-Z]{3}|[+-]\\d\\d:?\\d\\d)(?![A-Za-z0-9])){0,2}";
const LEVEL_PIECE = new RegExp(`^(?:[[(<] ?${LEVEL} {0,6}[\\])>]|${LEVEL})(?:\\s{1,40}|:\\s{0,40})`);
// What a line may begin with by itself.
const FIRST = [
  LEVEL_PIECE,
  /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}: [A-Z]{4,8}\/[\w-]{1,60}\]\s{1,10}/, // Celery
  new RegExp(`^[[(]?(?:${DATE}[T :,@]{1,3})?${CLOCK}[\\])]?[:,]?(?:\\s{1,40}|$)`),
  /^[\w.-]{1,80} [\w./@-]{1,80}\[\d{1,8}\]: /, // a host and a process
  /^[IWEFD]\d{4} \d\d:\d\d:\d\d\S{0,12}\s{1,10}(?:\d{1,8} )?(?:\S{1,80}\] )?/,
  /^(?:\d{1,4}\|)?[\w./-]{1,100}\s{0,40}\|\s{1,4}/,
  /^[\w./@-]{1,80}\[[\w.-]{1,40}\]:\s{1,10}/,
  /^(?:##)?\[[^[\]]{1,80}\]:?\s{0,40}(?=\S)/,
  /^\([\w.]{1,80}(?:Error|Exception|Warning)\)\s/,
  /^(?:(?:[/~.]|[A-Za-z]:[\\/])?[^:|"]{1,400}\.py[cx]?|<[^<>]{1,80}>|sys|__main__):\d{1,9}:\s{1,4}/, // the place of a warning
  /^(?:[A-Z]\w{0,60})?Warning:\s{1,4}/,
  /^[\w.-]{1,60}=(?:"[^"]{0,200}"|\S{1,120})\s{1,10}/,
  /^(?:\([bu]?|[bu])["']\s{0,8}/, // a string in a tuple, bytes
  /^\p{So}\ufe0f?\s{0,3}/u, /^<\d{1,3}>(?:\d )?/, /^\d{1,8}:(?=\S)/, /^\d{9,13}(?:\.\d{1,9})?\s{1,10}/,
  /^(?=\S{0,40}\d)[a-z0-9]{1,40}(?:-[a-z0-9]{1,40}){2,8}\s{1,10}(?:[a-z][a-z0-9-]{0,40}\s{1,10})?/, // a pod and a container
  /^[a-z_][\w.-]{0,80}:\s{1,10}/, // a logger
  new RegExp(`^[a-z_][\\w.-]{0,80}\\s{1,10}(?=[[(]?(?!FATAL)${LEVEL}\\b)`),
  /^(?:Uncaught exception|Unhandled exception|Exception inside application|Exception Value|Exception|Error|Warning|Message|Title|Output|Logs?|Caused by)\s?:\s{1,10}/,
];
// What only follows one of those.
const LATER = [
  /^(?:stdout|stderr) [FP] /, /^[-–—:|]\s{1,10}/, /^\([\w.:/ -]{1,80}\):?\s{1,10}/,
  // A logger; what ends in a capital letter's name is an exception's type.
  /^(?:[a-z_]\w{0,60}\.){0,8}[a-z_]\w{0,60}(?:\s{0,10}:\s{0,10}|\s{1,10}-\s{1,10}|\s{2,40})/,
  new RegExp(`^[\\w.-]{1,80}\\s{1,40}(?=[[(]?${LEVEL}\\b|\\[[a-z]{4,8}\\])`),
  /^[A-Z][a-z]{1,20}(?: [a-z]{1,20}){0,2}: /, // what was being done
  /^\w[\w.]{0,120}:(?=\S)/, /^[a-z_]\w{0,60} \d{1,8} \d{1,20}\s{1,10}/, // module, process, thread: the format in Django's documentation
  /^(?=\S{0,120}[\d_./@=\\:])(?!\S{0,120}(?:Error|Exception|Warning|FATAL|Operation):)[^\s"'`(<]{1,120}\s{1,40}/, // a word with a mark or a digit
];
const AFTER_LEVEL = /^[a-z_][\w.-]{0,60}\s{1,40}/;
const PAIRS = { '"': '"', "'": "'", "`": "`", "*": "*", "“": "”", "‘": "’", "«": "»", "「": "」" };
// A field of a structured log: JSON (perhaps cut), a dictionary, logfmt.
const FIELD = /(?:^|[\s,{])(?:(["'])[\w.@-]{1,40}\1: ?|(?:message|msg|event|error)=)(["'])((?:(?!\2)[^\\]|\\.){1,4000})/gi;
const LONGEST = 8000;
const STEPS = 20;

/** What a line may say, from the whole line inwards, then what its fields say: {text, prefixed}. */
export function readings(line) {
  if (line.length > LONGEST) return [];
  const found = [];
  walk(line.trim().replace(/^(?:> ?){1,5}/, "").replace(/^`(?=[^`]*$)/, ""), false, found);
  if (/["']: ?["']|=["']/.test(line)) for (const field of line.matchAll(FIELD)) walk(field[3].replace(/(?:\\n)+$/, "").replace(/\\(?=["'\\/])/g, ""), true, found);
  return found;
}

/** One piece of prefix after another; what is left is a reading each time, also without the quotes around it. */
function walk(whole, behind, found) {
  let text = whole;
  let prefixed = behind;
  let level = false;
  for (let step = 0; text && step < STEPS; step += 1) {
    let inner = text;
    for (let depth = 0; depth < 5; depth += 1) {
      found.push({ text: inner, prefixed });
      if (inner.length < 3 || PAIRS[inner[0]] !== inner[inner.length - 1]) break;
      inner = inner.slice(1, -1).trim();
    }
    const shown = inner.length < 2000 && /^((?:[A-Za-z_]\w{0,60}\.){0,8}[A-Z]\w{0,80})\((["'])(.{1,1900})\2,?\)$/.exec(inner);
    if (shown) found.push({ text: `${shown[1]}: ${shown[3]}`, prefixed });
    const pieces = [...FIRST, ...(level ? [AFTER_LEVEL] : []), ...(prefixed ? LATER : [])];
    const piece = pieces.find((pattern) => pattern.test(text));
    if (!piece) break;
    text = text.slice(piece.exec(text)[0].length);
    level = piece === LEVEL_PIECE;
    prefixed = true;
  }
}

/** Is what stands on these lines (`from` up to and with `to`) a piece of a sentence or of code that goes on around it? */
export function embedded(stream, from, to, said) {
  const text = (token) => (token && token.t !== "blank" && token.t !== "fence" ? token.text : "");
  const before = text(stream[from - 1]);
  const after = text(stream[to + 1]);
  if (/[([{,=+\\]$/.test(before) || /^[)\]},]/.test(after)) return true;
  // A sentence has some words, and what asyncio prints below its messages is no sentence.
  const open = /\S \S+ \S*[\p{L}\p{N}]$/u.test(before) && stream[from - 1].t === "text" && !/^(?:future|task|handle|source_traceback): /.test(after);
  return open && (/^\p{Ll}/u.test(said) || /^\p{Ll}/u.test(after) && stream[to + 1].t === "text");
}
