"""The pages for teams, without a browser: data, ticks in addresses, words of the glossary, the block for a handbook."""

import json
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import glossary
import onboarding
import pictures
import pytest
import terms
from data import Missing, load
from place import Place

from tests.site import parity, permalinks

DATA = {"ids": ["a", "b", "c-d"], "moved": {"old": "b"}, "minutes": {"a": 4, "b": 3, "c-d": 2}}
NOTE = 500
PLACES = {lang: Place(lang, "onboarding/index.md", where) for lang, where in (("ja", "onboarding/"), ("en", "en/onboarding/"))}


def called(module: str, *calls) -> list:
    """What functions of a module below docs/assets/javascripts/ return for (name, arguments …)."""
    driver = Path(__file__).with_name("call.mjs")
    given = json.dumps({"module": module, "calls": [[name, args] for name, *args in calls]})
    ran = subprocess.run(["node", str(driver)], input=given, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_ticks_of_an_address():
    """The nearest state that the list allows, and how much of the address it left out."""
    asked = {
        "": None, "?x=1": None, "?done=": ([], 0), "?done=a": (["a"], 0), "?done=c-d.a": (["a", "c-d"], 0), "?done=a.a.a": (["a"], 0),
        "?done=old": (["b"], 0), "?done=old.b": (["b"], 0), "?done=a.gone": (["a"], 1), "?done=a&done=b": (["a", "b"], 0), "?h=x&done=b#c": (["b"], 0),
        "?done=__proto__.constructor.toString": ([], 3), "?done=%3Cscript%3Ealert(1)%3C/script%3E": ([], 1), "?done=A": ([], 1), "?done=%E0%A4%A": ([], 1), "?done=....a..": (["a"], 0),
        "?done=a." + "x" * 90000: (["a"], 2),
    }
    found = called("onboarding/ticks.js", *(("parse", search.split("#")[0], DATA) for search in asked))
    assert found == [wanted and {"done": wanted[0], "unknown": wanted[1]} for wanted in asked.values()]


def test_every_state_round_trips():
    states = [[name for bit, name in enumerate(DATA["ids"]) if number >> bit & 1] for number in range(2 ** len(DATA["ids"]))]
    page = "https://example.org/en/onboarding/?h=worker"
    addresses = called("onboarding/ticks.js", *(("format", state, DATA, page) for state in states))
    assert all(address.startswith(page) for address in addresses)
    found = called("onboarding/ticks.js", *(("parse", "?" + address.split("?")[1], DATA) for address in addresses))
    assert found == [{"done": state, "unknown": 0} for state in states]


def test_what_the_browser_kept_is_not_trusted():
    kept = {
        '{"done":["a","old","x",3],"notes":{"a":"here","x":"gone","b":7}}': {"done": ["a", "b"], "notes": {"a": "here"}},
        '{"done":"a","notes":[]}': {"done": [], "notes": {}}, "not JSON": {"done": [], "notes": {}}, "null": {"done": [], "notes": {}}, "7": {"done": [], "notes": {}},
        json.dumps({"notes": {"a": "x" * 9000}}): {"done": [], "notes": {"a": "x" * NOTE}},
    }
    assert called("onboarding/ticks.js", *(("stored", text, DATA) for text in [*kept, None])) == [*kept.values(), {"done": [], "notes": {}}]


def test_progress_and_sheet():
    items = [{"id": "a", "text": "Which?", "heading": "1. One"}, {"id": "b", "text": "Why?", "heading": ""}]
    progress, sheet = called("onboarding/ticks.js", ("progress", ["b"], DATA), ("sheet", "Path", items, ["a"], {"a": "WSGI\nbecause"}))
    assert progress == {"done": 1, "all": 3, "minutes": 6}
    assert sheet == "# Path\n\n## 1. One\n\n- [x] Which?\n    WSGI\n    because\n- [ ] Why?\n"


def test_addresses_of_headings_and_of_the_handbook():
    """A heading's address is without what was searched or ticked; a handbook has the address of the copy of the site that is read."""
    assert called("heading.js", ("address", "https://example.org/a/b/index.html?done=x&h=y#old", "config")) == ["https://example.org/a/b/#config"]
    block = "[x](https://serving-django.example/choose/)"
    found = called("onboarding/handbook.js", *(("filled", block, page, "en/onboarding/links/") for page in (
        "https://example.org/guide/en/onboarding/links/?a#b", "file:///srv/en/onboarding/links/index.html", "https://example.org/elsewhere/")))
    assert found == ["[x](https://example.org/guide/choose/)", "[x](file:///srv/choose/)", block]


def test_a_meaning_stays_in_the_window():
    view = {"width": 360, "height": 640}
    box = {"width": 300, "height": 80}
    words = [{"left": left, "top": top, "bottom": top + 20} for left, top in ((10, 100), (330, 100), (10, 600))]
    for word, found in zip(words, called("term.js", *(("place", word, box, view) for word in words))):
        assert 0 <= found["left"] <= 60 and 0 <= found["top"] <= 560
        assert found["top"] >= word["bottom"] or found["top"] + 80 <= word["top"]


def test_the_filter_of_the_glossary():
    asked = {("Worker ワーカー", "わーかー"): True, ("Worker ワーカー", "ＷＯＲＫ"): True, ("event loop", "loop event"): True, ("event loop", "loops"): False, ("x", " "): True}
    assert called("onboarding/glossary.js", *(("holds", *pair) for pair in asked)) == list(asked.values())


# ---- Data ----


@pytest.mark.parametrize("lang", PLACES)
def test_every_page_is_made(lang):
    """Each address leads to a heading, each file says what an answer rests on, each record is there: or these fail."""
    place = PLACES[lang]
    path, lists = onboarding.path(place), onboarding.checklists(place)
    assert path.count('type="checkbox"') == path.count("<textarea") == path.count("??? example") == len(load(onboarding.PATH)["stops"])
    assert 8 <= path.count("<textarea") <= 10
    assert lists.count('type="checkbox"') == sum(len(entry["items"]) for entry in load(onboarding.CHECKLISTS)["lists"])
    assert onboarding.links(place).count("<a href") == 2 * sum(len(group["questions"]) for group in load(onboarding.LINKS)["groups"])
    listing = glossary.listing(place)
    assert all(f"{{ #{term['id']} }}" in listing for term in load(glossary.FILE)["terms"])


def test_an_id_that_breaks_addresses_is_named():
    assert "cannot stand in an address" in onboarding.problems([{"id": "a.b"}])[0]
    assert "is there twice" in onboarding.problems([{"id": "a"}, {"id": "b", "was": ["a"]}])[0]


def test_an_answer_that_its_file_no_longer_gives_fails():
    with pytest.raises(Missing, match="does not say “workers = 99”"):
        onboarding._found(PLACES["en"], "gunicorn-gthread-unix/gunicorn.conf.py", "workers = 99", onboarding.WORDS["en"])
    with pytest.raises(Missing, match="has no heading #nowhere"):
        onboarding.heading("ja", "deploy/nginx.md#nowhere")


def test_the_line_of_the_example_is_the_one_that_fails():
    """The path tells newcomers to open this line."""
    lines = (parity.ROOT / "snippets/project/shop/services.py").read_text("utf-8").splitlines()
    assert lines[20].strip() == "return PRICES[sku]" and '"pot"' not in lines[2]


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_address_of_the_handbook_resolves(lang):
    """In its own language; permalinks.txt lists what resolves in both."""
    text = (parity.ROOT / f"snippets/onboarding/handbook.{lang}.md").read_text("utf-8")
    addresses = re.findall(r"https://serving-django\.example(/[^)\s]*)", text)
    known = {*permalinks.read(parity.ROOT), "/feed.xml"}
    assert len(addresses) > 10 and text.count("](") == len(addresses)
    for address in addresses:
        assert address.startswith("/en/") == (lang == "en") and address.removeprefix("/en") in known, address


def test_both_handbooks_link_the_same():
    texts = [(parity.ROOT / f"snippets/onboarding/handbook.{lang}.md").read_text("utf-8") for lang in ("ja", "en")]
    ja, en = ([address.removeprefix("en/") for address in re.findall(r"\.example/([^)\s]*)", text)] for text in texts)
    assert ja == en


# ---- Words of the glossary in pages ----


@pytest.mark.parametrize(("lang", "before", "after"), [
    ("en", "<p>Workers, a worker.</p>", ["Workers"]),
    ("en", "<p>sync-worker worker.py workers/x worker-class my_worker</p>", []),
    ("en", "<p>requests in flight</p>", ["requests in flight"]),
    ("en", "<h2>worker</h2><p><code>worker</code> <a href='x>y'>worker</a></p><pre>worker</pre><table><tr><td>worker</td></tr></table><p>A <strong>worker</strong></p>", ["worker"]),
    ("en", '<div class="flow"><p>worker</p><div><p>worker</p></div></div><figure><p>worker</p></figure><!-- <p>worker</p> --><p data-search-exclude>worker</p>', []),
    ("en", '<p title="a worker > b">x</p>', []),
    ("ja", "<p>ワーカーと、正常終了した。ワーカー</p>", ["ワーカー", "正常終了"]),
    ("ja", "<p>ワーカープロセス、asgiワーカー、非正常終了、WSGIとUWSGI</p>", ["ワーカー", "WSGI"]),
    ("ja", "<ul><li>ASGI の<em>接続プール</em></li></ul>", ["ASGI", "接続プール"]),
])
def test_first_use_in_a_text(lang, before, after):
    """Once per page, as a word of its own; never in code, links, headings, tables, tools."""
    html = terms.marked(before, lang)
    assert re.findall(r"<abbr[^>]*>([^<]*)</abbr>", html) == after
    assert re.sub(r"</?abbr[^>]*>", "", html) == before


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_text_full_of_words_is_not_full_of_lines(lang):
    every = [term["term"][lang] for term in load(terms.FILE)["terms"] if term.get("tip")]
    html = terms.marked("".join(f"<p>{term}</p>" for term in every), lang)
    assert html.count("<abbr") == terms.MOST and html.count('tabindex="0"') == terms.MOST


def test_pictures_are_drawn_in_both_languages():
    used = {term["picture"] for term in load(terms.FILE)["terms"] if "picture" in term}
    assert used == set(pictures.DRAWN)
    for lang in ("ja", "en"):
        for name in used:
            drawn = pictures.picture(lang, name)
            ElementTree.fromstring(drawn)
            assert 'role="img"' in drawn and "\n" not in drawn and " style=" not in drawn
