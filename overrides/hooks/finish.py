"""What readers have to load before they see a page is cut down here, in the built site: stylesheets to the rules that are
used, Material's script to those who use it, HTML to one line break where there were many. Nothing else knows of it: without
this file the site looks and works the same, and weighs three times as much. A preview (mkdocs serve) goes without.

`python overrides/hooks/finish.py FOLDER` does it by hand, once, for any site that Material has built.
"""

import hashlib
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import tinycss2
from mkdocs.plugins import event_priority

SHEET = re.compile(r'[ \t]*<link rel="stylesheet" href="([^"]+)">\s*')
CLASS = re.compile(r'\bclass="([^"]*)"')
# Attributes of which Material styles every value there could be: each of its colours, and writing from right to left.
VALUE = re.compile(r'\b(?:data-md-color-(?:scheme|primary|accent)|dir)="?([\w-]+)"?')
WORD = re.compile(r"[\w-]+")
TEXT = re.compile(r'"[^"\n]*"|\'[^\'\n]*\'|`[^`]*`')
BUNDLE = re.compile(r'<script src="([^"]*/bundle\.\w+\.min\.js)"></script>')
# Scripts that come with the first sign of a reader. What only they make can have its style as late: 3 KB that no first view needs.
LATER = re.compile(r"bundle\.\w+\.min\.js|search/box\.js")
# Pygments marks every space, plain name, bracket and operator: half of all elements, and none looks different for it (site.css).
PLAIN = re.compile(r'<span class="(?:w|n|p|o|ow|kc|nn|sa|vm|fm)">([^<]*)</span>')
TWICE = re.compile(r'(<span class="((?!option)\w+)">[^<]*)</span>( *)<span class="\2">')  # "async def" is one mark as well as two
REMARK = re.compile(r"^[ \t]*(?://.*|/\*\*[^*]*\*/[ \t]*)\n", re.MULTILINE)  # whole lines only: nothing else is surely no text
# Japanese is set with a blank beside Latin letters and figures, and browsers break lines at blanks: "WSGI" would end a line and
# its particle begin the next, and "3" be torn from what it counts.
BLANK = re.compile(r"(?<=[\w)%]) (?=[\u3041-\u309f])|(?<=\d) (?=[\u3005\u4e00-\u9fff\u30a0-\u30ff])", re.ASCII)
CODE_BLANK = re.compile(r"(</(?:code|a|time|strong|b)>) (?=[\u3041-\u309f])")
BEFORE_CODE = re.compile(r"(?<=[。、：])(?=<code>)")  # where code that begins with a slash would cling to the sentence before
RAN = re.compile(r'(<a class="ran[^>]*>[^<]*?)(\d{4}-\d\d-\d\d)')  # a date, which browsers would break after its hyphens
INSIDE = re.compile(r"(<[^>]*>)")
KEPT = re.compile(r"(<(pre|textarea|script|style)\b.*?</\2>)", re.DOTALL)
NESTED = ("media", "supports", "layer", "container")
COMMON = ("main", "palette", "site", "everywhere")  # stylesheets of every page; each other one goes with the pages that have its classes
# What a text in a script says and yet is no class that it gives: what mkdocs.yml leaves off and kinds of boxes.
# (What a page does use is kept all the same.)
OFF = re.compile(
    r"md-(version|annotation|tag|status|source__fact|source__repository|consent|feedback|progress|banner)|mermaid|annotate|inline$|end$"
    r"|(note|abstract|info|tip|success|question|warning|failure|danger|bug|example|quote)$"
)
VARIABLE = re.compile(r"""(?<=[{;])(--[\w-]+):(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^;{}"'])*(?:;|(?=}))""", re.DOTALL)
EMPTY = re.compile(r"(?<=})[^{}@]+\{\}")
LABELS = re.compile(r'<div class="tabbed-labels">(.*?)</div>', re.DOTALL)
TAB = re.compile(r"tabbed.*:nth-child\((\d+)\)")
serving = False


