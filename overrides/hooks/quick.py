"""What makes the build quick and changes nothing in what it writes: the same work is not done twice.

Both languages include the same files, so each lexer is found once. Charts are drawn by a second process. Nothing here is needed for a right build:
without this hook the site comes out the same, later.
"""

import contextlib
import gc
from functools import lru_cache

from jinja2 import FileSystemBytecodeCache
from material.plugins.search.plugin import SearchIndex
from pygments.formatters import HtmlFormatter
from pymdownx import highlight

import charts
import drawing
from data import ROOT, Missing

CACHE = ROOT / ".cache" / "templates"


def on_startup(command, dirty):
    """Remember what comes again, and begin to draw (MkDocs hook)."""
    gc.set_threshold(100_000, 50, 50)  # a build makes millions of small objects, keeps most, and ends: looking for rubbish is a tenth of it
    with contextlib.suppress(Missing):  # the page that shows it will say so
        drawing.ahead(charts.draw_all)
    if not hasattr(highlight, "get_lexer_by_name") or hasattr(highlight.get_lexer_by_name, "cache_info"):
        return
    highlight.get_lexer_by_name = lru_cache(None)(highlight.get_lexer_by_name)
    remember_styles()
    # Material reads every page for an index that search.py replaces: 25 ms a page.
    SearchIndex.add_entry_from_context = lambda index, page: None


def on_env(env, config, files):
    """Keep compiled templates: each language, and each build, would compile all of Material's again (MkDocs hook)."""
    CACHE.mkdir(parents=True, exist_ok=True)
    env.bytecode_cache = FileSystemBytecodeCache(str(CACHE))


def remember_styles():
    """Pygments reads its whole style for every block of code, though the classes it writes need none of it."""
    made, known = HtmlFormatter._create_stylesheet, {}

    def create(formatter):
        key = (formatter.style, formatter.classprefix)
        if key not in known:
            made(formatter)
            known[key] = (formatter.ttype2class, formatter.class2style)
        formatter.ttype2class, formatter.class2style = known[key]

    HtmlFormatter._create_stylesheet = create
