"""The rules of the chain of timeouts, each broken once."""

import copy

import pytest
import timeouts
import yaml
from place import Place

from tests.site import parity

REAL = yaml.safe_load((parity.ROOT / "docs/deploy/timeouts.yml").read_text("utf-8"))


def test_the_real_one_is_sound():
    assert timeouts.problems(REAL) == []


def inner_waits_longer(chain):
    chain["waits"][-1]["seconds"] = 90


def inner_closes_first(chain):
    chain["keeps"][1]["inner"]["seconds"] = 2


def unknown_hop(chain):
    chain["waits"][0]["from"] = "cdn"


@pytest.mark.parametrize(
    ("change", "said"),
    [(inner_waits_longer, "make it shorter"), (inner_closes_first, "has to keep it longer"), (unknown_hop, "cdn is no hop")],
)
def test_what_is_wrong_is_said(change, said):
    chain = copy.deepcopy(REAL)
    change(chain)
    assert said in " ".join(timeouts.problems(chain))


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_picture_shows_every_setting_and_stays_in_its_frame(lang):
    place = Place(lang=lang, path="deploy/timeouts.md", url="deploy/timeouts/" if lang == "ja" else "en/deploy/timeouts/")
    drawn = timeouts.timeouts(place)
    for wait in REAL["waits"]:
        assert wait["setting"] in drawn and f"{wait['seconds']} " in drawn
    longest = max([wait["seconds"] for wait in REAL["waits"]] + [keep["inner"]["seconds"] for keep in REAL["keeps"]])
    assert timeouts.LEFT + longest * timeouts.SCALE + 35 < timeouts.WIDTH
