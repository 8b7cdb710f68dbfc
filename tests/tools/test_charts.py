"""Charts and ratios of the ladder, from made-up records: what is drawn, what the table says, and what a mistake is called."""

import copy
import json
import re

import charts
import drawing
import explorer
import pytest
from bs4 import BeautifulSoup
from data import Missing
from place import Place

from lab.ladder.__main__ import questions

PLACES = {lang: Place(lang, f"faster/page.{lang}.md", "faster/page/" if lang == "ja" else "en/faster/page/") for lang in ("ja", "en")}
BOTH = {"ja": "文", "en": "words"}
TEXTS = {
    "charts": {
        "growing": {"record": "made-up/grid", "kind": "line", "only": {"view": "waiting"}, "x": "threads", "scale": "log", "series": "workers", "y": "throughput",
                    "relative_to": {"workers": 1, "threads": 1}, "one": BOTH, "title": {"ja": "題", "en": "Title & more"}, "alt": BOTH, "reading": BOTH},
        "aside": {"record": "made-up/grid", "kind": "bars", "only": {"workers": 2, "threads": [1, 4]}, "x": "view", "series": "threads", "y": "throughput",
                  "relative_to": {"threads": 1}, "one": BOTH, "title": BOTH, "alt": BOTH, "reading": BOTH},
        "both": {"record": "made-up/grid", "kind": "line", "only": {"view": "cpu", "workers": 1}, "x": "threads", "y": ["p50_ms", "p95_ms"],
                 "relative_to": {"threads": 1}, "one": BOTH, "title": BOTH, "alt": BOTH, "reading": BOTH},
        "counted": {"record": "made-up/grid", "kind": "bars", "only": {"view": "cpu", "threads": 1}, "x": "workers", "y": "memory_mib",
                    "title": BOTH, "alt": BOTH, "reading": BOTH},
    },
    "labels": {
        "view": {"name": BOTH, "values": {"waiting": {"ja": "待つ", "en": "waits"}, "cpu": {"ja": "計算", "en": "computes"}}},
        "workers": {"name": BOTH, "each": {"ja": "{} プロセス", "en": "{} processes"}, "one": {"ja": "1 プロセス", "en": "1 process"}},
        "threads": {"name": {"ja": "スレッド", "en": "Threads"}, "each": {"ja": "{} スレッド", "en": "{} threads"}, "one": {"ja": "1 スレッド", "en": "1 thread"}},
    },
    "did": [{"en": "It ran `twice`.", "ja": "`2` 回動かした。"}],
    "measures": {
        "throughput": {"name": {"ja": "処理量", "en": "Throughput"}, "unit": {"ja": "件/秒", "en": "requests/s"}},
        **{name: {"name": {"ja": name, "en": name}, "unit": {"ja": "x", "en": "x"}} for name in ("p50_ms", "p95_ms", "memory_mib")},
    },
}
RECORD = {
    "question": "made-up/grid", "command": "scripts/ladder made-up/grid", "did": ["It ran `twice`."], "machine": {"cpus": 2, "model": "", "memory": ""}, "date": "2026-01-02",
    "versions": {"python": "3.11.7", "os": "Debian 12"}, "repetitions": 3, "effects": {
        "more": {"ratio": 3.91, "low": 3.8, "high": 4.04, "direction": "faster"}, "none": {"ratio": 1.021, "low": 0.98, "high": 1.05, "direction": "same"},
        "index": {"ratio": 1520.0, "low": 1490.0, "high": 1610.0, "direction": "faster"}},
    "cases": [
        {"view": view, "workers": workers, "threads": threads, "samples": {
            "throughput": [each * (workers * threads) ** power for each in (19, 20, 21)], "p50_ms": [10.0, 11, 12], "p95_ms": [20.0, 22, 36], "memory_mib": [40.0 * workers] * 3}}
        for view, power in (("waiting", 1), ("cpu", .5)) for workers in (1, 2) for threads in (1, 2, 4)
    ],
}


