"""The sizing calculator of /tools/sizing/: its form, its start as a worked example, and how far its formulas are from the records.

Texts and fields are in `docs/tools/sizing.yml`, the formulas in `sizing_model.py` and, for the reader's own figures, in
`docs/assets/javascripts/sizing/`. Every figure of a record is read from `evidence/`.
"""

import json
import math
import re
from functools import lru_cache
from html import escape
from statistics import median

from mkdocs.utils import get_relative_url

import charts
import drawing
import records
import sizing_model as model
from data import DOCS, Missing, code, load
from raw import RAW

FILE = "tools/sizing.yml"
DEFAULT_SETUP = "gunicorn-gthread"  # whose recorded memory stands in the form at first
LONG = 12  # letters
LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")


# What was recorded


def forget() -> None:
    """Compute anew what follows from the records; they may have changed between two builds of a preview."""
    _slope.cache_clear()
    points.cache_clear()


def _memory(setup: str) -> dict:
    """{setup, worker, main, total, processes, date} of the recorded memory of a server, in MiB; `main` is what is left beside the workers."""
    record = records.record(setup, "memory")
    figures = record["figures"]
    workers = max(figures["processes"] - 1, 1)
    main = round(figures["total_mib"] - workers * figures["worker_mib"], 1) + 0.0
    return {"setup": setup, "worker": figures["worker_mib"], "main": main, "total": figures["total_mib"], "processes": workers, "date": record["date"]}


def _value(case: dict, measure: str) -> float:
    return median(case["samples"][measure])


@lru_cache(None)
def _slope() -> float:
    """The most that a thread added to the memory of a server in the records, in MiB, rounded up to a tenth."""
    cases = charts.record("processes-threads/grid")["cases"]
    growth = [
        (_value(more, "memory_mb") - _value(less, "memory_mb")) / more["workers"] / (more["threads"] - less["threads"])
        for less in cases for more in cases
        if charts.labels_of(less) | {"threads": 0} == charts.labels_of(more) | {"threads": 0} and more["threads"] > less["threads"]
    ]  # fmt: skip
    return math.ceil(max(growth) * 10) / 10


def recorded() -> dict[str, float]:
    """The start of the fields that say `start: recorded`."""
    found = _memory(DEFAULT_SETUP)
    return {"worker_mb": found["worker"], "main_mb": found["main"], "thread_mb": _slope()}


@lru_cache(None)
def points() -> list[dict]:
    """
    Every recorded point that the formulas can be asked for: {record, case, measured, scaled, arguments (of `closed`)}.

    What a view computes and waits is taken from the first point of its kind (`scaled`): one client, or one process with one thread. From an
    empty view comes how much of that is computing when the view only waits.
    """
    overhead = _overhead()
    found = []

    def add(name, case, base, cpus=None, computes=False, database=False, **arguments):
        record = charts.record(name)
        service = 1 / _value(base, "throughput")
        python = service if computes else overhead
        rest = service - python
        arguments |= {"cpus": cpus or record["machine"]["cpus"], "python": python, "database": rest if database else 0, "wait": 0 if database else rest}
        found.append({"record": name, "case": charts.labels_of(case), "measured": _value(case, "throughput"), "scaled": case is base, "arguments": arguments})

    def cases(name):
        return charts.record(name)["cases"]

    for case in cases("processes-threads/grid"):
        kind = {label: case[label] for label in ("view", "waiting_ms") if label in case}
        base = next(other for other in cases("processes-threads/grid") if charts.fits(other, kind) and other["workers"] == other["threads"] == 1)
        add("processes-threads/grid", case, base, computes=case["view"] == "cpu", database=case["view"] == "database",
            clients=32, processes=case["workers"], threads=case["threads"])
    for case in cases("processes-threads/queue"):
        add("processes-threads/queue", case, cases("processes-threads/queue")[0], clients=case["clients"], processes=1, threads=4)
    for case in cases("processes-threads/one-cpu"):
        add("processes-threads/one-cpu", case, cases("processes-threads/one-cpu")[0], cpus=1, computes=True, clients=32, processes=case["workers"], threads=1)
    for case in cases("external-calls/capacity"):
        base = next(other for other in cases("external-calls/capacity") if other["how"] == case["how"])
        add("external-calls/capacity", case, base, clients=case["visitors"], processes=1, threads=4)
    for case in cases("async/waiting"):
        if found_threads := re.fullmatch(r"gthread-2x(\d+)", case["setup"]):
            add("async/waiting", case, cases("async/waiting")[0], clients=case["clients"], processes=2, threads=int(found_threads[1]))
    for point in found:
        point["predicted"] = model.closed(**point["arguments"])
        point["full"] = _full(point["arguments"])
        point["error"] = abs(point["predicted"] - point["measured"]) / point["measured"]
    return found


