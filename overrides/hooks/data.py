"""Reading the data files that drive pages."""

from functools import lru_cache
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


@lru_cache
def _load(path: Path, changed: float):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def load(name: str):
    """Load `docs/<name>` (YAML); read again when the file changes, so that a preview shows edits."""
    path = DOCS / name
    if not path.exists():
        raise Missing(f"docs/{name} does not exist.")
    return _load(path, path.stat().st_mtime)
