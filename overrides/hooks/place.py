"""Where a shortcode stands: what it needs to know of its page."""

import posixpath
from dataclasses import dataclass

from mkdocs.utils import get_relative_url

from data import text


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

    def href(self, target: str, lang: str | None = None) -> str:
        """The same for raw HTML, where MkDocs does not translate links: the address relative to this page's, in any language."""
        path, hash_, anchor = target.partition("#")
        address = path.removesuffix(".md").removesuffix("index").rstrip("/")
        prefix = "" if (lang or self.lang) == "ja" else f"{lang or self.lang}/"
        relative = get_relative_url(f"{prefix}{address}/" if address else prefix, self.url)
        return hash_ + anchor if relative == "./" and anchor else relative + hash_ + anchor

    def module(self, name: str) -> str:
        """HTML that loads `docs/assets/javascripts/<name>`: beside the tool that needs it, so that no other page does."""
        return f'<script type="module" src="{get_relative_url(f"assets/javascripts/{name}", self.url)}"></script>'

    def text(self, both: dict) -> str:
        """The side of a `{ja: …, en: …}` mapping that this page speaks."""
        return text(both, self.lang)

    @classmethod
    def of(cls, page) -> "Place":
        """The place of a MkDocs page."""
        return cls(lang=page.file.locale_alternate_of, path=page.file.src_uri, url=page.url)
