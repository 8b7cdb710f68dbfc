"""The pages of evidence and the comparison: what the hooks make of a small sample, and the checks with one flaw each."""

import json

import data
import evidence as pages
import matrix
import pytest
import records
import traces
from place import Place

from tests.site import evidence
from tests.site.built import Site

EN = Place("en", "evidence/index.en.md", "en/evidence/")
SETUPS = {
    "alpha": {"ja": "アルファ", "en": "Alpha"},
    "alpha-unix": {"ja": "アルファ（Unix）", "en": "Alpha (Unix)"},
    "alpha-behind-proxy": {"ja": "プロキシ → アルファ", "en": "Proxy → Alpha"},
    "beta": {"ja": "ベータ", "en": "Beta"},
}
BEHAVIOURS = {
    name: {
        "question": {"ja": name, "en": f"Question {name}"}, "did": {"ja": "試す。", "en": "Tries it."},
        "outcomes": {"good": {"ja": "良い", "en": "well", "verdict": "good"}, "bad": {"ja": "悪い", "en": "badly", "verdict": "bad"}},
        "figures": {"seconds": {"ja": "秒", "en": "seconds", "unit": "s"}},
    }
    for name in ("http", "crash", "spoofed")
}
COMPARE = {
    "servers": [
        {"setup": "alpha", "name": "Alpha", "page": "servers/alpha.md"},
        {"setup": "beta", "name": "Beta", "detail": {"ja": "一", "en": "one"}, "page": "servers/beta.md"},
        {"setup": "never-run", "name": "Never", "page": "servers/never.md"},
    ],
    "groups": [
        {"id": "all", "title": {"ja": "全部", "en": "Everything"}, "note": {"ja": "注", "en": "Note."},
         "rows": ["http", {"behaviour": "crash", "needs": ["workers"]}, {"behaviour": "spoofed", "behind": True}, "nobody-asked-this"]},
    ],
    "not-asked": {name: {"ja": f"なし {name}", "en": f"not: {name}"} for name in ("asgi", "workers", "file", "change", "elsewhere", "open")},
    "words": {key: {"ja": key, "en": key} for key in
              ("filter", "interface", "all", "servers", "groups", "none_is_all", "rows", "differing", "status", "reset", "same", "unknown", "question", "nobody")}
    | {"name": {"ja": "{name}（{detail}）", "en": "{name} ({detail})"}},
}


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), "utf-8")


