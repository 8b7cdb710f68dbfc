"""
What is on the pages about containers and health checks: linted, compared with each other, built and run as process 1.

The images are built and run by lab/images.py, without Docker and without a registry; that takes Linux, and root or sudo
without a password. Elsewhere those tests are skipped and say so; `scripts/record --check` asks all questions again.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from lab import containers, images, recipes, record, venvs
from lab.errors import LabError
from lab.probes import containers as questions

FILES = recipes.SNIPPETS / "containers"
COMPOSE = recipes.SNIPPETS / "compose"
HEALTH = recipes.SNIPPETS / "health"
DOCKERFILES = sorted(FILES.glob("*/Dockerfile"))
ASKED = [(name, probe.behaviour) for name in questions.SETUPS for probe in questions.probes_for(name, long=False)]
RECORDED = [(name, behaviour) for name, behaviour in record.records() if name in questions.SETUPS]


def tool(name):
    """Path of a program that requirements-test.txt installs."""
    return Path(sys.executable).with_name(name)


# --- the files ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.parent.name)
def test_hadolint_finds_nothing(path):
    done = subprocess.run([tool("hadolint"), "--no-color", str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_compose_has_the_schema_of_compose():
    command = [tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(COMPOSE / "compose.yaml")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dockerfiles_differ_in_the_server_only():
    def without_server(path):
        return [pair for pair in images.instructions(path.read_text()) if pair[0] != "CMD"]

    assert without_server(DOCKERFILES[0]) == without_server(DOCKERFILES[1])


def test_the_proxy_is_that_of_the_nginx_page_but_for_the_name_of_the_server():
    ours, theirs = ((recipes.SNIPPETS / name).read_text().splitlines() for name in ("containers/django.conf", "nginx-tcp/django.conf"))
    only_ours = [line.strip() for line in ours if line not in theirs]
    only_theirs = [line.strip() for line in theirs if line not in ours]
    assert [line for line in only_ours if not line.startswith("#")] == [
        "resolver 127.0.0.11 valid=2s;", "set $django http://web:8000;", "proxy_pass $django;"
    ]  # fmt: skip
    assert [line for line in only_theirs if not line.startswith("#")] == [
        "upstream django {", "server 127.0.0.1:8000;", "proxy_pass http://django;"
    ]  # fmt: skip


def grace_periods():
    """Seconds that the servers leave to requests in flight."""
    config = (FILES / "gunicorn" / "gunicorn.conf.py").read_text()
    command = (FILES / "uvicorn" / "Dockerfile").read_text()
    return [
        int(re.search(r"(?m)^graceful_timeout = (\d+)", config)[1]),
        int(re.search(r'"--timeout-graceful-shutdown", "(\d+)"', command)[1]),
    ]


def test_compose_waits_longer_than_the_servers():
    services = yaml.safe_load((COMPOSE / "compose.yaml").read_text())["services"]
    assert int(services["web"]["stop_grace_period"].removesuffix("s")) > max(grace_periods())


def test_the_health_check_gives_up_before_docker_does():
    own = int(re.search(r"timeout=(\d+)", (FILES / "healthcheck.py").read_text())[1])
    for path in DOCKERFILES:
        assert own < int(re.search(r"--timeout=(\d+)s", path.read_text())[1])


def test_the_environment_is_the_same_to_a_shell_and_to_docker():
    """Docker takes all behind the first =, quotes and all; a shell has an opinion about quotes, blanks and $."""
    raw = containers.raw_environment((FILES / ".env").read_text())
    names = " ".join(f'"${{{name}}}"' for name in raw)
    done = subprocess.run(["sh", "-c", f". ./.env && printf '%s\\n' {names}"], cwd=FILES, capture_output=True, text=True)
    assert done.stdout.splitlines() == list(raw.values()), done.stderr
    assert not any("$" in value for value in raw.values()), "Compose would replace it."


# Secrets where projects have them: below the root, and under names that are not quite .env
SECRETS = (
    "config/.env", ".env.production", ".envs/.production/.django", "deploy/.envs/django", "deploy/production.env", "config/tls.pem",
    "config/jwt/private.key", "db.sqlite3-wal", "data/db.sqlite3", "data/db.sqlite3-journal", "vendor/lib/.git/config",
)  # fmt: skip


def test_the_context_leaves_secrets_out():
    ignored = images.ignores((FILES / ".dockerignore").read_text())
    for path in (".env", "django.env", ".git", ".git/config", ".venv/bin/python", "db.sqlite3", "shop/__pycache__/views.pyc",
                 "__pycache__", "certificates/privkey.pem", "staticfiles/a.css", *SECRETS):  # fmt: skip
        assert ignored(path), path
    for path in ("manage.py", "config/settings.py", "requirements.txt", "healthcheck.py", "shop/static/shop/shop.css"):
        assert not ignored(path), path


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.parent.name)
def test_what_is_copied_has_no_secrets_in_it(path, tmp_path):
    """The COPY of the whole context, carried out as the lab builds it: no secret arrives, the rest does."""
    assert ("COPY", ". ./") in images.instructions(path.read_text())
    context, root = tmp_path / "context", tmp_path / "root"
    wanted = ("manage.py", "config/settings.py", "config/environment.py")
    for name in (*SECRETS, *wanted):
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).write_text("")
    image = images.Image("build", "python", (), {}, "/usr", folder="/srv/django")
    ignored = images.ignores((FILES / ".dockerignore").read_text())
    images._copy(context, ignored, {"build": root}, "build", image, ". ./")
    inside = root / "srv" / "django"
    assert {found.relative_to(inside).as_posix() for found in inside.rglob("*") if found.is_file()} == set(wanted)


def test_shipped_python_has_no_unused_or_unknown_names():
    files = [FILES / "healthcheck.py", FILES / "gunicorn" / "gunicorn.conf.py", HEALTH / "health.py"]
    done = subprocess.run([sys.executable, "-m", "pyflakes", *map(str, files)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def not_shown(*folders):
    """Files of folders of snippets/ that no page below docs/deploy/ includes in one of the languages."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    names = {path.relative_to(recipes.SNIPPETS).as_posix() for path in files}
    missing = set()
    for lang in ("ja", "en"):
        text = "".join(page.read_text() for page in (recipes.ROOT / "docs" / "deploy").glob(f"*.{lang}.md"))
        missing |= {f"{name} ({lang})" for name in names - set(re.findall(r'--8<-- "([^":]+)', text))}
    return missing


