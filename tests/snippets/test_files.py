"""What is shipped, without starting it: Python, shell, systemd units."""

import os
import re
import subprocess
import sys

import pytest

from lab import recipes, serve, venvs
from lab.errors import LabError

SCRIPTS = sorted(recipes.SNIPPETS.glob("*/*.sh"))
# Those beside a recipe; what snippets/systemd has for every service is in test_units.py.
UNITS = sorted(path for path in recipes.SNIPPETS.glob("*/*.service") if (path.parent / "recipe.toml").exists())


def name(path):
    return str(path.relative_to(recipes.SNIPPETS))


def test_shipped_python_has_no_unused_or_unknown_names():
    recipe_files = [str(path) for path in sorted(recipes.SNIPPETS.glob("*/*.conf.py"))]
    done = subprocess.run(
        [sys.executable, "-m", "pyflakes", str(recipes.PROJECT), str(recipes.ROOT / "lab"), *recipe_files],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_project_passes_the_deployment_check():
    recipe = recipes.setups()[0].recipe
    python = venvs.venv_for(recipe) / "bin" / "python"
    environment = {**os.environ, **recipes.environment_file(), "PYTHONDONTWRITEBYTECODE": "1"}
    check = [str(python), "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(check, cwd=recipes.PROJECT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    migrations = [str(python), "manage.py", "makemigrations", "--check", "--dry-run"]
    done = subprocess.run(migrations, cwd=recipes.PROJECT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_a_script_is_one_that_pastes_into_a_shell(path):
    text = path.read_text()
    done = subprocess.run(["sh", "-n", str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not re.search(r"\\[ \t]+$", text, re.M), f"{name(path)}: a blank after a backslash ends the command there."
    assert not re.search(r"\\\n\s*#", text), f"{name(path)}: a comment after a continued line ends the command there."
    assert not re.search(r"^\s*[$%>] ", text, re.M), f"{name(path)}: a prompt does not paste."


@pytest.mark.parametrize("path", UNITS, ids=name)
def test_a_unit_passes_systemd_analyze(path, tmp_path):
    """The unit's commands exist, and systemd finds no mistake in it."""
    if sys.platform == "darwin":
        return  # there is no systemd to ask, and no reader who runs one
    try:
        analyze = serve.program("systemd-analyze")
    except LabError as error:
        pytest.fail(str(error), pytrace=False)
    recipe = recipes.load(path.parent.name)
    project = tmp_path / "django"
    recipes.copy_project(project)
    (project / ".venv").symlink_to(venvs.venv_for(recipe))
    assert "/srv/django" in path.read_text()
    for unit in [path, *path.parent.glob("*.socket")]:  # which the service may require
        (tmp_path / unit.name).write_text(unit.read_text().replace("/srv/django", str(project)))
    done = subprocess.run([analyze, "verify", str(tmp_path / path.name)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    about_this_unit = [line for line in done.stderr.splitlines() if path.name in line]
    assert not about_this_unit, "\n".join(about_this_unit)


@pytest.mark.parametrize("path", UNITS, ids=name)
def test_a_unit_starts_what_the_recipe_starts(path):
    recipe = recipes.load(path.parent.name)
    unit = recipes.command_line(path.read_text())
    command = re.search(r"^ExecStart=/srv/django/\.venv/bin/(.+)$", unit, re.M).group(1)
    # Socket activation is tried with a command in front that systemd itself takes the place of.
    assert recipe.command().endswith(command) if recipe.command().startswith("systemd-") else command == recipe.command()


@pytest.mark.parametrize("path", UNITS, ids=name)
def test_a_unit_reloads_as_the_recipe_does(path):
    """The same checks before the same signal; and no ExecReload where the server cannot reload."""
    commands = re.findall(r"^ExecReload=(.+)$", path.read_text(), re.M)
    script = path.parent / "reload.sh"
    if not script.exists():
        # Socket activation is only for systemd, which needs no scripts beside the unit.
        assert not commands or recipes.load(path.parent.name).command().startswith("systemd-")
        return
    *checks, last = (command.strip() for command in recipes.without_comments(script.read_text()).split("&&"))
    if last.startswith("kill -HUP "):
        last = "/bin/kill -HUP $MAINPID"
    else:
        last = f"+/usr/bin/{last}" if last.startswith("touch ") else f"/srv/django/.venv/bin/{last}"
    assert commands == [*(f"/srv/django/.venv/bin/{check}" for check in checks), last]


PATIENCE = r"(?:graceful_timeout ?= |stopwaitsecs ?= ?|worker-reload-mercy ?= |--timeout-graceful-shutdown |--workers-kill-timeout )(\d+)"


@pytest.mark.parametrize("path", UNITS, ids=name)
def test_a_unit_waits_longer_than_the_server(path):
    patience = int(re.search(r"^TimeoutStopSec=(\d+)$", path.read_text(), re.M).group(1))
    files = "".join(file.read_text() for file in path.parent.iterdir() if file.suffix in (".py", ".sh", ".toml", ".ini", ".conf"))
    graces = [int(seconds) for seconds in re.findall(PATIENCE, files)]
    assert all(patience > grace for grace in graces), f"{name(path)}: TimeoutStopSec={patience}, the server takes up to {max(graces)} s."
