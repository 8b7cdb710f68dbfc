"""The parity checker: a pair that agrees passes, and one sample per rule is caught with a sentence that names the trouble."""

import re
import shutil

import pytest
import yaml

from tests.site import compare, parity, structure

JA = """---
title: 見本
description: 見本の説明
---

# 見本 { #sample }

最初の段落です。`a.py` は [nginx](../deploy/nginx.md#config) と
[非同期](https://docs.djangoproject.com/ja/5.2/topics/async/) から <!-- show:outcome one http --> へ。
Django 5.2 で 40 秒、10,000 件、3 回。

<!-- show:box one two -->

## `runserver` の設定 { #config }

- 一つめ `--workers 4`
    - 内側、[測る](../faster/measure.md)

        ```ini
        --8<-- "one/app.ini"
        ```

- 二つめ、[uWSGI](../servers/uwsgi.md)

!!! warning "`DEBUG` に注意"

    === "TCP"

        | 項目 | 値 |
        |---|---|
        | [遅い](#sample) | 1 |

    === "Unix ソケット"

        1. 先に
        2. 後に[^1]

??? note "詳しく"

    ```text
    # 見出しではない
    ## これも { #config }
    ```

![図](../assets/images/flow.svg)

最後はこうなりました。

### 出典 { #sources }

[ASGI](https://ja.wikipedia.org/wiki/非同期) と [仕様][spec]。

[spec]: https://asgi.readthedocs.io/en/latest/
[^1]: [脚注](https://example.org/?a=1&b=2)。
"""

EN = """---
title: A sample
description: What the sample is for
---

# A sample { #sample }

From <!-- show:outcome one http -->, [async](https://docs.djangoproject.com/en/5.2/topics/async/)
and [nginx](../deploy/nginx.md#config) to `a.py`: word order is free.
In Django 5.2 it took 40 seconds for 10000 rows, three times.

<!-- show:box one two -->

## Settings of `runserver` { #config }

- One, `--workers 4`
    - Inside, [measure](../faster/measure.md)

        ```ini
        --8<-- "one/app.ini"
        ```

- Two, [uWSGI](../servers/uwsgi.md)

!!! warning "Mind `DEBUG`"

    === "TCP"

        | what | value |
        |---|---|
        | [slow](#sample) | 1 |

    === "Unix socket"

        1. first
        2. second[^1]

??? note "More"

    ```text
    # 見出しではない
    ## これも { #config }
    ```

![A picture](../assets/images/flow.svg)

How it went in the end.

### Sources { #sources }

[ASGI](https://en.wikipedia.org/wiki/Asynchronous_I/O) and the [specification][spec].

[spec]: https://asgi.readthedocs.io/en/latest/
[^1]: A [footnote](https://example.org/?a=1&b=2).
"""

