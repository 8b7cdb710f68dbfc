"""Checks of the built site: pure functions from a folder of HTML to sentences that name what is wrong and what to do."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree

from bs4 import BeautifulSoup, NavigableString, Tag

# The tests publish to an address with a path, so that a link that only works from the root of a host is found.
SITE_URL = "https://example.org/sub/path/"
DEFAULT = "ja"  # the language without a prefix in its addresses

# Titles in the navigation that are the same in both languages because they are names.
NAMES = {
    "Gunicorn", "Uvicorn", "uWSGI", "Daphne", "Hypercorn", "Granian", "Waitress", "mod_wsgi", "nginx", "WSGI", "ASGI",
    "Supervisor", "Kubernetes", "Channels", "Celery", "WhiteNoise",
}  # fmt: skip
RECIPE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")  # the name of a recipe is a name as well

JAPANESE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff01-\uffee]")
FOREIGN = re.compile(r"(?:https?:|wss?:)?//", re.I)  # the start of an address on a host
NOT_LOADED = {"canonical", "alternate", "prev", "next", "license", "author"}  # what <link> only mentions
CSS_LOAD = re.compile(r"(?:url\(|@import)\s*[\"']?\s*((?:https?:)?//[^\"')\s]+)", re.I)
JS_LOAD = re.compile(
    r"(?:\bfrom|\bimport|\bfetch|\bimportScripts|\bWorker|\bsendBeacon|\bEventSource|\bWebSocket|\.src\s*=)"
    r"\s*\(?\s*[\"'`]((?:https?:|wss?:)?//[^\"'`]+)"
)


def build(root: Path, folder: Path) -> tuple[int, str]:
    """Build the project at `root` into `folder` as for SITE_URL; return exit status and what was printed."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    env = {**os.environ, "SITE_URL": SITE_URL, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=root, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
    return done.returncode, done.stdout


def build_problems(status: int, output: str) -> list[str]:
    """Every warning and error of a build, and the exit status if that is all there is."""
    problems = [f"mkdocs build --strict must not warn: {line}" for line in output.splitlines() if re.match(r"\W*(WARNING|ERROR)", line)]
    if status and not problems:
        problems = [f"mkdocs build --strict failed: {' '.join(output.split())[-600:]}"]
    return problems


@dataclass
class Page:
    """One HTML file; `address` starts with the language prefix and has no base path: `/en/choose/`, `/404.html`."""

    address: str
    file: Path

    @cached_property
    def html(self) -> str:
        return self.file.read_text("utf-8")

    @cached_property
    def soup(self) -> BeautifulSoup:
        # The blanks that keep Japanese lines together (overrides/hooks/finish.py) read as any other.
        return BeautifulSoup(self.html.replace("\xa0", " "), "html.parser")

    @cached_property
    def ids(self) -> list[str]:
        return [tag["id"] for tag in self.soup.find_all(id=True)]

    @cached_property
    def redirect(self) -> str | None:
        """Where a page that only forwards leads to, as written in it."""
        if not re.search(r"http-equiv\W+refresh", self.html, re.I):  # to parse every page takes as long as to build it
            return None
        refresh = self.soup.find("meta", attrs={"http-equiv": re.compile("refresh", re.I)})
        return refresh["content"].partition("=")[2].strip("'\" ") if refresh else None

    @property
    def lang(self) -> str:
        return "en" if self.address.startswith("/en/") else DEFAULT

    @property
    def partner(self) -> str:
        """The address of the same page in the other language."""
        return self.address.removeprefix("/en") if self.lang == "en" else f"/en{self.address}"


