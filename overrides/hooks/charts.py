"""The charts and ratios of the ladder: figures from `evidence/ladder/<step>/<question>.json`, texts from `docs/faster/charts.yml`."""

import json
from functools import lru_cache
from html import escape
from statistics import median

from mkdocs.utils import get_relative_url

import drawing
import records
from data import Missing, code, load
from place import Place
from raw import RAW

FILE = "faster/charts.yml"
LADDER = records.EVIDENCE / "ladder"
NEEDED = ("record", "kind", "x", "y", "title", "alt", "reading")

WORDS = {
    "ja": {
        "relative": "{measure}（1 = {one}）", "absolute": "{measure}（{unit}、このマシンでの値）", "both": "{series}、{x}",
        "ratio": "{median} 倍（{low}〜{high}）", "spread": "{median}（{low}〜{high}）", "once": "{median} 倍", "join": "、",
        "table": "数値を表で見る", "none": "測っていません", "case": "条件", "ratio_head": "比（最小〜最大）", "absolute_head": "このマシンでの値",
        "ran": "{count} 回の中央値と、最小から最大までの幅。CPU {cpus} 個、{versions}、{date}。", "how": "測り方", "raw": "測定値（JSON）",
        "again": "このサイトのリポジトリーを clone したフォルダーで {command} を実行すると、同じ測定をやり直し、<code>evidence/ladder/</code> を書き換えます。何も書き込まずに短時間で試すなら {quick} です。",
    },
    "en": {
        "relative": "{measure} (1 = {one})", "absolute": "{measure} ({unit}, on this machine)", "both": "{series}, {x}",
        "ratio": "{median} times ({low} to {high})", "spread": "{median} ({low} to {high})", "once": "{median} times", "join": ", ",
        "table": "The figures as a table", "none": "not measured", "case": "Case", "ratio_head": "Ratio (lowest to highest)", "absolute_head": "Measured on this machine",
        "ran": "Median of {count}, with lowest and highest. {cpus} CPUs, {versions}, {date}.", "how": "How it was measured", "raw": "Figures (JSON)",
        "again": "In a clone of this site’s repository, {command} repeats the measurement and rewrites <code>evidence/ladder/</code>; {quick} tries it briefly and writes nothing.",
    },
}


def record(name: str) -> dict:
    """Load `evidence/ladder/<name>.json`; `Missing` says how to make it."""
    path = LADDER / f"{name}.json"
    if not path.exists():
        raise Missing(f"evidence/ladder/{name}.json is missing; run scripts/ladder {name}, or name an existing record.")
    return _read(path, path.stat().st_mtime)


@lru_cache(None)
def _read(path, changed: float) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def ratio(place, name: str, effect: str) -> str:
    """Inline: an effect's ratio with its spread; above 1 is faster."""
    effects = record(name)["effects"]
    if effect not in effects:
        raise Missing(f"evidence/ladder/{name}.json has no effect {effect}; it has {', '.join(effects) or 'none'}.")
    found = effects[effect]
    return spread(place, found["ratio"], found["low"], found["high"], "ratio")


def spread(place, middle: float, low: float, high: float, words: str = "spread") -> str:
    """A figure and its spread, all with the digits that suit the figure; what has no spread (what counts as 1) stands alone."""
    digits = digits_of(middle, low, high)
    if low == high:
        return WORDS[place.lang]["once"].format(median=f"{middle:,.{digits}f}") if words == "ratio" else f"{middle:,.{digits}f}"
    return WORDS[place.lang][words].format(median=f"{middle:,.{digits}f}", low=f"{low:,.{digits}f}", high=f"{high:,.{digits}f}")


def digits_of(*values: float) -> int:
    """How many decimals a figure (the first) needs to be read; none if all are whole numbers."""
    if all(value == int(value) for value in values):
        return 0
    size = abs(values[0])
    return 3 if size < .1 else 2 if size < 2 else 1 if size < 10 else 0