# rule: (text in the English sample, what to put in its place, what the sentence has to say)
BAD = {
    "no title": ("title: A sample\n", "", "has no “title” in its front matter"),
    "empty description": ("What the sample is for", "", "has no “description” in its front matter"),
    "extra front matter": ("---\ntitle", "---\nhide: [toc]\ntitle", "has “hide” in its front matter"),
    "heading without id": ("### Sources { #sources }", "### Sources", "p.en.md:49: the heading “Sources” has no id"),
    "id twice": ("{ #sources }", "{ #config }", "p.en.md:49: the id “config” is there twice"),
    "other id": ("{ #sources }", "{ #source }", "p.en.md:49 has “### Sources { #source }”"),
    "other level": ("### Sources", "## Sources", "p.en.md:49 has “## Sources { #sources }”"),
    "heading missing": ("### Sources { #sources }\n", "", "p.en.md has no more headings"),
    "shortcode argument": ("show:box one two", "show:box one", "p.en.md:12: shortcode “show:box one” is not in"),
    "inline shortcode": ("show:outcome one http", "show:outcome two http", "p.en.md:8: shortcode “show:outcome two http”"),
    "shortcode moved": ("<!-- show:box one two -->\n", "", "p.ja.md:12: shortcode “show:box one two” is not in section “#sample”"),
    "include": ("one/app.ini", "two/app.ini", "p.en.md:19 has code in ini (nested 2 deep) with “--8<-- \"two/app.ini\"”"),
    "include outside of a fence": ("## Settings", '--8<-- "a.md"\n\n## Settings', "p.en.md:14: include of “a.md”"),
    "language of a fence": ("```ini", "```text", "p.en.md:19 has code in text"),
    "text of a fence": ("# 見出しではない", "# not a heading", "p.en.md:40 has code in text (nested 1 deep) with “# not a heading”"),
    "indented code": ("## Settings", "    a = 1\n\n## Settings", "p.en.md:14 has code without a language"),
    "internal link": ("nginx.md#config", "nginx.md", "p.en.md:9: link to ../deploy/nginx.md is not in"),
    "external link": ("en/latest", "en/stable", "link to https://asgi.readthedocs.io/en/stable/ is not in"),
    "version in a paired link": ("/en/5.2/", "/en/5.1/", "link to https://docs.djangoproject.com/en/5.1/topics/async/ is not in"),
    "Japanese edition on the English page": ("djangoproject.com/en", "djangoproject.com/ja", "link to https://docs.djangoproject.com/ja/"),
    "target in another item": (r"- One, ([\s\S]*)- Two, \[uWSGI\]\(../servers/uwsgi.md\)", r"- One, [uWSGI](../servers/uwsgi.md) \1- Two",
                               "p.en.md:16 has link to ../servers/uwsgi.md: bring links, images and shortcodes into one order"),
    "targets swapped": (r"measure\]\(../faster/measure.md([\s\S]*)\.\./servers/uwsgi.md", r"measure](../servers/uwsgi.md\1../faster/measure.md",
                        "p.en.md:17 has link to ../servers/uwsgi.md: bring links, images and shortcodes into one order, paragraph by paragraph"),
    "image": ("flow.svg", "chart.svg", "p.en.md:45: image ../assets/images/chart.svg is not in"),
    "kind of admonition": ("!!! warning", "!!! danger", "p.en.md:25 has admonition “danger”"),
    "foldable admonition": ("??? note", "!!! note", "p.en.md:38 has admonition “note”"),
    "nesting of an admonition": ("??? note", "    ??? note", "p.en.md:38 has foldable admonition “note” (nested 1 deep)"),
    "number of tabs": ('    === "Unix socket"\n', "", "p.en.md:27 has 1 content tabs"),
    "code out of its tab": ("        | what | value |\n        |---|---|\n        | [slow](#sample) | 1 |\n",
                            "    | what | value |\n    |---|---|\n    | [slow](#sample) | 1 |\n", "p.en.md:27 has 1 content tabs"),
    "rows of a table": ("        | [slow](#sample) | 1 |\n", "        | [slow](#sample) | 1 |\n        | x | y |\n",
                        "p.en.md:29 has table of 2 columns and 3 rows"),
    "columns of a table": (r"\| what \| value \|\n        \|---\|---\|", "| what | value | x |\n        |---|---|---|",
                           "p.en.md:29 has table of 3 columns and 2 rows"),
    "items of a list": ("2. second[^1]", "2. second[^1]\n        3. third", "p.en.md:35 has numbered list of 3"),
    "depth of a list": ("    - Inside", "- Inside", "p.en.md:16 has list of 3"),
    "kind of list": ("        1. first\n        2.", "        - first\n        -", "p.en.md:35 has list of 2"),
    "footnote": ("second[^1]", "second", "link to #fn:1 is not in section “#config” of docs/p.en.md"),
    "inline code": ("`--workers 4`", "`--workers 2`", "p.en.md:16: `--workers 2` is 1 × more often in section “#config” than in docs/p.ja.md"),
    "inline code less often": ("Mind `DEBUG`", "Mind this", "p.ja.md:25: `DEBUG` is 1 × more often in section “#config” than in docs/p.en.md"),
    "paragraph left out": ("\nHow it went in the end.\n", "", "docs/p.ja.md:47 has a paragraph where docs/p.en.md:14 has nothing more in section"),
    "paragraph in an admonition": ('`DEBUG`"\n', '`DEBUG`"\n\n    One more.\n', "p.en.md:27 has a paragraph (nested 1 deep)"),
    "paragraph in an item": ("- Two", "    More.\n\n- Two", "p.en.md:23 has a paragraph (nested 1 deep)"),
    "class of a paragraph": ("in the end.", "in the end.\n{ .lead }", "p.en.md:47 has a paragraph .lead"),
    "number": ("40 seconds", "30 seconds", "p.en.md:10: the number 30 is in section “#sample”, and not in docs/p.ja.md"),
    "number left out": ("40 seconds", "some seconds", "p.ja.md:10: the number 40 is in section “#sample”, and not in docs/p.en.md"),
    "version": ("Django 5.2", "Django 6.0", "p.en.md:10: the number 6.0 is in section “#sample”"),
}


