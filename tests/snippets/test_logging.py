"""The samples of /deploy/logging/ beside the recipes: threads, Celery, Sentry, and what Python says about a LOGGING that does not load."""

import json
import os
import subprocess
from types import SimpleNamespace

import pytest

from lab import recipes, venvs

SAMPLES = recipes.SNIPPETS / "logging" / "samples"
LOGGED = """
import io, logging, os, sys
sys.path.insert(0, "samples")
from config.request_id import RequestIdFilter, current
from config.json_log import JsonLine
lines = io.StringIO()
handler = logging.StreamHandler(lines)
handler.setFormatter(JsonLine())
handler.addFilter(RequestIdFilter())
logging.basicConfig(level="INFO", handlers=[handler], force=True)
"""


@pytest.fixture(scope="module")
def python():
    """Interpreter of an environment with what the samples need (str)."""
    samples = SimpleNamespace(folder=SAMPLES, install="requirements.txt")
    return str(venvs.venv_for(samples) / "bin" / "python")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The project as a reader has it after following the page: with the files of snippets/logging/ and its settings (Path)."""
    folder = tmp_path_factory.mktemp("logging") / "django"
    recipes.copy_project(folder)
    for name, text in recipes.files_of(recipes.SNIPPETS / "logging" / "project").items():
        (folder / name).write_text(text)
    settings = folder / "config" / "settings.py"
    settings.write_text(settings.read_text() + (recipes.SNIPPETS / "logging" / "settings.py").read_text())
    (folder / "samples").mkdir()
    for name, text in recipes.files_of(SAMPLES).items():
        (folder / "samples" / name).write_text(text)
    return folder


def run(python, project, code, **environment):
    """Runs Python code in the project (subprocess.CompletedProcess)."""
    keep = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
    everything = {**keep, **recipes.environment_file(), **environment}
    return subprocess.run([python, "-c", code], cwd=project, env=everything, capture_output=True, text=True, timeout=60)


def logged(python, project, code):
    """What the code logged: one dict per line."""
    done = run(python, project, f"{LOGGED}\n{code}\nprint(lines.getvalue())")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]


def test_threads_carry_the_id_when_they_get_the_context(python, project):
    code = """
from threads import prices
def ask(sku):
    logging.info("asking for %s", sku)
    return 7
current.set("request-1")
assert prices(ask, ["cup", "tin", "pot"]) == [7, 7, 7]
"""
    lines = logged(python, project, code)
    assert sorted(line["message"] for line in lines) == ["asking for cup", "asking for pot", "asking for tin"]
    assert {line["request_id"] for line in lines} == {"request-1"}


def test_threads_do_not_carry_the_id_by_themselves(python, project):
    """As the page says: or the sample would be for nothing."""
    code = """
from concurrent.futures import ThreadPoolExecutor
current.set("request-1")
with ThreadPoolExecutor() as pool:
    pool.submit(logging.info, "in a thread").result()
"""
    assert [line["request_id"] for line in logged(python, project, code)] == [None]


def test_asyncio_carries_the_id_into_tasks_and_to_thread(python, project):
    code = """
import asyncio
async def main():
    current.set("request-1")
    async def task():
        logging.info("in a task")
    await asyncio.create_task(task())
    await asyncio.to_thread(logging.info, "in a thread")
asyncio.run(main())
"""
    assert [line["request_id"] for line in logged(python, project, code)] == ["request-1"] * 2


def test_a_celery_task_logs_with_the_id_of_the_request_that_sent_it(python, project):
    code = """
import celery_request_id
from celery import Celery
from celery.contrib.testing.worker import start_worker
app = Celery("shop", broker="memory://", backend="cache+memory://")
app.conf.worker_hijack_root_logger = False
@app.task
def receipt():
    logging.getLogger("shop.tasks").info("receipt written")
    return current.get()
@app.task(name="celery.ping")
def ping():
    return "pong"
with start_worker(app, perform_ping_check=False, loglevel="INFO"):
    current.set("request-1")
    first = receipt.delay()
    current.set(None)
    second = receipt.delay()
    assert (first.get(timeout=20), second.get(timeout=20)) == ("request-1", None)
"""
    lines = [line for line in logged(python, project, code) if line["message"] == "receipt written"]
    assert [line["request_id"] for line in lines] == ["request-1", None]


def test_an_error_in_sentry_carries_the_id_and_no_cookies(python, project):
    code = """
import json
exec(open("samples/sentry.py").read().replace("sentry_sdk.init(", "sentry_sdk.init(transport=lambda event: None, "))
import sentry_sdk.transport
events = []
class Keep(sentry_sdk.transport.Transport):
    def capture_envelope(self, envelope):
        events.extend(item.payload.json for item in envelope.items if item.type == "event")
sentry_sdk.init(dsn="http://key@127.0.0.1:9/1", send_default_pii=False, before_send=with_request_id, transport=Keep)
import django
django.setup()
from django.test import Client
client = Client(headers={"Host": "example.com", "X-Request-ID": "failing-request-1"}, raise_request_exception=False)
client.cookies["sessionid"] = "secret"
assert client.get("/checkout/").status_code == 500
print("EVENTS", json.dumps(events))
"""
    done = run(python, project, code)
    assert done.returncode == 0, done.stderr
    (event,) = json.loads(done.stdout.rpartition("EVENTS ")[2])
    assert event["tags"]["request_id"] == "failing-request-1"
    assert event["exception"]["values"][-1]["type"] == "KeyError"
    assert "secret" not in json.dumps(event["request"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"config.json_log.JsonLine"', '"config.json_logs.JsonLine"', "ValueError: Unable to configure formatter 'json'"),
        ('"formatter": "json"', '"formatter": "jsno"', "ValueError: Unable to configure handler 'console'"),
        ('"logging.StreamHandler"', '"logging.StreamHander"', "ValueError: Unable to configure handler 'console'"),
    ],
)
def test_a_logging_that_does_not_load_says_what_the_page_says(python, project, old, new, said):
    file = project / "logging.json"
    whole = file.read_text()
    assert old in whole
    try:
        file.write_text(whole.replace(old, new))
        done = run(python, project, "import django; django.setup()")
    finally:
        file.write_text(whole)
    assert done.returncode and done.stderr.strip().splitlines()[-1] == said


def test_the_recipes_install_what_the_page_says():
    """Each logging recipe pins what snippets/logging/requirements.txt names."""
    wanted = (recipes.SNIPPETS / "logging" / "requirements.txt").read_text().strip()
    for name in recipes.names():
        if name.startswith("logging-") and not recipes.load(name).is_proxy:
            assert wanted in (recipes.SNIPPETS / name / "requirements.txt").read_text(), name
    assert wanted in (SAMPLES / "requirements.txt").read_text()
