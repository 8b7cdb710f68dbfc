"""The one shortcode form: `<!-- show:NAME ARGUMENT … -->` in a page becomes Markdown made from data.

Every name is one small function `(place, *arguments) -> str`. An unknown name, a wrong number of
arguments or a record that is not there fails the build with a sentence that names the page.
"""

import posixpath
import re
from dataclasses import dataclass

from mkdocs.exceptions import PluginError
from mkdocs.utils import get_relative_url

import article
import flow
import records
from data import Missing, text

SHORTCODE = re.compile(r"(?P<indent>^ +)?<!--\s*show:(?P<name>\S+)(?P<arguments>(?:\s+\S+)*?)\s*-->", re.MULTILINE)

FUNCTIONS = {
    "outcome": records.outcome,
    "figure": records.figure,
    "output": records.output,
    "tested": records.tested,
    "box": records.box,
    "compare": records.compare,
    "records": records.all_records,
    "flowchart": flow.flowchart,
    "outcomes": flow.outcomes,
    "article": article.statements,
}


@dataclass
class Place:
    """Where a shortcode stands: the page's language ("ja" or "en"), its path below docs/, its address in the site."""

    lang: str
    path: str
    url: str

    def link(self, target: str) -> str:
        """Make `choose/index.md#answer` (a path below docs/) relative to this page, for a Markdown link."""
        path, hash_, anchor = target.partition("#")
        return posixpath.relpath(path, posixpath.dirname(self.path) or ".") + hash_ + anchor

    def href(self, target: str) -> str:
        """The same for raw HTML, where MkDocs does not translate links: the address relative to this page's."""
        path, hash_, anchor = target.partition("#")
        address = path.removesuffix(".md").removesuffix("index").rstrip("/")
        prefix = "" if self.lang == "ja" else f"{self.lang}/"
        relative = get_relative_url(f"{prefix}{address}/" if address else prefix, self.url)
        return hash_ + anchor if relative == "./" and anchor else relative + hash_ + anchor

    def text(self, both: dict) -> str:
        """The side of a `{ja: …, en: …}` mapping that this page speaks."""
        return text(both, self.lang)


def on_page_markdown(markdown, page, config, files):
    """Replace every shortcode of a page (MkDocs hook)."""
    place = Place(lang=page.file.locale_alternate_of, path=page.file.src_uri, url=page.url)

    def replace(match):
        name, arguments = match.group("name"), match.group("arguments").split()
        if name not in FUNCTIONS:
            known = ", ".join(sorted(FUNCTIONS))
            raise PluginError(f"{place.path}: there is no shortcode show:{name}; use one of {known}.")
        try:
            # A block inside a tab or a list keeps its indentation on every line.
            indent = match.group("indent") or ""
            return indent + FUNCTIONS[name](place, *arguments).replace("\n", "\n" + indent)
        except Missing as error:
            raise PluginError(f"{place.path}: show:{name} {' '.join(arguments)}: {error}") from error
        except TypeError as error:
            raise PluginError(f"{place.path}: show:{name} does not take {arguments}: {error}") from error

    return SHORTCODE.sub(replace, markdown)
