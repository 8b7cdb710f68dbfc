"""The article, statement by statement, from `docs/about/article.yml`."""

from collections import Counter

from mkdocs.utils.meta import get_data

import records
from data import DOCS, Missing, load

FILE = "about/article.yml"

VERDICTS = {
    "ja": {"holds": "今も正しい", "corrected": "訂正", "dated": "古くなった", "added": "補った", "opinion": "意見"},
    "en": {"holds": "holds", "corrected": "corrected", "dated": "dated", "added": "added", "opinion": "opinion"},
}
WORDS = {
    "ja": {"here": "このサイトのページ", "record": "実行記録", "source": "出典", "colon": "：", "count": "全 {all} 項目：", "join": "、", "each": "{verdict} {count}", "end": "。"},
    "en": {"here": "Page", "record": "Record", "source": "Source", "colon": ": ", "count": "{all} statements: ", "join": ", ", "each": "{verdict} {count}", "end": "."},
}


def statements(place) -> str:
    """Block: each statement with its verdict, why, the page that treats it, records and sources."""
    entries = load(FILE)["statements"]
    words, verdicts = WORDS[place.lang], VERDICTS[place.lang]
    counts = Counter(entry["verdict"] for entry in entries)
    summary = words["count"].format(all=len(entries)) + words["join"].join(
        words["each"].format(verdict=verdicts[verdict], count=counts[verdict]) for verdict in verdicts if counts[verdict]
    ) + words["end"]
    return "\n\n".join([summary, *(_statement(place, entry) for entry in entries)]) + "\n"


def page_title(place, page: str) -> str:
    """The title in the front matter of `faster/index.md#ladder`, in the page's language."""
    path = DOCS / page.split("#")[0].replace(".md", f".{place.lang}.md")
    if not path.exists():
        raise Missing(f"docs/{FILE} names the page {page}, but {path.relative_to(DOCS.parent)} is not there; write it or name another.")
    return get_data(path.read_text(encoding="utf-8"))[1]["title"]


def _statement(place, entry: dict) -> str:
    if entry["verdict"] not in VERDICTS["ja"]:
        raise Missing(f"docs/{FILE}: {entry['id']} has the verdict {entry['verdict']!r}; use one of {', '.join(VERDICTS['ja'])}.")
    if entry["verdict"] != "opinion" and not entry.get("records") and not entry.get("sources"):
        raise Missing(f"docs/{FILE}: {entry['id']} has neither a record nor a source; give it one.")
    words, page = WORDS[place.lang], entry["page"]
    proofs = [f"{words['here']}{words['colon']}[{page_title(place, page)}]({place.link(page)})"]
    proofs += [f"{words['record']}{words['colon']}{records.named_outcome(place, *name.split('/'))}" for name in entry.get("records", [])]
    proofs += [f"{words['source']}{words['colon']}[{place.text(source['title'])}]({source['url']})" for source in entry.get("sources", [])]
    verdict = f'<span class="verdict {entry["verdict"]}">{VERDICTS[place.lang][entry["verdict"]]}</span>'
    list_of_proofs = "\n".join(f"- {proof}" for proof in proofs)
    return (
        f'<div class="statement permalink" id="{entry["id"]}" markdown>\n\n'
        f"**{place.text(entry['says'])}** {verdict}\n\n{place.text(entry['why'])}\n\n{list_of_proofs}\n\n</div>"
    )
