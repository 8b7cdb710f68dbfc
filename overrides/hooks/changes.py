"""What changed for readers: `docs/about/changes.yml`, shown on a page and as an Atom feed per language.

The list is in the tree because a shallow clone, which is what a publisher builds from, has no history.
"""

from html import escape
from pathlib import Path

from data import load, text

FILE = "about/changes.yml"
FEED = "feed.xml"  # below the language's root
WORDS = {"ja": {"feed": "変更履歴", "pages": "関係するページ："}, "en": {"feed": "What changed", "pages": "Pages: "}}


def entries() -> list[dict]:
    """The changes, the newest first."""
    return sorted(load(FILE), key=lambda entry: entry["date"], reverse=True)


def listing(place) -> str:
    """Block: every change with its date and the pages it is about."""
    blocks = []
    for entry in entries():
        links = " · ".join(f"[{place.text(page['name'])}]({place.link(page['to'])})" for page in entry["pages"])
        blocks.append(f"### {place.text(entry['title'])} {{ #{entry['id']} }}\n\n<time datetime=\"{entry['date']}\">{entry['date']}</time>\n\n{place.text(entry['text'])}\n\n{WORDS[place.lang]['pages']}{links}\n")
    return "\n".join(blocks)


def feed(lang: str, site_name: str, site_url: str) -> str:
    """The Atom feed of one language (RFC 4287). Days are all that is recorded, so every change is dated midnight UTC."""
    root = site_url + ("" if lang == "ja" else f"{lang}/")
    items = []
    for entry in entries():
        address = f"{root}about/changes/#{entry['id']}"
        items.append(
            f"<entry><id>{escape(address)}</id><title>{escape(text(entry['title'], lang))}</title><link href=\"{escape(address)}\"/>"
            f"<updated>{_moment(entry)}</updated><summary>{escape(text(entry['text'], lang))}</summary></entry>"
        )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{lang}">'
        f"<id>{escape(root)}</id><title>{escape(site_name)}</title><updated>{_moment(entries()[0])}</updated>"
        f'<author><name>{escape(site_name)}</name></author><link href="{escape(root)}"/><link rel="self" href="{escape(root + FEED)}"/>\n'
        + "\n".join(items) + "\n</feed>\n"
    )


def _moment(entry: dict) -> str:
    return f"{entry['date']}T00:00:00Z"


def write(folder: Path, lang: str, site_name: str, site_url: str) -> None:
    """Write the feed of one language into the built site."""
    (folder / ("" if lang == "ja" else lang) / FEED).write_text(feed(lang, site_name, site_url), "utf-8")
