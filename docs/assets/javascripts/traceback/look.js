// Where to look first.

/** Why a frame was chosen. The texts are fixed: a page may translate them. */
export const REASONS = {
  last: "The innermost frame of your code in the last exception.",
  earlier: "The last exception has no frame of your code; this is the innermost one of an earlier exception.",
  slow: "The timeout cancelled the code here: this is what was slow.",
  member: "The innermost frame of your code in the first failed member of the group.",
  stack: "The innermost frame of your code in this stack.",
};

/** The frame to open first, or null when no frame is the project's own. */
export function lookFirst(entry) {
  const list = entry.exceptions;
  for (let index = 0; index < list.length; index += 1) {
    if (index && timedOut(list[index - 1], list[index])) {
      const slow = innermost(list[index - 1]);
      if (slow) return chosen(slow, "slow");
    }
  }
  for (let index = list.length - 1; index >= 0; index -= 1) {
    const member = firstMember(list[index].members);
    if (member) return chosen(member, "member");
    const frame = innermost(list[index]);
    if (frame) return chosen(frame, entry.kind === "stack" ? "stack" : index === list.length - 1 ? "last" : "earlier");
  }
  return null;
}

/** Was this TimeoutError directly caused by that CancelledError? */
export function timedOut(cause, error) {
  return error.link === "cause" && /(?:^|\.)CancelledError$/.test(cause.type ?? "") && /(?:^|\.)TimeoutError$/.test(error.type ?? "");
}

function firstMember(members) {
  for (const member of members) {
    const frame = firstMember(member.members) ?? innermost(member);
    if (frame) return frame;
  }
  return null;
}

function innermost(exception) {
  for (let index = exception.frames.length - 1; index >= 0; index -= 1) if (exception.frames[index].own === true) return exception.frames[index];
  return null;
}

function chosen(frame, reason) {
  return { file: frame.file, line: frame.line, function: frame.function, reason: REASONS[reason] };
}
