// From printed lines to tokens: headers, frames, chain sentences, group marks, log lines, and the rest as text.

import { LOG, LONGEST } from "./lines.js";

const FRAME = /^(.*?)\bFile\s{1,3}(?:"([^"\n]{1,600})"|'([^'\n]{1,600})'),?\s{0,3}line(?:no)?\s{0,3}(\d{1,9})(?:,?\s{0,3}in\s{1,3}(\S.*))?/;
const OLD_FRAME = /^\s*File\s{1,3}"([^"\n]{1,600})",? in (\S.{0,200})$/;
const CUT_FRAME = /^\s*([\w.\/\\:~@+ -]{1,400}\.pyx?)["'],?\s{0,3}line\s{0,3}(\d{1,9})(?:,?\s{0,3}in\s{1,3}(\S.*))?$/;
const PAGE_FRAME = /^\s*((?:[\/~<]|[A-Za-z]:[\\/])[^"\n]{0,400}?|[\w.\/-]{1,200}\.py), line (\d{1,9}), in (\S.{0,200})$/;
const SENTRY_FRAME = /^\s*([\w.\/\\:~-]{1,300}\.pyx?) in (\S{1,200}) at line (\d{1,9})\b/;
const TWISTED_FRAME = /^\s*((?:[\/~]|[A-Za-z]:[\\/])[^:\n]{1,400}\.py):(\d{1,9}):([\w.<>]{1,200})$/;
const PYSPY_FRAME = /^\s{0,16}(?:at )?\.?([\w.<>]{1,200}(?: \[[^\]]{1,80}\])?) \(\s?([^()\n]{1,400}\.pyx?|<[^>()\n]{1,80}>):(\d{1,9})\s?\)$/;
const IPYTHON_FRAME = /^\s*File\s{1,3}([^"'\s:][^"':\n]{0,400}|[A-Za-z]:[\\/][^"':\n]{1,400}):(\d{1,9})(?:,? in (\S.*))?$/;
const IPYTHON_CELL = /^\s*((?:Cell|Input) In ?\[\d*\]|In ?\[\d{1,6}\]), (?:line (\d{1,9})(?:, in (\S.*))?|in (<[^>]{1,60}>).{0,20})$/;
const IPYTHON_OLD = /^\s*(<ipython-input-[\w-]{1,60}>|(?:[\/~]|[A-Za-z]:[\\/])\S[^:\n]{0,400}?\.py[cx]?) in (\S.{0,300})$/;
const UWSGI_FRAME = /^\s*thread_id = (.{0,200}?) filename = (\S.{0,400}?) lineno = (\d{1,9}) function = (\S{1,200})(?: line = (.*))?$/;
const GDB_FRAME = /^#\d+\s.{0,200}?Frame 0x[0-9a-f]+, for file ([^,\n]{1,400}), line (\d{1,9}), in (\S{1,200})/;
const TREE_FRAME = /^[\s│├└─]*[├└]── {1,2}([\w.<>]{1,200}) (\S[^\n]{0,400}\.pyx?):(\d{1,9})$/;
const PLAIN_FRAME = /^\s+([\w.<>]{1,200}) at ((?:[\/~]|[A-Za-z]:[\\/])[^:\n]{1,400}\.pyx?):(\d{1,9})$/;


/** Tokens of the printed lines. Text keeps its place: what it is depends on its neighbours. */
export function tokens(lines) {
  const read = reader(lines);
  const stream = [];
  lines.forEach((line, index) => {
    const token = read(line.length > LONGEST ? line.slice(0, LONGEST) : line, index);
    if (Array.isArray(token)) stream.push(...token);
    else stream.push(token);
  });
  return stream;
}

function reader(lines) {
  const tested = lines.find((line) => /^ {0,12}(?:E {2,}\S|_{3,} .{1,200} _{3,}$|={3,} (?:FAILURES|ERRORS|short test summary))/.test(line.slice(0, 300)));
  const test = tested === undefined ? null : testReader(/^ */.exec(tested)[0]);
  let thread = null; // in uWSGI's dump
  let location = false; // the debug page's summary: its place is no frame
  let pending = null; // a frame whose line number comes later (IPython, old debug pages)
  return (full, index) => {
    const lead = /^[\s|]*/.exec(full)[0];
    const bar = lead.lastIndexOf("|");
    const text = full.slice(lead.length).trimEnd();
    const place = { index, col: lead.length, indent: bar < 0 ? lead.length : Math.max(0, lead.length - bar - 2), box: bar >= 0, text, raw: bar < 0 ? full : full.slice(bar + 1).replace(/^ /, "") };
    if (!text) return { t: "blank", ...place };
    if (/^(?:```[a-zA-Z+-]{0,20}|~~~~*|\[\/?code\])$/.test(text)) { pending = null; return { t: "fence", ...place }; }
    if (test) {
      const said = test(full, text, place);
      if (said) return said;
    }
    const mark = groupMark(full, place);
    if (mark) return mark;
    if (/^Thread (?:0x)?[\dA-Fa-f]{1,20}(?:\/\S{1,20})? \([\w+ ]{1,40}\)(?:: ".{0,200}")?$/.test(text)) {
      // py-spy: the innermost call first
      pending = null;
      return { t: "header", kind: "stack", first: true, dumped: true, ...place };
    }
    // Python 3.14: asyncio.print_call_graph (the innermost call first) and python -m asyncio pstree
    const task = /^(?:\* (?:Task|Future)\(.{0,300}\)$|[\s│├└─]{0,300}[├└]── \(T\) \S)/.exec(text);
    if (task) return { t: "header", kind: "stack", first: text[0] === "*", ...place };
    if (/most recent call|^Traceback|Traceback: <class|Traceback \(innermost/.test(text)) {
      const header = headerOf(text, place);
      if (header) { pending = null; return header; }
    }
    if (text.includes("another exception occurred") || text.includes("direct cause of the following exception") || /^During handling of the above exception/.test(text)) {
      if (text.length < 600) return { t: "chain", direct: text.includes("direct cause"), ...place };
    }
    if (pending) {
      const line = /^(?:-+>\s{0,3}(\d{1,9})\b\s?(.*)|(\d{1,9})\.\s?(.*))$/.exec(text);
      if (line) {
        const frame = { t: "frame", file: pending.file, line: Number(line[1] ?? line[3]), function: pending.function, source: (line[2] ?? line[4]).trim() || null, ...place };
        pending = null;
        return frame;
      }
      if (pending.old && !/^\d/.test(text) || index - pending.index > 30) pending = null;
      else if (/^\d{1,9}(?:\s|$)/.test(text)) return { t: "listing", ...place };
    }
    const summary = location;
    location = /^Exception Location:$/.test(text);
    if (summary) return { t: "listing", ...place };
    const frame = frameOf(full, text);
    if (frame?.later) { pending = { ...frame, index }; return { t: "listing", ...place }; }
    if (frame?.thread !== undefined && frame.thread !== thread) {
      // uWSGI's dump: a new thread begins
      thread = frame.thread;
      return [{ t: "header", kind: "stack", first: false, ...place }, { t: "frame", ...place, ...frame }];
    }
    if (frame) { pending = null; return { t: "frame", source: null, ...place, ...frame }; }
    if (/^\+ (?:Call stack|Awaited by):$/.test(text)) return { t: "listing", ...place };
    if (/^(?:-+> ?\d+ |\d{1,6} {2,}\S|\d{1,6}$)/.test(text) && place.indent <= 8) return { t: "listing", ...place };
    if (/^(?:\.\.\.|…|\[\.\.\.\]|<snip>|\[snip\]|-+ ?snip ?-+|\(\.\.\.\))(?:<\d+ lines>\.\.\.)?$|^\.\.\.<\d+ lines?>\.\.\.$|^\[Previous line repeated \d+ more times?\]|^--- <exception caught here> ---$|^<\d+ internal|^\.\.\. \d+ (?:more )?frames|^\[\.\.\. skipping|^\((?:\d+ )?additional frame/i.test(text)) return { t: "elision", ...place };
    if (/^[\s~^+\-▲│└┘┌┐─┬|]+$/.test(text)) return { t: "caret", ...place };
    if (LOG.test(text)) return { t: "log", ...place };
    return { t: "text", ...place };
  };
}

function groupMark(full, place) {
  const at = full.indexOf("+-");
  if (at < 0 || at > 200 || !/^[\s|]*$/.test(full.slice(0, at))) return null;
  const mark = full.slice(at);
  let found = /^\+-\+-{6,} (\d{1,6}|\.\.\.) -{6,}$/.exec(mark);
  if (found) return { t: "open", ...place, number: Number(found[1]), col: at };
  found = /^\+-{6,} (\d{1,6}|\.\.\.) -{6,}$/.exec(mark);
  if (found) return { t: "next", ...place, number: Number(found[1]), col: at };
  return /^\+-{20,}$/.test(mark) ? { t: "close", ...place, col: at } : null;
}

function headerOf(text, place) {
  if (/Exception Group Traceback \(most recent call last/.test(text)) return { t: "header", kind: "traceback", first: false, ...place, col: place.col };
  const twisted = /\bTraceback: <(?:class|type) '(?:exceptions\.)?([\w.]{1,200})'>: ?(.*)$/.exec(text);
  if (twisted) return { t: "header", kind: "traceback", first: false, type: twisted[1], message: twisted[2], ...place };
  if (/^Traceback:(?:\s|$)/.test(text) && text.length < 80) return { t: "header", kind: "traceback", first: false, page: true, ...place };
  const found = /\((?:most recent call (last|first)|innermost last)\)?/.exec(text) ?? /most recent call (last|first)\):?$/.exec(text) ?? /\(most recent call (la?s?t?|fi?r?s?t?)?$/.exec(text);
  if (!found || text.length > 1500) return null;
  const before = text.slice(0, found.index);
  const first = (found[1] ?? "last").startsWith("f");
  if (/C stack trace/.test(before)) return { t: "log", ...place };
  const created = /(Object|Coroutine|Task|Handle|Future|Server|Transport) (?:created|allocated) at\s*$/.test(before);
  if (created) return { t: "header", kind: "stack", creation: true, first, ...place };
  if (/\bStack(?: for .*)?\s*$/.test(before) || first || /Traceback for (?:thread|<)/.test(before)) return { t: "header", kind: "stack", first, ...place };
  if (!/Traceback\s*$/.test(before)) return /^\s*(?:Thread|Stack|Current thread|Task)\b/.test(before) ? { t: "header", kind: "stack", first, ...place } : null;
  // IPython writes the type on the left of the header.
  const type = /^([A-Za-z_][\w.]{1,100})\s{3,}Traceback\s*$/.exec(before);
  return { t: "header", kind: "traceback", first, type: type && type[1], notebook: Boolean(type), lead: before.replace(/Traceback\s*$/, ""), ...place };
}

function frameOf(full, text) {
  if (text.includes("File")) {
    const found = FRAME.exec(full);
    if (found) {
      const rest = functionOf(found[5]);
      return { file: found[2] ?? found[3], line: Number(found[4]), function: rest.name, source: rest.source };
    }
    const old = OLD_FRAME.exec(text);
    if (old) return { later: true, old: true, file: old[1], function: functionOf(old[2]).name };
    const notebook = IPYTHON_FRAME.exec(text);
    if (notebook && /\.(?:py|pyx|ipynb)\b|^</.test(notebook[1])) return { file: notebook[1].trim(), line: Number(notebook[2]), function: functionOf(notebook[3]).name };
  }
  if (/^(?:Cell|Input|In)\b/.test(text)) {
    const cell = IPYTHON_CELL.exec(text);
    if (cell && cell[2]) return { file: cell[1], line: Number(cell[2]), function: functionOf(cell[3]).name };
    if (cell) return { later: true, file: cell[1], function: cell[4] ? functionOf(cell[4]).name : null };
  }
  if (text.includes(".py") || text.includes("<")) {
    let found;
    // The console script that py-spy found at the bottom: <module> (uvicorn:8)
    if ((found = /^\s{1,16}(<module>) \(([\w.-]{1,60}):(\d{1,9})\)$/.exec(full))) return { file: found[2], line: Number(found[3]), function: found[1], dump: true };
    if (!/^(?:Exception Location|Raised during|Python Executable)/.test(text)) {
      if ((found = CUT_FRAME.exec(text))) return { file: found[1].trim(), line: Number(found[2]), function: functionOf(found[3]).name };
      if ((found = PAGE_FRAME.exec(text))) return { page: true, file: found[1], line: Number(found[2]), function: functionOf(found[3]).name };
      if ((found = SENTRY_FRAME.exec(text))) return { file: found[1], line: Number(found[3]), function: found[2] };
      if ((found = TWISTED_FRAME.exec(text))) return { file: found[1], line: Number(found[2]), function: found[3] };
      if ((found = PYSPY_FRAME.exec(full))) return { file: found[2].trim(), line: Number(found[3]), function: functionOf(found[1]).name, dump: true };
      if ((found = IPYTHON_OLD.exec(text))) return { later: true, file: found[1], function: functionOf(found[2]).name };
      if ((found = UWSGI_FRAME.exec(text))) return { thread: found[1], file: found[2], line: Number(found[3]), function: found[4], source: found[5]?.trim() || null };
      if ((found = GDB_FRAME.exec(text))) return { file: found[1], line: Number(found[2]), function: found[3] };
      if ((found = TREE_FRAME.exec(full))) return { tree: true, file: found[2], line: Number(found[3]), function: found[1] };
      if ((found = PLAIN_FRAME.exec(full))) return { file: found[2], line: Number(found[3]), function: found[1] };
    }
  }
  return null;
}

/** A function's name, without its arguments (IPython) and without a source line that slipped onto its line. */
function functionOf(text) {
  if (!text) return { name: null, source: null };
  const found = /^(<[^>\n]{1,60}>|[\p{L}\p{N}_.$]{1,300}(?:<[^>\n]{1,40}>[\p{L}\p{N}_.]{0,100}){0,4})(.*)$/u.exec(text.trim().replace(/^async (?=[\w.<>]{1,300}\(\)$)/, ""));
  if (!found) return { name: text.trim().slice(0, 200), source: null };
  const name = /^<cell line/.test(found[1]) ? "<module>" : found[1].replace(/[.,;:]+$/, "");
  const rest = found[2].trim();
  return { name, source: /^[(`'",;:)\]│|<]/.test(rest) || !rest ? null : rest };
}

/** pytest prints code first and the place after it: gather the function and the source until the place is there. */
function testReader(margin) {
  let name = null;
  let source = null;
  let errors = [];
  let inside = false;
  const flush = (place) => {
    const said = errors.map((text) => ({ t: "text", ...place, indent: 0, box: false, text, raw: text, error: true }));
    errors = [];
    return said;
  };
  return (whole, text, place) => {
    const full = whole.startsWith(margin) ? whole.slice(margin.length) : whole;
    if (/^_{3,} .{1,300} _{3,}$/.test(full) || /^={3,}.*={3,}$/.test(full)) {
      const said = flush(place);
      inside = full[0] === "_" || /FAILURES|ERRORS/.test(full);
      name = source = null;
      return [...said, full[0] === "_" ? { t: "header", kind: "traceback", first: false, soft: true, ...place } : { t: "section", ...place }];
    }
    if (/^(?:_ ){5,}_?$/.test(text)) { name = source = null; return { t: "listing", ...place }; }
    const error = /^E {1,3}(?: {0,200})(\S.*)$/.exec(full);
    if (error) { errors.push(error[1]); inside = true; return { t: "listing", ...place }; }
    const definition = /^\s{1,12}(?:async )?def (\w{1,100})\(/.exec(full);
    if (definition && (!name || /^ {4}\S/.test(full))) name = definition[1];
    const arrow = /^>\s+(\S.*)$/.exec(full);
    if (arrow) { source = arrow[1]; return { t: "listing", ...place }; }
    const short = /^([^\s:"][^:"\n]{0,300}\.py):(\d{1,9}): in (\S{1,200})$/.exec(text);
    if (short) return { t: "frame", ...place, file: short[1], line: Number(short[2]), function: short[3], source: null };
    const one = /^([^\s:"][^:"\n]{0,300}\.py):(\d{1,9}): ((?:[A-Za-z_]\w{0,60}\.){0,6}[A-Z]\w{0,80}: .*)$/.exec(text);
    if (one && !/Warning: /.test(one[3])) {
      return [{ t: "header", kind: "traceback", first: false, ...place }, { t: "frame", ...place, file: one[1], line: Number(one[2]), function: null, source: null }, { t: "text", ...place, text: one[3], raw: one[3], error: true }];
    }
    const long = /^([^\s:"][^:"\n]{0,300}\.py):(\d{1,9}):(?: ([A-Z_a-z][\w.]{0,100}))?$/.exec(text);
    if (long && (source || long[3] || inside)) {
      const frame = { t: "frame", ...place, file: long[1], line: Number(long[2]), function: name, source };
      name = source = null;
      return long[3] || errors.length ? [frame, ...flush(place)] : [frame];
    }
    if (inside && errors.length && (text.includes("another exception occurred") || text.includes("direct cause of the following"))) {
      return [...flush(place), { t: "chain", direct: text.includes("direct cause"), ...place }];
    }
    if (/^-{3,} Captured/.test(text)) return [...flush(place), { t: "section", ...place }];
    if (inside && /^ {4}/.test(full)) return { t: "listing", ...place };
    return null;
  };
}