@pytest.fixture
def made_up(monkeypatch):
    """The made-up texts and record in the place of the real ones; a test may change them."""
    texts, record = copy.deepcopy(TEXTS), copy.deepcopy(RECORD)
    monkeypatch.setattr(charts, "load", lambda file: texts)
    monkeypatch.setattr(charts, "_read", lambda path, changed: record)
    monkeypatch.setattr(charts, "LADDER", type("Folder", (), {"__truediv__": lambda self, name: Here()})())
    return texts, record


class Here:
    """A file that is there."""

    def exists(self):
        return True

    def stat(self):
        return type("Stat", (), {"st_mtime": 0})


def soup(name, lang="en"):
    return BeautifulSoup(charts.chart(PLACES[lang], name), "html.parser")


def cells(page) -> list[list[str]]:
    return [[cell.text for cell in row.find_all(["th", "td"])] for row in page.select("tbody tr")]


@pytest.mark.parametrize(("effect", "ja", "en"), [
    ("more", "3.9 倍（3.8〜4.0）", "3.9 times (3.8 to 4.0)"),
    ("none", "1.02 倍（0.98〜1.05）", "1.02 times (0.98 to 1.05)"),
    ("index", "1,520 倍（1,490〜1,610）", "1,520 times (1,490 to 1,610)"),
])
def test_a_ratio_in_words(made_up, effect, ja, en):
    assert charts.ratio(PLACES["ja"], "made-up/grid", effect) == ja
    assert charts.ratio(PLACES["en"], "made-up/grid", effect) == en


def test_ratios_are_taken_repetition_by_repetition(made_up):
    """The case that is always the double of another has a ratio of two, without spread, however much both vary."""
    assert ["2 processes, 1 thread", "2", "40 requests/s"] in cells(soup("growing"))
    assert ["1 process, 1 thread", "1", "20 requests/s"] in cells(soup("growing"))


def test_the_first_measure_counts_as_one(made_up):
    """Several measures share one scale."""
    assert cells(soup("both"))[:2] == [["p50_ms, 1 thread", "1", "11 x"], ["p95_ms, 1 thread", "2 (2 to 3)", "22 x"]]


def test_labels_left_out_stay_those_of_the_case(made_up):
    """`relative_to: {threads: 1}`: every view is compared with itself."""
    assert [row[1] for row in cells(soup("aside"))] == ["1", "4", "1", "2"]


def test_counts_are_shown_as_they_were_measured(made_up):
    """No ratio where none is asked for; whole numbers stay whole."""
    page = soup("counted")
    assert cells(page) == [["1 process", "40 x"], ["2 processes", "80 x"]]
    assert "this machine" in page.select("thead th")[-1].text


def test_what_was_not_measured_is_said_and_not_drawn(made_up):
    """The lab leaves out a response time that was longer than its sample."""
    of_three = next(case for case in made_up[1]["cases"] if case["view"] == "cpu" and case["threads"] == 2)
    drawn = soup("both").svg
    del of_three["samples"]["p95_ms"]
    page = soup("both")
    assert ["p95_ms, 2 threads", "not measured"] in cells(page)
    assert len(page.svg.find_all("path")) < len(drawn.find_all("path"))


@pytest.mark.parametrize("name", TEXTS["charts"])
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_chart_is_one_picture_in_the_language_of_its_page(made_up, name, lang):
    """Named and described, in colours of the style, with ids of its own, and with nothing inside that a screen reader would stop at."""
    page = soup(name, lang)
    picture = page.svg
    assert picture["role"] == "img" and not picture.select("[role], [aria-label], [aria-roledescription]")
    assert [page.find(id=part).name for part in picture["aria-labelledby"].split()] == ["title", "desc"]
    assert picture.title.text == TEXTS["charts"][name]["title"][lang] and picture.desc.text == BOTH[lang]
    assert all(tag["id"].startswith(f"chart-{name}-") for tag in picture.select("[id]"))
    assert "var(--chart-1)" in str(picture) and "currentColor" in str(picture)
    assert not re.search(r'(?:fill|stroke)="(?:#|rgb|black)', str(picture)), "a colour that does not follow the scheme"
    assert picture["viewbox"].startswith(f"0 0 {drawing.WIDTH} ")
    ran = page.select_one(".ran")
    assert "2026-01-02" in ran.text and "3.11.7" in ran.text
    assert ran.a["href"] == ("../../../" if lang == "en" else "../../") + "evidence/data/ladder/made-up/grid.json"


