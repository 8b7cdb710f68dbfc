"""Links for the keyboard, shown while they have the focus: from the top of a page to its tools, and past a chart with its many links.

And none that only stand in its way: the mark beside each heading is left to the mouse. A page has dozens, all with the same name,
and a screen reader would read it as part of the heading; the table of contents has the same links with names.
"""

import re
from html import escape

from place import Place
from tables import heading_text

HEADING = re.compile(r'<h[2-6]\b[^>]*\bid="(?P<id>[^"]+)"[^>]*>(?P<text>.*?)</h[2-6]>', re.S)
MARK = re.compile(r'(<a class="headerlink"[^>]*)>')
HIDDEN = r'\1 aria-hidden="true" tabindex="-1">'
TOOL = re.compile(r'<div class="flow"|<section class="(?:explorer|sizing)"')
WORDS = {"ja": "「{heading}」に移動", "en": "Skip to “{heading}”"}


def on_page_content(html, page, config, files):
    """Add the links to a page that has a tool below a heading; hide the marks of headings (MkDocs hook)."""
    return MARK.sub(HIDDEN, with_skips(html, Place.of(page).lang))


def with_skips(html: str, lang: str) -> str:
    """The page with one link per tool below its title; before each chart one to the next tool or, after the last, to the next heading."""
    headings, tools = list(HEADING.finditer(html)), list(TOOL.finditer(html))
    under = [([heading for heading in headings if heading.start() < tool.start()] or [None])[-1] for tool in tools]
    added = {}  # where in the page: links
    if "</h1>" in html:
        added[html.index("</h1>") + len("</h1>")] = [heading for heading in dict.fromkeys(under) if heading]
    for number, tool in enumerate(tools):
        after = [heading for heading in (under[number + 1 :] or headings) if heading and heading.start() > tool.start()]
        if "flow" in tool[0]:
            added[tool.start()] = after[:1]
    for where, targets in sorted(added.items(), reverse=True):
        links = "".join(f'<a href="#{heading["id"]}">{escape(WORDS[lang].format(heading=heading_text(heading["text"])))}</a>' for heading in targets)
        if links:
            html = f'{html[:where]}<p class="skips" data-search-exclude>{links}</p>{html[where:]}'
    return html
