"""`mkdocs serve --dirty` (scripts/serve) builds again only what an edit has touched; this says what that is.

MkDocs compares a page with its own source file. A page here is also made of the snippets that it includes, of data, and of
the theme. Where one of them is newer than the built page, the built page is taken away, and so MkDocs builds it.
"""

import os
import re
import sys

from mkdocs.plugins import event_priority

import data
from data import ROOT

INCLUDE = re.compile(r'--8<-- "([^":]+)')
SHORTCODE = "<!-- show:"
made_of = data.__dict__.setdefault("made_of", {})  # {page: its snippets}; MkDocs loads this file again for each build, data.py once


@event_priority(-200)  # when the shortcodes have become text
def on_page_markdown(markdown, page, config, files):
    """Note what a page includes (MkDocs hook)."""
    made_of[page.file.src_uri] = set(INCLUDE.findall(markdown))


@event_priority(-200)  # after static-i18n has made its own files
def on_files(files, config):
    """Take away the built pages that are older than what they are made of (MkDocs hook)."""
    if "--dirty" not in sys.argv:
        return
    theme = newest(ROOT / "overrides", ROOT / "mkdocs.yml")
    records = max(newest(ROOT / "docs", ending=".yml"), newest(ROOT / "snippets", ending="recipe.toml"), newest(ROOT / "evidence"))
    for file in files.documentation_pages():
        built = changed(file.abs_dest_path)
        includes = made_of.get(file.src_uri, set())
        sources = [theme, *(changed(ROOT / "snippets" / name) for name in includes)]
        if includes or SHORTCODE in file.content_string:
            sources.append(records)
        if built and max(sources) > built:
            os.remove(file.abs_dest_path)


def changed(path) -> float:
    """When a file was changed, in seconds since 1970; 0 when there is none."""
    try:
        return os.stat(path).st_mtime
    except FileNotFoundError:
        return 0


def newest(*paths, ending: str = "") -> float:
    """When the newest of these files, and of those below these folders, was changed."""
    found = [changed(path) for path in paths if path.is_file()]
    for path in paths:
        for folder, _, names in os.walk(path):
            found += [changed(os.path.join(folder, name)) for name in names if name.endswith(ending) and not name.endswith(".pyc")]
    return max(found, default=0)
