"""Cuts a page's HTML into its sections, for the search: which heading, which text, which code, which rows of tables."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
BREAKING = {"p", "li", "dd", "dt", "tr", "pre", "summary", "figcaption", "div"}  # what follows their end is not the same word
# Not text, or the text of a tool.
SKIPPED_TAGS = {"script", "style", "svg", "template", "button", "select", "form"}
# What hooks make of records and data: the guide around it says in words what it says again on many pages.
SKIPPED_CLASSES = {
    "headerlink", "caption", "ran", "outcome", "record", "chart", "chart-scroll", "flow", "explorer", "matrix-scroll",
    "reader", "trace", "lanes",
}


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


class _Parser(HTMLParser):
    def __init__(self):
        super().__init__()
        self.sections = [Section("")]
        self.open = []  # (tag, whether this tag began to skip)

    def handle_starttag(self, tag, attributes):
        if tag in VOID:
            return
        attributes = dict(attributes)
        skip = tag in SKIPPED_TAGS or "data-search-exclude" in attributes
        skip = skip or not SKIPPED_CLASSES.isdisjoint((attributes.get("class") or "").split())
        self.open.append((tag, skip))
        if self._skipping():
            return
        if tag in HEADINGS and attributes.get("id"):
            self.sections.append(Section("" if tag == "h1" else attributes["id"]))
        elif tag == "tr":
            self.sections[-1].rows.append(Row())
        elif tag in ("td", "th") and self.sections[-1].rows:
            self.sections[-1].rows[-1].cells.append("")
        elif tag == "a" and self._inside("td", "th"):
            self.sections[-1].rows[-1].links.append(attributes.get("href") or "")

    def handle_endtag(self, tag):
        if not self._inside(tag):
            return
        while self.open and self.open.pop()[0] != tag:  # what Markdown left open ends with what holds it
            pass
        if tag in BREAKING:
            self.handle_data("\n")

    def handle_data(self, data):
        section = self.sections[-1]
        if self._skipping():
            return
        if self._inside(*HEADINGS):
            section.title += data
        elif self._inside("td", "th") and section.rows:
            section.rows[-1].cells[-1] += data
        elif self._inside("pre"):
            section.code += data
        elif not self._inside("table"):
            section.prose += data

    def _inside(self, *tags):
        return any(name in tags for name, _ in self.open)

    def _skipping(self):
        return any(skip for _, skip in self.open)


def sections(html: str) -> list[Section]:
    """The sections of a page's content, without those that have neither a heading nor text."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    return [section for section in parser.sections if section.title.strip() or section.prose.strip()]
