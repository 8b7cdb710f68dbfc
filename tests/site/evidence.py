"""Checks of what the site makes of evidence/: every record is on its page, in the raw data, and where a table speaks of it."""

import json
import re
from pathlib import Path

from tests.site.built import Site

LANGUAGES = ("", "en/")


def groups(root: Path) -> list[str]:
    """What needs a page of records: every recipe that is started, and every setup that has records without being one."""
    names = {path.parent.name for path in root.glob("snippets/*/recipe.toml") if re.search(r"(?m)^start\b", path.read_text("utf-8"))}
    return sorted(names | {re.split("-(?:behind|under)-", path.parent.name)[0] for path in root.glob("evidence/*/*.json")})


def missing_pages(root: Path) -> list[str]:
    """Groups without their page in a language, or whose page does not show their records. (A page outside of nav fails the build.)"""
    problems = []
    for group in groups(root):
        for lang in ("ja", "en"):
            path = root / f"docs/evidence/{group}.{lang}.md"
            if not path.exists() or f"<!-- show:records {group} -->" not in path.read_text("utf-8"):
                problems.append(f"docs/evidence/{group}.{lang}.md does not show the records of {group}: copy the page of another recipe, "
                                f"with `<!-- show:records {group} -->`, and add it to nav in mkdocs.yml.")
    return problems


def searched_records(root: Path, site: Site) -> list[str]:
    """Pages of records among what the search looks through: thousands of repeated lines, in front of the pages that explain them."""
    index = json.loads((site.folder / "search/search_index.json").read_text("utf-8"))
    found = {entry["location"].partition("#")[0] for entry in index["docs"]} & {f"{lang}evidence/{group}/" for lang in LANGUAGES for group in groups(root)}
    return [f"/{address} is in the search index: add `search: {{exclude: true}}` to its front matter." for address in sorted(found)]


def missing_records(root: Path, site: Site) -> list[str]:
    """Records that are not on their page, or not among the raw data exactly as they are."""
    problems, everything, shown_on = [], [], {}
    for page in site.pages:
        if page.address.removeprefix("/en").startswith("/evidence/"):
            shown_on[page.address] = {tag["id"]: tag for tag in page.soup.find_all("details", id=True)}
    for path in sorted(root.glob("evidence/*/*.json")):
        setup, behaviour, name = path.parent.name, path.stem, path.relative_to(root).as_posix()
        everything.append(json.loads(path.read_text("utf-8")))
        raw = site.folder / "evidence/data" / setup / path.name
        if not raw.exists() or raw.read_bytes() != path.read_bytes():
            problems.append(f"/evidence/data/{setup}/{path.name} is not {name}: see overrides/hooks/raw.py.")
        for lang in LANGUAGES:
            address = f"/{lang}evidence/{re.split('-(?:behind|under)-', setup)[0]}/"
            shown = shown_on.get(address, {}).get(f"{setup}-{behaviour}")
            if not shown:
                problems.append(f"{address} does not show {name}: name the setup in docs/evidence/setups.yml.")
            elif not any(link.get("href", "").endswith(f"data/{setup}/{path.name}") for link in shown.find_all("a")):
                problems.append(f"{address}#{setup}-{behaviour} has no link to its JSON: see overrides/hooks/evidence.py.")
    published = site.folder / "evidence/data/records.json"
    if not published.exists() or json.loads(published.read_text("utf-8")) != everything:
        problems.append("/evidence/data/records.json does not hold every record: see overrides/hooks/raw.py.")
    return problems


def unsaid_versions(root: Path, site: Site) -> list[str]:
    """Files of a recipe on a page without a line that says with which versions they ran, or how they were checked."""
    problems = []
    for page in site.articles:
        for block in page.soup.select("[data-snippet]"):
            path = block["data-snippet"]
            following = block.find_next_sibling()
            if (root / "snippets" / path.split("/")[0] / "recipe.toml").exists() and not (following and following.select(".caption")):
                problems.append(f"{page.address}: snippets/{path} does not say with what it ran: record its recipe, "
                                "and name its setup in docs/evidence/setups.yml.")
    return problems