def _full(arguments: dict) -> float:
    """Requests per second with every slot in use, which the calculator shows as the highest throughput, however many clients there were."""
    state = {"arrival": 1e-3, "replicas": 1, "cpus": arguments["cpus"], "processes": arguments["processes"], "threads": arguments["threads"]}
    times = {"compute_ms": arguments["python"] * 1000, "wait_ms": arguments["wait"] * 1000, "database_ms": arguments["database"] * 1000}
    return model.evaluate(start() | state | times)["most"]


def _overhead() -> float:
    """Seconds that Django and the server compute for an empty view."""
    case = next(case for case in charts.record("async/middleware")["cases"] if case["middleware"] == "wsgi-sync-view")
    return _value(case, "cpu_ms") / 1000


def summary() -> dict[str, dict]:
    """
    {record: {points, median, largest, at (the case of the largest), full}} of the errors; points that were taken as given do not count.

    `full` is how much the highest throughput of the calculator is above what was measured, at most, with as many clients as slots or more.
    """
    found = {}
    for name in dict.fromkeys(point["record"] for point in points()):
        mine = [point for point in points() if point["record"] == name and not point["scaled"]]
        worst = max(mine, key=lambda point: point["error"])
        filled = [point for point in mine if point["arguments"]["clients"] >= point["arguments"]["processes"] * point["arguments"]["threads"]]
        full = max(point["full"] / point["measured"] - 1 for point in filled)
        found[name] = {"points": len(mine), "median": median(point["error"] for point in mine), "largest": worst["error"], "at": worst["case"], "full": full}
    return found


def memory_points() -> list[dict]:
    """Recorded memory beside the formula: {record, case, measured, bound}. A process is counted with all that the smallest case took."""
    found = []
    for name in ("processes-threads/grid", "processes-threads/one-cpu", "async/waiting"):
        cases = [(case, *_size(case)) for case in charts.record(name)["cases"] if "memory_mb" in case["samples"] and _size(case)]
        base, processes, _ = min(cases, key=lambda each: each[1:])
        each = _value(base, "memory_mb") / processes
        for case, processes, threads in cases:
            state = {"processes": processes, "threads": threads, "worker_mb": each, "main_mb": 0, "thread_mb": _slope()}
            found.append({"record": name, "case": charts.labels_of(case), "measured": max(case["samples"]["memory_mb"]), "bound": model.memory(state)})
    return found


def _size(case: dict) -> tuple[int, int] | None:
    """(processes, threads) of a case of the ladder; None for one that is not Gunicorn with threads."""
    if "setup" in case:
        found = re.fullmatch(r"gthread-(\d+)x(\d+)", case["setup"])
        return (int(found[1]), int(found[2])) if found else None
    return case["workers"], case.get("threads", 1)