@dataclass
class Used:
    """What the site has: classes, values of the attributes in VALUE, and how many tabs stand side by side at most."""

    classes: set[str]
    values: set[str]
    tabs: int

    def finds(self, tokens: list) -> bool:
        """Whether a selector can find anything. What stands in :not() or :is() is not looked at."""
        text = tinycss2.serialize(tokens)
        return (
            of_classes(tokens) <= self.classes
            and all(value in self.values for token in tokens if token.type == "[] block" for value in VALUE.findall(tinycss2.serialize(token.content)))
            and all(int(number) <= self.tabs for number in TAB.findall(text))  # Material is ready for twenty
        )


def on_startup(command, dirty):
    """Note whether this is a preview (MkDocs hook)."""
    global serving
    serving = command == "serve"


@event_priority(-250)  # after static-i18n has built the second language, before what counts or lists the built files
def on_post_build(config):
    """Finish the site (MkDocs hook)."""
    i18n = config.plugins.get("i18n")
    if not serving and not (i18n and i18n.building):
        finish(Path(config.site_dir))


def finish(site: Path) -> None:
    """Rewrite every page below `site`, and the stylesheets they link."""
    pages = {path: path.read_text("utf-8") for path in sorted(site.rglob("*.html"))}
    sheets = sheets_of(site, pages)
    if not sheets:
        return  # done before
    classes = {path: set(WORD.findall(" ".join(CLASS.findall(html)))) for path, html in pages.items()}
    html = "".join(pages.values())
    given, soon = said(site), said(site, LATER)
    there = set.union(soon, *classes.values())
    used = Used(given | there, set(VALUE.findall(html)), max((labels.count("<label") for labels in LABELS.findall(html)), default=0))
    css = {path: cut(path.read_text("utf-8"), used) for path in sheets}
    common, tools = shared(css)
    known = "".join(css.values()) + " ".join(given) + "".join(re.findall(r' style="([^"]*)"', html))
    names = set(re.findall(r"--[\w-]+(?=[\s,)\"'`])", known)) | set(re.findall(r"var\((--[\w-]+)", known + html))  # drawings name colours in attributes
    names = {name for name in names if not name.startswith("--md-mermaid")}  # Material's script names them all for diagrams that are not there
    css = {path: without_variables(text, names) for path, text in css.items()}
    late = "".join(only(css[sheet], lambda selector: not of_classes(selector) <= there) for sheet in common)
    css |= {sheet: only(css[sheet], lambda selector: of_classes(selector) <= there) for sheet in common}
    # Icons are variables: those that only the late rules read go with them.
    at_once = read("".join(css.values()) + html) | {name for name in soon if name.startswith("--")}
    declared = Counter(name for text in css.values() for name in VARIABLE.findall(text))
    moved = {name for name in read(late) - at_once if declared[name] == 1}
    icons = "".join(found[0].rstrip(";") + ";" for sheet in common for found in VARIABLE.finditer(css[sheet]) if found[1] in moved)
    after = write(sheets[0].parent, "later", f":root{{{icons}}}{late}" if icons else late)
    css |= {sheet: EMPTY.sub("", without_variables(css[sheet], set(declared) - moved)) for sheet in common}
    written = {}
    for path, html in pages.items():
        mine = [sheet for sheet in tools if tools[sheet] & classes[path]]
        bundles = [bundle for bundle in (tuple(common), tuple(mine)) if bundle]
        for bundle in bundles:
            if bundle not in written:
                written[bundle] = write(sheets[0].parent, "page" if bundle == tuple(common) else bundle[0].stem, "".join(css[sheet] for sheet in bundle))
        path.write_text(page(html, [written[bundle] for bundle in bundles], after), "utf-8")
    # A quarter of the scripts is for those who change them, and they have the repository.
    for path in (site / "assets" / "javascripts").rglob("*.js"):
        if not {"lunr", "vendor"} & set(path.parts) and not path.name.endswith(".min.js"):
            path.write_text(REMARK.sub("", path.read_text("utf-8")), "utf-8")
    for sheet in sheets:
        sheet.unlink()
        sheet.with_name(sheet.name + ".map").unlink(missing_ok=True)


