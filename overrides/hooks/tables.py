"""Tables as every reader needs them: what is wider than the screen scrolls in a box of its own, also without JavaScript.

The boxes are those that Material's script would make; site.css lets the ones that it adds inside ours vanish.
"""

import re
from html import escape, unescape

PIECE = re.compile(r"<h[1-6]\b[^>]*>(?P<heading>.*?)</h[1-6]>|(?P<table><table>.*?</table>)", re.S)
NOT_TEXT = re.compile(r'<a class="headerlink".*?</a>|<[^>]+>', re.S)


def on_page_content(html, page, config, files):
    """Box every table without a class (those have boxes of their own), and mend its empty corner (MkDocs hook)."""
    return boxed(html.replace("<th></th>", "<td></td>"), page.title)  # a header without a name is announced as nothing


def boxed(html: str, title: str) -> str:
    """Each `<table>` in a box that the keyboard can scroll; screen readers call it as the heading above it, or as the page."""
    name = title

    def box(found):
        nonlocal name
        if found["heading"] is not None:
            name = heading_text(found["heading"])
            return found[0]
        return f'<div class="md-typeset__scrollwrap" tabindex="0" role="group" aria-label="{escape(name)}"><div class="md-typeset__table">{found["table"]}</div></div>'

    return PIECE.sub(box, html)


def heading_text(inner: str) -> str:
    """The text of a heading, without the link to itself."""
    return unescape(NOT_TEXT.sub("", inner)).strip()
