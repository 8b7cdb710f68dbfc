"""The finished site in small: what is cut from stylesheets and pages, and what comes later (overrides/hooks/finish.py)."""

import re

import finish
import pytest

PAGE = """<!doctype html>
<html><head>
<link rel="stylesheet" href="assets/stylesheets/main.1234abcd.min.css">
<link rel="stylesheet" href="assets/stylesheets/tool.css">
</head><body class="there"{tool}>
<pre><code><span class="k">def</span><span class="w"> </span><span class="n">brew</span><span class="p">():</span>

    pass</code></pre>
<script src="assets/javascripts/bundle.1234abcd.min.js"></script>
<script src="assets/javascripts/site.js" type="module"></script>
</body></html>
"""
MAIN = """
:root{--read:1px;--unread:2px;--late:url("a;b")}
.there{margin:var(--read)}.nobody,.there .nobody{color:red}.made{color:var(--late)}.there>.made,.there b{top:0}.soon{left:0}
@media print{.made{display:none}.there{color:#000}}
"""


@pytest.fixture
def site(tmp_path):
    """A finished site of two pages, one of which has a tool."""
    files = {
        "index.html": PAGE.format(tool=""), "tool.html": PAGE.format(tool=' data-x><div class="tool"></div'),
        "assets/stylesheets/main.1234abcd.min.css": MAIN, "assets/stylesheets/tool.css": ".tool{width:1px}",
        "assets/javascripts/bundle.1234abcd.min.js": 'give("made")', "assets/javascripts/site.js": '// A remark.\n/** What\n it does. */\ngive("soon") // at once\n',
    }  # fmt: skip
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    finish.finish(tmp_path)
    return tmp_path


def sheet(site, name: str) -> str:
    (path,) = (site / "assets" / "stylesheets").glob(f"{name}.????????.css")
    return path.read_text("utf-8").replace(";}", "}")


def test_a_page_has_the_rules_it_can_use_at_once(site):
    """What no page has goes, what Material's script makes comes with it, what another script makes at once stays."""
    assert sheet(site, "page") == ":root{--read:1px}.there{margin:var(--read)}.there b{top:0}.soon{left:0}@media print{.there{color:#000}}"
    assert sheet(site, "later") == ':root{--late:url("a;b")}.made{color:var(--late)}.there>.made{top:0}@media print{.made{display:none}}'


def test_the_sheet_of_a_tool_goes_to_its_page(site):
    linked = {name: re.findall(r'rel="stylesheet" href="assets/stylesheets/(\w+)\.', (site / name).read_text("utf-8")) for name in ("index.html", "tool.html")}
    assert linked == {"index.html": ["page"], "tool.html": ["page", "tool"]}


def test_code_keeps_its_text_and_loses_marks_that_nobody_sees(site):
    assert '<pre><code><span class="k">def</span> brew():\n\n    pass</code></pre>' in (site / "index.html").read_text("utf-8")


def test_materials_script_and_what_goes_with_it_wait(site):
    html = (site / "index.html").read_text("utf-8")
    assert re.search(r'<script type="later" data-src="\S+/bundle\.\S+" data-sheet="assets/stylesheets/later\.\w{8}\.css"></script>', html)
    assert 'src="assets/javascripts/site.js"' in html


def test_scripts_lose_their_remarks_and_nothing_else(site):
    assert (site / "assets/javascripts/site.js").read_text("utf-8") == 'give("soon") // at once\n'


def test_done_twice_is_done_once(site):
    before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    finish.finish(site)
    assert before == {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
