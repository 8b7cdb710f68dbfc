"""Recorded output of the ladder: what the lab writes is what a page shows."""

import pytest

import printed
from data import Missing
from lab.ladder import printed as lab
from place import Place

ENGLISH = Place("en", "faster/database.en.md", "en/faster/database/")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Records in a folder of the test's own, with one that the lab wrote."""
    monkeypatch.setattr(lab, "FOLDER", tmp_path)
    monkeypatch.setattr(printed, "EVIDENCE", tmp_path)
    one = lab.Printed("database/plan", None)
    lab.write(one, ('psql --command="SELECT 1"', " QUERY PLAN\n-----------\n", {"postgresql": "15.1", "some-tool": "2"}))
    return tmp_path


def test_the_page_shows_what_the_lab_wrote(folder):
    shown = printed.output(ENGLISH, "database/plan")
    assert "``````{ .text .no-copy title=\"psql --command='SELECT 1'\" }\n QUERY PLAN\n-----------\n``````" in shown
    assert "PostgreSQL 15.1, some-tool 2" in shown
    assert "`scripts/ladder database/plan`" in shown
    assert "(../evidence/data/ladder/database/plan.txt)" in shown


def test_a_record_that_is_not_there_says_how_to_make_it(folder):
    with pytest.raises(Missing, match="scripts/ladder database/none"):
        printed.output(ENGLISH, "database/none")