def read(text: str) -> set[str]:
    """The variables that rules read."""
    return set(re.findall(r"var\((--[\w-]+)", text))


def said(site: Path, without=None) -> set[str]:
    """The words in the texts of the scripts, among them all classes that scripts give; not of those whose path below
    assets/javascripts/ matches `without`. lunr's folder has none of them, but half a megabyte of words."""
    folder = site / "assets" / "javascripts"
    scripts = [path for path in sorted(folder.rglob("*.js")) if "lunr" not in path.parts and not (without and without.fullmatch(path.relative_to(folder).as_posix()))]
    texts = " ".join(match[0] for path in scripts for match in TEXT.finditer(path.read_text("utf-8")))
    return {word for word in WORD.findall(texts) if not OFF.match(word)}


def page(html: str, sheets: list[str], after: str) -> str:
    """A page with these stylesheets (file names beside those it had), and Material's script for later, with the stylesheet `after`."""
    first = SHEET.search(html)
    folder = first[1].rpartition("/")[0]
    links = "".join(f'<link rel="stylesheet" href="{folder}/{name}">\n' for name in sheets)
    html = SHEET.sub("", html[: first.start()]) + links + SHEET.sub("", html[first.end():])
    # 34 KB that nobody needs to read a page; site.js runs it on the first sign of a reader.
    html = BUNDLE.sub(rf'<script type="later" data-src="\1" data-sheet="{folder}/{after}"></script>', html)
    head, mark, body = TWICE.sub(r"\1\3", PLAIN.sub(r"\1", html)).partition("</head>")
    japanese = '<html lang="ja"' in head
    return (lighter(head, False) + mark + lighter(body, japanese)).lstrip()


def lighter(html: str, japanese: bool) -> str:
    """HTML without what nobody sees; what stands in blocks of code, scripts and the like is not touched."""
    parts = KEPT.split(html)
    return "".join(part if number % 3 == 1 else "" if number % 3 == 2 else loose(part, japanese) for number, part in enumerate(parts))


def loose(html: str, japanese: bool) -> str:
    """What stands between blocks of code: one line break where there were many, dates in one piece, Japanese particles beside their word."""
    html = RAN.sub(r"\1<time>\2</time>", re.sub(r"\s*\n\s*", "\n", html))
    if not japanese:
        return html
    html = BEFORE_CODE.sub("<wbr>", CODE_BLANK.sub("\\1\xa0", html))
    return "".join(part if number % 2 else BLANK.sub("\xa0", part) for number, part in enumerate(INSIDE.split(html)))


def sheets_of(site: Path, pages: dict[Path, str]) -> list[Path]:
    """The stylesheets that pages link, in their order."""
    found = {}
    for path, html in pages.items():
        for address in SHEET.findall(html):
            target = site / address.lstrip("/").split("assets/")[0] if address.startswith("/") else path.parent
            file = next((base for base in (target / address, site / address[address.index("assets/"):]) if base.exists()), None)
            if file and not re.fullmatch(r"[\w-]+\.[0-9a-f]{8}\.css", file.name):
                found[file.resolve()] = True
    return list(found)


def shared(css: dict[Path, str]) -> tuple[list[Path], dict[Path, set[str]]]:
    """(the stylesheets of every page, {stylesheet: the classes by which a page shows that it needs it})."""
    names = {sheet: set(re.findall(r"\.(-?[A-Za-z_][\w-]*)", text)) for sheet, text in css.items()}
    own = {sheet: names[sheet] - set.union(set(), *(names[other] for other in css if other is not sheet)) for sheet in css}
    tools = {sheet: own[sheet] for sheet in css if own[sheet] and sheet.name.split(".")[0] not in COMMON}
    return [sheet for sheet in css if sheet not in tools], tools


