"""Every page as Markdown beside it (`…/index.md`), and `llms.txt`, which lists them.

Made from the page's HTML, includes and shortcodes resolved: what a reader sees, tables and recorded output included.
"""

import re
from html import escape, unescape
from pathlib import Path

from html_to_markdown import ConversionOptions, convert

# Controls, drawings that a table beside them repeats, and the marks that link a heading to itself.
LEFT_OUT = ["a.headerlink", "svg", "button", "form", "script", "template", ".mend", ".flow-chart"]
OPTIONS = ConversionOptions(compact_tables=True, extract_metadata=False, exclude_selectors=LEFT_OUT)
LANGUAGE = re.compile(r'<div class="(?:language-(?P<name>[\w+-]+) )?[^"]*highlight[^"]*"[^>]*>(?P<title>(?:<span class="filename">[^<]*</span>)?)<pre[^>]*>(?:<span></span>)?<code[^>]*>', re.S)
# A captured traceback: frames in boxes on the page, its own lines here.
TRACE = re.compile(r'<div class="trace-text[^>]*>(?P<lines>.*?)</div></figure>', re.S)
NOT_PRINTED = re.compile(r'<summary>.*?</summary>|<span class="trace-tag"[^>]*>.*?</span>|<div class="trace-crossing.*?</div>', re.S)
# What stands in boxes of its own on the page and would run together.
APART = [("<figcaption>", "<p>"), ("</figcaption>", "</p>"), ("</strong><code>", "</strong> <code>"), ("</code><span>", "</code> · <span>"), ("</span></span><span>", "</span></span> · <span>")]
NUMBER = re.compile(r'(<span class="flow-number">\d+)(</span>)')
WORDS = {
    "ja": {"other": "English", "about": "各ページの Markdown は、ページのアドレスに index.md を付けたところにあります。", "records": "実行記録"},
    "en": {"other": "日本語", "about": "Each page is there as Markdown: add index.md to its address.", "records": "Evidence"},
}


def markdown(html: str) -> str:
    """The Markdown of a page's content."""
    html = NUMBER.sub(r"\1. \2", TRACE.sub(_trace, LANGUAGE.sub(_fence, html)))
    for joined, apart in APART:
        html = html.replace(joined, apart)
    text = convert(html, OPTIONS).content
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _fence(found: re.Match) -> str:
    name = found["name"] if found["name"] not in (None, "text") else ""
    title = re.sub(r"<[^>]+>", "", found["title"])
    heading = f"<p><strong>{title}</strong></p>" if title else ""
    return f'<div>{heading}<pre><code{f" class=language-{name}" if name else ""}>'


def _trace(found: re.Match) -> str:
    lines = re.sub(r"<[^>]+>", "", re.sub(r"</div>|<br>", "\n", NOT_PRINTED.sub("", found["lines"])))
    printed = re.sub(r"\n{2,}", "\n", unescape(lines)).strip("\n")
    return f"<pre><code class=language-pytb>{escape(printed, quote=False)}\n</code></pre></figure>"


def page(entry: dict) -> str:
    """The Markdown file of a page: where it is from, then its content."""
    return f"<!-- {entry['canonical']} -->\n\n{markdown(entry['content'])}"


def llms(entries: list[dict], lang: str, site_name: str, description: str, site_url: str) -> str:
    """`llms.txt` of one language (https://llmstxt.org/): sections of links to the Markdown files, the records as optional."""
    words = WORDS[lang]
    other = f"{site_url}{'en/' if lang == 'ja' else ''}llms.txt"
    lines = [f"# {site_name}", "", f"> {description}", "", f"{words['about']} [{words['other']}]({other})"]
    sections: dict[str, list[dict]] = {}
    for entry in entries:
        name = "Optional" if entry["path"].startswith("evidence/") and entry["path"] != "evidence/" else entry["section"] or site_name
        sections.setdefault(name, []).append(entry)
    for name, members in sorted(sections.items(), key=lambda item: item[0] == "Optional"):
        lines += ["", f"## {name}", ""]
        lines += [f"- [{entry['title']}]({entry['canonical']}index.md): {entry['description']}" for entry in members]
    return "\n".join(lines) + "\n"


def write(folder: Path, entries: list[dict]) -> None:
    """Write the Markdown of every page into the built site."""
    for entry in entries:
        (folder / entry["url"] / "index.md").write_text(page(entry), "utf-8")
