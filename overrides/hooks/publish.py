"""What a published site has besides its pages: headers, offline reading, feeds, Markdown, link previews, icons.

Pages are noted while they are built; the files are written when both languages are done. While serving there is little of it,
and a service worker that an earlier visit left behind is sent away: an author must never look at a stale page.
"""

import contextlib
import json
import shutil
from html import escape
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp

from mkdocs.plugins import event_priority

import cards
import changes
import data
import headers
import mend
import offline
import plain
import verified
from data import ROOT
from offline import digest
from place import Place

# What is known of each page by its address below the root, of the site by its language, and whether it is being served. MkDocs
# may load this file again for every build of a preview, which may build one page only; data.py is loaded once.
PAGES: dict[str, dict] = data.__dict__.setdefault("published_pages", {})
SITES: dict[str, dict] = data.__dict__.setdefault("published_sites", {})
STATE: dict[str, bool] = data.__dict__.setdefault("published_state", {"serving": False})
LOGO = ROOT / "docs" / "assets" / "images" / "logo.svg"
ICONS = (48, 180, 192, 512)
WORDS = {
    "ja": {"once": "最終確認日：{newest}", "range": "最終確認日：{oldest} 〜 {newest}", "records": "（このページの<a href=\"{href}\">実行記録</a>の日付）",
           "edit": "このページを編集", "wrong": "間違いを報告", "markdown": "Markdown で読む"},
    "en": {"once": "Last verified: {newest}", "range": "Last verified: {oldest} to {newest}", "records": " (dates of the <a href=\"{href}\">records</a> on this page)",
           "edit": "Edit this page", "wrong": "This is wrong", "markdown": "Read as Markdown"},
}  # fmt: skip
LICENSE = "https://creativecommons.org/licenses/by/4.0/"


def on_startup(command, dirty):
    """Note whether the site is being served (MkDocs hook)."""
    STATE["serving"] = command == "serve"


@event_priority(-200)  # the content is final
def on_page_context(context, page, config, nav):
    """Note a page, and give its templates what stands in its head and below it (MkDocs hook)."""
    place = Place.of(page)
    lang, url = place.lang, "" if page.url == "./" else page.url
    titles = [ancestor.title for ancestor in reversed(page.ancestors)]
    home = url in ("", "en/")
    entry = {
        "lang": lang, "url": url, "path": url.removeprefix("en/"), "title": config.site_name if home else page.title,
        "description": page.meta.get("description") or config.site_description,
        "section": titles[0] if titles else "", "order": nav.pages.index(page) if page in nav.pages else len(nav.pages), "canonical": page.canonical_url, "content": page.content,
    }
    PAGES[url] = entry
    SITES[lang] = {"name": config.site_name, "description": config.site_description}
    entry["card"] = cards.address(lang, url)
    entry["card_title"] = page.meta.get("title") or page.title  # what stands in the navigation is short: "Home"
    page.share = {"serving": True} if STATE["serving"] else share(entry, page, config)
    page.foot = foot(place, page, config)
    return context


def share(entry: dict, page, config) -> dict:
    """What stands in the page's head for other programs; addresses of `data` and `card` are absolute."""
    lang = entry["lang"]
    card = config.site_url + entry["card"]
    article = {
        "@type": "TechArticle", "headline": entry["title"], "description": entry["description"], "inLanguage": lang,
        "url": entry["canonical"], "image": card, "license": LICENSE,
        "isPartOf": {"@type": "WebSite", "name": config.site_name, "url": config.site_url + ("" if lang == "ja" else "en/")},
    }
    graph = [article]
    trail = _trail(page, config)
    if len(trail) > 1:
        items = [{"@type": "ListItem", "position": number, "name": name, "item": address} for number, (name, address) in enumerate(trail, 1)]
        graph.append({"@type": "BreadcrumbList", "itemListElement": items})
    return {
        "title": entry["title"], "description": entry["description"], "card": card, "locale": {"ja": "ja_JP", "en": "en_US"}[lang],
        "feed": ("" if lang == "ja" else "en/") + changes.FEED, "feed_title": f"{config.site_name}: {changes.WORDS[lang]['feed']}",
        "data": {"@context": "https://schema.org", "@graph": graph},
    }


def _trail(page, config) -> list[tuple[str, str]]:
    """(name, address) from the section that has a page down to this page; a heading of the navigation alone has no address."""
    found = []
    for section in reversed(page.ancestors):
        first = section.children[0]
        if first.is_page and first is not page and first.file.name == "index":
            found.append((section.title, first.canonical_url))
    return [*found, (page.title, page.canonical_url)]


