// From tokens to entries: which frames belong together, which exception they end in, what is chained to what.

const STRONG = /(?:Error|Exception|Warning|Exit|Interrupt|Iteration|Timeout|ExceptionGroup|DoesNotExist|MultipleObjectsReturned|Failure|Fault|Abort|Aborted|Cancelled|Disconnect(?:ed)?|NotFound|Http404|HTTP\d*|Refused|Closed\w{0,10}|Unavailable|Exceeded|Expired|NotReady|Configured|Rejected|Forbidden|Unauthorized|Operation|Retry|Empty|StopConsumer|DenyConnection|AcceptConnection|InvalidChannelLayer|RequestAborted|ChannelFull|NoReverseMatch|ObjectNotExecutable|WorkerLost\w*|TransactionAborted|DataLoss|Violation|Shutdown)$/;
const LOWER = /^(?:error|timeout|gaierror|herror|sslerror)$/;
const NOT_A_TYPE = new Set("INFO DEBUG WARNING WARN ERROR CRITICAL FATAL TRACE NOTICE File Traceback Environment Python Django Output Expected Actual Steps Thanks Hi Hello Note Hint Versions Version Request Code Edit EDIT Update UPDATE Any Here This Logs Log Console Example Solution Answer Question Details Result Stacktrace Installed Exception_Location Response Server URL Input Locals Local Configuration Settings OS None True False Done Also Then Finally Background".split(" "));
const TYPED = /^((?:[A-Za-z_]\w{0,100}\.(?:<locals>\.)?){0,12}[A-Za-z_]\w{0,120})(?:\s?:(?!\/\/)\s?(.*))?$/;

/** {type, message, strong} when the text has the form of an exception line, else null. */
export function exceptionLine(text) {
  const bare = text.replace(/^(?:uncaught exception|Unhandled exception|Exception|Error|Caused by|\[ERROR\]|\[error\])\s?:? (?=(?:[a-z_]\w{0,60}\.){0,8}[A-Z]\w{0,80}(?:Error|Exception|Operation)\b)/, "");
  const found = TYPED.exec(bare);
  if (!found) return null;
  const [, type, message] = found;
  const last = type.slice(type.lastIndexOf(".") + 1);
  const dotted = last.length < type.length;
  if (!dotted && (NOT_A_TYPE.has(last) || /^[A-Z_\d]+$/.test(last) && !/[a-z]/.test(last))) return null;
  if (/\.(?:py|txt|html|js|com|org|io|json|yml|log)$/.test(type)) return null;
  const strong = STRONG.test(last) && /^_?[A-Z]/.test(last) || dotted && LOWER.test(last);
  const weak = /^_?[A-Z]\w*$/.test(last) && (dotted || /[a-z]/.test(last)) || dotted && LOWER.test(last);
  return strong || weak ? { prefixed: bare !== text, type, message: message === undefined ? null : message, strong } : null;
}

const LONG_NAMES = ["SynchronousOnlyOperation", "ImproperlyConfigured", "AppRegistryNotReady", "MultipleObjectsReturned", "DoesNotExist", "KeyboardInterrupt", "SystemExit", "StopIteration", "StopAsyncIteration", "ExceptionGroup", "GeneratorExit"];
// Groups nested deeper than this are read as if they stood side by side.
const DEEPEST = 50;

function newException() {
  return { type: null, message: null, frames: [], members: [], link: null };
}

/**
 * The entries of a text and what stood around each.
 * An entry: {kind, creation, exceptions, start, end, before, after, header}; `before`/`after` are the tokens of log
 * lines and text next to it.
 */
export function entries(tokens) {
  const build = builder(tokens);
  for (let at = 0; at < tokens.length; at += 1) build.take(tokens[at], at);
  return build.end();
}

