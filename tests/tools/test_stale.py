"""While serving, what is built again after an edit: the pages made of it, and no others."""

import os
import sys
from types import SimpleNamespace

import pytest
import stale

PAGES = {
    "plain.ja.md": "Words.",
    "with-data.ja.md": "<!-- show:tested a -->",
    "with-snippet.ja.md": '```\n--8<-- "a/start.sh"\n```',
}


@pytest.fixture
def built(tmp_path, monkeypatch):
    """A site that was built a minute ago; the answer is a function: edited path to the pages that are taken away."""
    for name in ("overrides/main.html", "mkdocs.yml", "docs/data.yml", "snippets/a/recipe.toml", "snippets/a/start.sh", "evidence/a/http.json", *PAGES):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
        os.utime(path, (100, 100))
    files = [SimpleNamespace(src_uri=name, content_string=text, abs_dest_path=str(tmp_path / name)) for name, text in PAGES.items()]
    for name in PAGES:
        os.utime(tmp_path / name, (200, 200))
    monkeypatch.setattr(stale, "ROOT", tmp_path)
    monkeypatch.setattr(stale, "made_of", {})
    for file in files:
        stale.on_page_markdown(file.content_string, SimpleNamespace(file=file), None, None)

    def edited(name, *flags):
        os.utime(tmp_path / name, (300, 300))
        monkeypatch.setattr(sys, "argv", ["mkdocs", "serve", *flags])
        stale.on_files(SimpleNamespace(documentation_pages=lambda: files), None)
        return [name for name in PAGES if not (tmp_path / name).exists()]

    return edited


@pytest.mark.parametrize(("name", "again"), [
    ("overrides/main.html", list(PAGES)),
    ("mkdocs.yml", list(PAGES)),
    ("snippets/a/start.sh", ["with-snippet.ja.md"]),
    ("snippets/a/recipe.toml", ["with-data.ja.md", "with-snippet.ja.md"]),
    ("docs/data.yml", ["with-data.ja.md", "with-snippet.ja.md"]),
    ("evidence/a/http.json", ["with-data.ja.md", "with-snippet.ja.md"]),
])
def test_an_edit_builds_again_what_is_made_of_it(built, name, again):
    assert built(name, "--dirty") == again


def test_a_whole_build_takes_nothing_away(built):
    assert built("mkdocs.yml") == []
