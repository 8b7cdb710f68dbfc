"""Turn what a run printed into what a reader would have seen: their paths, their ports, small process ids."""

import re

from lab.errors import LabError
from lab.recipes import ROOT

READER_PROJECT = "/srv/django"
# Where servers write a process id: [123], "process": 123, pid: 123, PID: 123, pid:123, worker [123], and (123) at the end of a line
PID = re.compile(
    r'(?m)(?<=\[)\d{2,7}(?=\])|(?<=\()\d{2,7}(?=\)(?:$|",))|(?<="process": )\d{2,7}|(?<=pid:)\d{2,7}|(?<=pid: )\d{2,7}'
    r"|(?<=PID: )\d{2,7}|(?<=pid )\d{2,7}|(?<=work of process )\d{2,7}|(?<=worker \[)\d{2,7}"
)
# What uWSGI tells at its start about the machine and about the user that it runs as here
UWSGI_ABOUT_MACHINE = re.compile(
    r"(?m)^(?:os: |nodename: |machine: |clock source: |compiled with version: |detected (?:number of CPU|max file)|mapped \d"
    r"|your (?:processes number|memory page)|Python main interpreter |.*running (?:uWSGI )?as root).*\n?"
)
MACHINE = re.compile(rf"/tmp/|/private/|/var/folders/|/root/|/home/|/Users/|/\.cache/|/\.pyenv/|{re.escape(str(ROOT))}")


def normalise(text, replacements):
    """
    `text` with each key of `replacements` replaced by its value, longest key first, and process ids renumbered from
    1001 in order of appearance, without colours and trailing blanks.

    Raises LabError when a path of this machine is left: it would end up on a page.
    """
    text = UWSGI_ABOUT_MACHINE.sub("", re.sub(r"\x1b\[[0-9;]*m", "", text))
    for key in sorted(replacements, key=len, reverse=True):
        text = text.replace(key, replacements[key])
    numbers = {}
    text = PID.sub(lambda match: str(numbers.setdefault(match.group(), 1001 + len(numbers))), text)
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    left = [line for line in text.splitlines() if MACHINE.search(line)]
    if left:
        raise LabError(f"A path of this machine is left in the output: {left[0]!r}. Teach lab/output.py about it.")
    return text


def lines_with(text, *patterns):
    """The lines of `text` in which any of the regular expressions occurs."""
    return "\n".join(line for line in text.splitlines() if any(re.search(pattern, line) for pattern in patterns))