def entry(setup, behaviour, outcome="good"):
    return {"setup": setup, "behaviour": behaviour, "outcome": outcome, "figures": {"seconds": 1.5}, "command": "alpha --serve", "did": ["ask"],
            "output": "", "versions": {"python": "3.11.7", "os": "Debian"}, "date": "2026-01-02", "runs": 3}


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A project of two recipes: alpha has workers and a proxy, beta is one process."""
    for name, text in {"evidence/setups.yml": SETUPS, "evidence/behaviours.yml": BEHAVIOURS, "choose/compare.yml": COMPARE}.items():
        write(tmp_path / "docs" / name, text)
    write(tmp_path / "docs/permalinks.txt", "/evidence/\n/evidence/#evidence\n/evidence/#alpha\n/evidence/#alpha-http\n/evidence/#alpha-unix-http\n"
                                            "/evidence/#alpha-unix\n/evidence/alpha/\n/evidence/alpha/#alpha-old\n/evidence/alpha/#records\n")
    write(tmp_path / "snippets/alpha/recipe.toml", 'interface = "asgi"\nstart = "start.sh"\n')
    write(tmp_path / "snippets/alpha-unix/recipe.toml", 'interface = "asgi"\nstart = "start.sh"\n')
    write(tmp_path / "snippets/beta/recipe.toml", 'interface = "wsgi"\nprocesses = "one"\nstart = "start.sh"\n')
    write(tmp_path / "snippets/proxy/recipe.toml", 'file = "proxy.conf"\n')
    for setup, behaviour, outcome in (("alpha", "http", "good"), ("alpha", "crash", "bad"), ("alpha-behind-proxy", "spoofed", "good"), ("beta", "http", "good")):
        write(tmp_path / f"evidence/{setup}/{behaviour}.json", entry(setup, behaviour, outcome))
    monkeypatch.setattr(data, "DOCS", tmp_path / "docs")
    for module in (data, records, matrix):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(records, "EVIDENCE", tmp_path / "evidence")
    monkeypatch.setattr(pages, "DOCS", tmp_path / "docs")
    return tmp_path


def test_a_page_holds_the_records_of_its_recipe_and_what_went(root):
    text = traces.placed(pages.of_recipe(EN, "alpha"))
    for found in ("## Alpha { #alpha }", "## Proxy → Alpha { #alpha-behind-proxy }", 'id="alpha-crash"', 'id="alpha-behind-proxy-spoofed"',
                  '<a href="../../evidence/data/alpha/crash.json">alpha/crash.json</a>', "`alpha-old`{ #alpha-old }"):
        assert found in text
    assert "beta" not in text and "`records`" not in text


def test_old_addresses_lead_to_where_a_record_went(root):
    text = pages.moved(EN)
    assert "[Alpha](alpha.md#alpha){ #alpha }" in text
    assert "[Question http](alpha.md#alpha-http){ #alpha-http }" in text
    assert "`alpha-unix-http`{ #alpha-unix-http }" in text  # was published, is no longer recorded, and is not alpha's
    assert "#evidence" not in text


def test_recipes_are_listed_with_what_was_recorded(root):
    alpha, beta = pages.all_recipes(EN).strip().splitlines()[2:]
    assert alpha == "| [Alpha](alpha.md) | ASGI | Python 3.11.7 | 2 | 3 | <time>2026-01-02</time> |"
    assert beta.startswith("| [Beta](beta.md) | WSGI |")


def test_other_versions_are_shown_once_they_were_run(root):
    assert pages.other_versions(EN) == ""
    write(root / "evidence/matrix.json", {"python": "3.13.0", "django": "6.1.3", "date": "2026-01-03", "setups": {
        "alpha": {"asked": 2, "differs": {"crash": "good"}}, "beta": {"asked": 1, "differs": {}}}})
    text = pages.other_versions(EN)
    assert "Python 3.13.0" in text and "Django 6.1.3" in text and "2026-01-03" in text
    assert "| Alpha | 2 | [Question crash](alpha.md#alpha-crash) — well |" in text
    assert "| Beta | 1 | none |" in text


def test_the_comparison_has_what_was_recorded(root):
    assert [column["setup"] for column in matrix.columns()] == ["alpha", "beta"]
    assert [row["behaviour"] for group in matrix.groups() for row in group["rows"]] == ["http", "crash", "spoofed"]
    html = matrix.matrix(EN)
    assert '<td data-server="alpha"><a class="outcome bad" href="alpha/#alpha-crash">badly</a></td>' in html
    assert html.count('<td class="not-asked"') == 2
    assert '<td class="not-asked" data-server="beta">not: workers</td>' in html
    assert '<td class="not-asked" data-server="beta">not: open</td>' in html
    assert "never-run" not in html


def test_who_names_the_servers_with_an_outcome(root):
    assert matrix.who(EN, "http", "good") == "[Alpha](alpha.md#alpha-http), [Beta (one)](beta.md#beta-http)"
    assert matrix.who(EN, "spoofed", "good") == "[Alpha](alpha.md#alpha-behind-proxy-spoofed)"
    assert matrix.who(EN, "crash", "good") == "nobody"


# --- the checks of the built site


def test_a_recipe_without_its_page_is_named(root):
    assert evidence.groups(root) == ["alpha", "alpha-unix", "beta"]
    for name in ("alpha", "alpha-unix", "beta"):
        for lang in ("ja", "en"):
            write(root / f"docs/evidence/{name}.{lang}.md", f"<!-- show:records {name} -->")
    assert evidence.missing_pages(root) == []
    (root / "docs/evidence/beta.en.md").unlink()
    write(root / "docs/evidence/alpha.ja.md", "<!-- show:records beta -->")
    problems = evidence.missing_pages(root)
    assert len(problems) == 2 and "docs/evidence/alpha.ja.md does not show the records of alpha" in problems[0]
    write(root / "evidence/gamma-under-systemd/http.json", {})
    assert evidence.groups(root)[-1] == "gamma"


@pytest.fixture
def built(root, tmp_path_factory):
    """The site of that project, as a good build leaves its pages of evidence."""
    folder, everything = tmp_path_factory.mktemp("site"), []
    for path in sorted(root.glob("evidence/*/*.json")):
        setup = path.parent.name
        write(folder / "evidence/data" / setup / path.name, path.read_text("utf-8"))
        everything.append(json.loads(path.read_text("utf-8")))
        for prefix in ("", "en/"):
            page = folder / prefix / "evidence" / setup.split("-behind-")[0] / "index.html"
            link = f'<details id="{setup}-{path.stem}"><a href="../data/{setup}/{path.name}">JSON</a></details>'
            write(page, (page.read_text("utf-8") if page.exists() else "") + link)
    write(folder / "evidence/data/records.json", everything)
    snippet = '<div data-snippet="alpha/start.sh"></div><p><a class="ran caption">Ran</a></p><div data-snippet="project/manage.py"></div>'
    write(folder / "index.html", snippet)
    return folder


def test_records_that_are_shown_pass(root, built):
    assert evidence.missing_records(root, Site(built)) == []
    assert evidence.unsaid_versions(root, Site(built)) == []


@pytest.mark.parametrize(("file", "old", "new", "sentence"), [
    ("evidence/data/alpha/http.json", "3.11.7", "3.12.0", "/evidence/data/alpha/http.json is not evidence/alpha/http.json"),
    ("evidence/data/records.json", "alpha --serve", "alpha", "records.json does not hold every record"),
    ("en/evidence/alpha/index.html", 'id="alpha-crash"', 'id="crash"', "/en/evidence/alpha/ does not show evidence/alpha/crash.json"),
    ("evidence/beta/index.html", "../data/beta/http.json", "#", "/evidence/beta/#beta-http has no link to its JSON"),
])
def test_a_record_that_is_not_shown_is_named(root, built, file, old, new, sentence):
    write(built / file, (built / file).read_text("utf-8").replace(old, new))
    problems = evidence.missing_records(root, Site(built))
    assert any(sentence in problem for problem in problems), problems


def test_a_page_of_records_in_the_search_is_named(root, built):
    write(built / "search/search_index.json", {"docs": [{"location": "servers/alpha/#copy"}, {"location": "en/evidence/alpha/#alpha-http"}]})
    assert evidence.searched_records(root, Site(built)) == ["/en/evidence/alpha/ is in the search index: add `search: {exclude: true}` to its front matter."]


def test_a_file_without_its_versions_is_named(root, built):
    write(built / "index.html", '<div data-snippet="alpha/start.sh"></div><p>Next</p>')
    assert "snippets/alpha/start.sh does not say with what it ran" in evidence.unsaid_versions(root, Site(built))[0]