class Site:
    """A built site. Nothing is changed in its folder."""

    def __init__(self, folder: Path, site_url: str = SITE_URL):
        self.folder, self.site_url = folder, site_url
        self.base = urlsplit(site_url).path
        files = sorted(folder.rglob("*.html"))
        every = [Page("/" + re.sub(r"(^|/)index\.html$", r"\1", file.relative_to(folder).as_posix()), file) for file in files]
        self.by_address = {page.address: page for page in every}
        self.pages = [page for page in every if not page.redirect]
        self.articles = [page for page in self.pages if page.address != "/404.html"]

    def resolve(self, page: Page, link: str) -> tuple[str, str] | None:
        """(address below the base path, anchor) of `link` as it stands on `page`; None if it leads out of the site."""
        url = urlsplit(urljoin(self.site_url + page.address[1:], link))
        if url.scheme not in ("http", "https") or url.netloc != urlsplit(self.site_url).netloc:
            return None
        below = url.path.startswith(self.base) or url.path + "/" == self.base
        return ("/" + url.path[len(self.base) :] if below else f"(outside of {self.base}){url.path}"), unquote(url.fragment)

    def exists(self, address: str, anchor: str = "") -> bool:
        """Whether a server would answer `address` with a page or file, and whether that has `anchor`."""
        page = self.by_address.get(address)
        if page and page.redirect:
            target = self.resolve(page, page.redirect)
            return bool(target) and self.exists(target[0], target[1] or anchor)
        if page:
            return not anchor or anchor in page.ids
        return not address.endswith("/") and (self.folder / unquote(address[1:])).is_file()


def _links(page: Page):
    """Every address that stands in an attribute of the page, as (tag, address)."""
    for tag in page.soup.find_all(True):
        for attribute in ("href", "src", "poster", "data", "action", "xlink:href"):
            if tag.has_attr(attribute):
                yield tag, tag[attribute].strip()
        for candidate in tag.get("srcset", "").split(","):
            if candidate.strip():
                yield tag, candidate.split()[0]


def _rel(tag: Tag) -> set[str]:
    return set(tag.get("rel") or [])  # Beautiful Soup splits it at spaces


def broken_links(site: Site) -> list[str]:
    """Links and sources, in any attribute, whose page, file or anchor is not there."""
    problems = []
    for page in site.by_address.values():
        for _, link in [*_links(page), *([(None, page.redirect)] if page.redirect else [])]:
            target = site.resolve(page, link)
            if target and not site.exists(*target):
                what = f"anchor #{target[1]}" if site.exists(target[0]) else "page or file"
                problems.append(f"{page.address}: the {what} of the link “{link}” does not exist: correct the link.")
    return problems


def absolute_links(site: Site) -> list[str]:
    """Links that break when the site is served from a subpath, and relative ones on 404.html, which is shown at any address."""
    problems = []
    for page in site.pages:
        for _, link in _links(page):
            if page.address == "/404.html":
                if not link.startswith((site.base, "#")) and not urlsplit(link).scheme:
                    problems.append(f"404.html: “{link}” must start with the site's path {site.base}: write it with the base address.")
            elif link.startswith("/"):
                problems.append(f"{page.address}: “{link}” breaks when the site is served from a subpath: make it relative.")
    return problems


def foreign_requests(site: Site) -> list[str]:
    """Everything a browser would load from, or send to, another host by itself."""
    found = []
    for page in site.by_address.values():
        for tag, link in _links(page):
            loads = tag.name != "a" and not (tag.name == "link" and _rel(tag) & NOT_LOADED)
            if loads and FOREIGN.match(link) and site.resolve(page, link) is None:
                found.append((page.address, link))
        styles = [tag.text for tag in page.soup.find_all("style")] + [tag["style"] for tag in page.soup.find_all(style=True)]
        found += [(page.address, link) for style in styles for link in CSS_LOAD.findall(style)]
        found += [(page.address, link) for tag in page.soup.find_all("script") for link in JS_LOAD.findall(tag.text)]
    for pattern, suffixes in ((CSS_LOAD, {".css", ".svg"}), (JS_LOAD, {".js", ".mjs"})):
        for file in sorted(path for path in site.folder.rglob("*") if path.suffix in suffixes):
            found += [("/" + file.relative_to(site.folder).as_posix(), link) for link in pattern.findall(file.read_text("utf-8"))]
    return [f"{where} loads “{link}” from another host: keep a copy in docs/assets/, or leave it out." for where, link in found]