def test_every_file_is_on_a_page():
    assert not not_shown(FILES, COMPOSE, HEALTH)


# --- the middleware, without a container --------------------------------------------------------

CHECK = """
import asyncio, json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from django.test import AsyncClient, Client
by_address = {"HTTP_HOST": "10.244.1.7:8000"}
paths = ["/livez/", "/readyz/", "/healthz/", "/nowhere/"]
sync = [Client().get(path, **by_address).status_code for path in paths]
async def asked():
    return [(await AsyncClient().get(path, headers={"host": "10.244.1.7:8000"})).status_code for path in paths]
print(json.dumps({"sync": sync, "async": asyncio.run(asked())}))
"""


@pytest.mark.parametrize(("database", "ready"), [("", 200), ("shop", 503)])
def test_the_middleware_answers_before_the_host_is_checked(database, ready, tmp_path):
    """With SQLite, which is there, and with a PostgreSQL that is not."""
    project = tmp_path / "django"
    recipes.copy_project(project)
    shutil.copy(HEALTH / "health.py", project / "config")
    settings = project / "config" / "settings.py"
    settings.write_text(f"{settings.read_text()}\n{(HEALTH / 'settings.py').read_text()}")
    python = venvs.venv_for(recipes.load("uvicorn-workers")) / "bin" / "python"
    environment = {**recipes.environment_file(), "DB_NAME": database, "DB_HOST": "127.0.0.1", "DB_PORT": "1", "PATH": os.environ["PATH"]}
    done = subprocess.run([python, "-c", CHECK], cwd=project, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {kind: [200, ready, 400, 400] for kind in ("sync", "async")}


# --- the images ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def answers():
    """(setup, behaviour) -> record of this run."""
    if why := containers.impossible():
        pytest.skip(why)
    try:
        return {(found["setup"], found["behaviour"]): found for found in containers.ask(long=False)}
    except LabError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("setup_name", "behaviour"), ASKED)
def test_a_record_still_holds(setup_name, behaviour, answers):
    assert (difference := record.difference(answers[setup_name, behaviour], "containers")) == "", difference


def test_every_question_has_a_record():
    asked = {(name, probe.behaviour) for name in questions.SETUPS for probe in questions.probes_for(name)}
    assert asked == set(RECORDED)


@pytest.mark.parametrize(("setup_name", "behaviour"), RECORDED)
def test_a_record_is_of_the_pinned_versions_and_of_no_machine(setup_name, behaviour):
    from lab.output import MACHINE

    kept = record.load_record(setup_name, behaviour)
    server = "uvicorn" if setup_name == questions.UVICORN else "gunicorn"
    assert kept["versions"][server] == recipes.load(containers.PINS[server]).pins()[server]
    assert kept["versions"]["django"] == recipes.project_pin("Django")
    assert not MACHINE.search(record.path_of(setup_name, behaviour).read_text())
