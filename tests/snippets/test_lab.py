"""What the lab promises to those who run it: clear sentences, and no process left behind."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from lab import client, load, matrix, output, processes, recipes, record, serve
from lab.errors import LabError


@pytest.fixture
def own_snippets(tmp_path, monkeypatch):
    """A copy of one recipe that a test may spoil: the folder of gunicorn-gthread."""
    import shutil

    for name in ("gunicorn-gthread", "nginx-tcp"):
        shutil.copytree(recipes.SNIPPETS / name, tmp_path / name)
    monkeypatch.setattr(recipes, "SNIPPETS", tmp_path)
    recipes.load.cache_clear()
    yield tmp_path / "gunicorn-gthread"
    recipes.load.cache_clear()


def test_an_unknown_recipe_is_named_with_the_known_ones():
    with pytest.raises(LabError, match="no recipe 'gunicorn-gthred'.*gunicorn-gthread"):
        recipes.load("gunicorn-gthred")


def test_an_unknown_setup_or_behaviour_ends_the_command_line_with_one_sentence(capsys):
    assert record.main(["gunicorn-gthred"]) == 2
    assert "There is no setup 'gunicorn-gthred'." in capsys.readouterr().err
    assert record.main(["--behaviour", "webscoket"]) == 2
    assert "There is no behaviour 'webscoket'." in capsys.readouterr().err


def test_a_missing_program_is_named_with_the_way_to_get_it(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(serve, "EXTRA_FOLDERS", ())
    with pytest.raises(LabError, match="nginx is not installed: apt-get install nginx"):
        serve.program("nginx")


def test_a_replacement_that_occurs_nowhere_is_an_error(own_snippets):
    toml = own_snippets / "recipe.toml"
    toml.write_text(toml.read_text().replace('"127.0.0.1:8000" = ', '"127.0.0.1:8001" = '))
    with pytest.raises(LabError, match="replaces '127.0.0.1:8001', which occurs in none"):
        recipes.replaced(recipes.load("gunicorn-gthread"), {"address": "127.0.0.1:1"})


def test_a_key_that_nobody_reads_is_an_error(own_snippets):
    toml = own_snippets / "recipe.toml"
    toml.write_text("adress = 1\n" + toml.read_text())
    with pytest.raises(LabError, match="unknown keys: adress"):
        recipes.load("gunicorn-gthread")


def test_a_snippet_that_no_longer_starts_says_so_and_what_to_do(own_snippets):
    config = own_snippets / "gunicorn.conf.py"
    config.write_text(config.read_text().replace('"gthread"', '"gthraed"'))
    with pytest.raises(LabError, match="snippets/gunicorn-gthread no longer starts: .* scripts/record gunicorn-gthread"):
        with serve.running(recipes.setup("gunicorn-gthread")):
            pass


def test_a_server_that_never_answers_is_given_up_at_its_deadline(own_snippets, monkeypatch):
    monkeypatch.setattr(serve, "START_SECONDS", 1)
    (own_snippets / "start.sh").write_text("sleep 60\n")
    start = time.monotonic()
    with pytest.raises(LabError, match="did not answer within 1 s"):
        with serve.running(recipes.setup("gunicorn-gthread")):
            pass
    assert time.monotonic() - start < 20


def test_no_process_is_left_when_a_probe_raises():
    with pytest.raises(ZeroDivisionError):
        with serve.running(recipes.setup("gunicorn-gthread")) as server:
            group, folder = server.process.pid, server.folder
            assert len(server.workers()) == 2
            1 / 0
    assert processes.in_group(group) == set()
    assert not folder.exists()


def test_orphaned_workers_are_ended_too():
    """Uvicorn's workers go on serving when their parent process is killed."""
    with serve.running(recipes.setup("uvicorn-workers")) as server:
        group = server.process.pid
        workers = server.workers()
        server.signal("KILL")
        assert serve.wait_until(lambda: not server.alive(), 10)
        assert processes.in_group(group) & workers
    assert processes.in_group(group) == set()


def test_servers_hear_signals_that_nohup_keeps_from_the_lab():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        processes.hand_down_signals()
        os.kill(os.getpid(), signal.SIGHUP)  # nothing happens here
        command = [sys.executable, "-c", "import signal; print(signal.getsignal(signal.SIGHUP) == signal.SIG_DFL)"]
        assert subprocess.run(command, capture_output=True, text=True).stdout == "True\n"
    finally:
        signal.signal(signal.SIGHUP, before)


def test_two_of_the_same_run_side_by_side():
    setup = recipes.setup("gunicorn-gthread")
    with serve.running(setup) as one, serve.running(setup) as other:
        assert one.get("/request/").json()["pid"] in one.workers()
        assert other.get("/request/").json()["pid"] in other.workers()


