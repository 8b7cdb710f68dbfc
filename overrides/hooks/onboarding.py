"""The pages for teams: the 30-minute path, the checklists, the questions with their addresses. Data: docs/onboarding/*.yml.

What can be ticked is a checkbox in plain HTML, which works without JavaScript; javascripts/onboarding/ticks.js keeps the ticks.
"""

import json
import re
from functools import lru_cache
from html import escape

import records
from data import DOCS, ROOT, Missing, code, load

PATH, CHECKLISTS, LINKS = (f"onboarding/{name}.yml" for name in ("path", "checklists", "links"))
ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")  # of what can be ticked: it stands in an address, between dots

WORDS = {
    "ja": {
        "done": "済み", "minutes": "{n} 分", "read": "読む", "ask": "自分のプロジェクトでは", "good": "よい答え", "find": "探す場所", "note": "答えのメモ",
        "example": "見本のプロジェクトでの答え", "in": "`{file}` の `{says}`", "colon": "：", "join": "、", "heading": "{page}：{heading}",
        "question": "聞かれること", "ja": "日本語", "en": "英語", "same": "このページの言語で読む",
    },
    "en": {
        "done": "Done", "minutes": "{n} min", "read": "Read", "ask": "In your own project", "good": "A good answer", "find": "Where to look", "note": "Your answer",
        "example": "The answer for the example project", "in": "`{says}` in `{file}`", "colon": ": ", "join": ", ", "heading": "{page}: {heading}",
        "question": "Question", "ja": "Japanese", "en": "English", "same": "In the language of this page",
    },
}  # fmt: skip
# What ticks.js says; {…} is filled in there.
TOOL = {
    "ja": {
        "tools": "チェックの操作", "status": "{done} / {all} 件", "left": "残り {minutes} 分", "finished": "すべて済みました。", "copy": "このチェックの URL をコピー", "copied": "コピーしました",
        "sheet": "Markdown でコピー", "clear": "すべて外す", "undo": "元に戻す", "print": "印刷する", "join": "、",
        "shared": "URL に入っていたチェックを表示しています。このブラウザーに保存してある自分のチェックは変わりません。", "keep": "これを自分のチェックにする", "mine": "自分のチェックに戻す",
        "unknown": "URL にあった {count} 件は、この一覧にないので無視しました。", "unkept": "このブラウザーには保存できません。残すには URL をコピーしてください。",
        "private": "チェックとメモはこのブラウザーにだけ保存されます。メモは URL に入りません。",
    },
    "en": {
        "tools": "Your ticks", "status": "{done} of {all}", "left": "{minutes} minutes left", "finished": "All done.", "copy": "Copy the address with these ticks", "copied": "Copied",
        "sheet": "Copy as Markdown", "clear": "Clear all", "undo": "Undo", "print": "Print", "join": ", ",
        "shared": "These ticks came with the address. Your own, kept in this browser, stay as they are.", "keep": "Make them mine", "mine": "Show my own",
        "unknown": "The address names {count} that this list does not have; they were left out.", "unkept": "This browser keeps nothing for this page: copy the address instead.",
        "private": "Ticks and notes stay in this browser. Notes are not part of the address.",
    },
}  # fmt: skip


# ---- Headings of the site ----


@lru_cache(None)
def _headings(path: str, changed: float) -> tuple[str, dict[str, str]]:
    """(title, {id: heading}) of a Markdown file below docs/; what shortcodes add is not there."""
    source = (DOCS / path).read_text(encoding="utf-8")
    title = re.search(r"^title: (.+)$", source, re.M)[1].strip("\"'")
    found = re.findall(r"^#{1,6} +(.+?) +\{ #([\w-]+) \}$", source, re.M)
    return title, {name: heading for heading, name in found}


@lru_cache(None)
def _published() -> set[str]:
    return set((DOCS / "permalinks.txt").read_text(encoding="utf-8").splitlines())


def heading(lang: str, target: str) -> tuple[str, str]:
    """(title of the page, its heading) of `deploy/nginx.md#config`; `Missing` where the page has no such heading, nor ever had."""
    path, _, anchor = target.partition("#")
    file = DOCS / path.replace(".md", f".{lang}.md")
    if not file.exists():
        raise Missing(f"docs/{file.relative_to(DOCS)} does not exist; correct the address {target}.")
    title, headings = _headings(str(file.relative_to(DOCS)), file.stat().st_mtime)
    if anchor not in headings and f"/{path.removesuffix('.md').removesuffix('index').rstrip('/')}/#{anchor}" in _published():
        return title, title  # a heading that comes from data
    if anchor not in headings:
        raise Missing(f"{file.relative_to(ROOT)} has no heading #{anchor}; correct the address {target}.")
    return title, headings[anchor]


def named(place, target: str) -> str:
    """Markdown: a link to a heading, called by its page and its own name."""
    title, name = heading(place.lang, target)
    words = title if name == title else WORDS[place.lang]["heading"].format(page=title, heading=name)
    return f"[{words}]({place.link(target)})"


# ---- What can be ticked ----


def problems(entries: list[dict]) -> list[str]:
    """What is wrong with the ids of what can be ticked, one sentence each; `entries` have `id` and perhaps `was`."""
    found, seen = [], set()
    for entry in entries:
        for name in [entry["id"], *entry.get("was", ())]:
            if not ID.fullmatch(name):
                found.append(f"The id {name!r} cannot stand in an address; use small letters, digits and single hyphens.")
            if name in seen:
                found.append(f"The id {name} is there twice; give one of the two another.")
            seen.add(name)
    return found


