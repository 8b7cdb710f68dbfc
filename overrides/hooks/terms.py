"""The first use of a word of the glossary on a page says what it means, as `<abbr>`; and the mark beside a heading says what it is.

Put in when everything else has read the page: the search, the Markdown beside it and the feeds know nothing of it. Code, links,
headings, tables, tools and what was recorded stay as they are.
"""

import re
from functools import lru_cache
from html import escape

from mkdocs.plugins import event_priority

import data
from place import Place
from sections import SKIPPED_CLASSES

FILE = "onboarding/glossary.yml"
MOST = 8  # words of a page: a text full of dotted lines is hard to read, and each meaning weighs some hundred bytes
UNTOUCHED = {"a", "abbr", "button", "code", "details", "figcaption", "figure", "form", "h1", "h2", "h3", "h4", "h5", "h6", "kbd", "label", "nav", "pre", "script", "style", "summary", "svg", "table", "textarea", "template"}
SKIPPED = SKIPPED_CLASSES | {"tabbed-labels", "admonition-title", "ticks", "mend"}
TAG = re.compile(r"""<!--.*?-->|<(?P<end>/?)(?P<name>[a-zA-Z][\w-]*)(?P<attributes>(?:[^>"']|"[^"]*"|'[^']*')*)>""", re.S)
CLASS = re.compile(r'\bclass="([^"]*)"')
VOID = {"area", "br", "hr", "img", "input", "link", "meta", "path", "source", "wbr"}
HEADING_MARK = {"ja": "この見出しへのリンク", "en": "Link to this heading"}


def on_page_content(html, page, config, files):
    """Say in the page's language what the mark beside a heading is (MkDocs hook)."""
    return html.replace('" title="#">', f'" title="{HEADING_MARK[Place.of(page).lang]}">')


@event_priority(-250)  # after publish.py has noted the page
def on_page_context(context, page, config, nav):
    """Mark the words of a guide (MkDocs hook); the glossary and the records are no guides."""
    place = Place.of(page)
    if not place.path.startswith(("evidence/", "onboarding/glossary")):
        page.content = marked(page.content, place.lang)
    return context


def form(term: str, lang: str) -> str:
    """A regular expression for a term where it stands as a word of its own, in English also with s."""
    one = re.sub(r" \(.*", "", term)
    names = [re.escape(name) for name in re.split(r"、|, ", one)]
    if lang == "ja":
        return "|".join(rf"(?<![A-Za-z0-9_./-]){name}(?![A-Za-z0-9_/-])" if name.isascii() else rf"(?<![ァ-ヺー一-鿿々]){name}(?![ァ-ヺー一-鿿々])" for name in names)
    plural = [re.sub(r"\\ |$", lambda gap: "s?" + (r"\s+" if gap[0] else ""), name) for name in names]
    return "|".join(rf"(?<![\w./-]){name}(?![\w/-]|\.\w)" for name in plural)


def first_sentence(meaning: str, lang: str) -> str:
    """The first sentence of a meaning, without the marks of code."""
    text = " ".join(meaning.split()).replace("`", "")
    return text.partition("。")[0] + "。" if lang == "ja" else re.split(r"(?<=\.)\s", text)[0]


def words(lang: str) -> tuple[re.Pattern, list[str]]:
    """(an expression that finds every term, a group for each; what each means)."""
    terms = [term for term in data.load(FILE)["terms"] if term.get("tip")]
    return _words(lang, tuple((term["term"][lang], first_sentence(term["meaning"][lang], lang)) for term in terms))


@lru_cache(None)
def _words(lang: str, terms: tuple[tuple[str, str], ...]) -> tuple[re.Pattern, list[str]]:
    order = sorted(terms, key=lambda term: -len(term[0]))  # "persistent connection" before a shorter one that begins alike
    ignored = 0 if lang == "ja" else re.I
    return re.compile("|".join(f"({form(term, lang)})" for term, _ in order), ignored), [meaning for _, meaning in order]


def marked(html: str, lang: str) -> str:
    """A page's content with the first use of each term in a paragraph or a list marked, MOST of them."""
    find, meanings = words(lang)
    parts, done, at = [], set(), 0
    skipping, depth, flowing = "", 0, 0  # the tag that began to skip, how deep in it, how many p and li are open

    def mark(found):
        if found.lastindex in done or len(done) == MOST:
            return found[0]
        done.add(found.lastindex)
        return f'<abbr class="term" tabindex="0" title="{escape(meanings[found.lastindex - 1])}">{found[0]}</abbr>'

    for tag in TAG.finditer(html):
        text = html[at : tag.start()]
        parts.append(find.sub(mark, text) if flowing and not skipping and text.strip() else text)
        parts.append(tag[0])
        at = tag.end()
        name = tag["name"] and tag["name"].lower()
        if len(done) == MOST:
            break
        if not name or name in VOID:
            continue
        step = -1 if tag["end"] else 1
        if skipping:
            depth += step if name == skipping else 0
            skipping = skipping if depth else ""
        elif step > 0 and (name in UNTOUCHED or "data-search-exclude" in tag["attributes"] or not SKIPPED.isdisjoint((CLASS.search(tag["attributes"]) or ["", ""])[1].split())):
            skipping, depth = name, 1
        elif name in ("p", "li"):
            flowing = max(0, flowing + step)
    return "".join(parts) + html[at:]
