"""
Every recipe is started as a reader would start it, and asked again what its records say.

A test here is one behaviour of one setup. The behaviours of a setup share their starts: the first test that needs a
setup runs all of its probes, and a few setups run at the same time: their probes wait more than they compute.
"""

import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab import recipes, record
from lab.errors import LabError
from lab.probes import asked_often, probe, probes_for

PROMISED = [(setup.name, behaviour) for setup in recipes.setups() for behaviour in sorted(setup.promises)]
# What takes minutes, or is the same for all servers, is left to scripts/record --check, which runs on a schedule.
ASKED = [(setup.name, asked.behaviour) for setup in recipes.setups() for asked in asked_often(setup)]
SETUPS = {setup.name for setup in recipes.setups()}
RECORDED = [(name, behaviour) for name, behaviour in record.records() if name in SETUPS]
AT_ONCE = 6


def run_all(setup_name):
    """All behaviours of a setup: behaviour -> (difference, whether it stands); the error that ended them, if any."""
    setup = recipes.setup(setup_name)
    found = {}
    try:
        for answer, difference, stands in record.compare(setup, asked_often(setup)):
            found[answer["behaviour"]] = difference, stands
    except Exception as error:
        return found, error
    return found, None


@pytest.fixture(scope="session")
def answers(request):
    """A function: setup name -> what run_all() found. Setups of the chosen tests are started AT_ONCE at a time."""
    wanted = {
        item.callspec.params["setup_name"]
        for item in request.session.items
        if str(item.path) == __file__ and "answers" in item.fixturenames and hasattr(item, "callspec")
    }
    with ThreadPoolExecutor(AT_ONCE) as pool:
        # The longest first, so that none is left alone at the end.
        first = sorted(wanted, key=lambda name: -len(asked_often(recipes.setup(name))))
        futures = {name: pool.submit(run_all, name) for name in first}
        yield lambda name: futures[name].result()
        for future in futures.values():
            future.cancel()


@pytest.mark.timeout(1500)
@pytest.mark.parametrize(("setup_name", "behaviour"), ASKED)
def test_a_promise_is_kept(setup_name, behaviour, answers):
    found, error = answers(setup_name)
    if behaviour not in found and isinstance(error, LabError):
        pytest.fail(str(error), pytrace=False)
    if behaviour not in found:
        raise error
    difference, stands = found[behaviour]
    if stands:
        pytest.fail(difference, pytrace=False)
    if difference:
        warnings.warn(f"Once, and not again: {difference}", stacklevel=1)


@pytest.mark.parametrize(("setup_name", "behaviour"), PROMISED)
def test_a_promise_says_what_its_record_says(setup_name, behaviour):
    setup = recipes.setup(setup_name)
    promised, recorded = setup.promises[behaviour], record.load_record(setup_name, behaviour)["outcome"]
    assert promised == recorded, (
        f"snippets/{setup.recipe.name}/recipe.toml promises {behaviour} = {promised!r} for {setup_name}, the record says "
        f"{recorded!r}. Run scripts/record {setup_name} and read the difference; then mend the promise or the snippet."
    )


def test_every_behaviour_that_makes_sense_is_promised():
    missing = [
        f"{setup.name}: {asked.behaviour}"
        for setup in recipes.setups()
        for asked in probes_for(setup)
        if asked.behaviour not in setup.promises
    ]
    assert not missing, f"Behaviours without a promise in recipe.toml: {', '.join(missing)}. Record them and add the promise."


def test_what_is_the_same_for_all_servers_is_asked_of_some():
    short = {asked.behaviour for setup in recipes.setups() for asked in probes_for(setup, long=False)}
    left_out = short - {behaviour for _, behaviour in ASKED}
    assert not left_out, f"No run of the tests asks {', '.join(sorted(left_out))}: mend `often` in lab/probes."


@pytest.mark.parametrize(("setup_name", "behaviour"), RECORDED)
def test_a_record_belongs_to_a_promise(setup_name, behaviour):
    promises = recipes.setup(setup_name).promises
    assert behaviour in promises, (
        f"evidence/{setup_name}/{behaviour}.json has no promise in recipe.toml: add one, or delete the record."
    )
    kept = record.load_record(setup_name, behaviour)
    assert (kept["setup"], kept["behaviour"]) == (setup_name, behaviour)
    assert probe(behaviour).applies(recipes.setup(setup_name))


@pytest.mark.parametrize(("setup_name", "behaviour"), RECORDED)
def test_a_record_is_of_the_pinned_versions(setup_name, behaviour):
    setup = recipes.setup(setup_name)
    recorded = record.load_record(setup_name, behaviour)["versions"]
    pins = {**setup.recipe.pins(), "django": recipes.project_pin("Django")}
    assert setup.recipe.server.lower() in pins, f"snippets/{setup.recipe.name} does not pin {setup.recipe.server} with ==."
    for name, pinned in pins.items():
        assert recorded[name] == pinned, (
            f"evidence/{setup_name}/{behaviour}.json was recorded with {name} {recorded[name]}, the recipe pins {pinned}. "
            f"Run scripts/record {setup_name}."
        )
    assert set(recorded) >= {"python", "django", "os", *(["nginx"] if setup.proxy else [])}


@pytest.mark.parametrize(("setup_name", "behaviour"), RECORDED)
def test_a_record_holds_nothing_of_the_machine_it_was_made_on(setup_name, behaviour):
    from lab.output import MACHINE

    text = record.path_of(setup_name, behaviour).read_text()
    assert not MACHINE.search(text)
