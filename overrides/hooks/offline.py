"""Reading without a connection: `sw.js`, the service worker, and `pages.json`, the list of pages and files it keeps.

What is kept first (the shell), and per language what follows in the background: its pages but for the records, scripts, search
index. Each with a hash of its content, so that an update fetches only what changed. 404.html looks for pages in the same list.
"""

import json
import re
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote

import builder
from data import ROOT

SOURCE = ROOT / "docs" / "assets" / "javascripts" / "offline"
LIST, WORKER, PAGE = "pages.json", "sw.js", "about/offline/"
LANGUAGES = ("ja", "en")
LOADED = re.compile(r"""<(?:link|script|img)\b[^>]*?\s(?:data-)?(?:href|src)=["']?([^"'\s>]+)""", re.I)
KEPT = {".js", ".mjs", ".css", ".svg", ".png", ".webp", ".woff2", ".json", ".webmanifest"}
# Material brings a stemmer for every language; those of these two are all that its search can ask for.
STEMMER, NEEDED = "/lunr/", re.compile(r"/lunr/(?:tinyseg|min/lunr\.(?:ja|multi|stemmer\.support))\b")


def digest(content: bytes) -> str:
    """Eight characters that stand for a content."""
    return sha256(content).hexdigest()[:8]


def loaded(html: str, url: str) -> set[str]:
    """The files below assets/ that a page loads by its tags, as paths from the site's root."""
    up = url.count("/")
    return {unquote(found[3 * up :]) for found in LOADED.findall(html) if found.startswith("../" * up + "assets/")}


def files(folder: Path) -> dict[str, str]:
    """`{path: hash}` of scripts, styles, pictures and search indexes."""
    found = {}
    for top in ("assets", "search"):
        for path in sorted((folder / top).rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and path.suffix in KEPT and not name.startswith("assets/cards/") and (STEMMER not in name or NEEDED.search(name)):
                found[name] = digest(path.read_bytes())
    return found


def listed(folder: Path, entries: list[dict]) -> dict:
    """The list: `shell` and `files` for both languages, per language `pages` as [address, title, hash] and `files`."""
    every, used, pages = files(folder), {lang: set() for lang in LANGUAGES}, {lang: [] for lang in LANGUAGES}
    shell = set()
    for entry in entries:
        html = (folder / entry["url"] / "index.html").read_text("utf-8")
        pages[entry["lang"]].append([entry["url"], entry["title"], digest(html.encode())])
        if entry["path"] == PAGE:
            shell |= loaded(html, entry["url"])
        used[entry["lang"]] |= loaded(html, entry["url"])
    scripts = {name for name in every if name.endswith((".js", ".mjs", ".css"))}
    found = {"shell": {name: every[name] for name in sorted(shell) if name in every}}
    for lang in LANGUAGES:
        others = [f"search/{other}" for other in LANGUAGES if other != lang]
        index = {name for name in every if name == builder.DATA or name.startswith("search/") and not name.startswith(tuple(others))}
        mine = (used[lang] | scripts | index) - shell
        found[lang] = {"pages": pages[lang], "files": {name: every[name] for name in sorted(mine) if name in every}}
    return {"version": digest(json.dumps(found).encode()), **found}


def write(folder: Path, entries: list[dict]) -> None:
    """Write list and worker into the built site, and into every page its own hash and the way to the worker."""
    entries = [entry for entry in entries if (folder / entry["url"] / "index.html").exists()]
    found = listed(folder, entries)
    (folder / LIST).write_text(json.dumps(found, ensure_ascii=False, separators=(",", ":")), "utf-8")
    worker = (SOURCE / "worker.js").read_text("utf-8")
    (folder / WORKER).write_text(f'const VERSION = "{found["version"]}"\n{worker}', "utf-8")
    for lang in LANGUAGES:
        for url, _, hash_ in found[lang]["pages"]:
            file = folder / url / "index.html"
            meta = f'<meta name="offline" content="{hash_} {"../" * url.count("/")}{WORKER}">'
            file.write_text(put_first(file.read_text("utf-8"), meta), "utf-8")


def put_first(html: str, tag: str) -> str:
    """The page with a tag right behind the one that names its encoding, so before every script."""
    changed, count = re.subn(r"(<meta charset=[^>]*>)", lambda found: found[1] + tag, html, count=1, flags=re.I)
    if count != 1:
        raise ValueError("A built page does not say its encoding: put <meta charset> first into its head.")
    return changed


def preview(folder: Path, entries: list[dict]) -> None:
    """While serving: the list for 404.html, and a worker that removes itself, for browsers that kept one of this address."""
    found = {lang: {"pages": [[entry["url"], entry["title"], ""] for entry in entries if entry["lang"] == lang]} for lang in LANGUAGES}
    (folder / LIST).write_text(json.dumps(found, ensure_ascii=False), "utf-8")
    (folder / WORKER).write_text((SOURCE / "retired.js").read_text("utf-8"), "utf-8")
