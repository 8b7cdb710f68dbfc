"""Tables as every reader needs them: what is wider than the screen scrolls in a box of its own, also without JavaScript; a screen
reader that goes down a column hears the name of each row.

The boxes are those that Material's script would make; site.css lets the ones that it adds inside ours vanish. On a phone the
rows of a table with three columns and more, or with long names in the first, stand below each other (`.stacks`), and each cell is told what its column is called.
"""

import re
from html import escape, unescape

PIECE = re.compile(r"<h[1-6]\b[^>]*>(?P<heading>.*?)</h[1-6]>|(?P<table><table>.*?</table>)", re.S)
HEAD = re.compile(r"<th\b[^>]*>(.*?)</th>|<td></td>", re.S)
ROW = re.compile(r"(?<=<tr>).*?(?=</tr>)", re.S)
FIRST_CODE = re.compile(r"<tr>\s*<td[^>]*><code>([^<]*)</code>")
CODE_FITS = 16  # letters of a setting's name that leave enough room for a second column on a phone
CELL = re.compile(r"<td(?=[ >])")
FIRST = re.compile(r"<tr>\s*<td(?P<attributes>[^>]*)>(?P<cell>.*?)</td>", re.S)
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
        table, stacks = labelled(found["table"])
        return f'<div class="md-typeset__scrollwrap{stacks}" tabindex="0" role="group" aria-label="{escape(name)}"><div class="md-typeset__table">{named(table)}</div></div>'

    return PIECE.sub(box, html)


def labelled(table: str) -> tuple[str, str]:
    """(a table with the names of its columns in its cells, the class for its box); one of two columns mostly fits a phone as it is."""
    head, mark, body = table.partition("</thead>")
    names = [heading_text(found[1] or "") for found in HEAD.finditer(head)]
    if not mark or len(names) < 3:
        return table, " stacks" if mark and any(len(unescape(name)) > CODE_FITS for name in FIRST_CODE.findall(body)) else ""

    def row(found):
        columns = iter(["", *names[1:]])  # the first cell names the row, and needs no name itself
        return CELL.sub(lambda _: f'<td data-label="{escape(name)}"' if (name := next(columns, "")) else "<td", found[0])

    return head + mark + ROW.sub(row, body), " stacks"


def named(table: str) -> str:
    """The table with the first cell of each row as its header, where these cells tell the rows apart."""
    head, body, rest = table.partition("<tbody>")
    first = [heading_text(row["cell"]) for row in FIRST.finditer(rest)]
    if "" in first or len(set(first)) < len(first) or rest.count("<td") < 2 * len(first):
        return table
    return head + body + FIRST.sub(r'<tr>\n<th scope="row"\g<attributes>>\g<cell></th>', rest)


def heading_text(inner: str) -> str:
    """The text of a heading, without the link to itself."""
    return unescape(NOT_TEXT.sub("", inner)).strip()
