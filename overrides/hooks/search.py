"""Writes what the search reads: `search/ja.json` and `search/en.json`, a small index for each language.

docs/assets/javascripts/search/engine.js reads it, and only once the search box is used. Of a section it has the heading, the
beginning of the text (shown in the list of results), the keywords, the files that it shows, and the other words that few sections have: a setting, an
option, a name. Words that many sections have tell them apart no better in the text than in headings and beginnings; left out,
they halve the file. Material's own index, search/search_index.json, is emptied: its script asks for it, and nobody reads it.
"""

import json
import posixpath
import re
import unicodedata
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

from mkdocs.exceptions import PluginError
from mkdocs.plugins import event_priority

from place import Place
from sections import sections

BEGINNING = {"ja": 90, "en": 170}  # characters of a section's text that the list of results shows
UNREAD = {"sources"}  # sections that only list other sites
RECORDS = 0.3  # what a page counts of which only the title is searched: records of runs
# In how many sections a word may be to stand in the index: a name, and a word of prose.
RARE_NAME, RARE_WORD = 20, 5

# Letters and digits with what joins them in names (proxy_read_timeout, gunicorn.conf.py, X-Forwarded-For);
# Chinese characters and katakana. docs/assets/javascripts/search/text.js cuts words in the same way.
WORD = re.compile(r"[A-Za-z0-9]+(?:[._/-]+[A-Za-z0-9]+)*|[\u3400-\u9fff々〆ァ-ヺー]+")
NAME = re.compile(r"[._/-]")
TELLS_NOTHING = re.compile(r"[\d._/-]+|[a-z]|[\u3400-\u9fff々〆ァ-ヺー]{1,2}")  # numbers, dates, single letters, short words
COMMENT = re.compile(r"^\s*(?:#|;|//).*$", re.MULTILINE)

_pages = {}  # language: {address: page} of the languages built since the files were last written


def on_page_content(html, page, config, files):
    """Keep what the search needs of a page (MkDocs hook)."""
    place = Place.of(page)
    _pages.setdefault(place.lang, {})[page.url] = entry(place, page.meta, html)
    return html


@event_priority(-100)  # after Material's search plugin has written its own
def on_post_build(config):
    """Write the indexes of the languages built (MkDocs hook)."""
    folder = Path(config.site_dir) / "search"
    folder.mkdir(parents=True, exist_ok=True)
    for lang, pages in _pages.items():
        text = json.dumps(index(list(pages.values()), lang), ensure_ascii=False, separators=(",", ":"))
        (folder / f"{lang}.json").write_text(text, encoding="utf-8")
    _pages.clear()
    (folder / "search_index.json").write_text('{"config":{},"docs":[]}', encoding="utf-8")


def entry(place: Place, meta: dict, html: str) -> dict:
    """
    What is kept of a page. Its front matter may have `keywords`, `search: {boost: 0.5}` (what its matches count),
    `search: {exclude: true}` (only the title is searched) and `search: {passes_on: true}` (`pass_on`).
    """
    search = meta.get("search") or {}
    titled = bool(search.get("exclude"))
    found = [] if titled else [section for section in sections(html) if section.id not in UNREAD]
    of_page, of_heading = keywords(place, meta, {section.id for section in found})
    return {
        "address": place.url,
        "title": meta.get("title", ""),
        "description": "" if titled else meta.get("description", ""),
        "keywords": of_page,
        "weight": RECORDS if titled else search.get("boost", 1),
        "sections": found,
        "of_heading": of_heading,
        "passes_on": search.get("passes_on", False),
    }


def keywords(place: Place, meta: dict, ids: set) -> tuple[list[str], dict[str, list[str]]]:
    """The front matter's `keywords`: those of the page, and those of its headings (list items of the form `heading: words`)."""
    of_page, of_heading = [], {}
    for item in meta.get("keywords") or []:
        for heading, words in item.items() if isinstance(item, dict) else [(None, item)]:
            if heading is None:
                of_page.append(str(words))
            elif heading in ids:
                of_heading.setdefault(heading, []).append(str(words))
            else:
                raise PluginError(f"{place.path}: keywords are given for #{heading}, which is no heading of the page; correct the id.")
    return of_page, of_heading


def index(pages: list[dict], lang: str) -> list[dict]:
    """The pages of a language as they stand in the file. Its keys are short, for there are many; what is empty is left out."""
    pass_on(pages)
    count = Counter(word for page in pages for section in page["sections"] for word in set(words(_text(section))))
    shown = Counter(name for page in pages for section in page["sections"] for name in set(section.files))
    written = []
    for page in pages:
        one = {"u": page["address"], "t": page["title"], "d": page["description"], "k": " / ".join(page["keywords"])}
        one["w"] = page["weight"] if page["weight"] != 1 else None
        one["s"] = [
            _section(section, page["of_heading"].get(section.id, []) + [name for name in section.files if shown[name] <= RARE_NAME], count, lang)
            for section in page["sections"]
        ]
        written.append({key: value for key, value in one.items() if value or key == "u"})  # the home page's address is empty
    return written


def pass_on(pages: list[dict]):
    """On a page of symptoms: what a table's first column says is a keyword of the headings that the other columns link."""
    by_address = {page["address"]: page for page in pages}
    for page in pages:
        for row in [row for section in page["sections"] for row in section.rows if page["passes_on"]]:
            for link in row.links:
                path, anchor = urlsplit(link).path, urlsplit(link).fragment
                target = by_address.get(posixpath.normpath(posixpath.join(page["address"], path)) + "/")
                if target and anchor and not urlsplit(link).netloc:
                    target["of_heading"].setdefault(anchor, []).append(row.cells[0])


def _section(section, said: list[str], count: Counter, lang: str) -> list[str]:
    """[id, heading, beginning of the text, rare words, keywords], cut off behind the last that is not empty."""
    title = _spaced(section.title)
    prose = _spaced(section.prose) or _spaced(" ".join(cell for row in section.rows[1:] for cell in row.cells))
    shown = beginning(prose, BEGINNING[lang])
    known = _folded(f"{title} {shown}")
    rare = [word for word in words(_text(section)) if count[word] <= (RARE_NAME if NAME.search(word) else RARE_WORD) and word not in known]
    parts = [section.id, title, shown, " ".join(rare), " / ".join(dict.fromkeys(map(_spaced, said)))]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return parts


def beginning(text: str, length: int) -> str:
    """The first sentences of a text that fit into `length` characters; a first sentence that is longer is cut, with an ellipsis."""
    if len(text) <= length:
        return text
    end = max(text.rfind(stop, 0, length) + 1 for stop in ("。", ". ", "? ", "？"))
    if end > length // 2:
        return text[:end]
    space = text.rfind(" ", length // 2, length)
    return (text[:space] if space > 0 else text[:length]) + "…"


def words(text: str) -> list[str]:
    """The words of a text, folded, each once, without those that tell nothing."""
    return [word for word in dict.fromkeys(WORD.findall(_folded(text))) if not TELLS_NOTHING.fullmatch(word)]


def _text(section) -> str:
    return " ".join([section.prose, *(cell for row in section.rows for cell in row.cells), COMMENT.sub("", section.code)])


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def _spaced(text: str) -> str:
    return " ".join(text.split())
