"""The traceback reader on /troubleshoot/reader/: its form, its words and its examples. What it does is in assets/javascripts/traceback/."""

import json
import re
from html import escape

from data import ROOT, Missing, load

FILE = "troubleshoot/reader.yml"
PATTERNS = "troubleshoot/stack-traces/patterns.yml"
CATALOGUE = "troubleshoot/stack-traces/patterns.md"
TRACES = ROOT / "evidence" / "traces"


def captured(name: str) -> str:
    """What was printed in a capture below evidence/traces/, without the header above its first blank line."""
    path = TRACES / f"{name}.txt"
    if not path.exists():
        raise Missing(f"docs/{FILE} has the example {name}, which is not in evidence/traces/.")
    return path.read_text(encoding="utf-8").partition("\n\n")[2]


def reader(place) -> str:
    """Block: the field to paste into, the examples and the place of the result; hidden until its script has come to life."""
    texts = load(FILE)
    words = {key: place.text(value) for key, value in texts["words"].items()}
    examples = "".join(
        f'<li><button type="button" data-example="{number}">{_code(place.text(example["title"]))}</button>'
        f'<details><summary>{_code(place.text(example["title"]))}</summary><pre><code tabindex="0">{escape(captured(example["trace"]), quote=False)}</code></pre></details></li>'
        for number, example in enumerate(texts["examples"])
    )
    # Search finds the page by its prose; the examples would only crowd the index. A section, because the end of any element
    # inside that is called like the one left out would end the leaving out.
    return (
        f'\n<section class="reader" data-search-exclude><script type="application/json" class="reader-data">{_json(_data(place, texts, words))}</script>'
        f'<div class="reader-form" hidden>'
        f'<label class="reader-label" for="reader-text">{_code(words["label"])}</label>'
        f'<p class="reader-hint" id="reader-hint">{_code(words["hint"])} <strong>{_code(words["private"])}</strong></p>'
        f'<textarea id="reader-text" rows="9" wrap="off" spellcheck="false" autocomplete="off" autocapitalize="off" aria-describedby="reader-hint"></textarea>'
        f'<p class="reader-tools"><label class="reader-button">{_code(words["file"])}<input type="file" class="reader-file"></label>'
        f'<button type="button" class="reader-button reader-clear">{_code(words["clear"])}</button></p></div>'
        f'<p class="reader-status" role="status" hidden></p>'
        f'<details class="reader-examples" open><summary>{_code(words["examples"])}</summary><ul>{examples}</ul></details>'
        f'<div class="reader-result" role="region" aria-label="{escape(words["result"])}" hidden></div>{place.module("traceback/page.js")}</section>\n'
    )


def _data(place, texts: dict, words: dict) -> dict:
    """Everything the script says in the page's language."""
    patterns = load(PATTERNS)["patterns"]
    return {
        "words": words,
        "layers": {key: {part: place.text(text) for part, text in layer.items()} for key, layer in texts["layers"].items()},
        **{key: {name: place.text(text) for name, text in texts[key].items()} for key in ("languages", "situations", "cautions")},
        "patterns": {name: {key: _plain(place.text(pattern[key])) for key in ("title", "look")} for name, pattern in patterns.items()},
        "catalogue": place.href(CATALOGUE),
    }


def _plain(markdown: str) -> str:
    """A text of the catalogue without links and emphasis: the script knows `code` only."""
    return " ".join(re.sub(r"\*\*([^*]+)\*\*", r"\1", re.sub(r"\[([^\]]+)\]\([^)]*\)(?:\{[^}]*\})?", r"\1", markdown)).split())


def _json(data: dict) -> str:
    """JSON that can stand in a page: nothing in it ends the element."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _code(text: str) -> str:
    """A text of reader.yml as HTML: `code` becomes an element."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