def repeated_ids(site: Site) -> list[str]:
    """Ids that stand twice on one page."""
    return [
        f"{page.address}: the id “{name}” is there {page.ids.count(name)} times: give each element its own."
        for page in site.pages
        for name in sorted(set(page.ids))
        if page.ids.count(name) > 1
    ]


def incomplete_pages(site: Site) -> list[str]:
    """Pages without title, description or language, or with any number of h1 but one."""
    problems = []
    for page in site.pages:
        description = page.soup.find("meta", attrs={"name": "description"})
        if not (page.soup.title and page.soup.title.text.strip()):
            problems.append(f"{page.address} has no title: give the page one in its front matter.")
        if not (description and description.get("content", "").strip()):
            problems.append(f"{page.address} has no description: give the page one in its front matter.")
        if (lang := page.soup.html.get("lang")) != page.lang and page in site.articles:  # 404.html is in both languages
            problems.append(f"{page.address} says lang=“{lang}” and is “{page.lang}”: correct the theme's language.")
        if (count := len(page.soup.find_all("h1"))) != 1:
            problems.append(f"{page.address} has {count} h1: a page has exactly one.")
    return problems


def repeated_heads(site: Site) -> list[str]:
    """Titles and descriptions that two pages share: a search result or a bookmark could be either."""
    problems, seen = [], {}
    for page in site.articles:
        description = page.soup.find("meta", attrs={"name": "description"}) or {}
        for what, text in (("title", page.soup.title.text if page.soup.title else ""), ("description", description.get("content", ""))):
            other = seen.setdefault((what, text), page.address)
            if text.strip() and other != page.address:
                problems.append(f"{page.address} and {other} have the same {what} “{text}”: give each its own in its front matter.")
    return problems


def wrong_alternates(site: Site) -> list[str]:
    """What sitemap.xml or a head says wrongly: every page is listed, with its address in both languages and x-default."""
    path = site.folder / "sitemap.xml"
    if not path.exists():
        return ["sitemap.xml is missing: set site_url."]
    listed = {}
    for entry in ElementTree.parse(path).getroot():
        links = {link.get("hreflang"): link.get("href") for link in entry if link.tag.endswith("}link")}
        listed[next(loc.text for loc in entry if loc.tag.endswith("}loc"))] = links
    problems = []
    for page in site.articles:
        addresses = {page.lang: page.address, ({"ja", "en"} - {page.lang}).pop(): page.partner}
        addresses["x-default"] = addresses[DEFAULT]
        expected = {name: site.site_url + address[1:] for name, address in addresses.items()}
        links = listed.pop(site.site_url + page.address[1:], None)
        if links is None:
            problems.append(f"sitemap.xml does not list {page.address}: add it.")
        problems += [f"sitemap.xml has for {page.address} no hreflang=“{name}” with {address}: add it."
                     for name, address in expected.items() if links is not None and links.get(name) != address]
        for link in page.soup.select("head link[hreflang]"):
            if link["href"] != expected.get(link["hreflang"]):
                problems.append(f"{page.address} has hreflang=“{link['hreflang']}” with {link['href']} in its head: correct it.")
    return problems + [f"sitemap.xml lists {address}, which does not exist: take it out." for address in listed]


def english_admonitions(site: Site) -> list[str]:
    """Admonitions on Japanese pages with the English default title: the name of their kind."""
    return [
        f"{page.address}: an admonition is called “{title.text.strip()}”: add its kind to admonition_translations in mkdocs.yml."
        for page in site.articles
        if page.lang == "ja"
        for title in page.soup.select(".admonition > .admonition-title, details > summary")
        if title.text.strip().lower() in title.parent.get("class", [])
    ]


