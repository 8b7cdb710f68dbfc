"""Shortcodes that show what the lab recorded: `evidence/<setup>/<behaviour>.json`."""

import json
from functools import lru_cache
from pathlib import Path

import tomllib

from data import ROOT, Missing, load

EVIDENCE = ROOT / "evidence"

WORDS = {
    "ja": {
        "setup": "構成", "outcome": "結果", "behaviour": "確かめたこと", "none": "–",
        "command": "起動コマンド", "figures": "この回の数値", "value": "値", "output": "出力",
        "interface": "インターフェース",
        "ran": "{versions} で実行（{date}）", "record": "実行記録", "did_raw": "記録された手順（英語）",
        "colon": "：", "dash": "：", "join": "、", "named": "{setup}、{question}：{outcome}",
        "varies": "{outcome}（{runs} 回中、{counts}）", "times": "{outcome} {count} 回", "and": "、",
        "runs": "{ran}、{runs} 回試行",
    },
    "en": {
        "setup": "Setup", "outcome": "Outcome", "behaviour": "What was checked", "none": "–",
        "command": "Start command", "figures": "Figures of this run", "value": "Value", "output": "Output", "interface": "Interface",
        "ran": "Ran with {versions}, {date}", "record": "record", "did_raw": "Steps as recorded",
        "colon": ": ", "dash": " — ", "join": ", ", "named": "{setup}, {question}: {outcome}",
        "varies": "{outcome} ({runs} runs: {counts})", "times": "{count} × {outcome}", "and": ", ",
        "runs": "{ran}, {runs} runs",
    },
}
PRODUCTS = {"python": "Python", "django": "Django", "gunicorn": "Gunicorn", "uvicorn": "Uvicorn",
            "channels": "Channels", "nginx": "nginx", "postgresql": "PostgreSQL", "psycopg": "psycopg"}
BOX_ROWS = ["http", "websocket", "worker-killed", "reload-under-load", "sigterm-in-flight", "forwarded-proto"]


@lru_cache
def _read(path: Path, changed: float) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def _path(setup: str, behaviour: str) -> Path:
    return EVIDENCE / setup / f"{behaviour}.json"


def record(setup: str, behaviour: str) -> dict:
    """Load one record; `Missing` says how to make it."""
    path = _path(setup, behaviour)
    if not path.exists():
        raise Missing(f"evidence/{setup}/{behaviour}.json is missing; run scripts/record {setup}, or name an existing record.")
    return _read(path, path.stat().st_mtime)


def setups() -> dict:
    """Names of all setups, `{setup: {ja, en}}`, in the order in which pages list them."""
    return load("evidence/setups.yml")


def _behaviour(name: str) -> dict:
    try:
        return load("evidence/behaviours.yml")[name]
    except KeyError:
        raise Missing(f"docs/evidence/behaviours.yml has no texts for the behaviour {name!r}; add them in both languages.") from None


def _setup_name(place, setup: str) -> str:
    if setup not in setups():
        raise Missing(f"docs/evidence/setups.yml has no name for {setup!r}; add it in both languages.")
    return place.text(setups()[setup])


def anchor(setup: str, behaviour: str) -> str:
    """The id of a record on /evidence/."""
    return f"{setup}-{behaviour}"


def record_link(place, setup: str, behaviour: str) -> str:
    """The address of a record, relative to the page."""
    return place.link(f"evidence/index.md#{anchor(setup, behaviour)}")


def _recorded_outcome(place, entry: dict) -> tuple[str, str]:
    """Return (text, verdict) of a record's outcome; what varies says how often each outcome came."""
    words, verdict = _outcome_text(place, entry["behaviour"], entry["outcome"])
    if "counts" not in entry:
        return words, verdict
    counts = [
        WORDS[place.lang]["times"].format(count=count, runs=entry["runs"], outcome=_outcome_text(place, entry["behaviour"], name)[0])
        for name, count in entry["counts"].items()
    ]
    return WORDS[place.lang]["varies"].format(outcome=words, runs=entry["runs"], counts=WORDS[place.lang]["and"].join(counts)), verdict


def _outcome_text(place, behaviour: str, outcome_: str) -> tuple[str, str]:
    """Return (text, verdict) of an outcome; the verdict is good, bad or neutral."""
    texts = _behaviour(behaviour)["outcomes"]
    if outcome_ not in texts:
        raise Missing(f"docs/evidence/behaviours.yml has no text for the outcome {outcome_!r} of {behaviour!r}; add it in both languages.")
    return place.text(texts[outcome_]), texts[outcome_].get("verdict", "neutral")


def outcome(place, setup: str, behaviour: str) -> str:
    """Inline: the recorded outcome in the page's language, linked to its record."""
    words, verdict = _recorded_outcome(place, record(setup, behaviour))
    return f"[{words}]({record_link(place, setup, behaviour)}){{ .outcome .{verdict} }}"


def named_outcome(place, setup: str, behaviour: str) -> str:
    """Inline: setup and question before the outcome, for lists of several records."""
    question = place.text(_behaviour(behaviour)["question"])
    return WORDS[place.lang]["named"].format(setup=_setup_name(place, setup), question=question, outcome=outcome(place, setup, behaviour))


def _number(value) -> str:
    """A figure as readers want it: at most two decimals below ten, one below a hundred."""
    if isinstance(value, bool) or not isinstance(value, float):
        return str(value)
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}" if abs(value) < 100 else f"{value:.0f}"


