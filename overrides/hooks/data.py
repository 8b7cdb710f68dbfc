"""Reading the data files that drive pages."""

import os
from functools import lru_cache
from html import escape
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


class Missing(Exception):
    """Something a page asks for is not in the data; the message is one sentence for the author."""


def text(both: dict, lang: str) -> str:
    """Return the `lang` side ("ja" or "en") of a `{ja: …, en: …}` mapping."""
    try:
        return str(both[lang]).strip()
    except (KeyError, TypeError):
        raise Missing(f"{both!r} has no text for {lang!r}; give it both ja and en.") from None


def code(text: str) -> str:
    """HTML of a line of text: escaped, with `backquotes` for code as in Markdown."""
    return "".join(f"<code>{part}</code>" if odd % 2 else part for odd, part in enumerate(escape(text, quote=False).split("`")))


# PyYAML's loader in C, which its wheels bring, reads behaviours.yml ten times as fast as the one in Python.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@lru_cache(None)
def _load(path: str, changed: float):
    return yaml.load(Path(path).read_text(encoding="utf-8"), LOADER)


def load(name: str):
    """Load `docs/<name>` (YAML); read again when the file changes, so that a preview shows edits."""
    path = f"{DOCS}/{name}"  # no Path: a build asks fifty thousand times
    try:
        return _load(path, os.stat(path).st_mtime)
    except FileNotFoundError:
        raise Missing(f"docs/{name} does not exist.") from None