def connection_points() -> list[dict]:
    """Counted connections beside the formula: {setup, behaviour, measured, bound}; the bound is infinite where nothing limits them."""
    checked, found = load(FILE)["checked"], []

    def add(setup, behaviour, figure, most, state):
        found.append({"setup": setup, "behaviour": behaviour, "measured": records.record(setup, behaviour)["figures"][figure], "bound": most(state)})

    for each in checked["connections"]:
        interface = records.interface(each["setup"]).lower()
        state = {"interface": interface, "replicas": 1, "processes": each["processes"], "threads": each.get("threads", math.inf), "databases": 1, "pool": checked["pool"]}
        for kind in ("age-0", "age-60", "pool"):
            add(each["setup"], f"db-connections-{kind}", "open_connections", model.connections, state | {"connections": "age" if kind == "age-60" else kind})
    for setup, state in (
        ("db-connections-wsgi", {"interface": "wsgi", "connections": "age", "threads": 4}),
        ("db-connections-asgi", {"interface": "asgi", "connections": "pool", "threads": math.inf}),
    ):
        state |= {"replicas": 1, "processes": 2, "databases": 1, "pool": checked["pool"]}
        add(setup, "db-busy", "open_connections", model.connections, state)
        add(setup, "db-reload", "usual_connections", model.connections, state)
        add(setup, "db-reload", "most_connections", lambda state: 2 * model.connections(state), state)
    return found


# The form


def fields() -> list[dict]:
    """All fields in order; `start` is a figure everywhere."""
    from_records = recorded()
    return [field | ({"start": from_records[field["id"]]} if field["start"] == "recorded" else {}) for group in load(FILE)["groups"] for field in group["fields"]]


def start() -> dict:
    """The state that the form shows at first."""
    return {field["id"]: field["start"] for field in fields()}


