"""The checks of the sources: a small good project passes, and one flaw per rule is caught."""

import subprocess

import pytest

from tests.site import sources

PAGE = """# One { #one }

```sh
--8<-- "one/start.sh"
```

- Settings

    ```ini
    --8<-- "one/app.ini"
    --8<-- "one/extra.ini:proxy"
    ```

"""

FLAWS = {
    "typed shell": ('--8<-- "one/start.sh"\n', "sudo one --start\n", "docs/a.ja.md:3: sh code is typed by hand"),
    "include with a typed line": ('--8<-- "one/start.sh"\n', '--8<-- "one/start.sh"\nsudo x\n', "docs/a.ja.md:3: sh code is typed by hand"),
    "typed code in a list": ('--8<-- "one/app.ini"', "[one]", "docs/a.ja.md:9: ini code is typed by hand"),
    "empty fence": ('--8<-- "one/start.sh"\n', "", "docs/a.ja.md:3: sh code is typed by hand"),
    "typed output": ("- Settings", "```text\none is serving\n```\n\n- Settings", "docs/a.ja.md:7: text code is typed by hand"),
    "no language": ("- Settings", "```\none --start\n```\n\n- Settings", "docs/a.ja.md:7: code without a language is typed by hand"),
    "indented code": ("- Settings", "    a = 1\n\n- Settings", "code without a language is typed by hand"),
    "HTML code": ("- Settings", "<pre>a = 1</pre>\n\n- Settings", "code without a language is typed by hand"),
    "missing file": ("one/app.ini", "one/ap.ini", "docs/a.ja.md:9: snippets/one/ap.ini does not exist"),
    "missing section": ("extra.ini:proxy", "extra.ini:prox", "docs/a.ja.md:9: snippets/one/extra.ini has no section “prox”"),
    "missing file outside of a fence": ("- Settings", '--8<-- "one/x.md"\n\n- Settings', "docs/a.ja.md:7: snippets/one/x.md does not exist"),
    "file on no page": ('--8<-- "one/app.ini"', '--8<-- "one/start.sh"', "snippets/one/app.ini is on no page in ja: include it, delete it"),
    "start file on no page": ('--8<-- "one/start.sh"', '--8<-- "one/app.ini"', "snippets/one/start.sh starts a recipe and is on no page in ja: include it."),
}


def problems_of(root, not_shown={}):
    pages = sources.read_pages(root)
    return sources.typed_code(pages) + sources.missing_includes(root, pages) + sources.unshown_files(root, pages, not_shown)


@pytest.fixture
def project(tmp_path):
    """A folder with one recipe and one page that shows all of it in both languages."""
    for name, text in {
        "docs/a.ja.md": PAGE,
        "docs/a.en.md": PAGE,
        "snippets/one/recipe.toml": 'start = "start.sh"\n',
        "snippets/one/start.sh": "one --start\n",
        "snippets/one/app.ini": "[one]\n",
        "snippets/one/extra.ini": "; --8<-- [start:proxy]\nproxy = 1\n; --8<-- [end:proxy]\n",
        "snippets/project/manage.py": "# no recipe: nobody copies it\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_good_project_passes(project):
    assert problems_of(project) == []


@pytest.mark.parametrize("rule", FLAWS)
def test_flaw_is_caught(project, rule):
    old, new, sentence = FLAWS[rule]
    assert old in PAGE
    (project / "docs/a.ja.md").write_text(PAGE.replace(old, new), "utf-8")
    problems = problems_of(project)
    assert any(sentence in problem for problem in problems), problems


def test_list_of_files_not_shown(project):
    (project / "snippets/one/stop.sh").write_text("one --stop\n", "utf-8")
    assert len(problems_of(project)) == 1
    assert problems_of(project, {"one/stop.sh": "a reason"}) == []
    assert "lists one/app.ini, which is shown or gone" in problems_of(project, {"one/stop.sh": "x", "one/app.ini": "x"})[0]
    assert "lists one/gone.sh, which is shown or gone" in problems_of(project, {"one/stop.sh": "x", "one/gone.sh": "x"})[0]


def test_same_file_need_not_be_shown_twice(project):
    (project / "snippets/two").mkdir()
    (project / "snippets/two/recipe.toml").write_text('start = "start.sh"\n', "utf-8")
    (project / "snippets/two/start.sh").write_text("one --start\n", "utf-8")
    assert problems_of(project) == []
    (project / "snippets/two/start.sh").write_text("two --start\n", "utf-8")
    assert problems_of(project) == ["snippets/two/start.sh starts a recipe and is on no page in ja and en: include it."]


def test_start_file_cannot_be_excused(project):
    for language in ("ja", "en"):
        (project / f"docs/a.{language}.md").write_text(PAGE.replace("one/start.sh", "one/app.ini"), "utf-8")
    assert any("start.sh starts a recipe and is on no page in ja and en: include it." in problem for problem in problems_of(project, {"one/start.sh": "x"}))


@pytest.mark.parametrize("line", ["設定(既定)です", "理由: 速い", "本当?", "（A)です"])
def test_halfwidth_punctuation_is_caught(project, line):
    (project / "docs/a.ja.md").write_text(PAGE + f"\n{line}\n", "utf-8")
    assert len(sources.halfwidth_punctuation(project)) == 1


def test_halfwidth_punctuation_of_code_and_links_passes(project):
    (project / "docs/a.ja.md").write_text(PAGE + "\n`設定(a)` と[設定](a.md#b)は（A）です。\n", "utf-8")
    assert sources.halfwidth_punctuation(project) == []


@pytest.mark.parametrize("folder", ["home/somebody", "Users/somebody", "root", "workspace"])
def test_path_of_one_machine_is_caught(tmp_path, folder):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "good.txt").write_text("https://example.org/home/x/y is an address, ~/x and /srv/app/x are a reader's, /home/<name>/x too")
    (tmp_path / "picture.bin").write_bytes(b"\xff\xfe\x00")
    (tmp_path / ".gitignore").write_text("ignored.txt\n")
    (tmp_path / "ignored.txt").write_text(f"/{folder}/app\n")
    assert sources.private_paths(tmp_path, sources.tracked_files(tmp_path)) == []
    (tmp_path / "bad.txt").write_text(f"first line\nlog = /{folder}/app/log.txt\n")
    (problem,) = sources.private_paths(tmp_path, sources.tracked_files(tmp_path))
    assert problem.startswith(f"bad.txt:2: “/{folder}/app” is a path of one machine")