def differences(ja: str, en: str) -> list[str]:
    return compare.compare_pages(structure.read_page("docs/p.ja.md", ja), structure.read_page("docs/p.en.md", en))


def put(text: str, old: str, new: str) -> str:
    """`text` with `old` (a plain text or, failing that, a pattern) replaced; an error if that changes nothing."""
    changed = text.replace(old, new) if old in text else re.sub(old, new, text)
    assert changed != text, old
    return changed


def test_pages_that_agree_pass():
    assert differences(JA, EN) == []


@pytest.mark.parametrize("rule", BAD)
def test_difference_is_named(rule):
    old, new, sentence = BAD[rule]
    problems = differences(JA, put(EN, old, new))
    assert any(sentence in problem for problem in problems), problems
    assert all("docs/p.ja.md" in problem or "docs/p.en.md" in problem for problem in problems)
    assert all(problem.endswith(".") and "\n" not in problem for problem in problems)


@pytest.mark.parametrize("rule", BAD)
def test_difference_is_named_from_either_side(rule):
    """What is wrong in English must not pass when it is the Japanese page that has it."""
    old, new, _ = BAD[rule]
    if rule != "Japanese edition on the English page":
        english_links = JA.replace("djangoproject.com/ja", "djangoproject.com/en").replace("ja.wikipedia", "en.wikipedia")
        assert differences(put(EN, old, new), english_links)


def test_every_markdown_extension_of_the_site_is_known():
    class Loader(yaml.SafeLoader):
        pass

    Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
    Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda loader, suffix, node: None)
    entries = yaml.load((parity.ROOT / "mkdocs.yml").read_text("utf-8"), Loader)["markdown_extensions"]
    used = {name for entry in entries for name in ([entry] if isinstance(entry, str) else entry)}
    assert used == structure.EXTENSIONS.keys() | structure.WITHOUT_STRUCTURE, (
        "mkdocs.yml and tests/site/structure.py differ in their Markdown extensions: "
        "add the new one to EXTENSIONS (with a sample here) or, if it gives a page no structure, to WITHOUT_STRUCTURE."
    )


# --- a project: partners, data files, the lock


DATA = "outcomes:\n  one: {ja: '`uvicorn` を使う', en: 'Use `uvicorn`'}\n  two:\n    ja: [あ, い]\n    en: [a, b]\n"


