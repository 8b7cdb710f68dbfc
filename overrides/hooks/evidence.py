"""The pages below /evidence/: the list of recipes, and the records of each."""

import json
from html import escape

from mkdocs.utils import get_relative_url

import records
from data import DOCS, code
from raw import RAW
from traces import carried

ENDS = 60  # lines shown at each end of a long output

WORDS = {
    "ja": {
        "command": "起動コマンド", "figures": "この回の数値", "value": "値", "output": "出力", "did_raw": "記録された手順（英語）",
        "runs": "{ran}、{runs} 回試行", "dash": "：", "left_out": "…… {count} 行を省略（全文は下の JSON）……", "none": "まだ記録がありません。", "gone": "この記録は今はありません",
        "recipe": "レシピ", "interface": "インターフェース", "versions": "版", "setups": "構成", "count": "記録", "date": "日付",
        "other_versions": "ほかの版での結果", "differs": "記録と違う結果", "asked": "確かめたこと", "same": "なし",
        "ran_with": "Python {python}、Django {django} で、同じことをもう一度確かめました（{date}）。このサイトのほかの結果は、上の表の版のものです。",
    },
    "en": {
        "command": "Start command", "figures": "Figures of this run", "value": "Value", "output": "Output", "did_raw": "Steps as recorded",
        "runs": "{ran}, {runs} runs", "dash": " — ", "left_out": "… {count} lines left out; the JSON below has all of them …", "none": "Nothing is recorded yet.", "gone": "This record is no longer there",
        "recipe": "Recipe", "interface": "Interface", "versions": "Versions", "setups": "Setups", "count": "Records", "date": "Date",
        "other_versions": "Other versions", "differs": "Outcomes that differ", "asked": "Questions asked", "same": "none",
        "ran_with": "The same questions, asked again with Python {python} and Django {django} ({date}). All other outcomes on this site belong to the versions in the table above.",
    },
}


def recipes() -> dict[str, list[str]]:
    """`{recipe: [its setups that have records]}`, in the order of docs/evidence/setups.yml."""
    found = {}
    for setup in records.setups():
        if records.recorded(setup):
            found.setdefault(records.recipe_of(setup), []).append(setup)
    return found


def of_recipe(place, recipe: str) -> str:
    """Block: every record of a recipe, alone and behind its proxies, each with a stable anchor."""
    blocks, there = [], {"records"}
    for setup in recipes().get(recipe, []):
        blocks.append(f"\n## {records.setup_name(place, setup)} {{ #{setup} }}\n")
        blocks += [_one_record(place, setup, behaviour) for behaviour in records.recorded(setup)]
        there |= {setup, *(records.anchor(setup, behaviour) for behaviour in records.recorded(setup))}
    gone = [name for name in _published(f"/evidence/{recipe}/") if name not in there]
    return "\n".join(blocks or [WORDS[place.lang]["none"]]) + _gone(place, gone)


def _one_record(place, setup: str, behaviour: str) -> str:
    """A closed box whose line is question and outcome, and which holds everything recorded. It is made as HTML: there are
    thousands of them, and Markdown would take a third of the whole build for them."""
    entry, texts, words = records.record(setup, behaviour), records.behaviour_texts(behaviour), WORDS[place.lang]
    result, verdict = records.recorded_outcome(place, entry)
    parts = [f"<p>{code(place.text(texts['did']))}</p>", _block(entry["command"], words["command"])]
    parts.append(_block("\n".join(f"- {step}" for step in entry["did"]), words["did_raw"]))
    names = texts.get("figures", {})
    rows = "".join(
        f"<tr><td>{code(place.text(names[key]) if key in names else f'`{key}`')}</td><td>{records.figure(place, setup, behaviour, key)}</td></tr>"
        for key in entry["figures"]
    )
    if rows:
        parts.append(f"<table><thead><tr><th>{words['figures']}</th><th>{words['value']}</th></tr></thead><tbody>{rows}</tbody></table>")
    if entry.get("output", "").strip():
        parts.append(_block(_shortened(entry["output"], words["left_out"]), words["output"]))
    ran = words["runs"].format(ran=records.ran(place, entry), runs=entry["runs"])
    raw = get_relative_url(f"{RAW}/{setup}/{behaviour}.json", place.url)
    parts.append(f'<p>{ran} · <a href="{raw}">{setup}/{behaviour}.json</a></p>')
    summary = f'{code(place.text(texts["question"]))}{words["dash"]}<span class="outcome {verdict}">{code(result)}</span>'
    return (
        f'<details class="record permalink" id="{records.anchor(setup, behaviour)}">\n'
        f"<summary>{summary}</summary>{carried(''.join(parts))}</details>\n"
    )