def fits(case: dict, wanted: dict) -> bool:
    """Whether a case has these labels; a list of values means any of them."""
    return all(case.get(label) in (value if isinstance(value, list) else [value]) for label, value in wanted.items())


def labels_of(case: dict) -> dict:
    return {label: value for label, value in case.items() if label != "samples"}


def middle_and_ends(values: list[float]) -> tuple[float, float, float]:
    return median(values), min(values), max(values)


def ratios(entry: dict, case: dict, measure: str, relative_to: dict, measure_of_base: str) -> list[float]:
    """A measure of a case over that of the case that counts as 1, repetition by repetition."""
    wanted = labels_of(case) | relative_to
    below = next((other["samples"].get(measure_of_base) for other in entry["cases"] if labels_of(other) == wanted), None)
    if not below or not all(below):
        raise Missing(f"evidence/ladder/{entry['question']}.json has no case {wanted} with a {measure_of_base} above 0, which counts as 1; mend relative_to.")
    return [a / b for a, b in zip(case["samples"][measure], below, strict=True)]


class Chart:
    """One entry of charts.yml together with its record: what has to be drawn, and what has to be said."""

    def __init__(self, place, name: str):
        texts = load(FILE)
        if name not in texts["charts"]:
            raise Missing(f"docs/{FILE} has no chart {name}; it has {', '.join(texts['charts'])}.")
        self.place, self.name, self.texts, self.entry = place, name, texts, texts["charts"][name]
        if missing := [key for key in NEEDED if key not in self.entry] + ["one"] * ("relative_to" in self.entry and "one" not in self.entry):
            raise Missing(f"docs/{FILE}: the chart {name} has no {', '.join(missing)}.")
        self.record = record(self.entry["record"])
        self.cases = [case for case in self.record["cases"] if fits(case, self.entry.get("only", {}))]
        self.measures = self.entry["y"] if isinstance(self.entry["y"], list) else [self.entry["y"]]
        self.relative = "relative_to" in self.entry
        self.check()

    def wrong(self, what: str) -> Missing:
        return Missing(f"docs/{FILE}: the chart {self.name} {what}")

    def check(self) -> None:
        x, series, source = self.entry["x"], self.entry.get("series"), f"evidence/ladder/{self.entry['record']}.json"
        if self.entry["kind"] not in ("line", "bars"):
            raise self.wrong("has to be of kind line or bars.")
        if not self.cases:
            raise self.wrong(f"finds no case in {source} with {self.entry.get('only')}.")
        if series and len(self.measures) > 1:
            raise self.wrong("has a series and several measures; take one of them.")
        for label in filter(None, (x, series)):
            if any(label not in case for case in self.cases):
                raise self.wrong(f"uses the label {label}, which not every case in {source} has; choose cases with only.")
        for measure in self.measures:
            if not any(measure in case["samples"] for case in self.cases):
                raise self.wrong(f"uses the measure {measure}, which no case in {source} has.")
        if len({(case[x], case[series] if series else None) for case in self.cases}) < len(self.cases):
            raise self.wrong(f"cannot tell all cases in {source} apart by x and series; choose cases with only.")
        if self.entry["kind"] == "line" and not all(isinstance(case[x], (int, float)) for case in self.cases):
            raise self.wrong(f"is a line over {x}, which is no number; make it bars.")
        if len(self.series()) > drawing.MOST_SERIES:
            raise self.wrong(f"has {len(self.series())} series; at most {drawing.MOST_SERIES} can be told apart.")

    def series(self) -> list:
        """The values of the series, or the measures; in the order of the record."""
        return list(dict.fromkeys(case[self.entry["series"]] for case in self.cases)) if "series" in self.entry else self.measures

    def rows(self) -> list[dict]:
        """Every figure: case, measure, absolute samples, and (middle, low, high) as drawn; no samples where the lab could not measure it."""
        found = []
        for case in self.cases:
            for measure in self.measures:
                samples = case["samples"].get(measure)
                if samples is None:
                    found.append({"case": case, "measure": measure, "samples": None})
                    continue
                drawn = ratios(self.record, case, measure, self.entry["relative_to"], self.measures[0]) if self.relative else samples
                found.append({"case": case, "measure": measure, "samples": samples, "drawn": middle_and_ends(drawn)})
        return found

    def label(self, label: str, value) -> str:
        return value_text(self.place, label, value)

    def series_names(self) -> list[str]:
        if "series" in self.entry:
            return [self.label(self.entry["series"], value) for value in self.series()]
        return [self.measure(measure)[0] for measure in self.measures] if len(self.measures) > 1 else []

    def measure(self, measure: str) -> tuple[str, str]:
        """(name, unit) of a measure in the page's language."""
        return measure_texts(self.place, measure)

    def up(self) -> str:
        name, unit = self.measure(self.measures[0])
        words = WORDS[self.place.lang]
        return words["relative"].format(measure=name, one=self.place.text(self.entry["one"])) if self.relative else words["absolute"].format(measure=name, unit=unit)

    def drawn(self) -> str:
        """The SVG."""
        x, series, kind = self.entry["x"], self.series(), self.entry["kind"]
        groups = list(dict.fromkeys(case[x] for case in self.cases))
        points = []
        for row in self.rows():
            if row["samples"] is None:
                continue
            of = row["case"][self.entry["series"]] if "series" in self.entry else row["measure"]
            at = row["case"][x] if kind == "line" else groups.index(row["case"][x])
            points.append(drawing.Point(at, series.index(of), *row["drawn"], text=f"{row['drawn'][0]:,.{digits_of(*row['drawn'])}f}"))
        if self.entry.get("y_scale") == "log" and not all(point.low > 0 for point in points):
            raise self.wrong("has a logarithmic scale and a figure of 0; take away y_scale.")
        axes = drawing.Axes(
            across=self.place.text(label_texts(x)["name"]), up=self.up(), series=tuple(self.series_names()), one=self.relative,
            groups=tuple(self.label(x, value) for value in groups), log_across=self.entry.get("scale") == "log", log_up=self.entry.get("y_scale") == "log",
        )
        svg = drawing.line(points, axes)[0] if kind == "line" else drawing.bars(points, axes)
        return drawing.figure(svg, f"chart-{self.name}", *(self.place.text(self.entry[key]).replace("`", "") for key in ("title", "alt")))

    def table(self) -> str:
        """The same figures, and what they were in absolute terms."""
        words, x = WORDS[self.place.lang], self.entry["x"]
        head = [words["case"], *([words["ratio_head"]] if self.relative else []), words["absolute_head"]]
        lines = []
        for row in self.rows():
            names = [self.label(x, row["case"][x])]
            if "series" in self.entry:
                names.insert(0, self.label(self.entry["series"], row["case"][self.entry["series"]]))
            elif len(self.measures) > 1:
                names.insert(0, self.measure(row["measure"])[0])
            name = words["both"].format(series=names[0], x=names[1]) if len(names) > 1 else names[0]
            if row["samples"] is None:
                lines.append(f'<tr><th scope="row">{escape(name)}</th><td colspan="{len(head) - 1}">{words["none"]}</td></tr>')
                continue
            absolute, low, high = middle_and_ends(row["samples"])
            unit = self.measure(row["measure"])[1]
            cells = ([spread(self.place, *row["drawn"])] if self.relative else []) + [
                f"{absolute:,.{digits_of(absolute)}f} {unit}" if self.relative else f"{spread(self.place, absolute, low, high)} {unit}"]
            lines.append(f'<tr><th scope="row">{escape(name)}</th>' + "".join(f"<td>{escape(cell.strip())}</td>" for cell in cells) + "</tr>")
        return table(self.place.text(self.entry["title"]).replace("`", ""), head, lines)


