"""
What a reader gets by pressing the copy buttons of a server's page, in either language, is enough to run the server.

The texts come from the clipboard of a real browser. They are saved under the names that the page shows, beside the
project, and started in a virtual environment with what the page's requirements.txt says and nothing else.
"""

import dataclasses
import re

import pytest

from lab import recipes, record, serve
from lab.probes import probe
from tests.clipboard import copied

# Page below /servers/ -> the recipes that it tells readers to start.
PAGES = {
    "gunicorn": ["gunicorn-gthread"],
    "uwsgi": ["uwsgi"],
    "waitress": ["waitress"],
    "granian": ["granian-wsgi", "granian-asgi"],
    "uvicorn": ["uvicorn-workers"],
    "gunicorn-asgi": ["gunicorn-asgi"],
    "gunicorn-uvicorn": ["gunicorn-uvicorn"],
    "hypercorn": ["hypercorn"],
    "daphne": ["daphne", "daphne-supervisor"],
}
# Pages with something to start that is not tried here, with the reason.
ELSEWHERE = {"mod-wsgi": "it needs Apache and is run in a sandbox of its own, by lab/booted.py"}
CASES = [(name, recipe) for name, of_page in PAGES.items() for recipe in of_page]


def copied_texts(page, url, recipe):
    """What the copy buttons of a page give for a recipe: name of the file -> text."""
    page.goto(url)
    blocks = copied(page, "[data-snippet]")
    texts = {file: text for path, file, text in blocks if path.startswith(f"{recipe.name}/")}
    for file in (recipe.install, recipe.start, "check.sh"):
        # Two setups of a page may share a file, which it then shows once.
        shared = [text for path, shown, text in blocks if shown == file and not path.startswith("project/")]
        if file not in texts and shared:
            texts[file] = shared[0]
        assert file in texts, f"{url} has no block {file} of {recipe.name}: include it, so that a reader can copy it."
    return texts


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("name", "recipe_name"), CASES)
def test_what_a_reader_copies_runs(page, address, tmp_path, name, recipe_name):
    """Both languages give the same texts; they start, check.sh succeeds, and HTTP and WebSocket do what was recorded."""
    shipped = recipes.load(recipe_name)
    texts, english = (copied_texts(page, f"{address}{prefix}servers/{name}/", shipped) for prefix in ("", "en/"))
    assert texts == english
    for file, text in texts.items():
        (tmp_path / file).write_text(text)
    setup = recipes.Setup(recipe_name, dataclasses.replace(shipped, folder=tmp_path))
    with serve.running(setup) as server:
        check = server.run(server.script("check.sh"))
        assert check.returncode == 0, f"check.sh of /servers/{name}/ fails: {check.stderr or check.stdout}"
        for behaviour in ("http", "websocket"):
            assert probe(behaviour).ask(server).outcome == record.load_record(recipe_name, behaviour)["outcome"]


def test_every_page_with_something_to_start_is_tried(site):
    """A page of a server that shows a start.sh is in PAGES, and so is the recipe it belongs to, or another of the page."""
    for entry in site.articles:
        if entry.address.startswith("/servers/") and re.search(r'data-snippet="[^"]*/start\.sh"', entry.html):
            name = entry.address.removeprefix("/servers/").strip("/")
            assert name in {*PAGES, *ELSEWHERE}, f"{entry.address} shows a start.sh and nobody tries it: add the page to PAGES in tests/snippets/test_pages_run.py."