def _shortened(output: str, left_out: str) -> str:
    """Beginning and end of an output that no one would read: an Apache that loops wrote four thousand lines. The record has all of it."""
    lines = output.rstrip().splitlines()
    if len(lines) <= 2 * ENDS + 1:
        return output
    return "\n".join([*lines[:ENDS], left_out.format(count=f"{len(lines) - 2 * ENDS:,}"), *lines[-ENDS:]])


def _block(content: str, title: str) -> str:
    """HTML: recorded text under a title, as records.fence has it."""
    return f'<div class="no-copy highlight"><span class="filename">{title}</span><pre><code>{escape(content.rstrip(), quote=False)}\n</code></pre></div>'


def _published(address: str) -> list[str]:
    """The anchors of a page in docs/permalinks.txt."""
    lines = (DOCS / "permalinks.txt").read_text(encoding="utf-8").splitlines()
    return [line.removeprefix(f"{address}#") for line in lines if line.startswith(f"{address}#")]


def _gone(place, names: list[str]) -> str:
    """What was published and is recorded no more keeps its address."""
    return "".join(f"\n- {WORDS[place.lang]['gone']}: `{name}`{{ #{name} }}" for name in names) + "\n" if names else ""


def all_recipes(place) -> str:
    """Block: the recipes with their versions, each linked to the page of its records."""
    words, rows = WORDS[place.lang], []
    for recipe, setups in recipes().items():
        first = setups[0]
        versions = {name: version for name, version in records.record(first, records.first_record(first))["versions"].items() if name != "os"}
        entries = [records.record(setup, behaviour) for setup in setups for behaviour in records.recorded(setup)]
        rows.append([
            f"[{records.setup_name(place, recipe if recipe in records.setups() else first)}]({place.link(f'evidence/{recipe}.md')})",
            records.interface(first),
            records.versions_line(place, versions),
            str(len(setups)), str(len(entries)), f"<time>{max(entry['date'] for entry in entries)}</time>",
        ])
    return records.table([words[key] for key in ("recipe", "interface", "versions", "setups", "count", "date")], rows)


def moved(place) -> str:
    """Block: every record that once was on /evidence/ itself: a row with its old id leads to where it is now."""
    rows = {}
    for name in _published("/evidence/"):
        # The longest name: gunicorn-gthread-unix-http is no record of gunicorn-gthread.
        setup = max((setup for setup in records.setups() if f"{name}-".startswith(f"{setup}-")), key=len, default=None)
        if setup:
            rows.setdefault(setup, []).append(name.removeprefix(setup).removeprefix("-"))
    blocks = []
    for setup, behaviours in rows.items():
        page = place.link(f"evidence/{records.recipe_of(setup)}.md")
        lines = [f"**[{records.setup_name(place, setup)}]({page}#{setup}){{ #{setup} }}**\n"]
        for behaviour in filter(None, behaviours):
            if behaviour in records.recorded(setup):
                text = place.text(records.behaviour_texts(behaviour)["question"])
                lines.append(f"- [{text}]({records.record_link(place, setup, behaviour)}){{ #{records.anchor(setup, behaviour)} }}")
            else:
                lines.append(_gone(place, [records.anchor(setup, behaviour)]).strip())
        blocks.append("\n".join(lines))
    return '\n<div class="moved" markdown>\n\n' + "\n\n".join(blocks) + "\n\n</div>\n"


def other_versions(place) -> str:
    """Block: which outcomes differ with other versions of Python and Django (evidence/matrix.json); nothing when that was not run."""
    path = records.EVIDENCE / "matrix.json"
    if not path.exists():
        return ""
    words, matrix = WORDS[place.lang], json.loads(path.read_text(encoding="utf-8"))
    rows = []
    for setup, found in matrix["setups"].items():
        differs = "<br>".join(_differing(place, setup, behaviour, outcome) for behaviour, outcome in found["differs"].items())
        rows.append([records.setup_name(place, setup), str(found["asked"]), differs or words["same"]])
    return (
        f"\n## {words['other_versions']} {{ #other-versions }}\n\n{words['ran_with'].format(**matrix)}\n"
        + records.table([words["setups"], words["asked"], words["differs"]], rows)
    )


def _differing(place, setup: str, behaviour: str, outcome: str) -> str:
    """A question, linked to its record, and the outcome with the other versions."""
    question = place.text(records.behaviour_texts(behaviour)["question"])
    if behaviour in records.recorded(setup):
        question = f"[{question}]({records.record_link(place, setup, behaviour)})"
    return f"{question}{WORDS[place.lang]['dash']}{records.outcome_text(place, behaviour, outcome)[0]}"