@pytest.fixture
def project(tmp_path):
    """A folder with one page and one data file, both read together."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/p.ja.md").write_text(JA, "utf-8")
    (tmp_path / "docs/p.en.md").write_text(EN, "utf-8")
    (tmp_path / "docs/flow.yml").write_text(DATA, "utf-8")
    (tmp_path / "docs/numbers.yml").write_text("limit: 3\n", "utf-8")
    assert parity.accept(tmp_path, ["docs/p.ja.md", "docs/p.en.md", "docs/flow.yml"]) == []
    return tmp_path


def edit(path, old, new):
    path.write_text(put(path.read_text("utf-8"), old, new), "utf-8")


def test_project_that_agrees_passes(project, capsys):
    assert parity.main([], project) == 0
    assert capsys.readouterr().out == "Both languages agree.\n"
    assert [line.split()[0] for line in (project / parity.LOCK).read_text().splitlines()[1:]] == ["docs/flow.yml", "docs/p"]


@pytest.mark.parametrize("language, partner", [("ja", "en"), ("en", "ja")])
def test_missing_partner(project, language, partner):
    (project / f"docs/p.{partner}.md").unlink()
    assert parity.differing_pages(project) == [f"docs/p.{language}.md has no partner: write docs/p.{partner}.md."]


def test_page_without_a_language(project):
    shutil.copy(project / "docs/p.en.md", project / "docs/q.md")
    assert parity.differing_pages(project) == ["docs/q.md has no language in its name: call it docs/q.ja.md or docs/q.en.md."]


@pytest.mark.parametrize(
    "old, new, problem",
    [
        (", en: 'Use `uvicorn`'", "", "docs/flow.yml:2: this text has no “en”: add it."),
        ("ja: '`uvicorn` を使う', ", "", "docs/flow.yml:2: this text has no “ja”: add it."),
        ("Use `uvicorn`", "Use `daphne`", "docs/flow.yml:2: `uvicorn` is in the “ja” text only"),
        ("Use `uvicorn`", "Use [`uvicorn`](uvicorn.md)", "docs/flow.yml:2: ](uvicorn.md) is in the “en” text only"),
        ("'Use `uvicorn`'", "''", "docs/flow.yml:2: the “en” text is empty: write it."),
        ("Use `uvicorn`", "Use `uvicorn` 24 times", "docs/flow.yml:2: the number 24 is in one of the texts only"),
        ("[a, b]", "[a]", "docs/flow.yml:4: “ja” has 2 texts where “en” has 1"),
    ],
)
def test_data_that_differs(project, old, new, problem):
    edit(project / "docs/flow.yml", old, new)
    assert any(found.startswith(problem) for found in parity.differing_data(project)), parity.differing_data(project)
    assert parity.main([], project) == 1


@pytest.mark.parametrize("language, partner", [("ja", "en"), ("en", "ja")])
def test_one_side_changed(project, language, partner):
    edit(project / f"docs/p.{language}.md", "one http", "one  http")
    assert parity.unread(project) == [
        f"docs/p.{language}.md changed after both languages were last read together, docs/p.{partner}.md did not: "
        "read both, then run `python -m tests.site.parity accept docs/p`."
    ]
    assert parity.main(["accept", "docs/p"], project) == 0
    assert parity.main([], project) == 0


def test_both_sides_changed(project):
    for language in ("ja", "en"):
        edit(project / f"docs/p.{language}.md", "one http", "two http")
    assert len(parity.unread(project)) == 1
    assert "docs/p.ja.md and docs/p.en.md both changed" in parity.unread(project)[0]


def test_line_endings_are_no_change(project):
    path = project / "docs/p.ja.md"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert parity.main([], project) == 0


def test_trailing_space_is_a_change(project):
    edit(project / "docs/p.ja.md", "最初の段落です。", "最初の段落です。 ")
    assert len(parity.unread(project)) == 1


def test_one_side_of_a_data_file_changed(project):
    edit(project / "docs/flow.yml", "を使う", "を選ぶ")
    assert parity.unread(project)[0].startswith(
        "the “ja” texts of docs/flow.yml changed after both languages were last read together, the “en” texts of docs/flow.yml did not"
    )


def test_new_page_and_gone_page(project):
    for language in ("ja", "en"):
        (project / f"docs/p.{language}.md").rename(project / f"docs/q.{language}.md")
    new, gone = parity.unread(project)
    assert new.startswith("docs/q was never read in both languages together")
    assert gone.startswith("docs/translations.lock lists docs/p, which is gone")
    assert parity.accept(project, ["docs/q", "docs/p"]) == []
    assert parity.unread(project) == []


def test_accept_refuses_what_differs(project):
    before = (project / parity.LOCK).read_text("utf-8")
    edit(project / "docs/p.en.md", "!!! warning", "!!! danger")
    assert "admonition “danger”" in parity.accept(project, ["docs/p", "docs/flow.yml"])[0]
    edit(project / "docs/flow.yml", "'Use `uvicorn`'", "''")
    assert parity.main(["accept", "docs/flow.yml"], project) == 1
    assert parity.accept(project, ["docs/r"]) == ["There is no page or data file docs/r: check the name."]
    assert (project / parity.LOCK).read_text("utf-8") == before


def test_unknown_command_explains_itself(project, capsys):
    assert parity.main(["accept"], project) == 1
    assert "parity accept STEM" in capsys.readouterr().out
