"""The Supervisor programs of the pages, each under a supervisord: what comes out is what the records say."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lab import processes, recipes, record, serve, supervisor, venvs

RECIPE = recipes.load("gunicorn-gthread")
GUNICORN = next(program for program in supervisor.PROGRAMS if program.recipe == "gunicorn-gthread")
# Everything that get_random_secret_key() draws from and a shell takes for its own
HOSTILE_KEY = "a$b!c&d(e)f#g*h^i@j%k-l_m=n+" + "x" * 30
# Asked on every change; `python -m lab.supervisor --check` asks the rest.
ASKED = {
    "gunicorn-gthread": {"reload-under-load", "sigterm-in-flight", "program-killed"},
    "uvicorn": {"reload-under-load", "sigterm-in-flight", "program-killed"},
    "celery": {"warm-shutdown"},
}


PROGRAMS_ASKED = [program for program in supervisor.PROGRAMS if program.recipe in ASKED]


@pytest.fixture(scope="module")
def answers():
    """Program -> future of its records. All are asked at the same time: they wait more than they compute."""
    with ThreadPoolExecutor(len(PROGRAMS_ASKED)) as pool:
        yield {program: pool.submit(lambda program: list(supervisor.ask(program, questions_to(program))), program) for program in PROGRAMS_ASKED}


def questions_to(program) -> list:
    """What is asked about a program on every change."""
    return [question for question in supervisor.questions_for(program) if question.behaviour in ASKED[program.recipe]]


@pytest.mark.parametrize("program", PROGRAMS_ASKED, ids=lambda program: program.name)
def test_a_program_under_supervisor_does_what_its_records_say(program, answers):
    found = answers[program].result()
    assert {entry["behaviour"] for entry in found} == ASKED[program.recipe]
    differences = [record.difference(entry, Path(program.file).parent) for entry in found]
    assert not any(differences), "\n".join(differences)


@pytest.mark.parametrize("program", supervisor.PROGRAMS, ids=lambda program: program.name)
def test_every_question_has_a_record(program):
    for question in supervisor.questions_for(program):
        assert record.path_of(program.name, question.behaviour).exists(), f"run python -m lab.supervisor {program.name}"


def test_the_shell_in_a_command_hands_over_to_the_server():
    """Without exec, the shell gets the signals: stop-without-exec shows what that does."""
    for program in supervisor.PROGRAMS:
        assert "&& exec .venv/bin/" in (recipes.SNIPPETS / program.file).read_text()


def test_a_secret_key_with_characters_of_the_shell_arrives_whole(tmp_path):
    """The command of supervisor.conf, with Django in the place of Gunicorn; then what Gunicorn itself gets."""
    shipped_key = recipes.environment_file()["DJANGO_SECRET_KEY"]
    text = (recipes.PROJECT / "django.env").read_text()
    assert shipped_key in text
    (tmp_path / "django.env").write_text(text.replace(shipped_key, HOSTILE_KEY))
    command = re.search(r'^command=/bin/sh -c "(.+)"$', (RECIPE.folder / "supervisor.conf").read_text(), re.M).group(1)
    before, found, _ = command.partition("exec .venv/bin/gunicorn")
    assert found and "/etc/django/django.env" in before
    python = venvs.venv_for(RECIPE) / "bin" / "python"
    code = "from config import settings; print(settings.SECRET_KEY)"
    done = subprocess.run(
        ["/bin/sh", "-c", before.replace("/etc/django/", f"{tmp_path}/") + f'exec "{python}" -c "{code}"'],
        cwd=recipes.PROJECT, env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout == f"{HOSTILE_KEY}\n", done.stderr
    if sys.platform == "linux":
        with supervisor.running(GUNICORN, wait=False, secret_key=HOSTILE_KEY) as it:
            assert serve.wait_until(it.answers, 60, 0.1), it.tail()
            main = it.must("pid django").strip()
            environment = Path(f"/proc/{main}/environ").read_bytes().split(b"\0")
            assert f"DJANGO_SECRET_KEY={HOSTILE_KEY}".encode() in environment


def test_nothing_is_left_of_a_supervisord_that_was_killed():
    """The programs of a killed supervisord have process groups of their own; the lab has to find them all the same."""
    with supervisor.running(GUNICORN, wait=False) as it:
        assert serve.wait_until(it.answers, 60, 0.1), it.tail()
        everything = it.everything()
        it.orphans = everything
        it.process.kill()
        it.process.wait()
    assert len(everything) > 2
    assert serve.wait_until(lambda: not processes.living(everything), 5)  # what was killed takes a moment to go
