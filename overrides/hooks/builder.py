"""The configuration builder on /tools/config/: its form, its table, and the data that its script works with.

How it holds together: the script makes every file from a file of snippets/, which it gets as data beside the page. Where a
combination has a recipe, the recipe's file comes out byte for byte, below two lines with the permalink and the versions;
elsewhere files.js names what differs. Comments in Japanese come from docs/tools/comments.yml. What is offered is what
scripts/combinations ran and recorded in evidence/combinations.json, with the files that the page itself gave to a browser.
"""

import itertools
import json
from html import escape

from mkdocs.plugins import event_priority
from mkdocs.structure.files import File
from mkdocs.utils import get_relative_url

import charts
from data import ROOT, code, load

FILE = "tools/config.yml"
COMMENTS = "tools/comments.yml"
DATA = "assets/config/data.json"  # where the data lies in the site
RECORD = ROOT / "evidence" / "combinations.json"


def recorded() -> dict:
    """What ran: {"wsgi.gunicorn.systemd.none": {"outcome": "serves", "date": …, "versions": …, …}}."""
    return json.loads(RECORD.read_text(encoding="utf-8"))["combinations"] if RECORD.exists() else {}


def combinations() -> dict[str, bool | str]:
    """Every combination: True when it is offered, else the id of the reason; `not-run` for what has yet to be tried."""
    config, ran = load(FILE), recorded()
    parts, found = config["parts"], {}
    for interface, servers in (("wsgi", config["pages"]["wsgi"]), ("asgi", config["pages"]["asgi"])):
        rest = (parts[part]["values"] for part in ("manager", "proxy", "channels"))
        for server, manager, proxy, channels in itertools.product(servers, *rest):
            choice = {"interface": interface, "server": server, "manager": manager, "proxy": proxy, "channels": channels}
            name = ".".join([interface, server, manager, proxy, *(["channels"] if channels == "yes" else [])])
            served = ran.get(name, {}).get("outcome") == "serves"
            found[name] = refusal(choice, config["refused"]) or (True if served else "not-run")
    return found


def refusal(choice: dict, rules: list[dict]) -> str:
    """The id of the first rule that fits a choice, or ""."""
    for rule in rules:
        when = dict(rule["when"])
        if f"{choice['interface']}.{choice['server']}" in when.pop("not", []):
            continue
        if all(choice[part] in values for part, values in when.items()):
            return rule["id"]
    return ""


def sources() -> dict[str, str]:
    """path below snippets/ -> text, of all that files are made from."""
    snippets, found = ROOT / "snippets", {}
    for name in load(FILE)["sources"]:
        top = snippets / name
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.is_file() and path.name != "recipe.toml" and "__pycache__" not in path.parts:
                found[path.relative_to(snippets).as_posix()] = path.read_text(encoding="utf-8")
    return found


def comments() -> dict[str, str]:
    """English comment -> Japanese comment."""
    return {" ".join(entry["en"].split()): entry["ja"].rstrip("\n") for entry in load(COMMENTS)["comments"]}


def data() -> dict:
    """What the script needs besides the words of its page; the same for both languages."""
    return {"texts": sources(), "comments": comments(), "combinations": combinations(), "ran": recorded()}


@event_priority(-200)  # after static-i18n, which makes files of its own of all that it is given
def on_files(files, config):
    """Add the data to the site's files (MkDocs hook)."""
    files.append(File.generated(config, DATA, content=json.dumps(data(), ensure_ascii=False, separators=(",", ":"))))
    return files


def query(choice: dict) -> str:
    """The builder's address behind "?" for the choice that an outcome of the flowchart names."""
    return "&".join(f"{part}={value}" for part, value in choice.items())


