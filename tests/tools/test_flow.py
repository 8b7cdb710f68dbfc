"""The rules of the decision flowchart and of the advisor of the ladder, each broken once."""

import copy

import flow
import pytest
import yaml

from tests.site import parity

REAL, ADVISOR = (yaml.safe_load((parity.ROOT / "docs" / file).read_text("utf-8")) for file in (flow.CHOOSE, flow.ADVISOR))


def pages(chart) -> set[str]:
    """Every page that a flowchart names."""
    outcomes = chart["outcomes"].values()
    named = [outcome["page"] for outcome in outcomes] + [change["page"] for outcome in outcomes for change in outcome["change"] if "page" in change]
    return {page.split("#")[0].removesuffix(".md") for page in named}


def broken(change) -> str:
    """What `flow.problems` says after `change` was done to a copy of the real flowchart."""
    chart = copy.deepcopy(REAL)
    change(chart)
    return " ".join(flow.problems(chart, pages(REAL)))


@pytest.mark.parametrize("chart", [REAL, ADVISOR])
def test_the_real_one_is_sound(chart):
    assert flow.problems(chart, pages(chart)) == []


@pytest.mark.parametrize("chart", [REAL, ADVISOR])
def test_every_path_ends_in_an_outcome_and_every_outcome_is_reached(chart):
    ends = {way["nodes"][-1] for way in flow.paths(chart)}
    assert ends == set(chart["outcomes"])


def test_it_asks_what_has_to_be_asked():
    """Channels or WebSocket, awaiting code, long-lived responses, platform, uWSGI, a measured bottleneck of each kind."""
    assert set(REAL["questions"]) >= {"websocket", "awaits", "long", "platform", "uwsgi", "bottleneck"}
    assert {answer["id"] for answer in REAL["questions"]["bottleneck"]["answers"]} >= {"cpu", "database", "external", "queue", "none"}
    assert {answer["id"] for answer in REAL["questions"]["platform"]["answers"]} >= {"linux", "windows", "apache"}


def test_the_advisor_asks_what_is_seen_and_leads_to_every_step():
    """A single request on an idle machine, the CPU, the database, the workers, the queue; and no step without a way to it."""
    assert list(ADVISOR["questions"]) == ["alone", "cpu", "database", "workers", "queue"]
    steps = {path.name.removesuffix(".ja.md") for path in (parity.ROOT / "docs/faster").glob("*.ja.md")} - {"index"}
    assert {outcome["page"].split("#")[0] for outcome in ADVISOR["outcomes"].values()} == {f"faster/{step}.md" for step in steps}


def more_questions(chart):
    for number in range(flow.MOST_QUESTIONS):
        chart["questions"][f"more-{number}"] = chart["questions"]["uwsgi"]


def no_unsure(chart):
    chart["questions"]["long"]["answers"].pop()


def nowhere(chart):
    chart["questions"]["uwsgi"]["answers"][0]["to"] = "apache-2"


def circle(chart):
    chart["questions"]["bottleneck"]["answers"][0]["to"] = "websocket"


def unreached(chart):
    chart["outcomes"]["lonely"] = chart["outcomes"]["gunicorn"]


def unsure_elsewhere(chart):
    chart["questions"]["bottleneck"]["answers"][-1]["to"] = "gunicorn-cpu"


def no_page(chart):
    chart["outcomes"]["uwsgi-stay"]["page"] = "servers/bjoern.md"


def no_page_of_a_change(chart):
    chart["outcomes"]["uwsgi-stay"]["change"][0]["page"] = "servers/bjoern.md"


@pytest.mark.parametrize(("change", "sentence"), [
    (more_questions, "take away all but 7"),
    (no_unsure, "The question long cannot be answered with “not sure”"),
    (nowhere, "leads to apache-2, which does not exist"),
    (circle, "lead in a circle"),
    (unreached, "No answers lead to lonely"),
    (unsure_elsewhere, "“Not sure” to everything has to end at the outcome gunicorn"),
    (no_page, "names the page servers/bjoern.md, which is not there in both languages; write docs/servers/bjoern.ja.md"),
    (no_page_of_a_change, "names the page servers/bjoern.md"),
])
def test_each_rule_says_what_to_do(change, sentence):
    assert sentence in broken(change)