function builder(tokens) {
  const done = [];
  let entry = null;      // the entry being read
  let stack = [];        // open groups: {list, col, count}
  let current = null;    // the exception being read
  let phase = "none";    // none | frames | message
  let chained = null;    // the chain sentence that was read last
  let junk = 0;          // lines since the last frame that are not part of a traceback
  let prose = false;     // among them is a sentence or the mark of a code block
  let gap = false;       // a blank line or a fence since the last frame
  let depth = 0;         // indentation of the last frame
  let sourced = false;   // the last frame has its source line
  let paged = false;     // the last frame stands on a debug page, with code and variables around it
  let lead = [];         // tokens since the last entry
  let pageSaid = {};     // what Django's debug page says about its exception, above the traceback
  let pageLabel = null;  // its label, when the value stands on the next line
  let spoken = null;     // an exception line that stands before its frames (Sentry, Lambda, notebooks)
  const flat = isFlat(tokens);
  let lastText = tokens.length - 1; // the last token that says anything
  while (lastText >= 0 && tokens[lastText].t === "blank") lastText -= 1;

  function open(at, header) {
    close(at);
    entry = { kind: header?.kind ?? "traceback", headless: !header, creation: header?.creation ?? false, first: header?.first ?? false, page: header?.page ?? false, exceptions: [], start: at, end: at, before: lead };
    lead = [];
    stack = [{ list: entry.exceptions, col: -1, count: 0 }];
    chained = null;
  }
  function begin(link) {
    current = newException();
    current.link = link;
    stack[stack.length - 1].list.push(current);
    junk = 0; prose = false;
    gap = false;
    sourced = false;
  }
  function close(at) {
    if (entry) {
      entry.end = at;
      done.push(entry);
    }
    entry = null;
    current = null;
    phase = "none";
    chained = null;
    junk = 0; prose = false;
    gap = false;
  }
  function settle(found) {
    current.type = found.type;
    current.message = found.message;
    phase = "message";
  }

  function header(token, at) {
    if (token.soft && entry && current && !current.frames.length && current.type === null) return;
    const link = chained;
    if (entry && stack.length > 1 && stack.slice(1).every((level) => level.closed)) stack = stack.slice(0, 1);
    if (entry && (link !== null || stack.length > 1 && token.box)) {
      if (current && !current.frames.length && current.type === null && !token.type) {
        current.link = current.link ?? link;
      } else {
        begin(link);
      }
      chained = null;
    } else {
      open(at, token);
      begin(null);
      if (token.type) settle({ type: token.type, message: token.message ?? null });
      else if (spoken && spoken.prefixed && at - spoken.at <= 2) { settle(spoken); current.guess = true; }
    }
    if (token.type && current.type === null) settle({ type: token.type, message: token.message ?? null });
    if (token.notebook) current.guess = true;
    spoken = null;
    phase = "frames";
    depth = token.indent + 2;
  }

  function frame(token, at) {
    const top = /^(?:_bootstrap|_run_module_as_main)$/.test(token.function ?? "") || token.function === "<module>" && entry?.headless;
    const separate = entry && !(token.page && entry.page) && (prose || top && current.frames.length > 0) && gap && phase === "frames" && chained === null;
    if (!entry || separate || phase === "message" && chained === null && !(current && current.guess) || token.dump && entry.kind !== "stack" && entry.headless === false && current.type !== null) {
      const dump = token.dump && (!spoken || at - spoken.at > 3);
      if (entry && chained === null && stack.length > 1 && token.box && !separate) {
        begin(null);
      } else {
        open(at, null);
        if (dump) { entry.first = true; }
        begin(null);
      }
      if (spoken && at - spoken.at <= 3) { settle(spoken); current.guess = true; if (token.dump) entry.first = true; }
    } else if (chained !== null) {
      begin(chained);
      chained = null;
    }
    current.frames.push({ file: token.file, line: token.line, function: token.function, source: token.source ?? null });
    if (token.tree) entry.tree = true;
    if (token.page) entry.page = true;
    paged = Boolean(token.page);
    spoken = null;
    phase = "frames";
    depth = token.indent ?? 0;
    sourced = token.source !== null && token.source !== undefined;
    junk = 0; prose = false;
    gap = false;
  }

  function text(token, at) {
    if (phase === "message") return messageLine(token, at);
    if (phase !== "frames" || !entry) return outside(token, at);
    const last = current.frames[current.frames.length - 1];
    const page = pageLine(token);
    if (page) return;
    if (!last) {
      // Directly after a header: the exception without frames, or nothing of ours.
      const found = exceptionLine(token.text);
      if (found && found.strong && !gap) return settle(found);
      junk += 1;
      if (junk > 6) close(at);
      return;
    }
    if (paged) {
      // The line that ran is the one with the button that shows more of them.
      const ran = /^(?:\d+\.?\s)?\s*(.*\S)\s*(?:…|\.\.\.)$/.exec(token.text);
      if (ran && last.source === null) last.source = ran[1];
      if (/^(?:Request information|Switch to copy-and-paste|USER$|GET$)/.test(token.text)) close(at);
      return;
    }
    if (token.error) {
      const found = exceptionLine(token.text);
      return found ? settle(found) : settle({ type: null, message: token.text });
    }
    if (token.indent > depth && !gap) {
      if (!/^[│└├]/.test(token.text) && (!sourced || last.source && last.source.length < 600 && !sourceEnded(last.source))) {
        last.source = last.source === null ? token.text : `${last.source}\n${token.text}`;
      }
      sourced = true;
      return;
    }
    const found = isCut(token, at) ? null : exceptionLine(token.text);
    if (flat && !gap && !sourced && token.indent === depth && !(found && found.strong)) {
      last.source = token.text;
      sourced = true;
      return;
    }
    if (found && (found.strong || !gap && (found.message !== null || endsHere(at)) && (!flat || found.message !== null))) return settle(found);
    // A class with a name in lower case: only where nothing else can stand.
    const small = !gap && !junk && !flat && token.indent < depth && /^((?:[A-Za-z_]\w{0,80}\.){0,8}[a-z_]\w{0,80})(?:: (.*))?$/.exec(token.text);
    if (small && /[._]|err|exc|fail/i.test(small[1]) && !/\.(?:py|js|log|txt|html)$/.test(small[1]) && (small[2] !== undefined || endsHere(at) && at < lastText)) return settle({ type: small[1], message: small[2] ?? null });
    if (!gap && !junk && token.indent === depth && !/^File\b/.test(token.text) && entry.headless && entry.before.some((item) => item.text.includes("Exception inside application"))) return settle({ type: null, message: token.text });
    if (!sourced && !gap && token.indent === depth) {
      last.source = token.text;
      sourced = true;
      return;
    }
    junk += 1;
    prose = prose || gap && isProse(token.text);
    if (junk >= 6 || gap && junk >= 2 && prose) { const stop = at; close(stop); lead.push(token); }
  }

  /** Django's debug page: the type and the value stand on lines of their own. */
  function pageLine(token) {
    const label = /^Exception (Type|Value):$/.exec(token.text);
    if (label) { pageLabel = label[1]; return true; }
    const found = pageLabel ? [token.text, pageLabel, token.text] : /^Exception (Type|Value):?\s+(.*)$/.exec(token.text);
    pageLabel = null;
    if (!found) return false;
    if (!entry) { pageSaid[found[1]] = found[2]; return true; }
    const target = entry.exceptions[entry.exceptions.length - 1] ?? current;
    if (found[1] === "Type") target.type = found[2].replace(/ at \S*.*$/, "").trim() || target.type;
    else target.message = found[2];
    entry.page = true;
    return true;
  }

  function messageLine(token, at) {
    if (pageLine(token)) return;
    if (/^(?:\"{3}|'{3})$/.test(token.text)) { gap = true; return; } // a traceback from another process, quoted in this one
    const ended = gap || /^(?:```|\/?\S+\.py:\d+: \w*Warning:|sys:\d+: |<sys>:\d+: |\[turn \d)/.test(token.text) || current.guess && exceptionLine(token.text)?.type === current.type;
    if (ended) {
      if (current.guess && exceptionLine(token.text)?.type === current.type) { current.message = exceptionLine(token.text).message; current.guess = false; return; }
      if (stack.length === 1 || !token.box) { close(at); return outside(token, at); }
      return;
    }
    if (current.message !== null && current.message.length > 20000) return;
    current.message = current.message ? `${current.message}\n${token.raw.trimEnd()}` : token.raw.trimEnd();
  }

  function outside(token, at) {
    if (pageLine(token)) return;
    const found = exceptionLine(token.text);
    if (found && found.strong) spoken = { ...found, at };
    lead.push(token);
    if (lead.length > 60) lead.splice(0, 20);
  }

  /** Was the text cut in the middle of this exception's name? */
  function isCut(token, at) {
    if (at < lastText || /[:\s]/.test(token.text)) return false;
    const last = token.text.slice(token.text.lastIndexOf(".") + 1);
    return last.length < 3 || "File".startsWith(last) || /[a-z](?:E|Er|Err|Erro|Ex|Exc|Exce|Excep|Except|Excepti|Exceptio)$/.test(last) || LONG_NAMES.some((name) => last.length > 2 && last !== name && name.startsWith(last));
  }

  /** Is this the last line before a blank, a chain sentence, a fence, a log line or the end? */
  function endsHere(at) {
    const next = tokens[at + 1];
    return !next || ["blank", "chain", "fence", "log", "header", "open", "section"].includes(next.t);
  }

  function take(token, at) {
    switch (token.t) {
      case "header": return header(token, at);
      case "frame": return frame(token, at);
      case "chain": return chain(token, at);
      case "open": case "next": return member(token, at);
      case "close":
        if (token.col < 2) {
          // The columns were lost: the mark closes the innermost group that is open.
          const open = [...stack.slice(1)].reverse().find((level) => !level.closed);
          if (open) open.closed = true;
        } else {
          while (stack.length > 1 && stack[stack.length - 1].col >= token.col) stack.pop();
        }
        current = lastOf(stack[stack.length - 1]?.list) ?? current;
        if (entry) phase = "message";
        gap = true;
        return undefined;
      case "blank":
        // Inside a group's box an empty line is no paragraph's end.
        if (phase === "message" || phase === "frames" && !token.box) gap = true;
        return undefined;
      case "fence":
        if (phase === "frames" && current && current.frames.length || phase === "message" && !(current && current.guess)) { gap = true; junk += 1; prose = true; if (phase === "message" && chained === null && stack.length === 1) close(at); }
        return undefined;
      case "section":
        return close(at);
      case "log":
        if (entry && phase === "message" && stack.length === 1) { close(at); }
        if (exceptionLine(token.text)?.prefixed) spoken = { ...exceptionLine(token.text), at };
        if (entry) (entry.inside ??= []).push(token);
        else lead.push(token);
        return undefined;
      case "text": return text(token, at);
      default: return undefined;
    }
  }

  function chain(token, at) {
    if (!entry) {
      // The top was cut: perhaps the line before says how the first exception ended.
      const said = spoken && at - spoken.at <= 3 ? spoken : null;
      open(at, null);
      entry.headless = true;
      begin(null);
      if (said) settle(said);
    } else if (current && current.type === null && current.frames.length && !current.guess) {
      const said = lastLoose(at);
      const found = said && /^([A-Za-z_][\w.]*)(?::\s?(.*))?$/.exec(said.text);
      if (found) settle({ type: found[1], message: found[2] ?? null });
    }
    const said = /^(?:During handling of the above exception|The above exception) \((.*)\)(?:,| was)/.exec(token.text);
    if (said && current && current.type === null && current.message === null) current.message = said[1];
    while (!token.box && stack.length > 1) stack.pop();
    while (token.box && stack.length > 2 && stack[stack.length - 1].col > token.col) stack.pop();
    chained = token.direct ? "cause" : "context";
    spoken = null;
    phase = "frames";
    junk = 0; prose = false;
    gap = false;
  }

  function lastLoose(at) {
    for (let back = at - 1; back >= 0 && back > at - 4; back -= 1) if (tokens[back].t === "text") return tokens[back];
    return null;
  }

  function member(token, at) {
    if (!entry) {
      open(at, null);
      begin(null);
      phase = "message";
    }
    if (token.t === "open" && current && stack.length < DEEPEST) {
      stack.push({ list: current.members, col: token.col + 2, count: token.number });
    } else {
      let level = stack.length - 1;
      while (level > 0 && !(stack[level].col === token.col)) level -= 1;
      if (level === 0) { level = stack.length - 1; while (level > 0 && (stack[level].closed || stack[level].count !== token.number - 1)) level -= 1; }
      if (level > 0) { stack = stack.slice(0, level + 1); stack[level].count = token.number; }
    }
    chained = null;
    begin(null);
    phase = "frames";
  }

  function end() {
    close(tokens.length);
    const kept = done.map(complete).filter(Boolean);
    kept.tail = lead;
    return kept;
  }

  /** An entry without its empty parts, dumps outermost call first, with its kind. Null when nothing is left of it. */
  function complete(one) {
    const clean = (list) => list.filter((item) => item.frames.length || item.type !== null || item.members.length || item.message);
    const walk = (item) => { item.members = clean(item.members); item.members.forEach(walk); if (one.first) item.frames.reverse(); };
    one.exceptions = clean(one.exceptions);
    one.exceptions.forEach(walk);
    if (!one.exceptions.length) return null;
    const final = one.exceptions[one.exceptions.length - 1];
    if (one.page && final.type === null && final.message === null && pageSaid.Type) {
      final.type = pageSaid.Type.replace(/ at \S*.*$/, "").trim() || null;
      final.message = pageSaid.Value ?? null;
    }
    const typed = one.exceptions.some((item) => item.type !== null || item.message !== null);
    const frames = one.exceptions.some((item) => item.frames.length || item.members.length);
    if (!frames && !typed) return null;
    if (final.members.length) one.kind = "group";
    else if (one.kind === "stack" && typed) one.kind = one.creation ? "stack" : "traceback";
    else if (one.headless && !typed && final.frames.length) {
      const last = final.frames[final.frames.length - 1];
      if (one.first || one.tree || /\b(?:print|format|extract|walk)_(?:stack|list)\b|dump_traceback|_current_frames/.test(last.source ?? "") || /^(?:print|format|extract)_stack$/.test(last.function ?? "")) one.kind = "stack";
    }
    return one;
  }

  return { take, end };
}

/** A sentence, rather than a piece of code or of output. */
function isProse(text) {
  return /^\S+(?: \S+){3,}/.test(text) && !/[=()[\]{}|]/.test(text) || /^(?:\[turn \d|#{1,6} |\S+ · )/.test(text);
}

function lastOf(list) {
  return list && list[list.length - 1];
}

/** Has a source line printed over several lines come to its end? Counted by its brackets. */
function sourceEnded(source) {
  let open = 0;
  for (const character of source) {
    if ("([{".includes(character)) open += 1;
    else if (")]}".includes(character)) open -= 1;
  }
  return open <= 0;
}

/** Did the text lose its indentation? Then a source line stands at its frame's column. */
function isFlat(tokens) {
  let deeper = 0;
  let same = 0;
  for (let at = 0; at + 1 < tokens.length; at += 1) {
    if (tokens[at].t !== "frame" || tokens[at].source) continue;
    const next = tokens[at + 1];
    if (next.t !== "text") continue;
    if (next.indent > (tokens[at].indent ?? 0)) deeper += 1;
    else if (!exceptionLine(next.text)?.strong) same += 1;
  }
  return same > deeper;
}
