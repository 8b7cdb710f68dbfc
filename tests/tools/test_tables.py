"""What is done to every page after Markdown: tables get a box that scrolls, pages with tools get skip links."""

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