@pytest.mark.parametrize(("lang", "sentence", "where"), [("ja", "2 回動かした。", "clone したフォルダー"), ("en", "It ran twice.", "In a clone")])
def test_a_chart_says_what_was_done_and_how_to_do_it_again(made_up, lang, sentence, where):
    """In the language of the page; where the command runs, what it rewrites, and how to try it without that."""
    how = soup("growing", lang).select_one("details.how")
    assert [item.text for item in how.select("li")] == [sentence]
    again = how.select_one("p")
    assert where in again.text
    assert [code.text for code in again.select("code")] == ["scripts/ladder made-up/grid", "evidence/ladder/", "scripts/ladder --quick made-up/grid"]


def test_a_sentence_of_a_record_without_a_translation_is_named(made_up):
    made_up[1]["did"].append("It ran again.")
    with pytest.raises(Missing, match="does not know the sentence “It ran again.” of evidence/ladder/made-up/grid.json; add it to did"):
        charts.chart(PLACES["en"], "growing")


def test_the_texts_have_every_sentence_of_the_records():
    """Also of records that no chart draws, and what the lab will say when it measures again."""
    said = {sentence for path in charts.LADDER.glob("*/*.json") for sentence in json.loads(path.read_text("utf-8"))["did"]}
    said |= {sentence for question in questions() for sentence in question.did}
    known = {each.get("record", each["en"]) for each in charts.load(charts.FILE)["did"]}
    assert not said - known, "Add these sentences of the lab to did in docs/faster/charts.yml, in both languages."


@pytest.mark.parametrize(("text", "lines"), [
    ("Memory (1 = default)", ["Memory (1 = default)"]),
    ("Median response time (1 = after the change, 1 row, same machine)", ["Median response time", "(1 = after the change, 1 row, same machine)"]),
    ("応答時間の 95 パーセンタイル（1 = 変更後、1 行、同じマシン）", ["応答時間の 95 パーセンタイル", "（1 = 変更後、1 行、同じマシン）"]),
])
def test_a_long_title_of_an_axis_has_two_lines(text, lines):
    """What would run past the drawing is broken before the bracket."""
    assert drawing.title_of(text, 352) == lines


def test_a_title_too_long_for_two_lines_is_named():
    with pytest.raises(Missing, match="wider than the drawing, also in two lines; shorten it"):
        drawing.title_of("Throughput (1 = " + "a long story " * 5 + ")", 352)


def test_ratio_and_value_are_cells_of_their_own(made_up, monkeypatch):
    """Read or copied, 1 and 309 requests/s are not 1309; each pair stands below the name of its measure."""
    real = explorer.load(explorer.FILE)
    monkeypatch.setattr(explorer, "load", lambda file: {**real, "by": ["view", "workers", "threads"], "kinds": ["view"], "measures": ["throughput", "p50_ms"],
                                                        "start": {"view": "waiting", "workers": 1, "threads": 1}})
    table = BeautifulSoup(explorer.explorer(PLACES["en"]), "html.parser").select_one(".explorer-all table")
    assert [(cell.text, cell.get("colspan"), cell["scope"]) for cell in table.tr.find_all("th")][1:] == [("Throughput", "2", "colgroup"), ("p50_ms", "2", "colgroup")]
    assert [cell.text for cell in table.tbody.tr.find_all(["th", "td"])] == ["waits, 1 process, 1 thread", "1", "20 requests/s", "1", "11 x"]


