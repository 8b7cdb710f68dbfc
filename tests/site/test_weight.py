"""What readers load before they see a page stays small, on every page. Bytes and requests, never times."""

import pytest

from tests.site import weight

MOST = 60 * 1024  # bytes of the first view of any page
USUAL = 48 * 1024  # of all but the few longest ones
LONG = 16  # how many pages may be longer than usual, in both languages together
REQUESTS = 9
# The module of a tool, and what in a page shows that it is needed.
TOOLS = {"flow.js": 'class="flow"', "matrix.js": "matrix-filter", "patterns.js": "patterns-filter", "traceback/page.js": 'class="reader"', "onboarding/ticks.js": 'class="ticks"', "onboarding/glossary.js": 'class="glossary-filter"', "onboarding/handbook.js": 'class="handbook"', "explorer.js": 'class="explorer', "sizing/page.js": 'class="sizing"', "config/page.js": 'class="config"'}


@pytest.fixture(scope="module")
def pages(site):
    """{page: its HTML}"""
    return {path: path.read_text("utf-8") for path in sorted(site.folder.rglob("*.html")) if path.name in ("index.html", "404.html")}


def test_a_first_view_is_small(site, pages):
    found = {path.relative_to(site.folder).as_posix(): weight.weight(site.folder, path) for path in pages}
    heavy = {path: size for path, size in found.items() if size > MOST}
    assert not heavy, f"These pages weigh more than {MOST} bytes: {heavy}. Split them, or take what is in them as links."
    long = {path: size for path, size in found.items() if size > USUAL}
    assert len(long) <= LONG, f"More than {LONG} pages weigh more than {USUAL} bytes: {long}."


def test_a_first_view_takes_few_requests(site, pages):
    many = {path.relative_to(site.folder).as_posix(): [file.name for file in found] for path in pages if len(found := weight.files(site.folder, path)) > REQUESTS}
    assert not many, f"These pages ask for more than {REQUESTS} files: {many}."


def test_stylesheets_may_be_kept_for_ever(pages):
    """Two at most, with a hash in the name; none of Material's own are left."""
    for path, html in pages.items():
        sheets = [part.split('"')[0] for part in html.split('<link rel="stylesheet" href="')[1:]]
        assert 1 <= len(sheets) <= 2 and not any("main." in sheet or "palette" in sheet for sheet in sheets), (path, sheets)


def test_a_tool_loads_on_its_pages_only(pages):
    for path, html in pages.items():
        for module, sign in TOOLS.items():
            assert (f'javascripts/{module}"' in html) == (sign in html), f"{path} and {module}"