def write(folder: Path, name: str, css: str) -> str:
    """Write a stylesheet under a name that changes with its content, so that browsers may keep it for ever; return the name."""
    name = f"{name.split('.')[0]}.{hashlib.sha256(css.encode()).hexdigest()[:8]}.css"
    (folder / name).write_text(css, "utf-8")
    return name


# ---- Stylesheets ----


def cut(css: str, used: Used) -> str:
    """The rules of a stylesheet that can apply where only this is used."""
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    return "".join(_rule(rule, used) for rule in rules)


def _rule(rule, used: Used) -> str:
    if rule.type == "at-rule":
        prelude = _small(tinycss2.serialize(rule.prelude))
        if rule.content is None:
            return f"@{rule.at_keyword}{prelude};" if rule.at_keyword != "charset" else ""
        if rule.at_keyword in NESTED:
            inner = "".join(_rule(each, used) for each in tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True))
            return f"@{rule.at_keyword}{prelude and ' ' + prelude}{{{inner}}}" if inner else ""
        return f"@{rule.at_keyword} {prelude}{{{_declarations(rule.content)}}}"
    if rule.type != "qualified-rule":
        return ""
    selectors = [text for part in _split(rule.prelude) if used.finds(part) for text in [_small(tinycss2.serialize(part))]]
    body = _declarations(rule.content)
    if not selectors or not body:
        return ""
    # Material hides its search until its script runs. Here the script comes later, and who never runs scripts is asked for.
    plain = [text.removeprefix(".no-js ") for text in selectors if text.startswith(".no-js ")]
    if plain == [text.removeprefix(".no-js ") for text in selectors] and body == "display:none":
        return f"@media (scripting:none){{{','.join(plain)}{{{body}}}}}"
    return f"{','.join(selectors)}{{{body}}}"


def of_classes(tokens: list) -> set[str]:
    """The classes that a selector asks for; what stands in :not() or :is() is not looked at."""
    return {after.value for dot, after in zip(tokens, tokens[1:]) if dot == "." and after.type == "ident"}


def only(css: str, wanted) -> str:
    """The rules of a cut stylesheet, each with those of its selectors (as tokens) that are `wanted`."""
    return "".join(_part(rule, wanted) for rule in tinycss2.parse_stylesheet(css))


def _part(rule, wanted) -> str:
    if rule.type == "at-rule":
        if rule.content is None or rule.at_keyword not in NESTED:
            return rule.serialize() if wanted([]) else ""
        inner = "".join(_part(each, wanted) for each in tinycss2.parse_rule_list(rule.content))
        return f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}" if inner else ""
    selectors = [tinycss2.serialize(part) for part in _split(rule.prelude) if wanted(part)]
    return f"{','.join(selectors)}{{{tinycss2.serialize(rule.content)}}}" if selectors else ""


def _split(tokens: list) -> list[list]:
    """The selectors of a list."""
    parts = [[]]
    for token in tokens:
        if token.type == "literal" and token.value == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _declarations(tokens: list) -> str:
    return re.sub(r"\s*([:;,!])\s*|;$", lambda match: match[1] or "", _small(tinycss2.serialize(tokens))).rstrip(";") if _simple(tokens) else _small(tinycss2.serialize(tokens)).rstrip(";")


def _simple(tokens: list) -> bool:
    """Whether spaces around signs mean nothing: in rules within rules and in texts they do."""
    return not any(token.type in ("{} block", "string", "url") or token.type == "function" and token.lower_name == "url" for token in tokens)


def _small(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)).strip()


def without_variables(css: str, names: set[str]) -> str:
    """A stylesheet without the variables that nothing reads: Material brings an icon for each kind of box as one."""
    return VARIABLE.sub(lambda match: match[0] if match[1] in names else "", css)


if __name__ == "__main__":
    finish(Path(sys.argv[1]))
