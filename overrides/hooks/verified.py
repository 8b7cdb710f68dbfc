"""When a page was last verified: the dates of the records it shows or links to, or `verified:` in its front matter. Never the clock."""

import re
from datetime import date
from functools import lru_cache

from mkdocs.exceptions import PluginError

from raw import RAW
from records import EVIDENCE

# A record as a page shows it: a link to its place (#gunicorn-gthread-http), that place itself, or a link to the raw file.
NAMED = re.compile(rf'(?:evidence/[\w./-]*#|id="|{RAW}/)([\w./-]+)')
DATE = re.compile(r'^(?:\s*"date": "|# date: )(\d{4}-\d\d-\d\d)', re.M)


@lru_cache(1)
def dates() -> dict[str, str]:
    """`{what a page calls it: date}` of everything recorded: `gunicorn-gthread-http` and `gunicorn-gthread/http.json`."""
    found = {}
    for path in EVIDENCE.glob("*/**/*"):
        if path.suffix in (".json", ".txt") and (match := DATE.search(path.read_text(encoding="utf-8"))):
            name = path.relative_to(EVIDENCE).as_posix()
            found[name] = match[1]
            if name.count("/") == 1:
                found[name.removesuffix(".json").replace("/", "-")] = match[1]
    return found


def of(content: str, meta: dict) -> tuple[str, str] | None:
    """(oldest, newest) date of what the HTML of a page shows; `verified: 2026-11-21` alone counts for a page without records."""
    known = dates()
    shown = sorted({known[name] for name in NAMED.findall(content) if name in known})
    if shown:
        return shown[0], shown[-1]
    if "verified" not in meta:
        return None
    if not isinstance(meta["verified"], date):
        raise PluginError(f"verified: {meta['verified']!r} is not a date; write it as 2026-11-21.")
    return meta["verified"].isoformat(), meta["verified"].isoformat()
