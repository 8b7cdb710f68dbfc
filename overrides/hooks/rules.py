"""The reader's rules: what `docs/troubleshoot/patterns.yml` says under `match`, as an ES module for the page."""

import json
import pathlib
import re

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATTERNS = ROOT / "docs" / "troubleshoot" / "patterns.yml"
MODULE = ROOT / "docs" / "assets" / "javascripts" / "traceback" / "rules.js"
KEYS = {"error", "says", "final", "own", "frame", "not", "unless", "log", "link", "group"}
PLACE_KEYS = {"file", "function", "source", "followed"}


def problems(patterns):
    """What is wrong with the list of patterns, as sentences; an empty list when nothing is."""
    found = []
    ids = [pattern.get("id", "") for pattern in patterns]
    found += [f"{name}: the id is there twice." for name in sorted({name for name in ids if ids.count(name) > 1})]
    for pattern in patterns:
        name = pattern.get("id", "")
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
            found.append(f"{name!r}: an id is lower case words with hyphens.")
        if not pattern.get("match"):
            found.append(f"{name}: there is no rule under match.")
        for rule in pattern.get("match") or []:
            unknown = sorted(set(rule) - KEYS) + sorted((set(rule.get("frame", {})) | set(rule.get("not", {}))) - PLACE_KEYS)
            found += [f"{name}: there is no {key} in a rule." for key in unknown]
            if not set(rule) & {"error", "says", "log", "link", "group", "frame"}:
                found.append(f"{name}: a rule needs an error, what it says, a frame, a log, a link or a group.")
    return found


def module(patterns):
    """The text of rules.js for a list of patterns. Raises ValueError, with all problems, when the list is not sound."""
    found = problems(patterns)
    if found:
        raise ValueError("\n".join(found))
    rows = [json.dumps({"id": pattern["id"], "match": pattern["match"]}, ensure_ascii=False) for pattern in patterns]
    return (
        "// Written by scripts/rules from docs/troubleshoot/patterns.yml. Change it there.\n"
        + "export default [\n" + "".join(f"  {row},\n" for row in rows) + "];\n"
    )


def write():
    """Write rules.js anew from patterns.yml."""
    MODULE.write_text(module(yaml.safe_load(PATTERNS.read_text("utf-8"))), "utf-8")


if __name__ == "__main__":
    write()