def test_a_load_stops_by_itself_when_nobody_answers(monkeypatch):
    monkeypatch.setattr(load, "LONGEST", 0.5)
    (port,) = serve.free_ports(1)
    with load.Load(client.Address(port=port), "/", new=1, keep_alive=1) as nobody:
        assert serve.wait_until(lambda: not any(thread.is_alive() for thread in nobody._threads), 10)
    assert nobody.requests() == nobody.new.failed + nobody.keep_alive.failed > 0


def test_an_answer_that_ends_early_is_a_failure():
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer():
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")

        thread = threading.Thread(target=answer)
        thread.start()
        address = client.Address(port=listening.getsockname()[1])
        with load.Load(address, "/", new=1, timeout=5) as short:
            assert serve.wait_until(short.requests, 10)
            listening.close()
        thread.join()
    assert "IncompleteRead" in short.new.reasons


def test_output_shows_the_reader_their_own_paths_and_small_process_ids():
    text = "\x1b[32m[12345]\x1b[0m /tmp/x/django/shop/views.py  \n[777] worker (pid:12345)"
    assert (
        output.normalise(text, {"/tmp/x/django": "/srv/django"})
        == "[1001] /srv/django/shop/views.py\n[1002] worker (pid:1001)"
    )


def test_output_with_a_path_of_this_machine_is_refused():
    with pytest.raises(LabError, match="path of this machine"):
        output.normalise("/tmp/somewhere/else", {})


def settled(outcomes):
    """What is recorded when the runs give these outcomes in turn."""
    outcomes = iter(outcomes)

    def ask(setup, probes, base):
        return [(p, {"outcome": next(outcomes), "figures": {}}) for p in probes]

    (found,) = record.settle(recipes.setup("gunicorn-gthread"), [record.probe("http")], say=lambda line: None, ask=ask)
    return found


def test_answers_that_differ_become_varies_with_their_counts():
    found = settled(["a", "b"] * 5)
    assert (found["outcome"], found["counts"], found["runs"]) == ("varies", {"a": 5, "b": 5}, 10)


def test_answers_that_agree_are_asked_three_times():
    found = settled(["a"] * 3)
    assert (found["outcome"], found["runs"], "counts" in found) == ("a", 3, False)


def stands(outcomes):
    """What compare() makes of these outcomes of gunicorn-gthread's http in turn: (whether it differs, whether that stands)."""
    outcomes = iter(outcomes)

    def ask(setup, probes, base):
        return [(p, {"setup": setup.name, "behaviour": p.behaviour, "outcome": next(outcomes), "output": ""}) for p in probes]

    ((_, problem, found),) = record.compare(recipes.setup("gunicorn-gthread"), [record.probe("http")], by=ask)
    return problem != "", found


def test_a_difference_counts_when_it_is_seen_every_time():
    assert stands(["answers"]) == (False, False)
    assert stands(["hangs", "answers", "answers"]) == (True, False)
    assert stands(["hangs", "hangs", "answers"]) == (True, False)
    assert stands(["hangs", "hangs", "hangs"]) == (True, True)


def test_a_probe_that_raises_is_asked_once_more():
    answers = iter([LabError("too slow"), "answers", LabError("too slow"), LabError("too slow")])

    def ask(setup, probes, base):
        answer = next(answers)
        if isinstance(answer, LabError):
            raise answer
        yield probes[0], {"setup": setup.name, "behaviour": probes[0].behaviour, "outcome": answer, "output": ""}

    setup, probes = recipes.setup("gunicorn-gthread"), [record.probe("http")]
    assert [problem for _, problem, _ in record.compare(setup, probes, by=ask)] == [""]
    with pytest.raises(LabError, match="too slow"):
        list(record.compare(setup, probes, by=ask))


def test_the_matrix_names_what_differs_and_keeps_the_rest(monkeypatch, tmp_path):
    import json

    file = tmp_path / "matrix.json"
    monkeypatch.setattr(matrix, "FILE", file)
    outcomes = {"http": "answers", "websocket": "echoes"}

    def ask(setup, probes, base):
        versions = {"python": "3.13.0", "django": base.django, "os": "Debian"}
        for asked in probes:
            if asked.behaviour in outcomes:
                yield asked, {"setup": setup.name, "behaviour": asked.behaviour, "outcome": outcomes[asked.behaviour],
                              "output": "", "versions": versions}  # fmt: skip

    monkeypatch.setattr(record, "ask", ask)
    assert matrix.main(["gunicorn-gthread"]) == 0
    assert matrix.main(["uvicorn-workers"]) == 0
    found = json.loads(file.read_text())
    assert found["django"] == matrix.DJANGO
    assert found["setups"] == {
        "gunicorn-gthread": {"asked": 2, "differs": {"websocket": "echoes"}},
        "uvicorn-workers": {"asked": 2, "differs": {}},
    }
    assert matrix.main(["gunicorn-gthread", "--django", "6.0.10"]) == 0
    assert list(json.loads(file.read_text())["setups"]) == ["gunicorn-gthread"], "results of other versions are dropped"
