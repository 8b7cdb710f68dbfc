"""Shortcodes that show what the lab recorded: `evidence/<setup>/<behaviour>.json`."""

import json
import os
import re
import tomllib
from functools import lru_cache
from pathlib import Path

from data import ROOT, Missing, load

EVIDENCE = ROOT / "evidence"

WORDS = {
    "ja": {
        "setup": "構成", "outcome": "結果", "behaviour": "確かめたこと", "none": "–",
        "interface": "インターフェース",
        "ran": "{versions} で実行（{date}）", "whole": "全体を {ran}", "record": "実行記録",
        "colon": "：", "join": "、", "named": "{setup}、{question}：{outcome}",
        "varies": "{outcome}（{runs} 回中、{counts}）", "times": "{outcome} {count} 回", "and": "、",
    },
    "en": {
        "setup": "Setup", "outcome": "Outcome", "behaviour": "What was checked", "none": "–",
        "interface": "Interface",
        "ran": "Ran with {versions}, {date}", "whole": "All files together. {ran}", "record": "record",
        "colon": ": ", "join": ", ", "named": "{setup}, {question}: {outcome}",
        "varies": "{outcome} ({runs} runs: {counts})", "times": "{count} × {outcome}", "and": ", ",
    },
}
PRODUCTS = {"python": "Python", "django": "Django", "gunicorn": "Gunicorn", "uvicorn": "Uvicorn", "uwsgi": "uWSGI",
            "daphne": "Daphne", "hypercorn": "Hypercorn", "granian": "Granian", "waitress": "Waitress", "mod-wsgi": "mod_wsgi",
            "channels": "Channels", "celery": "Celery", "supervisor": "Supervisor", "redis": "redis-py",
            "redis-server": "Redis", "postgresql": "PostgreSQL"}
BOX_ROWS = ["http", "websocket", "worker-killed", "reload-under-load", "sigterm-in-flight", "forwarded-proto"]


@lru_cache(None)
def _read(path: str, changed: float) -> dict:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def _path(setup: str, behaviour: str) -> Path:
    return EVIDENCE / setup / f"{behaviour}.json"


def record(setup: str, behaviour: str) -> dict:
    """Load one record; `Missing` says how to make it."""
    path = f"{EVIDENCE}/{setup}/{behaviour}.json"  # no Path: a build asks twenty thousand times
    try:
        return _read(path, os.stat(path).st_mtime)
    except FileNotFoundError:
        raise Missing(f"evidence/{setup}/{behaviour}.json is missing; run scripts/record {setup}, or name an existing record.") from None


def setups() -> dict:
    """Names of all setups, `{setup: {ja, en}}`, in the order in which pages list them."""
    return load("evidence/setups.yml")


def behaviour_texts(name: str) -> dict:
    try:
        return load("evidence/behaviours.yml")[name]
    except KeyError:
        raise Missing(f"docs/evidence/behaviours.yml has no texts for the behaviour {name!r}; add them in both languages.") from None


def setup_name(place, setup: str) -> str:
    if setup not in setups():
        raise Missing(f"docs/evidence/setups.yml has no name for {setup!r}; add it in both languages.")
    return place.text(setups()[setup])


def recipe_of(setup: str) -> str:
    """`gunicorn-gthread` for `gunicorn-gthread-behind-nginx-tcp` and `gunicorn-gthread-under-systemd`: the recipe, and the page of its records."""
    return re.split("-(?:behind|under)-", setup)[0]


def anchor(setup: str, behaviour: str) -> str:
    """The id of a record on the page of its recipe."""
    return f"{setup}-{behaviour}"


def record_page(setup: str, behaviour: str) -> str:
    """Where a record is shown: a path below docs/ with its anchor."""
    return f"evidence/{recipe_of(setup)}.md#{anchor(setup, behaviour)}"


def record_link(place, setup: str, behaviour: str) -> str:
    """The address of a record, relative to the page."""
    return place.link(record_page(setup, behaviour))


def recorded(setup: str) -> list[str]:
    """The behaviours that have a record, in the order of docs/evidence/behaviours.yml."""
    folder = f"{EVIDENCE}/{setup}"
    try:
        changed = os.stat(folder).st_mtime
    except FileNotFoundError:
        return []
    return list(_files(folder, changed, tuple(load("evidence/behaviours.yml"))))


@lru_cache(None)
def _files(folder: str, changed: float, order: tuple[str, ...]) -> list[str]:
    place = {name: number for number, name in enumerate(order)}
    return sorted(sorted(path.stem for path in Path(folder).glob("*.json")), key=lambda name: place.get(name, len(place)))


def first_record(setup: str) -> str:
    """The behaviour whose record stands for the setup as a whole: `http`, or its first one when it serves no HTTP."""
    names = recorded(setup)
    if not names:
        raise Missing(f"evidence/{setup}/ holds no record; run scripts/record {setup}, or name another setup.")
    return "http" if "http" in names else names[0]


def recorded_outcome(place, entry: dict) -> tuple[str, str]:
    """Return (text, verdict) of a record's outcome; what varies says how often each outcome came."""
    words, verdict = outcome_text(place, entry["behaviour"], entry["outcome"])
    if "counts" not in entry:
        return words, verdict
    counts = [
        WORDS[place.lang]["times"].format(count=count, runs=entry["runs"], outcome=outcome_text(place, entry["behaviour"], name)[0])
        for name, count in entry["counts"].items()
    ]
    return WORDS[place.lang]["varies"].format(outcome=words, runs=entry["runs"], counts=WORDS[place.lang]["and"].join(counts)), verdict