def english_on_japanese_pages(site: Site) -> list[str]:
    """Labels and tips that only some readers see or hear, left in English on Japanese pages."""
    problems = set()
    for page in site.articles:
        if page.lang == "ja":
            # A table is called by the heading above it, which may be a setting.
            headings = {heading.text.removesuffix("¶").removesuffix("#").strip() for heading in page.soup.select("h1, h2, h3, h4")}
            for attribute in ("title", "aria-label", "placeholder", "alt"):
                for tag in page.soup.find_all(attrs={attribute: re.compile("[A-Za-z]")}):
                    if not JAPANESE.search(tag[attribute]) and tag[attribute] not in NAMES | {"logo"} | headings:  # alt="logo" is the theme's
                        problems.add(f"Japanese pages say “{tag[attribute]}” in {attribute} of <{tag.name}>: translate it.")
    return sorted(problems)


def untranslated_navigation(site: Site) -> list[str]:
    """Navigation titles that are not translated; NAMES may be the same in both languages."""
    titles = {}
    for address in ("/", "/en/"):
        page = site.by_address.get(address)
        entries = page.soup.select(".md-nav--primary .md-nav__link") if page else []
        texts = [entry.text.strip() for entry in entries if not entry.find_parent(class_="md-nav--secondary")]
        titles[address] = [" ".join(text.split()) for text in texts if text]
    ja, en = titles["/"], titles["/en/"]
    if not ja or len(ja) != len(en):
        return [f"The navigation has {len(ja)} entries at / and {len(en)} at /en/: both must have the same, and at least one."]
    todo = "translate it in nav_translations of mkdocs.yml"
    problems = [f"The navigation's “{title}” is Japanese on English pages: {todo}." for title in en if JAPANESE.search(title)]
    problems += [f"The navigation's “{one}” is the same in both languages: {todo}, or add it to NAMES in tests/site/built.py."
                 for one, other in zip(ja, en) if one == other and one not in NAMES and not RECIPE.fullmatch(one) and not JAPANESE.search(other)]
    return sorted(set(problems))


def wrong_switches(site: Site) -> list[str]:
    """Pages whose language switch does not lead to the same page in the other language."""
    problems = []
    for link in site.by_address["/404.html"].soup.select("a[hreflang]") if "/404.html" in site.by_address else []:
        home = "/" if link["hreflang"] == DEFAULT else f"/{link['hreflang']}/"
        if site.resolve(site.by_address["/404.html"], link["href"]) != (home, ""):
            problems.append(f"404.html has a language switch to “{link['href']}”: let it lead to {home}.")
    for page in site.articles:
        other = "ja" if page.lang == "en" else "en"
        links = [site.resolve(page, link["href"]) for link in page.soup.select(f"a[href][hreflang={other}]")]
        if (page.partner, "") not in links:
            problems.append(f"{page.address} has no language switch to {page.partner}: link it with hreflang=“{other}”.")
    return problems


def japanese_on_english_pages(site: Site) -> list[str]:
    """Japanese words on English pages, outside of code and of elements that say lang=“ja”: a text that was not translated."""
    problems = []
    for page in site.articles:
        if page.lang == "en":
            texts = [(node.parent, node) for node in page.soup.find_all(string=JAPANESE) if type(node) is NavigableString]
            for attribute in ("title", "aria-label", "placeholder", "alt", "content"):
                texts += [(tag, tag[attribute]) for tag in page.soup.find_all(attrs={attribute: JAPANESE})]
            for tag, text in texts:
                around = [tag, *tag.parents]
                if not any(x.name in ("script", "style", "pre", "code") or "ja" in (x.get("lang"), x.get("hreflang")) for x in around):
                    problems.append(f"{page.address} says “{' '.join(text.split())[:40]}”: translate it, or mark it with lang=“ja”.")
    return problems


# Run on the real site by tests/site, and each on a flawed sample by tests/tools.
CHECKS = [
    broken_links,
    absolute_links,
    foreign_requests,
    repeated_ids,
    incomplete_pages,
    repeated_heads,
    wrong_alternates,
    english_admonitions,
    english_on_japanese_pages,
    untranslated_navigation,
    wrong_switches,
    japanese_on_english_pages,
]
