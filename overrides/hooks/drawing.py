"""Charts as SVG, drawn by Vega-Lite: 360 units wide, so that letters are legible on a phone, in colours that the page's style sets.

Series differ in colour, dash and mark, and carry their names: beside the end of their line or bar where there is room,
below the drawing otherwise. Nothing here knows what the figures mean; charts.py does.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from importlib.metadata import version
from math import ceil, floor, log, log10
from pathlib import Path
from tempfile import TemporaryFile

from data import ROOT, Missing

CACHE = ROOT / ".cache" / "charts"  # may be deleted at any time
WIDTH = 360
LETTER = 12.5  # font size; on a phone a unit is a little less than a pixel
LINE = 15  # from one line of text to the next
MOST_SERIES = 6
COLOURS = [f"var(--chart-{number})" for number in range(1, MOST_SERIES + 1)]
DASHES = [[], [7, 3], [2, 2.5], [9, 3, 2, 3], [4, 2], [1, 3]]
SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]
AXIS = {"labelFontSize": LETTER, "titleFontSize": LETTER, "titleFontWeight": "normal", "labelColor": "currentColor", "titleColor": "currentColor",
        "gridColor": "var(--chart-grid)", "domainColor": "var(--chart-grid)", "tickColor": "var(--chart-grid)"}


@dataclass(frozen=True)
class Point:
    """One figure with its spread; `x` and `series` count from 0 where they are not numbers."""

    x: float
    series: int
    value: float
    low: float
    high: float
    text: str = ""  # the figure as readers see it


@dataclass(frozen=True)
class Axes:
    """What is written around a drawing: both titles, the names of the series (none: there is one), of the groups of bars."""

    across: str
    up: str
    series: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    log_across: bool = False
    log_up: bool = False
    one: bool = False  # whether 1 is what everything is compared with


def width_of(text: str) -> float:
    """About how much room a text takes: Japanese letters are square, capital letters narrower, others about half of that."""
    return sum(LETTER * (1 if ord(letter) > 0x2E00 else .72 if letter.isupper() or letter == "_" else .56) for letter in text)


def title_of(text: str, room: float) -> list[str]:
    """The title of an axis in one line or, where it is wider than the room, in two: what was measured, and in brackets what counts as 1."""
    lines = [text] if width_of(text) <= room else [part for part in re.split(r"\s?(?=[(（])", text, maxsplit=1) if part]
    if max(map(width_of, lines)) > room:
        raise Missing(f"The axis title “{text}” is wider than the drawing, also in two lines; shorten it.")
    return lines


def line(points: list[Point], axes: Axes) -> tuple[str, list[tuple[float, float]]]:
    """How something grows: a line per series with a band from lowest to highest. Returns (SVG, where each point lies in it)."""
    title = title_of(axes.up, WIDTH - 8)
    top, bottom = (1.2 + len(title)) * LINE, 2.9 * LINE
    left = 12 + max(width_of(f"{max(point.high for point in points):,.0f}"), width_of("0.0"))
    beside = 23 + max(map(width_of, axes.series), default=0)
    named_beside = beside <= WIDTH / 3
    right = max(beside if named_beside else 0, 3 + width_of(f"{max(point.x for point in points):,.0f}") / 2)
    width, height = WIDTH - left - right, 190
    lowest, highest = min(point.low for point in points), max(point.high for point in points) * 1.04
    domain = [lowest / 1.04, highest] if axes.log_up else [0, max(highest, 1.04 if axes.one else 0) or 1]

    ends = [max((point for point in points if point.series == number), key=lambda point: point.x) for number in range(len(axes.series))]
    if named_beside:
        places = [(width + 12, y) for y in _apart([_pixel(point.value, domain, height, axes.log_up) for point in ends], height)]
    else:
        places = [(4 - left, height + bottom + 6 + LINE * number) for number in range(len(ends))]
        bottom += LINE * len(ends) + 6
    reach = [min(point.x for point in points), max(point.x for point in points)]
    if reach[0] == reach[1]:
        reach[1] += 1
    across = {"field": "x", "type": "quantitative", "title": axes.across,
              "scale": {"type": "log" if axes.log_across else "linear", "domain": reach, "nice": False},
              "axis": {**AXIS, "grid": False, "values": sorted({point.x for point in points}), "labelOverlap": True, "labelFlush": False, "labelExpr": "format(datum.value, ',')"}}
    up = {"field": "value", "type": "quantitative", "title": title, "scale": {"domain": domain, "nice": False, "type": "log" if axes.log_up else "linear"},
          "axis": {**AXIS, **({"values": _powers(*domain)} if axes.log_up else {"tickCount": 5}), "titleAngle": 0, "titleAlign": "left", "titleAnchor": "end", "titleBaseline": "bottom", "titleLineHeight": LINE, "titleX": 4 - left, "titleY": -LINE, "labelFlush": False}}
    series = {"field": "series", "type": "nominal", "legend": None}
    colour, shape = {**series, "scale": _scale(COLOURS)}, {**series, "scale": _scale(SHAPES)}
    layers = [
        {"data": {"values": [{"y": 1}]}, "mark": {"type": "rule", "color": "currentColor", "strokeDash": [1, 3]}, "encoding": {"y": {"field": "y", "type": "quantitative"}}},
        {"mark": {"type": "area", "opacity": .2}, "encoding": {"x": across, "y": {**up, "field": "low"}, "y2": {"field": "high"}, "color": colour}},
        {"mark": {"type": "line", "strokeWidth": 2}, "encoding": {"x": across, "y": up, "color": colour, "strokeDash": {**series, "scale": _scale(DASHES)}}},
        {"mark": {"type": "point", "filled": True, "size": 46, "opacity": 1}, "encoding": {"x": across, "y": up, "color": colour, "shape": shape}},
        *_names(axes.series, places, colour, shape),
    ]
    places = [
        (round(left + width - _pixel(point.x, reach, width, axes.log_across), 1), round(top + _pixel(point.value, domain, height, axes.log_up), 1))
        for point in points
    ]
    return _svg(points, layers[0 if axes.one else 1:], width, height, (left, top, right, bottom)), places


def _powers(lowest: float, highest: float) -> list[float]:
    """The powers of ten from lowest to highest."""
    return [10.0**power for power in range(ceil(log10(lowest)), floor(log10(highest)) + 1)]


def bars(points: list[Point], axes: Axes) -> str:
    """Things side by side: a group of bars below each name, each with its spread and its figure."""
    in_group = max(len(axes.series), 1)
    thick, row = 11, LINE + 1
    group = LINE + 4 + row * in_group + 6
    title = title_of(axes.up, WIDTH - 8)
    height, bottom = group * len(axes.groups), (1.9 + len(title)) * LINE
    named_beside = bool(axes.series) and max(map(width_of, axes.series)) <= WIDTH / 3
    texts = {point: f"{point.text} {axes.series[point.series]}" if named_beside else point.text for point in points}
    left, right = 3 + width_of("0.0") / 2, 7 + max(map(width_of, texts.values()))
    width = WIDTH - left - right
    most = max(max(point.high for point in points), 1 if axes.one else 0) or 1
    rows = [
        {"x": point.value, "low": point.low, "high": point.high, "series": point.series, "from": y, "to": y + thick, "middle": y + thick / 2,
         "after": max(point.value, point.high) / most * width + 5, "text": texts[point]}
        for point in points for y in [group * point.x + LINE + 4 + row * point.series]
    ]
    places = []
    if axes.series and not named_beside:
        places = [(4 - left, height + bottom + 6 + LINE * number) for number in range(len(axes.series))]
        bottom += LINE * len(axes.series) + 6
    across = {"field": "x", "type": "quantitative", "title": title, "scale": {"domain": [0, most], "nice": False},
              "axis": {**AXIS, "titleLineHeight": LINE, "tickCount": 4, "titleAnchor": "start", "titleAlign": "left", "titleX": 0, "labelFlush": False, "labelOverlap": "greedy"}}
    series = {"field": "series", "type": "nominal", "legend": None}
    colour, square = {**series, "scale": _scale(COLOURS)}, {**series, "scale": _scale(["square"] * MOST_SERIES)}
    names = [{"px": 0, "py": group * number + LINE - 3, "text": name} for number, name in enumerate(axes.groups)]
    layers = [
        {"data": {"values": [{"x": 1}]}, "mark": {"type": "rule", "color": "currentColor", "strokeDash": [1, 3]}, "encoding": {"x": {"field": "x", "type": "quantitative"}}},
        {"mark": {"type": "bar"}, "encoding": {"x": across, "x2": {"datum": 0}, "y": _place("from"), "y2": {"field": "to"}, "color": colour}},
        {"mark": {"type": "rule", "color": "currentColor"}, "encoding": {"x": {**across, "field": "low"}, "x2": {"field": "high"}, "y": _place("middle")}},
        _text(rows, "after", "middle"),
        _text(names, "px", "py", fontWeight="bold", baseline="alphabetic"),
        *_names(axes.series if places else (), places, colour, square),
    ]
    return _svg(rows, layers[0 if axes.one else 1:], width, height, (left, 4, right, bottom))


def _scale(values: list) -> dict:
    return {"domain": list(range(MOST_SERIES)), "range": values}


def _place(field: str) -> dict:
    """A position in units of the drawing."""
    return {"field": field, "type": "quantitative", "scale": None, "axis": None}


def _text(rows: list[dict], x: str, y: str, **more) -> dict:
    return {"data": {"values": rows}, "mark": {"type": "text", "align": "left", "baseline": "middle", "fontSize": LETTER, "color": "currentColor", **more},
            "encoding": {"x": _place(x), "y": _place(y), "text": {"field": "text"}}}


def _names(names: tuple[str, ...], places: list[tuple[float, float]], colour: dict, shape: dict) -> list[dict]:
    """The name of each series with its mark before it."""
    if not names:
        return []
    rows = [{"px": x, "after": x + 9, "py": y, "text": name, "series": number} for number, (name, (x, y)) in enumerate(zip(names, places, strict=True))]
    mark = {"data": {"values": rows}, "mark": {"type": "point", "filled": True, "size": 46, "opacity": 1},
            "encoding": {"x": _place("px"), "y": _place("py"), "color": colour, "shape": shape}}
    return [mark, _text(rows, "after", "py")]


def _pixel(value: float, domain: list[float], height: float, logarithmic: bool) -> float:
    if logarithmic:
        value, domain = log(value), [log(end) for end in domain]
    return height * (1 - (value - domain[0]) / (domain[1] - domain[0]))


def _apart(wanted: list[float], height: float) -> list[float]:
    """Positions as near to those wanted as leaves a line of text between each two."""
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    found = list(wanted)
    for before, here in zip(order, order[1:]):
        found[here] = max(found[here], found[before] + LINE)
    if found and (over := found[order[-1]] - height) > 0:  # pushed out at the bottom: push back from there
        found[order[-1]] -= over
        for after, here in zip(order[::-1], order[-2::-1]):
            found[here] = min(found[here], found[after] - LINE)
    return found


def _svg(values: list, layers: list[dict], width: float, height: float, padding: tuple[float, ...]) -> str:
    rows = [value if isinstance(value, dict) else vars(value) for value in values]
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json", "background": None, "width": width, "height": height,
        "padding": dict(zip(("left", "top", "right", "bottom"), padding, strict=True)), "autosize": {"type": "none"},
        "config": {"font": "inherit", "aria": False, "view": {"stroke": None}}, "data": {"values": rows}, "layer": layers,
    }
    return _drawn(json.dumps(spec))


@lru_cache(None)
def _drawn(spec: str) -> str:
    """The SVG of a specification, kept in .cache/: a drawing takes 50 ms, and there are a hundred of them."""
    if collected is not None:
        collected.append(spec)
        return NOTHING
    kept = _kept(spec)
    while spec in _coming and not kept.exists() and _other.poll() is None:
        time.sleep(.01)
    if kept.exists():
        return kept.read_text(encoding="utf-8")
    import vl_convert  # takes half a second to load: only where something is drawn

    svg = vl_convert.vegalite_to_svg(spec)
    CACHE.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(f".{os.getpid()}")  # two builds may draw at once
    part.write_text(svg, encoding="utf-8")
    part.replace(kept)
    return svg


def _kept(spec: str) -> Path:
    key = hashlib.sha256(f"{version('vl-convert-python')}\n{spec}".encode()).hexdigest()
    return CACHE / f"{key}.svg"


# ---- Drawing on the second core, while this one reads pages (quick.py) ----

NOTHING = '<svg viewBox="0 0 1 1"></svg>'
collected = None  # a list while the specifications are only gathered
_coming, _other = set(), None


def ahead(draw) -> None:
    """Let another process draw what `draw()` would draw here and no build has kept. Without it everything is drawn all the same, later."""
    global collected, _other
    collected = []
    try:
        draw()
    finally:
        specs, collected = [spec for spec in dict.fromkeys(collected) if not _kept(spec).exists()], None
        _drawn.cache_clear()
    if specs:
        _coming.update(specs)
        with TemporaryFile("w+", encoding="utf-8") as listed:  # a pipe would hold us up until nearly all are drawn
            listed.write("\n".join(specs))
            listed.seek(0)
            _other = subprocess.Popen([sys.executable, __file__], stdin=listed)


def figure(svg: str, name: str, title: str, description: str) -> str:
    """An SVG as it stands in a page: one picture with a name and a description, as wide as there is room, with ids of its own."""
    inner = re.sub(r"^<svg[^>]*>|</svg>\s*$", "", svg.strip())
    inner = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", inner)
    inner = re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", inner)  # it is one picture, not a hundred
    height = re.search(r'viewBox="0 0 \S+ (\S+)"', svg)[1]
    return (
        f'<svg class="chart-drawing" role="img" aria-labelledby="{name}-title {name}-description" viewBox="0 0 {WIDTH} {height}">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-description">{escape(description)}</desc>{inner}</svg>'
    )


if __name__ == "__main__":
    for each in sys.stdin:
        _drawn(each.rstrip("\n"))