def foot(place, page, config) -> dict:
    """What stands below a page: `verified` as HTML or "", and the links."""
    words, dates = WORDS[place.lang], verified.of(page.content, page.meta)
    text = ""
    if dates:
        text = words["once" if dates[0] == dates[1] else "range"].format(oldest=dates[0], newest=dates[1])
        if "verified" not in page.meta or verified.of(page.content, {}):
            text += words["records"].format(href=escape(place.href("evidence/index.md")))
    source = f"docs/{page.file.src_uri}"
    links = [
        ("edit", mend.edit_url(config, source)),
        ("wrong", mend.report_url(config, place.lang, page.title, page.canonical_url) or place.href(mend.REPORT)),
        ("markdown", None if STATE["serving"] else "index.md"),
    ]
    return {"verified": text, "links": [{"href": address, "text": words[key]} for key, address in links if address]}


@event_priority(-300)  # after static-i18n has built the second language, and after whatever else changes the built pages
def on_post_build(config):
    """Write what goes with the pages (MkDocs hook)."""
    if config.plugins["i18n"].building:
        return
    folder = Path(config.site_dir)
    entries = sorted(PAGES.values(), key=lambda entry: (entry["lang"], entry["order"]))
    for lang, site in SITES.items():
        changes.write(folder, lang, site["name"], config.site_url)
    if STATE["serving"]:
        offline.preview(folder, entries)
    else:
        finish(folder, entries, config.site_url)


def finish(folder: Path, entries: list[dict], site_url: str) -> None:
    """Write everything into the built site; the order matters: headers and service worker look at all that is there before."""
    for lang, site in SITES.items():
        mine = [entry for entry in entries if entry["lang"] == lang]
        root = folder / ("" if lang == "ja" else lang)
        (root / "llms.txt").write_text(plain.llms(mine, lang, site["name"], site["description"], site_url), "utf-8")
        (root / "site.webmanifest").write_text(_manifest(lang, site), "utf-8")
    (folder / "robots.txt").write_text(f"User-agent: *\nAllow: /\n\nSitemap: {site_url}sitemap.xml\n", "utf-8")
    plain.write(folder, entries)
    icons(folder)
    cards.write(folder, [(entry["card"], entry["card_title"], entry["section"], SITES[entry["lang"]]["name"]) for entry in entries])
    offline.write(folder, entries)
    allowed = set()
    for file in sorted(folder.rglob("*.html")):
        allowed |= set(protect(file))
    headers.write(folder, sorted(allowed), site_url)


def protect(file: Path) -> list[str]:
    """Put the policy into a page for hosts that send no headers; return the hashes of its inline scripts."""
    html = file.read_text("utf-8")
    allowed = headers.hashes(html)
    meta = f'<meta http-equiv="Content-Security-Policy" content="{headers.policy(allowed, meta=True)}">'
    file.write_text(offline.put_first(html, meta), "utf-8")
    return allowed


def icons(folder: Path) -> None:
    """The logo as PNG, for home screens and old browsers: `assets/icons/<px>.png`; what was drawn once is kept in .cache/icons/."""
    svg = LOGO.read_text("utf-8")
    kept = ROOT / ".cache" / "icons" / digest(svg.encode() + Path(__file__).read_bytes())
    target = folder / "assets" / "icons"
    target.mkdir(parents=True, exist_ok=True)
    if not kept.exists():
        import vl_convert  # takes a second to load, and another half for a picture: it draws the largest
        from PIL import Image

        kept.parent.mkdir(parents=True, exist_ok=True)
        large = Image.open(BytesIO(vl_convert.svg_to_png(svg.replace("<svg ", f'<svg width="{max(ICONS)}" height="{max(ICONS)}" ', 1))))
        part = Path(mkdtemp(dir=kept.parent))
        for size in ICONS:
            # The logo has four colours; with their mixtures at the edges 32 will do, in a fifth of the bytes.
            small = large.convert("RGBA").resize((size, size), Image.Resampling.LANCZOS).quantize(32, method=Image.Quantize.FASTOCTREE)
            small.save(part / f"{size}.png", optimize=True)
        with contextlib.suppress(OSError):  # another build at the same time was quicker
            part.rename(kept)
    for size in ICONS:
        shutil.copyfile(kept / f"{size}.png", target / f"{size}.png")


def _manifest(lang: str, site: dict) -> str:
    up = "" if lang == "ja" else "../"
    found = {
        "name": site["name"], "short_name": site["name"], "description": site["description"], "lang": lang, "start_url": "./", "scope": up or "./",
        "display": "minimal-ui", "background_color": "#fffefb", "theme_color": "#16302a",
        "icons": [{"src": f"{up}assets/icons/{size}.png", "sizes": f"{size}x{size}", "type": "image/png"} for size in ICONS[2:]],
    }
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"
