"""The explorer on /faster/: every measured point of one record, in words, so that its script computes and formats nothing."""

import json
from html import escape


import charts
import drawing
from data import Missing, load

FILE = "faster/explorer.yml"


def explorer(place) -> str:
    """Block: the choices, the point chosen with its drawing, and the table of all points, which is all there is without the script."""
    entry = load(FILE)
    record = charts.record(entry["record"])
    words = {name: place.text(both) for name, both in {**entry["words"], "one": entry["one"]}.items()} | {"join": charts.WORDS[place.lang]["join"], "not_measured": charts.WORDS[place.lang]["none"]}
    points = [_point(place, entry, record, case) for case in record["cases"]]
    if not any(point["labels"] == _given(entry["start"]) for point in points):
        raise Missing(f"docs/{FILE}: the record has no case {entry['start']} to start with; name another one.")
    drawings = "".join(_drawings(place, entry, words, record, points))
    data = {
        "by": entry["by"], "kinds": entry["kinds"], "drawn": entry["drawn"], "start": _given(entry["start"]), "points": points, "words": words,
        "labels": _labels(place, entry, record), "measures": {measure: charts.measure_texts(place, measure)[0] for measure in entry["measures"]},
    }
    return (
        f'\n<section class="explorer"><script type="application/json" class="explorer-data">{_json(data)}</script>'
        f'<form class="explorer-form" aria-label="{escape(words["choose"])}" hidden>{_choices(place, entry, record)}</form>'
        f'<div class="explorer-chosen" hidden><p class="explorer-status" role="status"></p>'
        f'<div class="explorer-point"></div><div class="explorer-drawings">{drawings}</div></div>'
        f'<details class="record explorer-all" open><summary>{words["all"]}</summary>{_table(place, entry, words, points)}</details>'
        f'{charts.ran(place, record, entry["record"])}'
        f'{place.module("explorer.js")}</section>\n'
    )


def _given(labels: dict) -> dict[str, str]:
    """Labels as they stand in an address: all of them text."""
    return {label: str(value) for label, value in labels.items()}


def _point(place, entry: dict, record: dict, case: dict) -> dict:
    """A case with its figures in words; a measure that was not taken is left out."""
    figures = {}
    for measure in entry["measures"]:
        if measure not in case["samples"]:
            continue
        try:
            ratio = charts.middle_and_ends(charts.ratios(record, case, measure, entry["relative_to"], measure))
        except Missing:  # such as a latency that was too long to be seen in a short sample
            ratio = None
        absolute = charts.middle_and_ends(case["samples"][measure])[0]
        unit = charts.measure_texts(place, measure)[1]
        figures[measure] = {
            "ratio": charts.spread(place, *ratio) if ratio else "–", "times": charts.spread(place, *ratio, words="ratio") if ratio else "–",
            "absolute": f"{absolute:,.{charts.digits_of(absolute)}f} {unit}".strip(),
        }
    return {"labels": _given(charts.labels_of(case)), "figures": figures}


def _labels(place, entry: dict, record: dict) -> dict:
    """`{threads: {"4": "4 threads"}}`: every value of every label, in the order of the record."""
    return {
        label: {str(case[label]): charts.value_text(place, label, case[label]) for case in record["cases"] if label in case} for label in entry["by"]
    }


def _choices(place, entry: dict, record: dict) -> str:
    parts = []
    for label, values in _labels(place, entry, record).items():
        boxes = "".join(f'<label><input type="radio" name="{label}" value="{escape(value)}"> {escape(text)}</label>' for value, text in values.items())
        parts.append(f'<fieldset data-label="{label}"><legend>{escape(place.text(charts.label_texts(label)["name"]))}</legend>{boxes}</fieldset>')
    return "".join(parts)


def _drawings(place, entry: dict, words: dict, record: dict, points: list[dict]):
    """A figure for each kind of case. Every point learns where it lies in its figure, so that the script can put a ring around it."""
    kinds = list(dict.fromkeys(tuple((label, case[label]) for label in entry["kinds"] if label in case) for case in record["cases"]))
    for number, kind in enumerate(kinds):
        members = [(case, point) for case, point in zip(record["cases"], points, strict=True) if tuple((label, case[label]) for label in entry["kinds"] if label in case) == kind]
        series = list(dict.fromkeys(case[entry["series"]] for case, _ in members))
        drawn = [
            drawing.Point(case[entry["along"]], series.index(case[entry["series"]]),
                          *charts.middle_and_ends(charts.ratios(record, case, entry["drawn"], entry["relative_to"], entry["drawn"])))
            for case, _ in members
        ]
        up = charts.WORDS[place.lang]["relative"].format(measure=charts.measure_texts(place, entry["drawn"])[0], one=place.text(entry["one"]))
        axes = drawing.Axes(across=place.text(charts.label_texts(entry["along"])["name"]), up=up, log_across=True, one=True,
                            series=tuple(charts.value_text(place, entry["series"], value) for value in series))
        svg, places = drawing.line(drawn, axes)
        for (_, point), at in zip(members, places, strict=True):
            point["at"] = [number, *at]
        title = words["drawing"].format(kind=words["join"].join(charts.value_text(place, *label) for label in kind))
        inner = drawing.figure(svg, f"explorer-{number}", title, words["drawing_alt"])
        ring = '<circle class="explorer-ring" r="8" hidden></circle></svg>'
        yield f'<figure class="chart" data-kind="{number}" hidden><figcaption>{escape(title)}</figcaption>{inner.removesuffix("</svg>")}{ring}</figure>'


def _table(place, entry: dict, words: dict, points: list[dict]) -> str:
    """All points: for each measure the ratio, and beside it what was measured."""
    names = [charts.measure_texts(place, measure)[0] for measure in entry["measures"]]
    labels = _labels(place, entry, charts.record(entry["record"]))
    lines = []
    for point in points:
        name = words["join"].join(labels[label][point["labels"][label]] for label in entry["by"] if label in point["labels"])
        cells = "".join(
            f'<td>{escape(figure["ratio"])}</td><td>{escape(figure["absolute"])}</td>' if (figure := point["figures"].get(measure)) else f'<td colspan="2">{words["not_measured"]}</td>'
            for measure in entry["measures"]
        )
        lines.append(f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>')
    above = f'<tr><th scope="col" rowspan="2">{escape(words["case"])}</th>' + "".join(f'<th scope="colgroup" colspan="2">{escape(name)}</th>' for name in names) + "</tr>"
    below = "<tr>" + f'<th scope="col">{escape(words["ratio"])}</th><th scope="col">{escape(words["absolute"])}</th>' * len(names) + "</tr>"
    columns = "<colgroup></colgroup>" + '<colgroup span="2"></colgroup>' * len(names)
    return charts.scrolling(words["all"], f"{columns}<thead>{above}{below}</thead><tbody>{''.join(lines)}</tbody>")


def _json(data: dict) -> str:
    """JSON that can stand in a page: nothing in it ends the element."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
