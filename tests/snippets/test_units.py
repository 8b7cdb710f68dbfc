"""
The systemd units: what snippets/systemd has for every service, the records of the units, and one unit run for real.

A systemd can be booted where root and systemd-nspawn are (lab.booted). Elsewhere the test that needs one is skipped and
says why; `python -m lab.units --check` runs all questions again.
"""

import os
import subprocess
import sys
import warnings

import pytest

from lab import booted, recipes, record, serve, units, venvs
from lab.output import MACHINE

SYSTEMD = recipes.SNIPPETS / "systemd"
MODEL = recipes.load(units.MODEL)
TEMPLATE = SYSTEMD / "gunicorn@.service"
DROP_INS = sorted(SYSTEMD.glob("*.conf"))
ASKED = [(setup, question) for setup in booted.setups() for question in units.questions_for(setup)]
IDS = [f"{setup.name}-{question.behaviour}" for setup, question in ASKED]
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="There is no systemd to ask.")


def verify(folder, unit):
    """What systemd-analyze has against a unit in a folder, with the drop-ins beside it: lines, [] for nothing."""
    analyze = serve.program("systemd-analyze")
    environment = {**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:"}
    done = subprocess.run([analyze, "verify", unit], cwd=folder, env=environment, capture_output=True, text=True)
    said = [line for line in done.stderr.splitlines() if str(folder) in line or unit in line]
    return said or ([done.stderr] if done.returncode else [])


def project_in(folder):
    project = folder / "django"
    recipes.copy_project(project)
    (project / ".venv").symlink_to(venvs.venv_for(MODEL))
    return project


@linux_only
@pytest.mark.parametrize("drop_in", DROP_INS, ids=lambda path: path.name)
def test_a_drop_in_passes_systemd_analyze(drop_in, tmp_path):
    project = project_in(tmp_path)
    unit = (MODEL.folder / "gunicorn.service").read_text().replace("/srv/django", str(project))
    (tmp_path / "gunicorn.service").write_text(unit)
    folder = tmp_path / "gunicorn.service.d"
    folder.mkdir()
    (folder / drop_in.name).write_text(drop_in.read_text())
    assert not verify(tmp_path, "gunicorn.service")
    # The same with a mistake is noticed, so the check above means something.
    (folder / drop_in.name).write_text(f"{drop_in.read_text()}\n[Service]\nProtectHomes=yes\n")
    assert any("ProtectHomes" in line for line in verify(tmp_path, "gunicorn.service"))


@linux_only
def test_the_template_passes_systemd_analyze(tmp_path):
    project = project_in(tmp_path)
    (tmp_path / TEMPLATE.name).write_text(TEMPLATE.read_text().replace("/srv/%i", str(project)))
    assert not verify(tmp_path, "gunicorn@shop.service")


def directives(unit):
    return [line for line in recipes.command_line(unit).splitlines() if "=" in line]


def test_the_template_is_the_unit_of_one_project_with_its_name_left_open():
    one = directives((MODEL.folder / "gunicorn.service").read_text())
    template = directives(TEMPLATE.read_text().replace("/etc/%i", "/etc/django").replace("%i", "django"))
    extra = " --bind unix:/run/django/app.sock --pid /run/django/gunicorn.pid"
    assert [line.removesuffix(extra) for line in template] == one
    assert any(line.endswith(extra) for line in template)


@pytest.mark.parametrize(("setup", "question"), ASKED, ids=IDS)
def test_every_question_about_a_unit_has_a_record_of_the_pinned_versions(setup, question):
    kept = record.load_record(setup.name, question.behaviour)
    assert (kept["setup"], kept["behaviour"]) == (setup.name, question.behaviour)
    for name, pinned in {**setup.recipe.pins(), "django": recipes.project_pin("Django")}.items():
        assert kept["versions"][name] == pinned, f"Recorded with {name} {kept['versions'][name]}: run python -m lab.units {setup.recipe.name}."
    assert not MACHINE.search(record.path_of(setup.name, question.behaviour).read_text())


def test_no_record_of_a_unit_is_left_over():
    known = {(setup.name, question.behaviour) for setup, question in ASKED}
    kept = {(name, behaviour) for name, behaviour in record.records() if name.endswith(booted.SUFFIX)}
    assert not kept - known, f"Records that no question of lab/units.py is about: {sorted(kept - known)}"


# What a unit is for, in well under a minute; the rest is for `python -m lab.units --check`.
QUICK = {
    "gunicorn-gthread-unix": {"unit-start", "unit-main-killed", "unit-reload-broken"},
    "uvicorn-socket": {"unit-start", "unit-restart"},
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", QUICK)
def test_a_unit_does_under_systemd_what_its_records_say(name):
    if why := booted.impossible():
        pytest.skip(why)
    (setup,) = (setup for setup in booted.setups() if setup.recipe.name == name)
    wanted = [question for question in units.questions_for(setup) if question.behaviour in QUICK[name]]
    stand = []
    for _, problem, stands in record.compare(setup, wanted, by=units.ask):
        if stands:
            stand.append(problem)
        elif problem:
            warnings.warn(f"Once, and not again: {problem}", stacklevel=1)
    assert not stand, "\n".join(stand)


@pytest.mark.parametrize("name", ["granian-wsgi", "granian-asgi"])
def test_the_start_on_a_unix_socket_is_the_one_that_was_recorded(name):
    recipe = recipes.load(name)
    assert recipes.command_line((recipe.folder / "start-unix.sh").read_text()) == recipe.command(("unix-socket",))
