"""Reduce a Markdown page to what both languages must share: headings, blocks, links, shortcodes, inline code.

The page is rendered with the site's own Markdown extensions and the result is walked, so that nesting, reference links
and code are what a reader gets, not what a pattern guesses. Line numbers are found by walking the source along.
"""

import html
import re
from dataclasses import dataclass, field

import markdown
import yaml
from bs4 import BeautifulSoup, Comment, NavigableString, Tag


@dataclass
class Block:
    """Something that takes room on the page. `key` is what has to be equal, `what` is how a message names it."""

    key: tuple[int, str, str]  # (how deep it is nested, what it is, its code)
    what: str
    line: int


@dataclass
class Fence:
    """A block of code; `language` is empty when none is given."""

    language: str
    code: str
    line: int


@dataclass
class Section:
    """A heading with all that follows it, up to the next heading."""

    line: int
    blocks: list[Block] = field(default_factory=list)
    mentions: list[list[tuple[str, int]]] = field(default_factory=list)  # per paragraph, item, cell: (what, line)
    inline_code: list[tuple[str, int]] = field(default_factory=list)  # (text, line)
    numbers: list[tuple[str, int]] = field(default_factory=list)  # (number in the prose, line)


@dataclass
class Page:
    """One language of a page; `path` is what messages call it."""

    path: str
    front: dict
    headings: list[tuple[int, str, str, int]] = field(default_factory=list)  # (level, id, text, line)
    sections: dict[str, Section] = field(default_factory=dict)  # by id of the heading; "" is what precedes the first
    fences: list[Fence] = field(default_factory=list)


def _fence(source, language, css_class, options, md, **kwargs):
    return f'<pre data-language="{html.escape(language or "")}">{html.escape(source)}</pre>'


# What gives a page its structure: the extensions of mkdocs.yml (a test compares the two lists). Ids have to be explicit
# and includes have to stay visible, so `toc` and `snippets` are not among them.
EXTENSIONS = {
    "admonition": {},
    "attr_list": {},
    "footnotes": {},
    "md_in_html": {},
    "tables": {},
    "pymdownx.details": {},
    "pymdownx.superfences": {"custom_fences": [{"name": "*", "class": "", "format": _fence}]},
    "pymdownx.tabbed": {"alternate_style": True},
}
WITHOUT_STRUCTURE = {"toc", "pymdownx.snippets", "pymdownx.highlight"}

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
PARAGRAPHS = ("p", "li", "td", "th", "summary", "label")  # word order is free inside one of these, and inside a heading
PLAIN_BLOCKS = ("blockquote", "div", "figure", "hr")
SHORTCODE = re.compile(r"\s*(show:.*?)\s*", re.S)
NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*", re.A)
LARGEST_WORD = 12  # up to here English has words for numbers and names for months; they are not compared
INCLUDE = re.compile(r'^\s*-+8<-+\s+["\'](.+?)["\']\s*$', re.M)


def numbers(text: str) -> list[tuple[str, str]]:
    """The numbers of `text` that both languages have to write in digits, as (as written, without thousands separators)."""
    found = [(number, number.replace(",", "")) for number in NUMBER.findall(text)]
    return [(number, plain) for number, plain in found if "." in plain or int(plain) > LARGEST_WORD]


def read_page(path: str, text: str) -> Page:
    """Reduce the Markdown `text` of the page at `path` to its structure."""
    front = re.match(r"---\n(.*?\n)---\n", text, re.S)
    page = Page(path, (yaml.safe_load(front[1]) or {}) if front else {})
    body = text[front.end() :] if front else text
    tree = markdown.markdown(body, extensions=list(EXTENSIONS), extension_configs=EXTENSIONS)
    first_line = 1 + (front[0].count("\n") if front else 0)
    _Reader(page, body, first_line).walk(BeautifulSoup(tree, "html.parser"), depth=0, paragraph=None)
    return page


