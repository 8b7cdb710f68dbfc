"""What mends a pattern in cases that no server of the lab provokes: a cancelled call, a transaction, two names that are alike."""

import os
import subprocess
from textwrap import dedent

import pytest

from lab import recipes, venvs

FIXES = recipes.SNIPPETS / "traces"


@pytest.fixture(scope="module")
def python():
    """Interpreter with the project's requirements and Uvicorn, and so uvloop (str)."""
    return str(venvs.venv_for(recipes.load("uvicorn")) / "bin" / "python")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The project with what mends as the package traces, as the lab lays it (Path)."""
    folder = tmp_path_factory.mktemp("mended") / "django"
    recipes.copy_project(folder)
    (folder / "traces").mkdir()
    for file in FIXES.glob("*.py"):
        (folder / "traces" / file.name.replace("-", "_")).write_text(file.read_text())
    return folder


@pytest.fixture
def run(python, project):
    """A function: runs a program in the project, with Django set up. Returns what it wrote to both streams."""

    def program(text):
        keep = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "DJANGO_SETTINGS_MODULE": "sales.settings"}
        done = subprocess.run(
            [python, "-c", "import asyncio, django\ndjango.setup()\n" + dedent(text)],
            cwd=project, env={**keep, **recipes.environment_file()}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        return done.stdout

    return program


def test_gather_counts_a_cancelled_call_as_failed(run):
    said = run("""
        from traces import gather

        async def quote(name):
            if name == "EUR":
                return 160
            raise asyncio.CancelledError if name == "CHF" else KeyError(name)

        gather.partner.quote = quote
        assert asyncio.run(gather.average("EUR")) == 160
    """)
    assert "no rate for CHF" in said and "no rate for SEK" in said


def test_gather_without_any_rate_takes_the_usual_one(run):
    run("""
        from traces import gather
        assert asyncio.run(gather.average("CHF")) == gather.USUAL
    """)


@pytest.mark.parametrize("loop", ["asyncio.new_event_loop", "uvloop.new_event_loop"])
def test_a_lock_that_was_waited_for_goes_with_its_event_loop(run, loop):
    run(f"""
        import gc, weakref
        from traces import different_loop

        if {loop.startswith("uvloop")}:
            import uvloop

        async def quote(currency):
            return 1

        async def nothing(seconds, sleep=asyncio.sleep):
            await sleep(0.01)

        different_loop.partner.quote = quote
        different_loop.asyncio.sleep = nothing
        locks = []

        async def request():
            loop = asyncio.get_running_loop()
            assert await asyncio.gather(*(different_loop.locked("EUR") for _ in range(3))) == [1, 1, 1]
            assert different_loop.lock_of(loop)._loop is loop, "nobody had to wait"
            locks.append(weakref.ref(different_loop.lock_of(loop)))

        for _ in range(5):
            with asyncio.Runner(loop_factory={loop}) as runner:
                runner.run(request())
            del runner
        gc.collect()
        assert not [lock for lock in locks if lock()], locks
    """)


def test_different_values_have_different_groups(run):
    run("""
        from channels.layers import get_channel_layer
        from traces.channels_group_name import group_of

        values = ["a@b.c", "a-b.c", "山田", "鈴木", "", "x" * 300]
        names = {group_of(value) for value in values}
        assert len(names) == len(values)
        assert all(get_channel_layer().require_valid_group_name(name) for name in names)
    """)


def test_a_group_belongs_to_one_user_and_strangers_are_refused(run):
    run("""
        from types import SimpleNamespace
        from asgiref.testing import ApplicationCommunicator
        from channels.layers import get_channel_layer
        from traces.channels_group_name import Orders

        async def connect(user):
            socket = ApplicationCommunicator(Orders.as_asgi(), {"type": "websocket", "path": "/ws/orders/", "client": None, "user": user})
            await socket.send_input({"type": "websocket.connect"})
            answer = (await socket.receive_output(5))["type"]
            groups = set(get_channel_layer().groups)
            await socket.send_input({"type": "websocket.disconnect", "code": 1000})
            await socket.wait(5)
            return answer, groups

        async def main():
            seven, eight = SimpleNamespace(pk=7, is_authenticated=True), SimpleNamespace(pk=8, is_authenticated=True)
            assert await connect(seven) == ("websocket.accept", {"orders.7"})
            assert await connect(eight) == ("websocket.accept", {"orders.8"})
            assert await connect(SimpleNamespace(pk=None, is_authenticated=False)) == ("websocket.close", set())

        asyncio.run(main())
    """)


@pytest.mark.parametrize("name", ["apps_not_ready", "channels_no_route", "protocol_not_handled"])
def test_a_page_of_another_site_may_not_open_a_websocket(run, name):
    run(f"""
        from asgiref.testing import ApplicationCommunicator
        from traces.{name} import application

        async def connect(origin):
            scope = {{"type": "websocket", "path": "/ws/async-checkout/", "headers": [(b"origin", origin)], "subprotocols": []}}
            socket = ApplicationCommunicator(application, scope)
            await socket.send_input({{"type": "websocket.connect"}})
            answer = (await socket.receive_output(5))["type"]
            await socket.send_input({{"type": "websocket.disconnect", "code": 1000}})
            await socket.wait(5)
            return answer

        assert asyncio.run(connect(b"https://" + "{host()}".encode())) == "websocket.accept"
        assert asyncio.run(connect(b"https://evil.example")) == "websocket.close"
    """)


def host():
    """A host that the project answers to."""
    return recipes.environment_file()["DJANGO_ALLOWED_HOSTS"].split(",")[0]


def test_a_stream_with_a_mark_says_whether_it_is_complete(run):
    said = run("""
        from sales import orders
        from traces.stream_error import marked

        async def read(cart):
            return [line async for line in marked(cart)]

        assert asyncio.run(read(orders.CART))[1:] == ['{"complete": true}\\n']
        assert asyncio.run(read(orders.CART_CHF)) == ['{"complete": false}\\n']
    """)
    assert "the export broke off at order 1" in said


def test_what_was_cancelled_is_not_blamed_on_the_client(run):
    said = run("""
        from traces import cancelled_on_disconnect

        async def main():
            task = asyncio.create_task(cancelled_on_disconnect.until_gone("EUR"))
            await asyncio.sleep(0.01)
            task.cancel()
            assert isinstance((await asyncio.gather(task, return_exceptions=True))[0], asyncio.CancelledError)

        asyncio.run(main())
    """)
    assert "cancelled while we asked for EUR (client gone, or the server stops)" in said


RETRY = """
    from contextlib import nullcontext
    from unittest.mock import patch
    from django.db import OperationalError, connection, transaction
    from traces import db_connection_closed

    asked = []

    def by_currency(currency):
        asked.append(currency)
        if len(asked) == 1:
            raise OperationalError("the connection is closed")
        return 163

    with patch.object(db_connection_closed.database, "by_currency", by_currency), patch.object(connection, "is_usable", lambda: {usable}):
        try:
            with {around}:
                print("answer", db_connection_closed.by_currency("EUR"), "asked", len(asked))
        except OperationalError as error:
            print("error", error, "asked", len(asked))
