"""What is done to every page after Markdown: tables get a box that scrolls, long lines of code marks, pages with tools
skip links, Japanese particles their word."""

import finish
import lines
import skips
import tables
from bs4 import BeautifulSoup

PAGE = (
    '<h1 id="page">Page<a class="headerlink" href="#page" title="#">&para;</a></h1><table><tr><th>a</th></tr></table>'
    '<h2 id="one">The <code>"first"</code> &amp; best<a class="headerlink" href="#one" title="#">&para;</a></h2><div class="flow" data-x="y"></div>'
    '<table><tr><td>b</td></tr></table><table class="own"><tr><td>c</td></tr></table>'
    '<h2 id="between">Between</h2><h2 id="two">Second</h2><section class="explorer"></section>'
)


def test_a_table_has_a_box_named_by_its_heading():
    """The keyboard can scroll it; a table with a class brings a box of its own."""
    page = BeautifulSoup(tables.boxed(PAGE, "Title"), "html.parser")
    boxes = page.select("div[role=group][tabindex='0']")
    assert [box["aria-label"] for box in boxes] == ["Page", 'The "first" & best']
    assert [box.text for box in boxes] == ["a", "b"]
    assert page.select_one("table.own").parent.name == "[document]"


def test_a_table_before_any_heading_is_called_as_the_page():
    assert 'aria-label="A &quot;title&quot;"' in tables.boxed("<table><tr><td>a</td></tr></table>", 'A "title"')


def test_cells_of_a_wide_table_know_their_column():
    """On a phone rows stand below each other; the first cell names the row. Two columns stay side by side, unless a name is long."""
    head, row = "<table><thead><tr><th>Server</th><th><code>a</code> &amp; b</th>{}</tr></thead><tbody>", "<tr><td>{}</td><td>1</td>{}</tr>\n</tbody></table>"
    wide = BeautifulSoup(tables.boxed(head.format("<th>c</th>") + row.format("x", '<td align="right">2</td>'), ""), "html.parser")
    assert [cell.get("data-label") for cell in wide.select("tbody :is(th, td)")] == [None, "a & b", "c"] and wide.select_one(".stacks table")
    for first, stacks in (("x", False), ("<code>short</code>", False), ("<code>a_name_longer_than_others</code>", True)):
        narrow = BeautifulSoup(tables.boxed(head.format("") + row.format(first, ""), ""), "html.parser")
        assert bool(narrow.select(".stacks")) == stacks and not narrow.select("[data-label]")


def test_long_lines_of_code_are_marked_and_stay_what_they_are():
    """Also within a string of several lines; what is indented goes on indented; an option is one word."""
    code = f'short\n    <span class="c1"># {"long " * 9}&lt;</span>\n<span class="sd">"one\n{"two " * 12}\n"</span>\n'
    page = f"<p><code>run --now -r</code></p><pre><span></span><code>{code}</code></pre>"
    marked, plain = (BeautifulSoup(html, "html.parser") for html in (lines.marked(page), page))
    assert marked.text == plain.text
    assert [line.text.strip()[:4] for line in marked.select(".long")] == ["# lo", "two "]
    assert marked.select_one(".long-4").text.startswith("    #") and [part.text for part in marked.select(".sd")] == ['"one', "two " * 12, '"']
    assert [part.text for part in marked.select(".option")] == ["--now"]


def test_japanese_particles_and_counters_stay_with_their_word():
    """Not in code, and not in English."""
    page = '<h1 title="WSGI か">WSGI か 3 つ</h1><pre>WSGI か</pre><p>置く。<code>/srv</code> を、5 秒 待つ</p>'
    kept = '<h1 title="WSGI か">WSGI\xa0か 3\xa0つ</h1><pre>WSGI か</pre><p>置く。<wbr><code>/srv</code>\xa0を、5\xa0秒 待つ</p>'
    assert finish.lighter(page, True) == kept and finish.lighter(page, False) == page


def test_the_first_cells_that_tell_rows_apart_are_their_headers():
    """So a screen reader says the row's name in each column; a column that says the same twice, or nothing, names none."""
    def first(*names):
        rows = "".join(f"<tr>\n<td>{name}</td>\n<td>x</td></tr>" for name in names)
        page = BeautifulSoup(tables.boxed(f"<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>{rows}</tbody></table>", "Title"), "html.parser")
        return [cell.text for cell in page.select("tbody th[scope=row]")]

    assert first("one", "<code>two</code>") == ["one", "two"]
    assert first("one", "one") == [] and first("one", "") == []


def test_the_mark_of_a_heading_is_left_to_the_mouse():
    page = BeautifulSoup(skips.MARK.sub(skips.HIDDEN, PAGE), "html.parser")
    assert all(mark["aria-hidden"] == "true" and mark["tabindex"] == "-1" and mark["href"] for mark in page.select(".headerlink"))


def test_links_lead_to_the_tools_and_past_the_chart():
    """Below the title one to each tool; before the chart one to the next tool."""
    page = BeautifulSoup(skips.with_skips(PAGE, "en"), "html.parser")
    top, before = page.select(".skips")
    assert [(link["href"], link.text) for link in top.select("a")] == [("#one", 'Skip to “The "first" & best”'), ("#two", "Skip to “Second”")]
    assert top.find_previous_sibling().name == "h1"
    assert [link["href"] for link in before.select("a")] == ["#two"] and before.find_next_sibling()["class"] == ["flow"]


def test_after_the_last_tool_the_link_leads_to_the_next_heading():
    page = BeautifulSoup(skips.with_skips(PAGE.replace('<section class="explorer"></section>', ""), "ja"), "html.parser")
    assert [link.text for link in page.select(".skips")[-1].select("a")] == ["「Between」に移動"]


def test_a_page_without_tools_stays_as_it_is():
    page = "<h1>Page</h1><h2 id='a'>A</h2>"
    assert skips.with_skips(page, "en") == page
