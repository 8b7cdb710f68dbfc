"""What is shipped, without starting it: Python, shell, systemd units."""

import os
import re
import subprocess
import sys

import pytest

from lab import recipes, serve, venvs
from lab.errors import LabError

SCRIPTS = sorted(recipes.SNIPPETS.glob("*/*.sh"))
UNITS = sorted(recipes.SNIPPETS.glob("*/*.service"))


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
    unit = tmp_path / path.name
    text = path.read_text()
    assert "/srv/django" in text
    unit.write_text(text.replace("/srv/django", str(project)))
    done = subprocess.run([analyze, "verify", str(unit)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    about_this_unit = [line for line in done.stderr.splitlines() if path.name in line]
    assert not about_this_unit, "\n".join(about_this_unit)


@pytest.mark.parametrize("path", UNITS, ids=name)
def test_a_unit_starts_what_the_recipe_starts(path):
    recipe = recipes.load(path.parent.name)
    unit = recipes.command_line(path.read_text())
    command = re.search(r"^ExecStart=/srv/django/\.venv/bin/(.+)$", unit, re.M).group(1)
    assert command == recipe.command()


@pytest.mark.parametrize("path", UNITS, ids=name)
def test_a_unit_checks_before_a_reload_what_the_recipe_checks(path):
    script = recipes.without_comments((path.parent / "reload.sh").read_text())
    *checks, kill = (command.strip() for command in script.split("&&"))
    assert checks and kill.startswith("kill -HUP ")
    assert re.findall(r"^ExecReload=(.+)$", path.read_text(), re.M) == [
        *(f"/srv/django/.venv/bin/{check}" for check in checks), "/bin/kill -HUP $MAINPID"
    ]  # fmt: skip


@pytest.mark.parametrize("path", UNITS, ids=name)
def test_a_unit_waits_longer_than_the_server(path):
    unit = path.read_text()
    patience = int(re.search(r"^TimeoutStopSec=(\d+)$", unit, re.M).group(1))
    files = "".join(file.read_text() for file in path.parent.iterdir() if file.suffix in (".py", ".sh"))
    grace = int(re.search(r"(?:graceful_timeout = |--timeout-graceful-shutdown )(\d+)", files).group(1))
    assert patience > grace
