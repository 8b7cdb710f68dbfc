"""Cuts a page's HTML into its sections, for the search: which heading, which text, which code, which rows of tables."""

import re
from dataclasses import dataclass, field
from html import unescape

HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
BREAKING = {"p", "li", "dd", "dt", "tr", "pre", "summary", "figcaption", "div"}  # what follows their end is not the same word
# Not text, or the text of a tool.
SKIPPED_TAGS = {"script", "style", "svg", "template", "button", "select", "form"}
# What hooks make of records and data: the guide around it says in words what it says again on many pages.
SKIPPED_CLASSES = {
    "headerlink", "caption", "ran", "outcome", "record", "chart", "chart-scroll", "flow", "explorer", "matrix-scroll",
    "reader", "sizing", "trace", "lanes",
}

# What Markdown and the hooks write: every < of a text is escaped, every value stands in quotes. For that Python's own parser
# takes three times as long, a sixth of a whole build.
PIECE = re.compile(r"""<!--.*?-->|<(/?)([a-zA-Z][\w-]*)((?:[^>"']|"[^"]*"|'[^']*')*)>|([^<]+|<)""", re.DOTALL)
ATTRIBUTE = re.compile(r"""([\w-]+)(?:=(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
COUNTED = HEADINGS | {"td", "th", "pre", "table"}  # where a text stands decides what it is


@dataclass
class Row:
    """A row of a table: the text of its cells, and the addresses it links."""

    cells: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)


@dataclass
class Section:
    """A heading and what stands below it, up to the next heading. The one below h1 has no id."""

    id: str
    title: str = ""
    prose: str = ""
    code: str = ""
    rows: list[Row] = field(default_factory=list)
    files: list[str] = field(default_factory=list)  # names of the files that it shows


class _Reader:
    """Reads a page piece by piece; `inside` counts the open elements of COUNTED, `skipping` those that are skipped."""

    def __init__(self):
        self.sections = [Section("")]
        self.open = []  # (tag, whether this tag began to skip)
        self.inside = dict.fromkeys(("heading", "cell", "pre", "table"), 0)
        self.skipping = 0
        self.naming = False  # inside the name above a file

    def start(self, tag: str, text: str):
        if tag in VOID:
            return
        attributes = {name.lower(): unescape(one or two or three) for name, one, two, three in ATTRIBUTE.findall(text)} if text else {}
        skip = tag in SKIPPED_TAGS or "data-search-exclude" in attributes or not SKIPPED_CLASSES.isdisjoint(attributes.get("class", "").split())
        self._push(tag, skip)
        if self.skipping:
            return
        if attributes.get("class") == "filename":
            self.sections[-1].files.append("")
            self.naming = True
        elif tag in HEADINGS and attributes.get("id"):
            self.sections.append(Section("" if tag == "h1" else attributes["id"]))
        elif tag == "tr":
            self.sections[-1].rows.append(Row())
        elif tag in ("td", "th") and self.sections[-1].rows:
            self.sections[-1].rows[-1].cells.append("")
        elif tag == "a" and self.inside["cell"]:
            self.sections[-1].rows[-1].links.append(attributes.get("href", ""))

    def end(self, tag: str):
        if not any(name == tag for name, _ in reversed(self.open)):
            return
        while self._pop() != tag:  # what Markdown left open ends with what holds it
            pass
        self.naming = False  # nothing stands inside a name
        if tag in BREAKING:
            self.text("\n")

    def text(self, data: str):
        if self.skipping:
            return
        section = self.sections[-1]
        if self.naming:
            section.files[-1] += data
        elif self.inside["heading"]:
            section.title += data
        elif self.inside["cell"] and section.rows:
            section.rows[-1].cells[-1] += data
        elif self.inside["pre"]:
            section.code += data
        elif not self.inside["table"]:
            section.prose += data

    def _push(self, tag: str, skip: bool):
        self.open.append((tag, skip))
        self.skipping += skip
        if tag in COUNTED:
            self.inside[_kind(tag)] += 1

    def _pop(self) -> str:
        tag, skip = self.open.pop()
        self.skipping -= skip
        if tag in COUNTED:
            self.inside[_kind(tag)] -= 1
        return tag


def _kind(tag: str) -> str:
    return "heading" if tag in HEADINGS else "cell" if tag in ("td", "th") else tag


def sections(html: str) -> list[Section]:
    """The sections of a page's content, without those that have neither a heading nor text."""
    reader = _Reader()
    for close, tag, attributes, text in PIECE.findall(html):
        if text:
            reader.text(unescape(text) if "&" in text else text)
        elif close:
            reader.end(tag.lower())
        elif tag:
            reader.start(tag.lower(), attributes)
    return [section for section in reader.sections if section.title.strip() or section.prose.strip()]
