"""The glossary as a page, from `docs/onboarding/glossary.yml`. terms.py shows its words on every other page."""

from html import escape

import onboarding
import pictures
from data import load

FILE = "onboarding/glossary.yml"
WORDS = {
    "ja": {"more": "詳しくは", "colon": "：", "filter": "用語を絞り込む", "found": "{count} 語", "other": "英語"},
    "en": {"more": "More", "colon": ": ", "filter": "Find a term", "found": "{count} terms", "other": "Japanese"},
}


def listing(place) -> str:
    """Block: every term under a heading of its own, with the word of the other language, its meaning, a picture if it has one, and where to read on."""
    words, other = WORDS[place.lang], "en" if place.lang == "ja" else "ja"
    form = (
        f'\n<form class="glossary-filter" data-search-exclude data-found="{words["found"]}" hidden><label>{words["filter"]} <input type="search" autocomplete="off"></label>'
        f'<span role="status"></span>{place.module("onboarding/glossary.js")}</form>\n'
    )
    blocks = []
    for term in load(FILE)["terms"]:
        parts = [
            f"### {place.text(term['term'])} {{ #{term['id']} }}",
            f'{words["other"]}{words["colon"]}<span lang="{other}">{escape(term["term"][other])}</span>\n{{ .glossary-other }}',
            place.text(term["meaning"]),
        ]
        if "picture" in term:
            parts.append(f'<figure class="glossary-picture">{pictures.picture(place.lang, term["picture"])}</figure>')
        if "see" in term:
            parts.append(f"{words['more']}{words['colon']}{onboarding.named(place, term['see'])}")
        blocks.append("\n\n".join(parts))
    return form + "\n" + "\n\n".join(blocks) + "\n"