def outcome_text(place, behaviour: str, outcome_: str) -> tuple[str, str]:
    """Return (text, verdict) of an outcome; the verdict is good, bad or neutral."""
    texts = behaviour_texts(behaviour)["outcomes"]
    if outcome_ not in texts:
        raise Missing(f"docs/evidence/behaviours.yml has no text for the outcome {outcome_!r} of {behaviour!r}; add it in both languages.")
    return place.text(texts[outcome_]), texts[outcome_].get("verdict", "neutral")


def outcome(place, setup: str, behaviour: str) -> str:
    """Inline: the recorded outcome in the page's language, linked to its record."""
    words, verdict = recorded_outcome(place, record(setup, behaviour))
    return f"[{words}]({record_link(place, setup, behaviour)}){{ .outcome .{verdict} }}"


def named_outcome(place, setup: str, behaviour: str) -> str:
    """Inline: setup and question before the outcome, for lists of several records."""
    question = place.text(behaviour_texts(behaviour)["question"])
    return WORDS[place.lang]["named"].format(setup=setup_name(place, setup), question=question, outcome=outcome(place, setup, behaviour))


def number(value) -> str:
    """A figure as readers want it: at most two decimals below ten, one below a hundred."""
    if isinstance(value, bool) or not isinstance(value, float):
        return str(value)
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}" if abs(value) < 100 else f"{value:.0f}"


def figure(place, setup: str, behaviour: str, key: str) -> str:
    """Inline: one figure of a record with its unit."""
    figures = record(setup, behaviour)["figures"]
    if key not in figures:
        raise Missing(f"evidence/{setup}/{behaviour}.json has no figure {key!r}; it has {', '.join(figures) or 'none'}.")
    unit = behaviour_texts(behaviour).get("figures", {}).get(key, {}).get("unit", "")
    return f"{number(figures[key])}{' ' + unit if unit else ''}"


def versions_line(place, versions: dict) -> str:
    """`Python 3.11.7, Django 5.2.19, …`: in the order recorded, the operating system last."""
    names = [f"{PRODUCTS.get(name, name)} {version}" for name, version in versions.items() if name != "os"]
    return WORDS[place.lang]["join"].join(names + [versions[name] for name in ("os",) if name in versions])


def ran(place, entry: dict) -> str:
    return WORDS[place.lang]["ran"].format(versions=versions_line(place, entry["versions"]), date=entry["date"])


def tested(place, setup: str) -> str:
    """One line: with which versions, where and when this setup as a whole last ran."""
    return WORDS[place.lang]["whole"].format(ran=tested_link(place, setup, "ran"))


def tested_link(place, setup: str, *classes: str) -> str:
    """The same as a link to the record, for a caption."""
    setup_name(place, setup)
    behaviour = first_record(setup)
    return f"[{ran(place, record(setup, behaviour))}]({record_link(place, setup, behaviour)}){{ {' '.join('.' + name for name in classes)} }}"


def fence(content: str, title: str, language: str = "text") -> str:
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
    link = f"[{words['record']}{words['colon']}{ran(place, entry)}]({record_link(place, setup, behaviour)}){{ .ran }}"
    return f"\n{fence(entry['output'], title, language)}\n\n{link}\n"


def table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n" + "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def box(place, *names: str) -> str:
    """Block: the fact box of a server page; one column per setup, each cell a recorded outcome."""
    if not names:
        raise Missing("name at least one setup.")
    words = WORDS[place.lang]
    rows = [[words["interface"], *(interface(name) for name in names)]]
    for behaviour in BOX_ROWS:
        cells = [outcome(place, name, behaviour) if _path(name, behaviour).exists() else words["none"] for name in names]
        if any(cell != words["none"] for cell in cells):
            rows.append([place.text(behaviour_texts(behaviour)["question"]), *cells])
    return table([words["behaviour"], *(setup_name(place, name) for name in names)], rows)


def interface(setup: str) -> str:
    """`WSGI` or `ASGI`; a dash for what has no recipe, or is no server."""
    try:
        found = recipe(recipe_of(setup)).get("interface", "")
    except Missing:
        found = ""
    return found.upper() if found in ("wsgi", "asgi") else "–"


def recipe(name: str) -> dict:
    """The recipe.toml of a recipe."""
    path = ROOT / "snippets" / name / "recipe.toml"
    if not path.exists():
        raise Missing(f"snippets/{name}/recipe.toml does not exist; name another recipe.")
    return _toml(path, path.stat().st_mtime)


@lru_cache(None)
def _toml(path: Path, changed: float) -> dict:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def compare(place, behaviour: str, *names: str) -> str:
    """Block: one behaviour over several setups, with the figures of their last run."""
    words, texts = WORDS[place.lang], behaviour_texts(behaviour)
    entries = {name: record(name, behaviour) for name in names}
    keys = [key for key in texts.get("figures", {}) if any(key in entry["figures"] for entry in entries.values())]
    header = [words["setup"], place.text(texts["question"]), *(place.text(texts["figures"][key]) for key in keys)]
    rows = [
        [setup_name(place, name), outcome(place, name, behaviour),
         *(figure(place, name, behaviour, key) if key in entry["figures"] else words["none"] for key in keys)]
        for name, entry in entries.items()
    ]
    return table(header, rows)