def test_the_names_of_lines_do_not_lie_on_each_other():
    """Also where lines end at the same height, at the top or at the bottom."""
    for wanted in ([50, 50, 50, 50], [0, 1, 2], [190, 189, 188], [0, 190], [5]):
        found = drawing._apart(wanted, 190)
        ordered = sorted(found)
        assert all(below - above >= drawing.LINE - 1e-9 for above, below in zip(ordered, ordered[1:]))
        assert ordered[-1] <= 190 + 1e-9


def test_the_same_drawing_is_made_once(made_up, monkeypatch):
    """Both languages of a page, and a page that is built again, share what is equal."""
    drawing._drawn.cache_clear()
    charts.chart(PLACES["en"], "growing")
    charts.chart(PLACES["en"], "growing")
    assert drawing._drawn.cache_info().hits == 1


@pytest.mark.parametrize(("change", "sentence"), [
    (lambda entry: entry.pop("alt"), "the chart growing has no alt."),
    (lambda entry: entry.pop("one"), "the chart growing has no one."),
    (lambda entry: entry.update(kind="pie"), "has to be of kind line or bars"),
    (lambda entry: entry.update(only={"view": "bogus"}), "finds no case"),
    (lambda entry: entry.update(y="bogus"), "uses the measure bogus, which no case"),
    (lambda entry: entry.update(x="bogus"), "uses the label bogus"),
    (lambda entry: entry.pop("series"), "cannot tell all cases"),
    (lambda entry: entry.update(x="view", only={"workers": 1, "threads": 1}), "is a line over view, which is no number"),
    (lambda entry: entry.update(relative_to={"threads": 3}), "has no case {'view': 'waiting', 'workers': 1, 'threads': 3}"),
    (lambda entry: entry.update(y=["throughput", "p50_ms"]), "has a series and several measures"),
])
def test_a_mistake_in_an_entry_is_named(made_up, change, sentence):
    change(made_up[0]["charts"]["growing"])
    with pytest.raises(Missing, match=re.escape(sentence)):
        charts.chart(PLACES["ja"], "growing")


def test_a_missing_record_says_how_to_make_it(monkeypatch, tmp_path):
    monkeypatch.setattr(charts, "LADDER", tmp_path)
    with pytest.raises(Missing, match="evidence/ladder/queries/n-plus-one.json is missing; run scripts/ladder queries/n-plus-one"):
        charts.ratio(PLACES["ja"], "queries/n-plus-one", "select-related")


def test_what_is_not_there_is_named(made_up):
    for ask, sentence in (
        (lambda: charts.ratio(PLACES["ja"], "made-up/grid", "bogus"), "has no effect bogus; it has more, none, index"),
        (lambda: charts.chart(PLACES["ja"], "bogus"), "has no chart bogus"),
    ):
        with pytest.raises(Missing, match=sentence):
            ask()


def test_the_explorer_needs_its_start(made_up, monkeypatch):
    """The first point shown is a measured one."""
    real = explorer.load(explorer.FILE)
    monkeypatch.setattr(explorer, "load", lambda file: {**real, "by": ["view", "workers", "threads"], "kinds": ["view"], "measures": ["throughput", "p50_ms"],
                                                        "start": {"view": "waiting", "workers": 3, "threads": 1}})
    with pytest.raises(Missing, match="has no case .* to start with"):
        explorer.explorer(PLACES["ja"])


def test_every_real_entry_has_its_texts():
    """Also of charts that no page shows yet."""
    texts = charts.load(charts.FILE)
    for name, entry in texts["charts"].items():
        assert not [key for key in charts.NEEDED if key not in entry], name
        for label in filter(None, (entry["x"], entry.get("series"))):
            assert label in texts["labels"], f"{name}: {label}"
        for measure in entry["y"] if isinstance(entry["y"], list) else [entry["y"]]:
            assert measure in texts["measures"], f"{name}: {measure}"
