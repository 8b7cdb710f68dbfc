"""The Supervisor variant is started with supervisord: it serves, survives the loss of Gunicorn, reloads and stops."""

import http.client
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lab import client, processes, recipes, serve, venvs
from lab.load import Load

RECIPE = recipes.load("gunicorn-gthread")
# Everything that get_random_secret_key() draws from and a shell takes for its own
HOSTILE_KEY = "a$b!c&d(e)f#g*h^i@j%k-l_m=n+" + "x" * 30


@pytest.fixture(scope="module")
def supervised(tmp_path_factory):
    """(address, function that runs supervisorctl, pid of supervisord) of a running supervisord."""
    folder = tmp_path_factory.mktemp("supervisor")
    (port,) = serve.free_ports(1)
    project = folder / "django"
    recipes.copy_project(project)
    for name, text in recipes.replaced(RECIPE, {"address": f"127.0.0.1:{port}"}).items():
        (project / name).write_text(text)
    (project / ".venv").symlink_to(venvs.venv_for(RECIPE))
    shipped_key = recipes.environment_file()["DJANGO_SECRET_KEY"]
    (folder / "django.env").write_text((project / "django.env").read_text().replace(shipped_key, HOSTILE_KEY))
    program = (project / "supervisor.conf").read_text()
    # The reader's paths, and a user that only the reader has.
    for shipped, here in {
        "/srv/django": str(project),
        "/etc/django/django.env": str(folder / "django.env"),
        "/var/log/django.log": str(folder / "django.log"),
        "user=django\n": "",
    }.items():
        assert shipped in program
        program = program.replace(shipped, here)
    config = folder / "supervisord.conf"
    # What a distribution's supervisord.conf has around conf.d. /tmp: a path of a socket must be short.
    control = f"/tmp/django-lab-supervisor-{port}.sock"
    config.write_text(
        f"[supervisord]\nnodaemon=true\npidfile={folder}/supervisord.pid\nlogfile={folder}/supervisord.log\n"
        f"childlogdir={folder}\n[unix_http_server]\nfile={control}\n[supervisorctl]\nserverurl=unix://{control}\n"
        "[rpcinterface:supervisor]\n"
        "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n" + program
    )

    def ctl(*arguments):
        command = [sys.executable, "-m", "supervisor.supervisorctl", "-c", str(config), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    log = open(folder / "out", "w")
    daemon = subprocess.Popen(
        [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(config)],
        stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip
    main = None
    try:
        address = client.Address(port=port)
        if not serve.wait_until(lambda: answers(address), 60, 0.1):
            text = (folder / "django.log").read_text() if (folder / "django.log").exists() else ""
            pytest.fail(f"supervisor.conf no longer starts: {(folder / 'out').read_text()}\n{text}", pytrace=False)
        main = lambda: int(ctl("pid", "django").stdout)  # noqa: E731
        yield address, ctl, main
    finally:
        # Supervisor puts each program into a group of its own.
        group = main() if main and (ctl("pid", "django").stdout.strip() or "0") not in ("0", "") else None
        processes.end_group(daemon, seconds=40)
        log.close()
        if group:
            assert not processes.in_group(group)


def test_a_secret_key_with_characters_of_the_shell_arrives_whole(supervised, tmp_path):
    """The command of supervisor.conf, with Django in the place of Gunicorn."""
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
        # What Gunicorn under Supervisor really got
        main = supervised[2]
        environment = Path(f"/proc/{main()}/environ").read_bytes().split(b"\0")
        assert f"DJANGO_SECRET_KEY={HOSTILE_KEY}".encode() in environment


def answers(address):
    try:
        return client.get(address, "/healthz/", timeout=2).status == 200
    except (OSError, http.client.HTTPException):
        return False


def answering(address):
    """Process id of the worker that answers; None when nobody does."""
    try:
        return client.get(address, "/request/", timeout=2).json()["pid"]
    except (OSError, http.client.HTTPException):
        return None


def test_gunicorn_is_started_again_when_its_master_is_killed(supervised):
    address, _, main = supervised
    before = main()
    os.kill(before, signal.SIGKILL)
    assert serve.wait_until(lambda: main() not in (0, before), 60, 0.1)
    # Workers without a master may still answer for a moment, so the answer has to come from one of the new ones.
    assert serve.wait_until(lambda: answering(address) in processes.children(main()), 60, 0.1)


def test_a_reload_loses_no_request(supervised):
    address, ctl, main = supervised
    before = processes.children(main())
    with Load(address, "/request/", new=2, pause=0.02) as load:
        assert ctl("signal", "HUP", "django").returncode == 0
        assert serve.wait_until(lambda: len(after := processes.children(main())) == 2 and not after & before, 60, 0.1)
        enough = load.requests() + 10
        assert serve.wait_until(lambda: load.requests() >= enough, 20)
    assert load.new.failed == 0


def test_stopping_waits_for_a_request_in_flight(supervised):
    address, ctl, main = supervised
    statuses = []
    thread = threading.Thread(target=lambda: statuses.append(client.get(address, "/slow/?seconds=2").status))
    thread.start()
    # The worker logs the request when it begins to wait.
    assert serve.wait_until(lambda: "waiting for 2.0 s" in ctl("tail", "-10000", "django").stdout, 20, 0.1)
    assert ctl("stop", "django").returncode == 0
    thread.join()
    assert statuses == [200]
    assert not answers(address)