class _Reader:
    """Walks the rendered page, and along with it the source, where it never gets ahead of the element it is at."""

    def __init__(self, page: Page, source: str, first_line: int):
        self.page, self.source, self.first_line = page, source, first_line
        self.at = self.heading_at = 0  # how far we are; the line after the latest heading
        self.section = page.sections[""] = Section(first_line)

    def line_of(self, pattern: str) -> int:
        """Go to where `pattern` next stands in the source, if it does; return the number of the line."""
        found = re.compile(pattern, re.M).search(self.source, self.at)
        start = found.start() if found else self.at
        self.at = found.end() if found else self.at
        return self.first_line + self.source.count("\n", 0, start)

    def walk(self, node: Tag, depth: int, paragraph: list | None):
        for child in node.children:
            if isinstance(child, Comment):
                if found := SHORTCODE.fullmatch(child):
                    self.mention(f"shortcode “{' '.join(found[1].split())}”", found[1], paragraph)
            elif isinstance(child, NavigableString):
                for name in INCLUDE.findall(child):
                    self.mention(f"include of “{name}”", name, paragraph)
                self.section.numbers += [(plain, self.line_of(re.escape(number))) for number, plain in numbers(child)]
            elif child.name == "code":
                self.section.inline_code.append((child.text, self.line_of(re.escape(child.text))))
            elif child.name in HEADINGS:
                self.heading(child)
                self.walk(child, depth, self.new_paragraph())
            else:
                self.element(child, depth, paragraph)

    def element(self, tag: Tag, depth: int, paragraph: list | None):
        if block := self.block(tag, depth):
            self.section.blocks.append(block)
            depth += 1
        if tag.name == "pre":
            return
        self.walk(tag, depth, self.new_paragraph() if tag.name in PARAGRAPHS else paragraph)
        if tag.name == "a" and tag.get("href") and "footnote-backref" not in tag.get("class", []):
            self.mention(f"link to {tag['href']}", tag["href"], paragraph)
        if tag.name == "img":
            self.mention(f"image {tag.get('src')}", tag.get("src", ""), paragraph)

    def new_paragraph(self) -> list:
        self.section.mentions.append([])
        return self.section.mentions[-1]

    def mention(self, what: str, text: str, paragraph: list | None):
        if paragraph is None:
            paragraph = self.new_paragraph()
        paragraph.append((what, self.line_of(re.escape(text))))

    def heading(self, tag: Tag):
        name, text = tag.get("id", ""), " ".join(tag.text.split())
        if name:
            pattern = r"^(?=.*\{[^}\n]*#%s[\s}])|^(?=.*\bid=[\"']%s[\"'])" % (re.escape(name), re.escape(name))
            if not re.compile(pattern, re.M).search(self.source, self.at):
                self.at = self.heading_at  # we got ahead of ourselves after all
            line = self.line_of(pattern)
        else:
            line = self.line_of(r"^#+\s(?=.*%s)" % re.escape(text.split(" ")[0]))
        self.heading_at = self.source.find("\n", self.at) + 1
        self.page.headings.append((int(tag.name[1]), name, text, line))
        self.section = self.page.sections.setdefault(name, Section(line))

    def block(self, tag: Tag, depth: int) -> Block | None:
        """The block that `tag` is, or None if it has no room of its own (an item's or a title's text, a cell, a word)."""
        classes, code = tag.get("class", []), ""
        if tag.name == "pre":
            code, language = tag.text.rstrip("\n"), tag.get("data-language", "")
            what = f"code in {language}" if language else "code without a language"
            marks = r"^[^`~\n]*(?:```|~~~)" if tag.has_attr("data-language") else ""
            line = self.line_of(marks or re.escape(code.split("\n")[0]))
            self.line_of(re.escape(code.rsplit("\n", 1)[-1]))  # go past the code: nothing else is to be found in it
            self.line_of(marks)
            self.page.fences.append(Fence(language, code, line))
        elif "admonition" in classes or tag.name == "details":
            kind = " ".join(name for name in classes if name != "admonition")
            what = f"{'foldable ' if tag.name == 'details' else ''}admonition “{kind}”"
            line = self.line_of(rf"^[ \t]*(?:!!!|\?\?\?\+?)\s*{re.escape(kind)}")
        elif "tabbed-set" in classes:
            what = f"{len(tag.select('label')) - len(tag.select('.tabbed-content label'))} content tabs"
            line = self.line_of(r'^(?=[ \t]*===[!+]*\s*")')
        elif "tabbed-block" in classes:
            what, line = "a content tab", self.line_of(r'^[ \t]*===[!+]*\s*"')
        elif tag.name in ("ul", "ol"):
            what = f"{'numbered ' if tag.name == 'ol' else ''}list of {len(tag.find_all('li', recursive=False))}"
            line = self.line_of(r"^[ \t>]*(?:[-*+]|\d+\.|\[\^.*?\]:)\s")
        elif tag.name == "table":
            rows = tag.find_all("tr")
            what = f"table of {len(rows[0].find_all(['th', 'td']))} columns and {len(rows)} rows"
            line = self.line_of(r"^(?=.*\|)")
        elif tag.name == "p" and "admonition-title" not in classes and (tag.parent.name != "li" or tag.find_previous_sibling()):
            start = next(tag.stripped_strings, "").split()[:1]  # stays where it is: links and code are in it
            what, line = " ".join(["a paragraph", *(f".{name}" for name in classes)]), self.line_of(f"(?={re.escape(''.join(start))})")
        elif tag.name in PLAIN_BLOCKS and not {"tabbed-labels", "tabbed-content"} & set(classes):
            what, line = f"<{' '.join([tag.name, *classes])}>", self.line_of(r"")
        else:
            return None
        return Block((depth, what, code), what, line)