"""


@pytest.mark.parametrize(
    ("usable", "around", "said"),
    [
        (False, "nullcontext()", "answer 163 asked 2"),
        (False, "transaction.atomic()", "error the connection is closed asked 1"),
        (True, "nullcontext()", "error the connection is closed asked 1"),
    ],
    ids=["broken", "in a transaction", "the connection works"],
)
def test_a_read_is_tried_again_only_where_that_can_help(run, usable, around, said):
    assert said in run(RETRY.format(usable=usable, around=around))


SHIELDED = """
    from traces import cancelled_shielded

    async def failing():
        await asyncio.sleep(0.05)
        raise KeyError("CHF")

    async def fine():
        await asyncio.sleep(0.05)
        print("done to the end")
        return 163

    async def main():
        request = asyncio.create_task(cancelled_shielded.to_the_end({work}(), "booking"))
        await asyncio.sleep({after})
        request.cancel()
        print("answer", repr((await asyncio.gather(request, return_exceptions=True))[0]))
        await asyncio.sleep(0.1)

    asyncio.run(main())
"""
LOGGED = "booking failed after its request was cancelled"


@pytest.mark.parametrize(
    ("work", "after", "said", "logged"),
    [
        ("fine", 0.1, "answer 163", False),
        ("failing", 0.1, "answer KeyError('CHF')", False),
        ("fine", 0.01, "answer CancelledError(", False),
        ("failing", 0.01, "answer CancelledError(", True),
    ],
)
def test_what_was_begun_goes_on_and_fails_once(run, work, after, said, logged):
    """To whoever waits, or, when nobody waits any more, in the log."""
    output = run(SHIELDED.format(work=work, after=after))
    assert said in output
    assert ("done to the end" in output) == (work == "fine")
    assert output.count(LOGGED) == output.count("KeyError: 'CHF'") == int(logged), output
    assert "never retrieved" not in output


def test_only_the_errors_of_cancelled_threads_are_dropped(run):
    said = run("""
        import logging.config
        from pathlib import Path
        from django.conf import settings

        below = {"LOGGING": settings.LOGGING}
        exec(Path("traces/cancelled_shielded_settings.py").read_text(), below)
        logging.config.dictConfig(below["LOGGING"])
        for message in ["CancelledError exception in shielded future", "KeyError exception in shielded future", "Task exception was never retrieved"]:
            logging.getLogger("asyncio").error("%s\\nfuture: <Future>", message)
    """)
    assert "CancelledError" not in said
    assert "KeyError exception in shielded future" in said and "Task exception was never retrieved" in said