def builder(place) -> str:
    """Block: the form, hidden until its script has come to life, and where the files appear."""
    config = load(FILE)
    words = {key: place.text(value) for key, value in config["words"].items()}
    fields = "".join(_fieldset(place, name, part, words) for name, part in config["parts"].items())
    numbers = "".join(
        f'<label class="config-size" data-size="{name}">{escape(place.text(label))} '
        f'<input type="number" name="{name}" min="1" max="64" step="1" inputmode="numeric" required></label>'
        for name, label in config["sizes"].items()
    )
    return (
        f'\n<section class="config" data-search-exclude data-data="{get_relative_url(DATA, place.url)}">'
        f'<script type="application/json" class="config-words">{_json(_words(place, config, words))}</script>'
        f'<p class="config-needs-script">{escape(words["needs_script"])}</p>'
        f'<form class="config-form" aria-label="{escape(words["form"])}" hidden>{fields}<div class="config-sizes">{numbers} <a class="config-sizing" href="{place.href("tools/sizing.md")}">{escape(words["sizing"])}</a></div></form>'
        f'<p class="config-status" role="status" hidden></p>'
        f'<div class="config-result" hidden></div>{place.module("config/page.js")}</section>\n'
    )


def _fieldset(place, name: str, part: dict, words: dict) -> str:
    values = "".join(
        f'<label data-value="{value}"><input type="radio" name="{name}" value="{value}"> <span>{escape(place.text(label))}</span><small></small></label>'
        for value, label in part["values"].items()
    )
    more = f'<a href="{place.href(part["page"])}">{escape(words["more"])}</a>'
    return f'<fieldset data-part="{name}"><legend>{escape(place.text(part["label"]))} {more}</legend>{values}</fieldset>'


def _words(place, config: dict, words: dict) -> dict:
    """What the script says, in the language of the page."""
    return {
        "words": words,
        "parts": {name: {"label": place.text(part["label"]), "values": {value: place.text(label) for value, label in part["values"].items()}} for name, part in config["parts"].items()},
        "sizes": {name: place.text(label) for name, label in config["sizes"].items()},
        "why": {**{rule["id"]: place.text(rule["why"]) for rule in config["refused"]}, "not-run": words["not_run"]},
        "steps": {manager: [place.text(step) for step in steps] for manager, steps in config["steps"].items()},
        "outcomes": {name: {value: place.text(both) for value, both in values.items()} for name, values in config["outcomes"].items()},
        "language": place.lang,
    }


def table(place) -> str:
    """Block: what is offered, each leading to the page that has the files, and why the rest is not."""
    config, offered = load(FILE), combinations()
    words = {key: place.text(value) for key, value in config["words"].items()}
    values = {name: part["values"] for name, part in config["parts"].items()}
    head = "".join(
        f'<th scope="col"><a href="{place.href(page)}">{escape(place.text(values["manager"][manager]))}</a></th>' for manager, page in config["pages"]["manager"].items()
    )
    rows = "".join(
        f'<tr><th scope="row"><a href="{place.href(page)}">{escape(place.text(values["server"][server]))}</a> ({interface.upper()})</th>'
        + "".join(f"<td>{_cell(place, values, offered, interface, server, manager) or '–'}</td>" for manager in config["pages"]["manager"])
        + "</tr>"
        for interface in ("wsgi", "asgi") for server, page in config["pages"][interface].items()
    )
    thead = f'<thead><tr><th scope="col">{escape(words["table"])}</th>{head}</tr></thead>'
    reasons = [place.text(rule["why"]) for rule in config["refused"]] + ([words["not_run_rest"]] if "not-run" in offered.values() else [])
    why = "".join(f"<li>{code(reason)}</li>" for reason in reasons)
    return (
        f'\n<div class="config-table">{charts.scrolling(words["table"], thead + f"<tbody>{rows}</tbody>")}</div>\n'
        f'<p>{escape(words["why"])}</p><ul>{why}</ul>\n'
    )


def _cell(place, values: dict, offered: dict, interface: str, server: str, manager: str) -> str:
    """The proxies of a server under a manager, and Channels where it ran with that."""
    name = f"{interface}.{server}.{manager}"
    found = [escape(place.text(values["proxy"][proxy])) for proxy in values["proxy"] if offered.get(f"{name}.{proxy}") is True]
    if any(offered.get(f"{name}.{proxy}.channels") is True for proxy in values["proxy"]):
        found.append("Channels")
    return "<br>".join(found)


def _json(content: dict) -> str:
    """JSON that can stand in a page: nothing in it ends the element."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