def plain(value: float) -> str:
    """A figure with the digits that it needs to be read: 1,230, 12.3, 1.23, 0.123. model.js's page writes it the same way."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


UNITS = {
    "ja": {"rate": "{}\u00a0件/秒", "s": "{}\u00a0秒", "ms": "{}\u00a0ミリ秒", "mib": "{}\u00a0MiB", "share": "{}\u00a0%", "endless": "限りなく伸びる", "limitless": "上限なし"},
    "en": {"rate": "{}/s", "s": "{}\u00a0s", "ms": "{}\u00a0ms", "mib": "{}\u00a0MiB", "share": "{}%", "endless": "grows without end", "limitless": "no limit"},
}


def kinds() -> dict[str, str]:
    """How each named figure is written: {"arrival": "rate", …}; others are plain figures."""
    data = load(FILE)
    return {name: kind for kind, names in data["kinds"].items() for name in names} | {result["id"]: result["kind"] for result in data["results"]}


def written(lang: str, name: str, value) -> str:
    """A figure in words."""
    units, kind = UNITS[lang], kinds().get(name, "plain")
    if value is None:
        return units["endless"]
    if value == math.inf:
        return units["limitless"]
    if kind == "time":
        return units["s"].format(plain(value)) if value >= 1 or value == 0 else units["ms"].format(plain(value * 1000))
    if kind == "share":
        return units["share"].format(plain(value * 100))
    return units[kind].format(plain(value)) if kind in units else plain(value)


def sizing(place) -> str:
    """Block: the form, the results and the warnings. Before its script runs it shows the start, which is the worked example."""
    data, state = load(FILE), start()
    figures = state | model.evaluate(state) | {"busy": (state["compute_ms"] + state["database_ms"]) / 1000}
    words = {name: place.text(both) for name, both in data["words"].items()}
    rows = "".join(_row(place, result, state, figures) for result in data["results"])
    groups = "".join(_group(place, words, group) for group in data["groups"])
    return (
        f'\n<section class="sizing"><script type="application/json" class="sizing-data">{_json(_data(place, data, words))}</script>'
        f'<noscript><p class="sizing-without">{escape(words["without"])}</p></noscript>'
        f'<form class="sizing-form" aria-label="{escape(words["form"])}" novalidate>{groups}</form>'
        f'<div class="sizing-found"><p class="sizing-status" role="status"></p>'
        f'<div class="chart-scroll" tabindex="0" role="group" aria-label="{escape(words["results"])}"><table class="chart-table sizing-results"><thead><tr><th scope="col">{words["result"]}</th>'
        f'<th scope="col">{words["value"]}</th></tr></thead><tbody>{rows}</tbody></table></div>'
        f'<p class="sizing-heading" id="sizing-warnings">{words["warnings"]}</p>'
        f'<ul class="sizing-warnings" aria-labelledby="sizing-warnings"><li>{escape(words["no_warnings"])}</li></ul>'
        f'<p class="sizing-buttons"><button type="button" data-do="copy" disabled>{escape(words["copy"])}</button> <button type="button" data-do="reset" disabled>{escape(words["reset"])}</button></p>'
        f'<p><a class="sizing-files" href="{place.href("tools/config.md")}">{escape(words["files"])}</a></p></div>'
        f'{place.module("sizing/page.js")}</section>\n'
    )


def _group(place, words: dict, group: dict) -> str:
    starts = start()
    inner = "".join(_field(place, field | {"start": starts[field["id"]]}) for field in group["fields"])
    help_ = f'<p class="sizing-help">{_linked(place, place.text(group["help"]))}</p>' if "help" in group else ""
    button = f'<p class="sizing-buttons"><button type="button" data-do="find" disabled>{escape(words["find"])}</button></p>' if group["id"] == "target" else ""
    return f'<fieldset data-group="{group["id"]}"><legend>{escape(place.text(group["label"]))}</legend>{help_}{inner}{button}</fieldset>'


def _field(place, field: dict) -> str:
    name = field["id"]
    help_ = f'<small id="sizing-{name}-help">{code(place.text(field["help"]))}</small>' if "help" in field else ""
    described = f' aria-describedby="sizing-{name}-help"' if help_ else ""
    if "values" in field:
        options = "".join(
            f'<option value="{value}"{" selected" if value == field["start"] else ""}>{escape(place.text(text).replace("`", ""))}</option>' for value, text in field["values"].items()
        )
        control = f'<select id="sizing-{name}" name="{name}"{described}>{options}</select>'
    else:
        control = (
            f'<input id="sizing-{name}" name="{name}" type="number" inputmode="decimal" min="{field["min"]}" max="{field["max"]}" step="{field["step"]}" '
            f'value="{field["start"]}" autocomplete="off"{described}>'
        )
        control += f'<span class="sizing-unit">{escape(place.text(field["unit"])) if "unit" in field else ""}</span>'
    # A long choice does not fit beside its label.
    wide = " sizing-wide" if any(len(place.text(text)) > LONG for text in field.get("values", {}).values()) else ""
    return f'<div class="sizing-field{wide}"><label for="sizing-{name}">{code(place.text(field["label"]))}</label><span class="sizing-control">{control}</span>{help_}</div>'


def _linked(place, text: str) -> str:
    """HTML of a line of text with `code` and [links](page.md#heading)."""
    html = code(text)
    return LINK.sub(lambda match: f'<a href="{place.href(match[2]) if not match[2].startswith("#") else match[2]}">{match[1]}</a>', html)


def _row(place, result: dict, state: dict, figures: dict) -> str:
    name = result["id"]
    template = place.text(result["how_pool"] if "how_pool" in result and state["connections"] == "pool" else result["how"])
    how = template.format_map({each: written(place.lang, each, value) for each, value in figures.items() if not isinstance(value, str)})
    meter = ""
    if "share" in result:
        whole = figures[result["share"]] if isinstance(result["share"], str) else result["share"]
        meter = f'<meter min="0" max="1" low="0.7" high="0.9" optimum="0" value="{min(1, figures[name] / whole):.3f}" aria-hidden="true"></meter>'
    return f'<tr data-result="{name}"><th scope="row">{escape(place.text(result["label"]))}</th><td><output>{escape(written(place.lang, name, figures[name]))}</output>{meter}<small>{escape(how)}</small></td></tr>'


def _data(place, data: dict, words: dict) -> dict:
    """What the script needs: fields without their help, templates, and how figures are written."""
    return {
        "version": data["version"],
        "fields": [
            {"id": field["id"], "label": place.text(field["label"]).replace("`", ""), "start": field["start"]}
            | ({"values": list(field["values"])} if "values" in field else {key: field[key] for key in ("min", "max", "step")})
            for field in fields()
        ],
        "results": [
            {"id": result["id"], "how": place.text(result["how"])} | ({"how_pool": place.text(result["how_pool"])} if "how_pool" in result else {})
            | ({"share": result["share"]} if "share" in result else {}) for result in data["results"]
        ],  # fmt: skip
        "warnings": {
            name: {"level": each["level"], "text": place.text(each["text"]), "proof": heading(place, each["link"]), "href": place.href(each["link"])}
            for name, each in data["warnings"].items()
        },
        "kinds": kinds(), "units": UNITS[place.lang], "words": words,
    }


def heading(place, link: str) -> str:
    """Where `page.md#id` leads, in the page's language: the title of that page and the heading."""
    path, _, anchor = link.partition("#")
    source = (DOCS / path).with_suffix(f".{place.lang}.md")
    text = source.read_text("utf-8") if source.exists() else ""
    found = re.search(rf"^#+ (.+?) \{{ #{re.escape(anchor)} \}}$", text, re.MULTILINE)
    if not found:
        raise Missing(f"docs/{FILE} links {link}, and docs/{path.removesuffix('.md')}.{place.lang}.md has no such heading.")
    title = re.search(r"^title: (.+)$", text, re.MULTILINE)[1]
    return f"{title}：{found[1]}" if place.lang == "ja" else f"{title}: {found[1]}"


def _json(data: dict) -> str:
    """JSON that can stand in a page: nothing in it ends the element."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


# The tables beside it


def warnings(place) -> str:
    """Block: all warnings, when each appears, and the heading that shows why."""
    data, words = load(FILE), load(FILE)["words"]
    head = [place.text(words["warnings"]), place.text(words["when"]), place.text(words["where"])]
    rows = [
        f'<tr><td>{place.text(words["level_" + each["level"]])}</td><td>{code(place.text(each["when"]))}</td><td><a href="{place.href(each["link"])}">{code(heading(place, each["link"]))}</a></td></tr>'
        for each in data["warnings"].values()
    ]
    return f"\n{charts.table(place.text(words['warnings']), head, rows)}\n"


def memory_table(place) -> str:
    """Block: the recorded memory of each server, with a button that puts it into the form."""
    words = {name: place.text(both) for name, both in load(FILE)["words"].items()}
    rows = []
    for setup in load(FILE)["checked"]["memory"]:
        found = _memory(setup)
        link = f'<a href="{place.href(records.record_page(setup, "memory"))}">{escape(records.setup_name(place, setup))}</a>'
        button = f'<button type="button" class="sizing-use" data-worker="{found["worker"]}" data-main="{max(0, found["main"])}" data-name="{escape(records.setup_name(place, setup))}" disabled>{escape(words["use"])}</button>'
        rows.append(f'<tr><th scope="row">{link}</th><td>{found["worker"]} MiB</td><td>{found["main"]} MiB</td><td>{found["total"]} MiB</td><td>{found["processes"]}</td><td>{found["date"]}</td><td>{button}</td></tr>')
    head = [words["setup"], words["process"], words["rest"], words["total"], words["workers"], words["recorded_on"], ""]
    return f"\n{charts.table(words['setup'], head, rows)}\n"


def errors(place) -> str:
    """Block: median and largest error of the computed throughput for each record, and folded below it every point."""
    words = {name: place.text(both) for name, both in load(FILE)["words"].items()}
    rows = [
        f'<tr><th scope="row"><a href="{get_relative_url(f"{RAW}/ladder/{name}.json", place.url)}"><code>{name}</code></a></th><td>{each["points"]}</td><td>{_percent(place, each["median"])}</td><td>{_percent(place, each["largest"])}</td><td>{escape(_case(place, each["at"]))}</td></tr>'
        for name, each in summary().items()
    ]
    table = charts.table(words["error"], [words["record"], words["points"], words["median"], words["largest"], words["largest_at"]], rows)
    all_rows = [
        f'<tr><th scope="row">{escape(_case(place, point["case"]))}</th><td>{plain(point["measured"])}</td><td>{plain(point["predicted"])}</td>'
        f'<td>{words["scaled"] if point["scaled"] else _percent(place, point["error"])}</td></tr>' for point in points()
    ]  # fmt: skip
    everything = charts.table(words["all_points"], [words["case"], words["measured"], words["predicted"], words["error"]], all_rows)
    return f'\n{table}<details class="record"><summary>{words["all_points"]}</summary>{everything}</details>\n'


def error(place, name: str, which: str) -> str:
    """Inline: the `median`, `largest` or `full` error for a record (`summary`), in per cent."""
    found = summary()
    if name not in found or which not in ("median", "largest", "full"):
        raise Missing(f"{name} {which} is no error of the calculator; name one of {', '.join(found)} and median, largest or full.")
    return _percent(place, found[name][which])


def bounds(place, what: str) -> str:
    """Block: `connections` or `memory` as recorded, beside the computed bound."""
    words = {name: place.text(both) for name, both in load(FILE)["words"].items()}
    if what == "memory":
        rows = [(_case(place, point["case"]), f'{plain(point["measured"])} MiB', f'{plain(point["bound"])} MiB') for point in memory_points() if point["case"].get("view", "cpu") == "cpu"]
    elif what == "connections":
        rows = [
            (f'<a href="{place.href(records.record_page(point["setup"], point["behaviour"]))}">{escape(records.setup_name(place, point["setup"]))}</a>, <code>{point["behaviour"]}</code>',
             plain(point["measured"]), written(place.lang, "", point["bound"]))
            for point in connection_points()
        ]  # fmt: skip
    else:
        raise Missing(f"{what} is no bound of the calculator; name connections or memory.")
    cells = [f'<tr><th scope="row">{case}</th><td>{measured}</td><td>{bound}</td></tr>' for case, measured, bound in rows]
    title = words["memory_points" if what == "memory" else "all_points"]
    return f'\n<details class="record"><summary>{code(title)}</summary>{charts.table(title.replace("`", ""), [words["case"], words["found_count"], words["bound"]], cells)}</details>\n'


def curve(place) -> str:
    """Block: what a load does to the response time of the configuration that the form shows at first, drawn and as a table."""
    entry, state = load(FILE)["curve"], start()
    series = [place.text(name) for name in entry["series"]]
    rows = [(share, *_responses(state, share / 100)) for share in entry["loads"]]
    # A queue of its own may be endless before the shared one is: there its line ends.
    drawn = [drawing.Point(share, number, value, value, value) for share, *values in rows for number, value in enumerate(values) if value is not None]
    svg, _ = drawing.line(drawn, drawing.Axes(across=place.text(entry["across"]), up=place.text(entry["up"]), series=tuple(series)))
    title = place.text(entry["title"])
    cells = [
        f'<tr><th scope="row">{share}</th>' + "".join(f"<td>{plain(value) if value is not None else UNITS[place.lang]['endless']}</td>" for value in values) + "</tr>" for share, *values in rows
    ]
    return (
        f'\n<figure class="chart"><figcaption>{escape(title)}</figcaption>{drawing.figure(svg, "sizing-curve", title, place.text(entry["alt"]))}'
        f'<p class="chart-reading">{escape(place.text(entry["reading"]))}</p>'
        f'<details class="record"><summary>{charts.WORDS[place.lang]["table"]}</summary>{charts.table(title, [place.text(entry["across"]), *series], cells)}</details></figure>\n'
    )


def _responses(state: dict, share: float) -> tuple[float | None, float | None]:
    """Mean response times in ms at a share of the highest throughput: with one line for all processes, and with one for each."""
    result = model.evaluate(state | {"arrival": share * model.evaluate(state)["most"]})
    together, apart = result["response"], result["response_apart"]
    return together and together * 1000, apart and apart * 1000


def _case(place, case: dict) -> str:
    return charts.WORDS[place.lang]["join"].join(charts.value_text(place, label, value) for label, value in case.items())


def _percent(place, share: float) -> str:
    return UNITS[place.lang]["share"].format(plain(share * 100))
