"""The samples of /deploy/timeouts/ that are no recipes, and what holds between the files of two recipes."""

import asyncio
import importlib.util
import json
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

from lab import recipes


def sample():
    """The module snippets/timeouts/views.py, without Django: JsonResponse is a tuple here."""
    file = recipes.SNIPPETS / "timeouts" / "views.py"
    spec = importlib.util.spec_from_file_location("timeouts_views", file)
    module = importlib.util.module_from_spec(spec)
    fake = mock.Mock(JsonResponse=lambda content, status=200: (status, json.dumps(content)))
    with mock.patch.dict("sys.modules", {"django": mock.Mock(), "django.http": fake}):
        spec.loader.exec_module(module)
    return module


def run(view):
    """What a coroutine returns. In a thread of its own: the browser of other tests has an event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, view).result()


def test_a_view_gives_up_and_answers_by_itself():
    views = sample()
    gone = asyncio.Event()

    async def supplier():
        try:
            await asyncio.sleep(60)
        finally:
            gone.set()

    with mock.patch.object(views.asyncio, "timeout", lambda seconds, real=asyncio.timeout: real(seconds / 100)):
        status, content = run(views.price(None, supplier))
    assert status == 503 and "too long" in content
    assert gone.is_set(), "what was awaited has to be cancelled"


def test_a_view_that_is_in_time_answers():
    async def supplier():
        return 7

    assert run(sample().price(None, supplier)) == (200, '{"price": 7}')


def test_the_files_of_nginx_with_kept_connections_differ_in_those_lines_only():
    """snippets/nginx-keepalive/ is snippets/nginx-tcp/ with the lines that its page names, and nothing else."""
    plain = (recipes.SNIPPETS / "nginx-tcp" / "django.conf").read_text().splitlines()
    kept = (recipes.SNIPPETS / "nginx-keepalive" / "django.conf").read_text().splitlines()
    added = [line.strip() for line in kept if line not in plain]
    assert [line for line in added if not line.startswith("#")] == ["''      '';", "keepalive 16;", "keepalive_timeout 60s;"]
    assert len([line for line in plain if line not in kept]) == 2


def test_the_server_keeps_connections_longer_than_the_proxy():
    """Gunicorn's keepalive in snippets/gunicorn-keepalive/ and nginx's keepalive_timeout in snippets/nginx-keepalive/."""
    server = (recipes.SNIPPETS / "gunicorn-keepalive" / "gunicorn.conf.py").read_text()
    proxy = (recipes.SNIPPETS / "nginx-keepalive" / "django.conf").read_text()
    assert int(server.split("keepalive = ")[1].split()[0]) > int(proxy.split("keepalive_timeout ")[1].split("s;")[0])
