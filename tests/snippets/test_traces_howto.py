"""The samples of /troubleshoot/stack-traces/: they fail where the page says so, every time, and pass once the code is mended."""

import json
import os
import subprocess
from types import SimpleNamespace

import pytest

from lab import recipes, venvs

HOWTO = recipes.SNIPPETS / "traces" / "howto"
# Sentry's own requirements are those of the samples of /deploy/logging/.
SAMPLES = recipes.SNIPPETS / "logging" / "samples"


@pytest.fixture(scope="module")
def python():
    """Interpreter of an environment with the project's requirements and Sentry's client (str)."""
    return str(venvs.venv_for(SimpleNamespace(folder=SAMPLES, install="requirements.txt")) / "bin" / "python")


@pytest.fixture
def project(tmp_path):
    """The project with the samples beside manage.py (Path)."""
    folder = tmp_path / "django"
    recipes.copy_project(folder)
    for name, text in recipes.files_of(HOWTO).items():
        (folder / name).write_text(text)
    return folder


def run(python, project, *arguments):
    """Runs Python in the project (subprocess.CompletedProcess); what it writes to both streams is in stdout."""
    keep = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "sales.settings"}
    everything = {**keep, **recipes.environment_file()}
    return subprocess.run([python, *arguments], cwd=project, env=everything, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)


def test_the_error_of_the_log_comes_back_in_a_test(python, project):
    done = run(python, project, "manage.py", "test", "tests_reproduce")
    assert "KeyError: 'CHF'" in done.stdout and "FAILED (errors=2)" in done.stdout, done.stdout


def test_the_error_is_gone_when_the_rate_is_there(python, project):
    partner = project / "sales" / "rates" / "partner.py"
    text = partner.read_text()
    assert '"USD": 151}' in text
    partner.write_text(text.replace('"USD": 151}', '"USD": 151, "CHF": 170}'))
    done = run(python, project, "manage.py", "test", "tests_reproduce")
    assert done.returncode == 0, done.stdout


ASYNC_CLIENT = """
import threading
from unittest.mock import patch
from django.test import SimpleTestCase
from sales.views import five

class ThreadTests(SimpleTestCase):
    async def test_a_sync_view(self):
        with patch.object(five.traceback, "print_stack", lambda: print("ran in", threading.current_thread().name)):
            await self.async_client.get("/five/sync-stack/")
"""


def test_the_async_client_runs_a_sync_view_in_the_main_thread(python, project):
    """As the page says: it has no threads of a server."""
    (project / "tests_threads.py").write_text(ASYNC_CLIENT)
    done = run(python, project, "manage.py", "test", "tests_threads")
    assert done.returncode == 0 and "ran in MainThread" in done.stdout, done.stdout


def test_two_requests_overlap_every_time(python, project):
    for _ in range(3):
        done = run(python, project, "-m", "unittest", "tests_basket")
        assert done.returncode == 1 and "AssertionError: Lists differ" in done.stdout, done.stdout


def test_two_requests_do_not_disturb_each_other_when_mended(python, project):
    (project / "basket.py").write_text((project / "basket_fixed.py").read_text())
    done = run(python, project, "-m", "unittest", "tests_basket")
    assert done.returncode == 0, done.stdout


def test_a_blocked_event_loop_fails_a_test(python, project):
    done = run(python, project, "manage.py", "test", "tests_blocking")
    assert done.returncode == 1 and "Unexpected logs found" in done.stdout and "took 0.7" in done.stdout, done.stdout


def test_a_free_event_loop_passes_it(python, project):
    waiting = project / "sales" / "rates" / "waiting.py"
    text = waiting.read_text()
    assert text.count("    time.sleep(0.7)\n") == 1
    waiting.write_text(text.replace("    time.sleep(0.7)\n", "    await asyncio.to_thread(time.sleep, 0.7)\n"))
    done = run(python, project, "manage.py", "test", "tests_blocking")
    assert done.returncode == 0, done.stdout


def test_a_phantom_frame_needs_no_thread_around_the_view(python, project):
    """As the page says: the view ran in the main thread, and yet the first frame printed is asgiref's."""
    lines = run(python, project, "phantom.py").stdout.splitlines()
    assert lines[0] == "the view runs in MainThread", lines
    assert lines[1].startswith("the error is logged in") and not lines[1].endswith("MainThread")
    assert "asgiref/sync.py" in lines[3] and lines[4].strip() == "raise exc_info[1]"
    assert lines[-1] == "KeyError: 'CHF'"


HIDDEN = """
import asyncio, json, logging, traceback
import django
django.setup()
logging.disable()
from asgiref.sync import sync_to_async
from django.views.debug import ExceptionReporter
from sentry_sdk.utils import event_from_exception
from sales.views import five

async def handler():
    try:
        await sync_to_async(five.sync_checkout)(None)
    except KeyError as error:
        await sync_to_async(seen, thread_sensitive=False)(error)

def seen(error):
    plain = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    page = [frame["function"] for frame in ExceptionReporter(None, type(error), error, error.__traceback__).get_traceback_frames()]
    event, _ = event_from_exception((type(error), error, error.__traceback__))
    sentry = [frame["function"] for frame in event["exception"]["values"][0]["stacktrace"]["frames"]]
    print(json.dumps({"log": plain, "page": page, "sentry": sentry}))

asyncio.run(handler())
"""


def test_the_debug_page_and_sentry_leave_out_what_the_log_prints(python, project):
    """Both leave out the phantom, and of the real hand-over to a thread the frames that say so."""
    done = run(python, project, "-c", HIDDEN)
    assert done.returncode == 0, done.stdout
    seen = json.loads(done.stdout)
    assert seen["log"].count("thread_handler") == 2
    assert seen["page"] == seen["sentry"] == [name for name in seen["log"] if name not in ("thread_handler", "__call__")]
