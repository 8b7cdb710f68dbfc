"""The prose of both languages, as the tools for it and the glossary read it."""

import pytest

from tests.prose import glossary, tools
from tests.prose.texts import Text, page, pieces, texts
from tests.site.parity import ROOT
from tests.site.report import report

# A text with one fault for each tool: a check that finds nothing may have read nothing.
PLANTED = "planted-for-"
FAULTS = {
    "japanese": ("ja", "設定はnginxのファイルにあります。", "ja-space-between-half-and-full-width"),
    "terms": ("ja", "サーバを再起動します。", "サーバ => サーバー"),
    "spelling": ("en", "The procces ends.", "procces"),
}


@pytest.fixture(scope="module")
def found():
    """What every check says, the planted faults included."""
    planted = [Text(PLANTED + check, language, [(1, line)]) for check, (language, line, _) in FAULTS.items()]
    return tools.run(ROOT, list(tools.CHECKS), more=planted)


@pytest.mark.parametrize("check", tools.CHECKS)
def test_prose(found, check):
    report([problem for problem in found[check] if not problem.startswith(PLANTED)])


@pytest.mark.parametrize("check", FAULTS)
def test_each_tool_finds_a_planted_fault(found, check):
    assert any(problem.startswith(f"{PLANTED}{check}:1: ") and FAULTS[check][2] in problem for problem in found[check])


def test_the_table_of_terms_is_the_glossary():
    assert (ROOT / glossary.STYLE).read_text("utf-8") == glossary.in_style(ROOT, glossary.read(ROOT)), "Run: python -m tests.prose table"


def test_every_rule_has_an_example_and_every_exception_a_reason():
    words = glossary.read(ROOT)
    assert all(rule["specs"][0]["from"] != rule["specs"][0]["to"] for language in ("ja", "en") for rule in glossary.rules(words, language))
    assert all(words["words"].values())
    ids = [term["id"] for term in words["terms"]]
    assert len(ids) == len(set(ids))


def test_a_rule_without_an_example_is_refused():
    with pytest.raises(ValueError, match="needs an example: add from and to"):
        glossary.rules({"names": [], "terms": [], "spelling": [{"in": "ja", "not": "全て", "use": "すべて"}]}, "ja")


PAGE = """\
---
title: 測る
description: 順番待ちを、ログで切り分ける。
keywords: [ワーカー数]
---

# 測る { #measure }

!!! warning "注意"
    **[wrk](https://example.org/wrk) を使います。** 速さは <!-- show:ratio a b --> でした。

```sh
--8<-- "check.sh"
```

=== "TCP"

    `127.0.0.1` です。
"""


def test_what_is_read_of_a_page(tmp_path):
    """Boxes, tabs, links, shortcodes and ids leave their words, at their lines; code and keywords leave nothing."""
    (tmp_path / "a.ja.md").write_text(PAGE, "utf-8")
    lines = [(number, line) for number, line in page(tmp_path, "a.ja.md").lines if line]
    assert lines == [
        (2, "#### 測る"), (3, "順番待ちを、ログで切り分ける。"), (7, "# 測る"), (9, "#### 注意"),
        (10, "wrk を使います。速さは値でした。"), (16, "#### TCP"), (18, "`127.0.0.1` です。"),
    ]


def test_texts_of_data_files_are_read_in_their_language():
    found = {(text.path, text.language): text for text in texts(ROOT)}
    japanese, english = (found["docs/faster/flow.yml", language].markdown() for language in ("ja", "en"))
    assert "- 空いているサーバーに" in japanese and "- Is a single request" in english and "- Is a" not in japanese


def test_pieces_keep_every_line():
    for text in texts(ROOT):
        assert [line for piece in pieces(text, tools.PIECE) for line in piece.lines] == text.lines
