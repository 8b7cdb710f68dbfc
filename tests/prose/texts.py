"""The prose of the site, by language, as plain Markdown that a tool for prose understands.

Pages carry more than Markdown: shortcodes, includes, attribute lists, admonitions, tabs; and half of the texts stand in
data files, both languages side by side. Here all of it becomes one `Text` per file and language, in which each line knows
from where it comes, so that no page has to carry marks for a tool.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tests.site.compare import LANGUAGES
from tests.site.parity import bilingual

JAPANESE = re.compile("[ぁ-んァ-ヶ一-龠々]")
FRONT = ("title", "description")  # the only keys whose values a reader sees; `keywords` are for the search
FENCE = re.compile(r"\s*(```+|~~~+)")
# `!!! note "Title"`, `??? example "Title"`, `=== "Tab"`: what follows is indented by four and belongs to it.
CONTAINER = re.compile(r' *(?:!!!|\?\?\?\+?|===)(?: +[\w-]+)?(?: +"(?P<title>.*)")?\s*')
GENERATED = re.compile(r"<!-- terms -->.*?<!-- /terms -->", re.S)  # the table in STYLE.md: it comes from the glossary
ONLY_MARKS = re.compile(r"\s*(?:<!--.*?-->\s*|\{[^{}]*\}\s*|</?div[^>]*>\s*)+")
SHORTCODE = re.compile(r" *<!--.*?--> *")
PICTURE = re.compile(r"\s*!\[([^\]]*)\]\(\S+\)\s*")
LINK = re.compile(r"!?\[((?:[^\[\]`]|`[^`]*`)*)\]\([^()\s]*(?:\([^()]*\)[^()\s]*)*\)")
CODE = re.compile(r"`[^`\n]+`")
STRONG = re.compile(r"\*\*(.+?)\*\*( ?)")
ATTRIBUTES = re.compile(r"\s*\{ *[#.:][^{}]*\}")


@dataclass
class Text:
    """The prose of one file in one language; `lines` are (line in the file, Markdown)."""

    path: str
    language: str
    lines: list[tuple[int, str]] = field(default_factory=list)

    def markdown(self) -> str:
        """What a tool reads."""
        return "".join(line + "\n" for _, line in self.lines)

    def place(self, line: int) -> str:
        """`docs/index.ja.md:12`, the line of the file that a line of `markdown()` comes from."""
        return f"{self.path}:{self.lines[min(line, len(self.lines)) - 1][0]}"


def pieces(text: Text, size: int) -> list[Text]:
    """A text in pieces of about `size` characters, cut at blank lines outside of lists' items."""
    found, length = [Text(text.path, text.language)], 0
    for number, line in text.lines:
        if length > size and line[:1].strip() and not found[-1].lines[-1][1]:
            found.append(Text(text.path, text.language))
            length = 0
        found[-1].lines.append((number, line))
        length += len(line) + 1
    return found


def exceptions() -> re.Pattern:
    """What no check reads: tests/prose/exceptions.yml."""
    listed = yaml.safe_load((Path(__file__).parent / "exceptions.yml").read_text("utf-8"))
    return re.compile("|".join(f"(?:{entry['text']})" for entry in listed))


EXCEPTIONS = exceptions()


def texts(root: Path) -> list[Text]:
    """Every text of the site and of the project's own documents."""
    found = []
    for path in sorted(root.glob("docs/**/*.md")):
        name = path.relative_to(root).as_posix()
        found += [page(root, name)] if name.split(".")[-2] in LANGUAGES else document(root, name)
    for path in sorted(root.glob("docs/**/*.yml")):
        found += data(root, path.relative_to(root).as_posix())
    for path in sorted(root.glob("*.md")):
        found += document(root, path.name)
    return [text for text in found if any(line for _, line in text.lines)]


class Together:
    """Texts of many files as one, without code, for a check of words alone."""

    def __init__(self, parts):
        self.lines = [(text.place(number), line) for text in parts for number, (_, line) in enumerate(text.lines, 1)]

    def words(self) -> str:
        return "".join(CODE.sub("`0`", line) + "\n" for _, line in self.lines)

    def place(self, line: int) -> str:
        """`docs/index.ja.md:12`, for a line of `words()` (from 1)."""
        return self.lines[line - 1][0]


