"""Addresses and anchors that were ever published: `docs/permalinks.txt`.

    python -m tests.site.permalinks add    build the site and add what is new; nothing is ever taken out

A line such as `/servers/gunicorn/#reload` stands for both `/servers/gunicorn/#reload` and `/en/servers/gunicorn/#reload`.
A page that moves leaves a redirect behind, a heading that goes leaves its id: `<a id="old-id"></a>`.
"""

import sys
import tempfile
from pathlib import Path

from tests.site import built

ROOT = Path(__file__).parents[2]
FILE = "docs/permalinks.txt"
ADD = "python -m tests.site.permalinks add"


def read(root: Path) -> list[str]:
    """The lines of the file, without comments."""
    lines = (root / FILE).read_text("utf-8").splitlines() if (root / FILE).exists() else []
    return [line for line in lines if line.startswith("/")]


def published(site: built.Site) -> list[str]:
    """What readers can link: every page, every heading with an id, every element with an id and the class `permalink`."""
    found = set()
    for page in site.articles:
        address = page.address.removeprefix("/en") if page.lang == "en" else page.address
        anchors = page.soup.select(":is(h1, h2, h3, h4, h5, h6)[id], .permalink[id]")
        found |= {address, *(f"{address}#{tag['id']}" for tag in anchors)}
    return sorted(found)


def dead(site: built.Site, lines: list[str]) -> list[str]:
    """Lines that do not resolve in both languages."""
    problems = []
    for line in lines:
        address, _, anchor = line.partition("#")
        for prefix in ("", "/en"):
            if not site.exists(prefix + address, anchor):
                todo = f"put <a id=“{anchor}”></a> where its text is now" if site.exists(prefix + address) else "leave a redirect there"
                problems.append(f"{prefix}{line} was published and is gone: {todo}.")
    return problems


def unlisted(site: built.Site, lines: list[str]) -> list[str]:
    """What readers can link and the file does not list."""
    return [f"{line} is new: check that it is to stay for good, then run `{ADD}`." for line in published(site) if line not in lines]


def add(root: Path, site: built.Site) -> list[str]:
    """Add what is new to the file; return the new lines."""
    lines = read(root)
    new = [line for line in published(site) if line not in lines]
    head = "# Every address and anchor ever published, for both languages. Lines are added, never changed and never taken out.\n"
    (root / FILE).write_text(head + "".join(f"{line}\n" for line in sorted({*lines, *new})), "utf-8")
    return new


def main(arguments: list[str]) -> int:
    """The command line; returns the exit status."""
    if arguments != ["add"]:
        print(__doc__)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        if problems := built.build_problems(*built.build(ROOT, Path(folder))):
            print("\n".join(problems))
            return 1
        print("\n".join(add(ROOT, built.Site(Path(folder))) or ["Nothing is new."]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
