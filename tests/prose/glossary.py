"""The glossary, docs/onboarding/glossary.yml, and what is made from it: rules for prh, words for the spell checker, STYLE.md's table."""

import re
from pathlib import Path

import yaml

GLOSSARY = "docs/onboarding/glossary.yml"
STYLE = "STYLE.md"
BEGIN, END = "<!-- terms -->\n", "<!-- /terms -->\n"  # around the table in STYLE.md
KEYS = {"in", "not", "use", "from", "to", "why"}


def read(root: Path) -> dict:
    """The glossary as it stands; the comment at its head explains the keys."""
    return yaml.safe_load((root / GLOSSARY).read_text("utf-8"))


def rules(glossary: dict, language: str) -> list[dict]:
    """The rules of one language in prh's form. prh tries every example when it reads them, and refuses a rule that fails its own."""
    found = [_name(entry) for entry in glossary["names"] if isinstance(entry, str)]
    for term in glossary["terms"]:
        found += [_rule(rule, term["term"][language]) for rule in term.get("avoid", ()) if rule["in"] == language]
    return found + [_rule(rule, None) for rule in glossary["spelling"] if rule["in"] == language]


def _rule(rule: dict, term: str | None) -> dict:
    """One `avoid` or `spelling` of the glossary; `term` is what is written where the rule itself does not say."""
    if unknown := rule.keys() - KEYS:
        raise ValueError(f"{GLOSSARY}: the rule for “{rule.get('not')}” has {', '.join(sorted(unknown))}: use {', '.join(sorted(KEYS))}.")
    if missing := {"from", "to"} - rule.keys():
        raise ValueError(f"{GLOSSARY}: the rule for “{rule['not']}” needs an example: add {' and '.join(sorted(missing))}.")
    pattern = rule["not"] if rule["not"].startswith("/") else f"/{_literal(rule['not'])}/"
    made = {"expected": rule.get("use", term), "pattern": pattern, "specs": [{"from": rule["from"], "to": rule["to"]}]}
    return made | ({"prh": rule["why"]} if "why" in rule else {})


def _name(name: str) -> dict:
    """A product name in any other capitals, where it stands alone.

    In gunicorn-gthread, gunicorn.org or gunicorn[fast] it is a part of another name.
    """
    wrong = name.upper() if name != name.upper() else name.lower()
    pattern = rf"/(?<![\w./:@=-]){_literal(name)}(?![\w/@[]|[-.]\w| -)/i"
    return {"expected": name, "pattern": pattern, "specs": [{"from": wrong, "to": name}]}


def _literal(text: str) -> str:
    """A text as a regular expression of JavaScript, which refuses the backslashes that Python's own escape adds."""
    return re.sub(r"[.*+?^${}()|\[\]\\/]", r"\\\g<0>", text)


def words(glossary: dict) -> list[str]:
    """English words that a spell checker has to be told: names, terms and those that the glossary lists."""
    names = [entry if isinstance(entry, str) else entry["name"] for entry in glossary["names"]]
    terms = [term["term"]["en"] for term in glossary["terms"]]
    listed = [str(word) for word in glossary["words"]]
    return sorted({word for text in names + terms + listed for word in re.findall(r"[A-Za-z][A-Za-z']+", text)}, key=str.lower)


def table(glossary: dict) -> str:
    """The table of terms in STYLE.md."""
    rows = ["| English | 日本語 | note |", "|---|---|---|"]
    for term in glossary["terms"]:
        rows.append(f"| {term['term']['en']} | {term['term']['ja']} | {term.get('note', '')} |".replace("|  |", "| |"))
    names = [entry if isinstance(entry, str) else entry["name"] for entry in glossary["names"]]
    return "\n".join(rows) + "\n\nProduct names as their projects write them: " + ", ".join(names) + ".\n"


def in_style(root: Path, glossary: dict) -> str:
    """STYLE.md with the table that the glossary gives."""
    before, begin, rest = (root / STYLE).read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{STYLE} has no {BEGIN.strip()} … {END.strip()}: put them around the table of terms.")
    return before + begin + "\n" + table(glossary) + "\n" + end + after
