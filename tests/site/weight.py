"""What a page weighs before anybody has touched it: the files that its HTML names, compressed as hosts compress them."""

import gzip
import re
from functools import lru_cache
from pathlib import Path

NAMED = re.compile(r'<(?:link rel="(?:stylesheet|icon)" href|script(?: type="module")? src|img [^>]*?src)="([^":]+)"')
IMPORT = re.compile(r'^import (?:.*? from )?"(\./[^"]+)"', re.MULTILINE)
COMPRESSED = (".html", ".css", ".js", ".svg")
HEAD = 350  # bytes of the head of an answer, about


def files(site: Path, page: Path) -> list[Path]:
    """Every file that a browser asks for when it opens a page, the page first; modules bring what they import."""
    html, found = page.read_text("utf-8"), [page]
    # `./` of 404.html and the like: an address from the root of the site
    waiting = [(page.parent / address if not address.startswith("/") else site / address.lstrip("/")) for address in NAMED.findall(html)]
    while waiting:
        path = waiting.pop(0).resolve()
        if path in found or not path.exists():
            continue
        found.append(path)
        if path.suffix == ".js":
            waiting += [path.parent / address for address in IMPORT.findall(path.read_text("utf-8"))]
    return found


@lru_cache(None)
def small(path: Path) -> int:
    """Bytes of a file on the wire, without its head: with gzip, which most hosts have; Brotli would take a seventh off."""
    content = path.read_bytes()
    return len(gzip.compress(content, 6)) if path.suffix in COMPRESSED else len(content)


def weight(site: Path, page: Path) -> int:
    """Bytes of the first view of a page."""
    return sum(small(path) + HEAD for path in files(site, page))