def figure(place, setup: str, behaviour: str, key: str) -> str:
    """Inline: one figure of a record with its unit."""
    figures = record(setup, behaviour)["figures"]
    if key not in figures:
        raise Missing(f"evidence/{setup}/{behaviour}.json has no figure {key!r}; it has {', '.join(figures) or 'none'}.")
    unit = _behaviour(behaviour).get("figures", {}).get(key, {}).get("unit", "")
    return f"{_number(figures[key])}{' ' + unit if unit else ''}"


def _versions(place, versions: dict) -> str:
    """`Python 3.11.7, Django 5.2.19, …`: in the order recorded, the operating system last."""
    names = [f"{PRODUCTS.get(name, name)} {version}" for name, version in versions.items() if name != "os"]
    return WORDS[place.lang]["join"].join(names + [versions["os"]])


def _ran(place, entry: dict) -> str:
    return WORDS[place.lang]["ran"].format(versions=_versions(place, entry["versions"]), date=entry["date"])


def tested(place, setup: str) -> str:
    """One line: with which versions, where and when this setup last ran."""
    _setup_name(place, setup)
    entry = record(setup, "http")
    return f"[{_ran(place, entry)}]({record_link(place, setup, 'http')}){{ .ran }}"


def _fence(content: str, title: str, language: str = "text") -> str:
    """A block of recorded text that offers no copy button: it is to be read, not run."""
    return f'``````{{ .{language} .no-copy title="{title}" }}\n{content.rstrip()}\n``````'


def output(place, setup: str, behaviour: str) -> str:
    """Block: what was printed, with the command that printed it."""
    entry = record(setup, behaviour)
    if not entry.get("output", "").strip():
        raise Missing(f"evidence/{setup}/{behaviour}.json holds no output; name another record.")
    language = "pytb" if "Traceback (most recent call last)" in entry["output"] else "text"
    title = entry["command"].splitlines()[0].replace('"', "'")
    words = WORDS[place.lang]
    link = f"[{words['record']}{words['colon']}{_ran(place, entry)}]({record_link(place, setup, behaviour)}){{ .ran }}"
    return f"\n{_fence(entry['output'], title, language)}\n\n{link}\n"


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n" + "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def box(place, *names: str) -> str:
    """Block: the fact box of a server page; one column per setup, each cell a recorded outcome."""
    if not names:
        raise Missing("name at least one setup.")
    words = WORDS[place.lang]
    rows = [[words["interface"], *(_interface(name) for name in names)]]
    for behaviour in BOX_ROWS:
        cells = [outcome(place, name, behaviour) if _path(name, behaviour).exists() else words["none"] for name in names]
        if any(cell != words["none"] for cell in cells):
            rows.append([place.text(_behaviour(behaviour)["question"]), *cells])
    return _table([words["behaviour"], *(_setup_name(place, name) for name in names)], rows)


def _interface(setup: str) -> str:
    recipe = ROOT / "snippets" / setup.split("-behind-")[0] / "recipe.toml"
    return tomllib.loads(recipe.read_text(encoding="utf-8"))["interface"].upper()


def compare(place, behaviour: str, *names: str) -> str:
    """Block: one behaviour over several setups, with the figures of their last run."""
    words, texts = WORDS[place.lang], _behaviour(behaviour)
    entries = {name: record(name, behaviour) for name in names}
    keys = [key for key in texts.get("figures", {}) if any(key in entry["figures"] for entry in entries.values())]
    header = [words["setup"], words["outcome"], *(place.text(texts["figures"][key]) for key in keys)]
    rows = [
        [_setup_name(place, name), outcome(place, name, behaviour),
         *(figure(place, name, behaviour, key) if key in entry["figures"] else words["none"] for key in keys)]
        for name, entry in entries.items()
    ]
    return _table(header, rows)


def all_records(place) -> str:
    """Block: every record, grouped by setup, each with a stable anchor."""
    blocks = []
    for setup in setups():
        blocks.append(f"\n## {_setup_name(place, setup)} {{ #{setup} }}\n")
        order = list(load("evidence/behaviours.yml"))
        names = [path.stem for path in sorted((EVIDENCE / setup).glob("*.json"))]
        for behaviour in sorted(names, key=lambda name: order.index(name) if name in order else len(order)):
            blocks.append(_one_record(place, setup, behaviour))
    return "\n".join(blocks)


def _one_record(place, setup: str, behaviour: str) -> str:
    """A closed box whose line is question and outcome, and which holds everything recorded."""
    entry, texts, words = record(setup, behaviour), _behaviour(behaviour), WORDS[place.lang]
    result, verdict = _recorded_outcome(place, entry)
    parts = [place.text(texts["did"]), _fence(entry["command"], words["command"])]
    parts.append(_fence("\n".join(f"- {step}" for step in entry["did"]), words["did_raw"]))
    figures = [
        [place.text(texts.get("figures", {}).get(key, {"ja": f"`{key}`", "en": f"`{key}`"})), figure(place, setup, behaviour, key)]
        for key in entry["figures"]
    ]
    if figures:
        parts.append(_table([words["figures"], words["value"]], figures))
    if entry.get("output", "").strip():
        parts.append(_fence(entry["output"], words["output"]))
    ran = words["runs"].format(ran=_ran(place, entry), runs=entry["runs"])
    parts.append(f"{ran} · `evidence/{setup}/{behaviour}.json`")
    summary = f'{place.text(texts["question"])}{words["dash"]}<span class="outcome {verdict}">{result}</span>'
    body = "\n\n".join(parts)
    return (
        f'<details class="record permalink" id="{anchor(setup, behaviour)}" markdown>\n'
        f"<summary>{summary}</summary>\n\n{body}\n\n</details>\n"
    )
