"""Long lines of code, marked so that they can go on below, indented, instead of out of sight (`.long` in site.css).

Only a line that a phone cannot show is marked, and where it may break is marked in it; an option such as `--workers` is kept
whole, in the text as well. The text stays what it was, to the letter: what is copied is the file.
"""

import re
from html import unescape

FITS = 36  # letters of a line that a screen of 360 px shows
INDENTS = (12, 8, 6, 4, 2)  # those that site.css knows
BLOCK = re.compile(r"(?<=<code>)[^<]*(?:<(?!/code>)[^<]*)*(?=</code></pre>)")
INLINE = re.compile(r"(?<=<code>)[^<\n]*(?=</code>(?!</pre>))")
TAG = re.compile(r"(<[^>]*>)")
OPTION = re.compile(r"(?<![^\s=])--?[A-Za-z][\w-]*")
CELL = re.compile(r"(<t[dh]\b[^>]*>[^<]*[（(])(--[\w-]+)")  # the name of a setup
BEFORE = re.compile(r'(?=<span class="o">\.</span>)')
AFTER = re.compile(r'(?<=[(,]</span>)(?=<)')


def on_page_content(html, page, config, files):
    """Mark the long lines of every block (MkDocs hook)."""
    return marked(html)


def marked(html: str) -> str:
    """The page with each long line of its blocks of code in a `<span class="long">`, each option in a `<span class="option">`."""
    html = INLINE.sub(lambda found: _options(found[0]), BLOCK.sub(lambda found: _block(found[0]), html))
    return CELL.sub(r'\1<span class="option">\2</span>', html)


def _block(code: str) -> str:
    if max(map(_length, code.split("\n"))) <= FITS:
        return code
    lines, open_ = [], []
    for line in code.split("\n"):
        # A string of several lines is one element: it is closed at the end of each line and opened again on the next.
        whole = "".join(open_) + line
        open_ = []
        for tag in TAG.findall(whole):
            if tag.startswith("</"):
                open_.pop()
            else:
                open_.append(tag)
        whole += "</span>" * len(open_)
        lines.append(_long(whole) if _length(line) > FITS else whole)
    return "\n".join(lines)


def _long(line: str) -> str:
    text = unescape(TAG.sub("", line))
    blanks = len(text) - len(text.lstrip(" "))
    indent = next((f" long-{known}" for known in INDENTS if known <= blanks), "")
    line = AFTER.sub("<wbr>", BEFORE.sub("<wbr>", line))
    return f'<span class="long{indent}">' + "".join(part if number % 2 else _options(part) for number, part in enumerate(TAG.split(line))) + "</span>"


def _options(text: str) -> str:
    return OPTION.sub(lambda found: f'<span class="option">{found[0]}</span>' if "-" in found[0][1:] else found[0], text)


def _length(line: str) -> int:
    """In letters; a Japanese one counts two."""
    text = unescape(TAG.sub("", line))
    return len(text) + sum(letter > "\u2e7f" for letter in text)
