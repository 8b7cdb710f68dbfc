// A line on its own, without a traceback: what it says behind the prefix of a log and between quotes, and whether it is only
// a piece of a sentence or of code.

const LEVEL = "(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|SEVERE)";
// What a line may begin with by itself.
const FIRST = [
  /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}: [A-Z]{4,8}\/[\w-]{1,60}\]\s{1,10}/, // Celery
  /^[[(]?(?:\d{4}[-/]\d\d[-/]\d\d|\d{1,2}[/ -](?:[A-Z][a-z]{2}|\d\d)[/ -]\d{4})[T :,]{1,2}\d\d?:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?: ?(?:Z|[A-Z]{3}|[+-]\d\d:?\d\d))?[\])]?[:,]?\s{1,10}/,
  /^[[(]?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?[\])]?:?\s{1,10}/,
  /^(?:<\d{1,3}>)?[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d(?:\.\d{1,9})? (?:[\w.-]{1,80} [\w./@-]{1,80}(?:\[\d{1,8}\])?: )?/,
  /^[IWEFD]\d{4} \d\d:\d\d:\d\d\S{0,12}\s{1,10}(?:\d{1,8} )?(?:\S{1,80}\] )?/,
  /^[\w./-]{1,100}\s{0,40}\|\s{1,4}/,
  /^[\w./@-]{1,80}\[[\w.]{1,20}\]:\s{1,10}/,
  new RegExp(`^[[(]?${LEVEL}[\\])]?(?:\\s{1,10}|:\\s{0,10})`),
  /^\[\d{1,8}\]\s{1,10}/,
  /^(?:Uncaught exception|Unhandled exception|Exception inside application|Exception Value|Exception|Error|Caused by)\s?:\s{1,10}/,
];
// What only follows one of those.
const LATER = [
  /^[[(][\w.:/ -]{1,80}[\])]:?\s{1,10}/, /^(?:stdout|stderr) [FP] /, /^[-–—:|]\s{1,10}/, /^\d{1,8}(?::\d{1,20})?\s{1,10}/,
  /^[a-z_]\w{0,60} \d{1,8} \d{1,20}\s{1,10}/, // module, process, thread: the format in Django's documentation
  // A logger; what ends in a capital letter's name is an exception's type.
  /^(?:[a-z_]\w{0,60}\.){0,8}[a-z_]\w{0,60}(?:\s{0,10}:\s{0,10}|\s{1,10}-\s{1,10})/, /^(?:[a-z_]\w{0,60}\.){1,8}[a-z_]\w{0,60}\s{1,10}/,
];
const PAIRS = { '"': '"', "'": "'", "`": "`", "*": "*", "“": "”", "‘": "’", "«": "»", "「": "」" };
const LONGEST = 2000;

/** What a line may say, from the whole line inwards: {text, prefixed}. */
export function readings(line) {
  const found = [];
  let text = line.length > LONGEST ? "" : line.trim().replace(/^(?:> ?){1,5}/, "").replace(/^`(?=[^`]*$)/, "");
  let prefixed = false;
  if (text.startsWith("{")) {
    // A log in JSON
    const said = /"(?:message|msg|event|error|exception|log)": ?"((?:[^"\\]|\\.){1,2000})"/.exec(text);
    if (said) { text = said[1].replace(/\\n$/, "").replace(/\\(.)/g, "$1"); prefixed = true; }
  }
  for (let step = 0; text && step < 14; step += 1) {
    let inner = text;
    for (let depth = 0; depth < 5; depth += 1) {
      found.push({ text: inner, prefixed });
      if (inner.length < 3 || PAIRS[inner[0]] !== inner[inner.length - 1]) break;
      inner = inner.slice(1, -1).trim();
    }
    const shown = /^((?:[A-Za-z_]\w{0,60}\.){0,8}[A-Z]\w{0,80})\((["'])(.{1,1900})\2,?\)$/.exec(inner);
    if (shown) found.push({ text: `${shown[1]}: ${shown[3]}`, prefixed });
    const prefix = [...FIRST, ...(prefixed ? LATER : [])].map((pattern) => pattern.exec(text)).find(Boolean);
    if (!prefix) break;
    text = text.slice(prefix[0].length);
    prefixed = true;
  }
  return found;
}

/** Is what stands on these lines (`from` up to and with `to`) a piece of a sentence or of code that goes on around it? */
export function embedded(stream, from, to, said) {
  const text = (token) => (token && token.t !== "blank" && token.t !== "fence" ? token.text : "");
  const before = text(stream[from - 1]);
  const after = text(stream[to + 1]);
  if (/[([{,=+\\]$/.test(before) || /^[)\]},]/.test(after)) return true;
  const open = /[\p{L}\p{N}]$/u.test(before) && stream[from - 1].t === "text";
  return open && (/^\p{Ll}/u.test(said) || /^\p{Ll}/u.test(after) && stream[to + 1].t === "text");
}