def label_texts(label: str) -> dict:
    labels = load(FILE)["labels"]
    if label not in labels:
        raise Missing(f"docs/{FILE} has no label {label}; add what it is called in both languages.")
    return labels[label]


def value_text(place, label: str, value) -> str:
    """`4 threads`, `waiting view`: a value of a label in the page's language."""
    names = label_texts(label)
    if "values" in names:
        if value not in names["values"]:
            raise Missing(f"docs/{FILE} has no name for the value {value} of the label {label}; add it in both languages.")
        return place.text(names["values"][value])
    return place.text(names["one"] if value == 1 and "one" in names else names["each"]).replace("{}", f"{value:,}" if isinstance(value, int) else str(value))


def measure_texts(place, measure: str) -> tuple[str, str]:
    measures = load(FILE)["measures"]
    if measure not in measures:
        raise Missing(f"docs/{FILE} has no measure {measure}; add what it is called in both languages.")
    return place.text(measures[measure]["name"]), place.text(measures[measure]["unit"]) if "unit" in measures[measure] else ""


def table(name: str, head: list[str], lines: list[str]) -> str:
    """A table with a row of heads above its lines."""
    # A head without a name would be announced as nothing.
    cells = "".join(f'<th scope="col">{escape(cell)}</th>' if cell else "<td></td>" for cell in head)
    return scrolling(name, f'<thead><tr>{cells}</tr></thead><tbody>{"".join(lines)}</tbody>')