def _checked(file: str, entries: list[dict]) -> None:
    if found := problems(entries):
        raise Missing(f"docs/{file}: " + " ".join(found))


def _box(name: str, label: str) -> str:
    """Inline: a checkbox with its label, which is Markdown."""
    return f'<label class="tick"><input type="checkbox" data-tick="{name}" autocomplete="off"> {label}</label>'


def _tool(place, name: str, entries: list[dict]) -> str:
    """Block: where ticks.js says how many are ticked, with the buttons that it shows."""
    data = {
        "name": name, "words": TOOL[place.lang], "ids": [entry["id"] for entry in entries],
        "minutes": {entry["id"]: entry["minutes"] for entry in entries if "minutes" in entry},
        "moved": {old: entry["id"] for entry in entries for old in entry.get("was", ())},
    }
    words = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    # On one line: a blank line or indentation would make Markdown take parts of it for something else.
    return (
        f'\n<section class="ticks" data-search-exclude aria-label="{escape(TOOL[place.lang]["tools"])}" hidden>'
        f'<script type="application/json" class="ticks-data">{words}</script><p class="ticks-status" role="status"></p>'
        f'<p class="ticks-tools"></p><p class="ticks-note">{TOOL[place.lang]["private"]}</p>{place.module("onboarding/ticks.js")}</section>\n'
    )


def path(place) -> str:
    """Block: every stop of the path under a heading of its own."""
    data, words = load(PATH), WORDS[place.lang]
    stops = data["stops"]
    _checked(PATH, stops)
    if sum(stop["minutes"] for stop in stops) != data["minutes"]:
        raise Missing(f"docs/{PATH}: the stops take {sum(stop['minutes'] for stop in stops)} minutes together; make them {data['minutes']}.")
    return _tool(place, "path", stops) + "\n".join(_stop(place, number, stop, words) for number, stop in enumerate(stops, 1))


def _stop(place, number: int, stop: dict, words: dict) -> str:
    colon = words["colon"]
    return "\n".join([
        f"### {number}. {place.text(stop['title'])} {{ #{stop['id']} }}", "",
        f'{_box(stop["id"], words["done"])} <span class="minutes">{words["minutes"].format(n=stop["minutes"])}</span>\n{{ .stop-head }}', "",
        f"- **{words['read']}**{colon}" + words["join"].join(named(place, target) for target in stop["read"]),
        f'- **{words["ask"]}**{colon}<span data-ask="{stop["id"]}">{place.text(stop["ask"])}</span>',
        f"- **{words['good']}**{colon}{place.text(stop['good'])}",
        f"- **{words['find']}**{colon}{place.text(stop['find'])}", "",
        f'<div class="stop-note" data-search-exclude><label>{words["note"]}<textarea data-note="{stop["id"]}" rows="2" maxlength="500" autocomplete="off"></textarea></label></div>', "",
        f'??? example "{words["example"]}"', "", f"    {place.text(stop['example'])}", "",
        *(f"    - {_found(place, file, says, words)}" for file, says in stop.get("files", ())),
        *(f"    - {records.named_outcome(place, *entry)}" for entry in stop.get("records", ())), "",
    ])


def _found(place, file: str, says: str, words: dict) -> str:
    """Markdown: what a file below snippets/ says. Where it no longer does, the build fails."""
    source = ROOT / "snippets" / file
    if not source.exists() or says not in source.read_text(encoding="utf-8"):
        raise Missing(f"docs/{PATH}: snippets/{file} does not say “{says}”; mend the answer that rests on it.")
    return words["in"].format(file=f"snippets/{file}", says=says)


def checklists(place) -> str:
    """Block: every checklist under a heading of its own, each item with the heading that proves it."""
    lists = load(CHECKLISTS)["lists"]
    items = [item for entry in lists for item in entry["items"]]
    _checked(CHECKLISTS, items)
    blocks = [
        f"## {place.text(entry['title'])} {{ #{entry['id']} }}\n\n{place.text(entry['text'])}\n\n"
        + "\n".join(f"- {_box(item['id'], place.text(item['text']))} {named(place, item['proof'])}" for item in entry["items"])
        + "\n"
        for entry in lists
    ]
    return _tool(place, "checklists", items) + "\n".join(blocks)


# ---- Questions with their addresses ----


def links(place) -> str:
    """Block: a table per group of questions, each with its address in either language."""
    words = WORDS[place.lang]
    parts = []
    for group in load(LINKS)["groups"]:
        rows = [
            f"| {place.text(entry['ask'])} | " + " | ".join(_address(place, lang, entry["to"]) for lang in ("ja", "en")) + " |" for entry in group["questions"]
        ]
        parts.append("\n".join([f"**{place.text(group['name'])}**", "", f"| {words['question']} | {words['ja']} | {words['en']} |", "|---|---|---|", *rows, ""]))
    return "\n" + "\n".join(parts)


def _address(place, lang: str, target: str) -> str:
    """HTML: a heading in one language, called as it is called there."""
    name = heading(lang, target)[1]
    other = "" if lang == place.lang else f' hreflang="{lang}" lang="{lang}"'
    return f'<a href="{place.href(target, lang)}"{other}>{code(name)}</a>'


def handbook(place) -> str:
    """Block: what lets the blocks for a handbook name the address of the site as it is read."""
    return f'\n<div class="handbook" data-path="{place.url}">{place.module("onboarding/handbook.js")}</div>\n'