def page(root: Path, path: str) -> Text:
    """`docs/servers/uvicorn.ja.md` with what Markdown does not know taken out or made plain."""
    lines = (root / path).read_text("utf-8").splitlines()
    body = lines.index("---", 1) + 1 if lines[:1] == ["---"] else 0
    front = yaml.safe_load("\n".join(lines[1 : max(body - 1, 1)])) or {}
    text = Text(path, path.split(".")[-2])
    for number, line in enumerate(lines[:body], 1):
        key = line.partition(":")[0]
        if key in FRONT:
            words = _title(front[key], text.language) if key == "title" else _words(front[key], text.language)
            text.lines += [(number, words), (number, "")]
    text.lines += plain(list(enumerate(lines[body:], body + 1)), text.language)
    return text


def plain(lines: list[tuple[int, str]], language: str) -> list[tuple[int, str]]:
    """Lines of Markdown without code blocks, shortcodes and attributes, and with what stood in boxes and tabs at the left."""
    result, boxes, fence = [], [], ""
    for number, line in lines:
        if mark := FENCE.match(line):
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
            result.append((number, ""))
            continue
        if fence or not line.strip():
            result.append((number, ""))
            continue
        indent = len(line) - len(line.lstrip())
        boxes = [box for box in boxes if indent > box]
        if container := CONTAINER.fullmatch(line):
            result += [(number, ""), (number, _title(container["title"] or "", language)), (number, "")]
            boxes.append(indent)
        else:
            result.append((number, _words(line[4 * len(boxes) :], language)))
    return result


def _title(words: str, language: str) -> str:
    """What heads a page, a box or a tab, as a heading: no sentence is asked of it."""
    return "#### " + _words(words, language) if words else ""


def _words(line: str, language: str) -> str:
    """A line as its words alone.

    Links and emphasis are their text, something stands for a shortcode in a sentence, and for long code its beginning:
    who reads takes it for one word, and the length of a sentence should not hang on it.
    """
    if ONLY_MARKS.fullmatch(line):
        return ""
    if picture := PICTURE.fullmatch(line):
        return _title(picture[1], language)
    line = ATTRIBUTES.sub("", EXCEPTIONS.sub("0", line))
    line = SHORTCODE.sub(_japanese_value if language == "ja" else " `0` ", line)
    line = LINK.sub(r"\1", line)
    line = CODE.sub(lambda code: code[0] if len(code[0]) <= 14 else code[0][:13] + "`", line)
    return STRONG.sub(lambda found: found[1] + ("" if language == "ja" and found[1].endswith(("。", "：")) else found[2]), line)


def _japanese_value(shortcode) -> str:
    """A noun for a shortcode in a Japanese sentence, spaced as a noun is: what it gives may begin or end in either script."""
    before, after = shortcode.string[: shortcode.start()], shortcode.string[shortcode.end() :]
    return (" " if re.search(r"[\w`]$", before, re.A) else "") + "値" + (" " if re.match(r"[\w`]", after, re.A) else "")


def data(root: Path, path: str) -> list[Text]:
    """The texts of a data file such as `docs/faster/flow.yml`, each as an item of a list."""
    found = []
    for language in LANGUAGES:
        text = Text(path, language)
        for _, sides in bilingual(root / path):
            for number, value in _scalars(sides.get(language)):
                text.lines += [(number, part) for part in ["- " + _words(" ".join(value.split()), language), ""]]
        text.lines.sort(key=lambda line: line[0])
        found.append(text)
    return found


def _scalars(node) -> list[tuple[int, str]]:
    """Every text below a YAML node, as (line, text)."""
    if node is None:
        return []
    if isinstance(node, yaml.ScalarNode):
        return [(node.start_mark.line + 1, node.value)]
    children = [value[1] if isinstance(value, tuple) else value for value in node.value]
    return [found for child in children for found in _scalars(child)]


def document(root: Path, path: str) -> list[Text]:
    """A document such as STYLE.md, which may hold both languages: a line with Japanese in it is Japanese, the rest English."""
    source = GENERATED.sub(lambda table: "\n" * table[0].count("\n"), (root / path).read_text("utf-8"))
    lines = list(enumerate(source.splitlines(), 1))
    found = []
    for language in LANGUAGES:
        mine = [(number, line if _language(path, line) == language else "") for number, line in plain(lines, language)]
        found.append(Text(path, language, mine))
    return found


def _language(path: str, line: str) -> str:
    """Only STYLE.md holds both; README.ja.md has its language in its name."""
    return "ja" if ".ja." in path or JAPANESE.search(CODE.sub("", line)) else "en"
