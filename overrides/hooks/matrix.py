"""The comparison of servers, drawn from the records; which rows and columns it has stands in `docs/choose/compare.yml`."""

from html import escape

import records
from data import ROOT, load

FILE = "choose/compare.yml"


def columns() -> list[dict]:
    """The setups to compare that have records, each with its recipe's interface in lower case."""
    found = [column for column in load(FILE)["servers"] if records.recorded(column["setup"]) or _variants(column["setup"])]
    return [{**column, "interface": records.interface(column["setup"]).lower()} for column in found]


def groups() -> list[dict]:
    """The groups with their rows, without rows that nothing has been recorded for."""
    found, servers = [], columns()
    for group in load(FILE)["groups"]:
        rows = [row if isinstance(row, dict) else {"behaviour": row} for row in group["rows"]]
        rows = [row for row in rows if any(setup_of(column["setup"], row) for column in servers)]
        if rows:
            found.append({**group, "rows": rows})
    return found


def _variants(setup: str, kind: str = "") -> list[str]:
    return [name for name in records.setups() if name.startswith(f"{setup}-{kind}") and records.recipe_of(name) == setup and records.recorded(name)]


def setup_of(setup: str, row: dict) -> str | None:
    """The setup whose record fills a cell: the server alone, or behind nginx for what can only be asked there; None if nobody asked.

    A server that never ran alone is represented by the setups in which it did run.
    """
    names = _variants(setup, "behind-") if row.get("behind") else [setup] if records.recorded(setup) else _variants(setup)
    return next((name for name in names if row["behaviour"] in records.recorded(name)), None)


def why_not(setup: str, row: dict) -> str:
    """Why a cell has no record, as a key of `not-asked` in compare.yml: the first need of the row that the recipe does not meet."""
    folder, recipe = ROOT / "snippets" / records.recipe_of(setup), records.recipe(records.recipe_of(setup))
    for need in row.get("needs", []):
        kind, _, name = need.partition(":")
        met = {
            "asgi": recipe["interface"] == "asgi",
            "workers": recipe.get("processes", "workers") == "workers",
            "file": (folder / name).exists(),
            "change": name in recipe.get("changes", {}),
            "other-stop": kind == "other-stop" and "-TERM" not in (folder / "stop.sh").read_text(encoding="utf-8"),
        }
        if not met[kind]:
            return kind
    if not records.recorded(setup):
        return "elsewhere"
    return "asks" if row["behaviour"] not in recipe.get("asks", [row["behaviour"]]) else row.get("else", "open")


def matrix(place) -> str:
    """Block: the filter, and per group a heading, what it is about and its table."""
    servers, drawn, words = columns(), groups(), {key: place.text(value) for key, value in load(FILE)["words"].items()}
    sections = [
        f'<section class="matrix-group" data-group="{group["id"]}" markdown>\n\n'
        f'### {place.text(group["title"])} {{ #{group["id"]} }}\n\n{place.text(group["note"])}\n\n{_table(place, words, servers, group)}\n\n</section>'
        for group in drawn
    ]
    return "\n" + "\n\n".join([_filter(place, words, servers, drawn), *sections]) + "\n"


def who(place, behaviour: str, *outcomes: str) -> str:
    """Inline: the servers of the comparison for which one of the outcomes was recorded, each linked to its record."""
    found = []
    for column in columns():
        setup = setup_of(column["setup"], {"behaviour": behaviour}) or setup_of(column["setup"], {"behaviour": behaviour, "behind": True})
        if setup and records.record(setup, behaviour)["outcome"] in outcomes:
            found.append(f"[{_name(place, column)}]({records.record_link(place, setup, behaviour)})")
    return records.WORDS[place.lang]["join"].join(found) or place.text(load(FILE)["words"]["nobody"])


def _name(place, column: dict) -> str:
    """`Gunicorn (gthread)`: a server where there is room for one line."""
    return place.text(load(FILE)["words"]["name"]).format(name=column["name"], detail=place.text(column["detail"])) if "detail" in column else column["name"]


def _filter(place, words: dict, servers: list[dict], drawn: list[dict]) -> str:
    """The form; it is hidden until the script has come to life, because without it everything is shown."""
    interfaces = "".join(
        f'<label><input type="radio" name="interface" value="{value}"{" checked" if not value else ""}> {words["all"] if not value else value.upper()}</label>'
        for value in ("", "wsgi", "asgi")
    )
    names = "".join(
        f'<label data-interface="{column["interface"]}"><input type="checkbox" name="servers" value="{column["setup"]}"> {escape(_name(place, column))}</label>'
        for column in servers
    )
    titles = "".join(
        f'<label><input type="checkbox" name="groups" value="{group["id"]}"> {escape(place.text(group["title"]))}</label>' for group in drawn
    )
    return (
        f'<form class="matrix-filter" data-unknown="{escape(words["unknown"])}" data-status="{escape(words["status"])}" hidden>'
        f'<details class="matrix-choices" open><summary>{words["filter"]}</summary>'
        f'<fieldset><legend>{words["interface"]}</legend>{interfaces}</fieldset>'
        f'<fieldset><legend>{words["servers"]} <small>{words["none_is_all"]}</small></legend>{names}</fieldset>'
        f'<fieldset><legend>{words["groups"]} <small>{words["none_is_all"]}</small></legend>{titles}</fieldset>'
        f'<fieldset><legend>{words["rows"]}</legend><label><input type="checkbox" name="rows" value="differing"> {words["differing"]}</label></fieldset>'
        f'</details><p class="matrix-tools"><output></output> <button type="reset">{words["reset"]}</button></p></form>{place.module("matrix.js")}'
    )


def _table(place, words: dict, servers: list[dict], group: dict) -> str:
    """One group. The region around the table scrolls sideways where the screen is narrow."""
    head = "".join(
        f'<th scope="col" data-server="{column["setup"]}" data-interface="{column["interface"]}">'
        f'<a href="{place.href(column["page"])}">{column["name"]}</a>'
        + (f'<small>{escape(place.text(column["detail"]))}</small>' if "detail" in column else "")
        + f'<span class="interface">{column["interface"].upper()}</span></th>'
        for column in servers
    )
    body = "".join(
        f'<tr><th scope="row">{escape(place.text(records.behaviour_texts(row["behaviour"])["question"]))}</th>'
        + "".join(_cell(place, column["setup"], row) for column in servers) + "</tr>"
        for row in group["rows"]
    )
    return (
        f'<p class="matrix-same" hidden>{words["same"]}</p>\n\n<div class="matrix-scroll" role="region" tabindex="0" aria-label="{escape(place.text(group["title"]))}">'
        f'<table class="matrix-table"><thead><tr><td>{words["question"]}</td>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _cell(place, column: str, row: dict) -> str:
    """One recorded outcome, linked to its record; or that it was not asked, and why."""
    setup = setup_of(column, row)
    if setup is None:
        reason = place.text(load(FILE)["not-asked"][why_not(column, row)])
        return f'<td class="not-asked" data-server="{column}">{escape(reason)}</td>'
    entry = records.record(setup, row["behaviour"])
    text, verdict = records.recorded_outcome(place, entry)
    figures = [records.figure(place, setup, row["behaviour"], key) for key in row.get("figures", []) if key in entry["figures"]]
    if figures:
        text = " ".join(figures) if row.get("only-figures") else f"{text} ({', '.join(figures)})"
    return (
        f'<td data-server="{column}">'
        f'<a class="outcome {verdict}" href="{place.href(records.record_page(setup, row["behaviour"]))}">{escape(text)}</a></td>'
    )