def scrolling(name: str, rows: str) -> str:
    """A table in a box that scrolls where it has to, and that the keyboard can scroll; `name` is what a screen reader calls it."""
    return f'<div class="chart-scroll" tabindex="0" role="group" aria-label="{escape(name)}"><table class="chart-table">{rows}</table></div>'


def ran(place, entry: dict, name: str) -> str:
    """One line: how often, on what, with which versions and when it was measured; folded below it: what was done, and how to do it again."""
    words = WORDS[place.lang]
    line = words["ran"].format(count=entry["repetitions"], cpus=entry["machine"]["cpus"], versions=records.versions_line(place, entry["versions"]), date=entry["date"])
    raw = get_relative_url(f"{RAW}/ladder/{name}.json", place.url)
    command = entry["command"]
    again = words["again"].format(command=f"<code>{escape(command)}</code>", quick=f"<code>{escape(command.replace(' ', ' --quick ', 1))}</code>")
    return (
        f'<p class="ran">{escape(line)} <a href="{raw}">{words["raw"]}</a></p>'
        f'<details class="record how"><summary>{words["how"]}</summary><ul>{"".join(f"<li>{code(text)}</li>" for text in did(place, entry))}</ul><p>{again}</p></details>'
    )


def did(place, entry: dict) -> list[str]:
    """What was done for a record, sentence by sentence, in the page's language: as the lab says it, or as charts.yml does."""
    known = {each.get("record", each["en"]): each for each in load(FILE)["did"]}
    for sentence in entry["did"]:
        if sentence not in known:
            raise Missing(f"docs/{FILE} does not know the sentence “{sentence}” of evidence/ladder/{entry['question']}.json; add it to did, in both languages.")
    return [place.text(known[sentence]) for sentence in entry["did"]]


def chart(place, name: str) -> str:
    """Block: a chart, what to see in it, its figures as a table, and how it was measured."""
    drawn = Chart(place, name)
    words, entry = WORDS[place.lang], drawn.entry
    return (
        f'\n<figure class="chart"><figcaption>{code(place.text(entry["title"]))}</figcaption>{drawn.drawn()}'
        f'<p class="chart-reading">{code(place.text(entry["reading"]))}</p>'
        f'<details class="record figures"><summary>{words["table"]}</summary>{drawn.table()}</details>'
        f'{ran(place, drawn.record, entry["record"])}</figure>\n'
    )


def draw_all() -> None:
    """Draw every chart in both languages, for `drawing.ahead`."""
    for name in load(FILE)["charts"]:
        for lang in WORDS:
            Chart(Place(lang, "", ""), name).drawn()
