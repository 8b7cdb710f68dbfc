"""
The configuration builder without a browser: what its modules make of every choice, and of every address.

tests/tools/config.mjs runs the modules that the page runs. tests/browser/test_config.py has the page, and
tests/snippets/test_combinations.py starts what the page gives.
"""

import ast
import hashlib
import json
import re
import subprocess
import tomllib

import builder
import flow
import pytest
import yaml

from lab import recipes
from lab.recipes import SNIPPETS
from tests.site import parity

SCRIPTS = parity.ROOT / "docs" / "assets" / "javascripts"
ALL = builder.combinations()
CANDIDATES = [name for name, offered in ALL.items() if offered in (True, "not-run")]
# A choice that a recipe was written for -> the files that have to be the recipe's, byte for byte.
IDENTICAL = {
    "wsgi.gunicorn.systemd.nginx-unix": ["gunicorn-gthread-unix/gunicorn.conf.py", "gunicorn-gthread-unix/gunicorn.service", "nginx-unix/django.conf", "project/django.env", "systemd/start.sh"],
    "asgi.gunicorn.systemd.nginx-unix": ["gunicorn-asgi-unix/gunicorn.conf.py", "gunicorn-asgi-unix/gunicorn.service", "nginx-unix/django.conf"],
    "asgi.gunicorn-uvicorn.systemd.nginx-unix": ["gunicorn-uvicorn-unix/gunicorn.conf.py", "gunicorn-uvicorn-unix/gunicorn.service"],
    "asgi.uvicorn.systemd.nginx-unix": ["uvicorn-workers-unix/uvicorn.service", "nginx-unix/django.conf", "uvicorn-workers/requirements.txt"],
    "wsgi.granian.systemd.nginx-tcp": ["granian-wsgi/granian.service", "nginx-tcp/django.conf"],
    "asgi.granian.systemd.none": ["granian-asgi/granian.service", "granian-asgi/check.sh"],
    "wsgi.uwsgi.systemd.nginx-unix": ["uwsgi-unix/uwsgi.ini", "uwsgi-unix/uwsgi.service", "nginx-uwsgi/django.conf"],
    "wsgi.uwsgi.systemd.nginx-tcp": ["uwsgi/uwsgi.ini", "nginx-tcp/django.conf"],
    "wsgi.waitress.systemd.nginx-tcp": ["waitress/waitress.service", "nginx-tcp/django.conf"],
    "asgi.hypercorn.systemd.nginx-tcp": ["hypercorn/hypercorn.service", "nginx-tcp/django.conf"],
    "asgi.hypercorn.supervisor.nginx-tcp": ["hypercorn-supervisor/hypercorn.toml"],
    "asgi.daphne.systemd.nginx-tcp": ["daphne/daphne.service", "nginx-tcp/django.conf"],
    "wsgi.gunicorn.supervisor.nginx-tcp": ["gunicorn-gthread/supervisor.conf", "supervisor/deploy.sh", "supervisor/update.sh"],
    "asgi.uvicorn.supervisor.nginx-tcp": ["supervisor/uvicorn.conf", "supervisor/deploy-one-by-one.sh"],
    "wsgi.gunicorn.container.nginx-tcp": ["containers/gunicorn/Dockerfile", "containers/gunicorn/gunicorn.conf.py", "containers/django.conf", "compose/compose.yaml", "compose/deploy.sh", "containers/.env"],
    "asgi.uvicorn.container.nginx-tcp": ["containers/uvicorn/Dockerfile", "containers/healthcheck.py", "containers/.dockerignore"],
    "wsgi.gunicorn.kubernetes.none": [f"kubernetes/{name}" for name in ("config.yaml", "secret.yaml", "deployment.yaml", "service.yaml", "ingress.yaml", "pdb.yaml", "migrate.yaml", "deploy.sh")],
}


def ask(combinations=ALL, **questions):
    """What the modules answer: {question: answers}."""
    request = {"texts": builder.sources(), "known": builder.comments(), "combinations": combinations, "ask": questions}
    done = subprocess.run(["node", parity.ROOT / "tests" / "tools" / "config.mjs"], input=json.dumps(request), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def choices():
    """name -> choice with the recipe's sizes."""
    return dict(zip(CANDIDATES, ask(choices=CANDIDATES)["choices"]))


@pytest.fixture(scope="module")
def files(choices):
    """name -> its files."""
    return dict(zip(choices, ask(files=list(choices.values()))["files"]))


def test_a_choice_with_a_recipe_gives_the_recipe_byte_for_byte(files):
    for name, sources in IDENTICAL.items():
        made = {file["source"]: file["en"] for file in files[name]}
        for source in sources:
            assert source in made, f"{name} is not made from snippets/{source}."
            assert made[source] == (SNIPPETS / source).read_text("utf-8"), f"{name}: not snippets/{source} as it is."


def test_what_is_not_edited_is_the_recipe_whatever_the_choice(files):
    for name, made in files.items():
        for file in made:
            if not file["edits"]:
                assert file["en"] == (SNIPPETS / file["source"]).read_text("utf-8"), f"{name}: {file['path']}"


def test_every_comment_is_in_japanese(files):
    left = {line for made in files.values() for file in made for line in file["left"] if "python -c" not in line}
    assert not left, f"docs/tools/comments.yml does not have {sorted(left)}."


def test_no_translation_is_left_over(files):
    english = " ".join(" ".join(re.findall(r'(?:[#;] ?|""")(.*)', file["en"])) for made in files.values() for file in made)
    english = " ".join(english.split())
    unused = [text for text in builder.comments() if " ".join(text.split()) not in english and text not in english]
    assert not unused, f"docs/tools/comments.yml translates what no file says: {unused}"


def effective(path, text):
    """What a file means: without comments, parsed where there is a parser for it."""
    if path.endswith(".py"):
        return ast.dump(ast.parse(re.sub(r'(?m)^""".*"""$', "", text)))
    if path.endswith(".toml"):
        return tomllib.loads(text)
    if path.endswith(".yaml"):
        return list(yaml.safe_load_all(text))
    return [line.rstrip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", ";"))]


def test_the_language_and_the_lines_at_the_top_change_comments_only(choices, files):
    finished = dict(zip(choices, ask(finished=list(choices.values()))["finished"]))
    for name, made in files.items():
        for file, japanese in zip(made, finished[name]):
            assert effective(file["path"], file["en"]) == effective(file["path"], japanese["text"]), f"{name}: {file['path']}"
            first, second, rest = japanese["text"].split("\n", 2)
            assert first[1:] == " https://example.org/?a=b" and second[1:] == " ran" and rest == file["ja"]


def test_sizes_change_their_numbers_and_nothing_else(choices):
    other = {"workers": 5, "threads": 7}
    changed = [{part: other.get(part, value) for part, value in choice.items()} for choice in choices.values()]
    for name, before, after in zip(choices, *(ask(files=list(each))["files"] for each in (choices.values(), changed))):
        for old, new in zip(before, after):
            if old["path"] == "deploy.sh" and old["en"] != new["en"]:  # one line for each process
                assert [line for line in new["en"].splitlines() if line not in old["en"].splitlines()]
                continue
            lines = list(zip(old["en"].splitlines(), new["en"].splitlines(), strict=True))
            for ours, theirs in lines:
                if ours != theirs:
                    assert re.sub(r"\d+", "", ours) == re.sub(r"\d+", "", theirs), f"{name}: {old['path']}: {theirs}"
        if sizes := {part: value for part, value in choices[name].items() if part in other}:
            text = "".join(new["en"] for new in after)
            assert all(re.search(rf"\b{other[part]}\b", text) for part in sizes), f"{name}: the sizes arrive nowhere."


def test_no_two_files_of_a_choice_have_the_same_place(files):
    for name, made in files.items():
        paths = [file["path"] for file in made]
        assert len(paths) == len(set(paths)), name


# ---- Addresses ----


def test_every_offered_state_round_trips(choices):
    offered = {name: True for name in CANDIDATES}
    queries = [builder.query({**choice, **{part: 3 for part in ("workers", "threads") if part in choice}}).replace("&channels=no", "") for choice in choices.values()]
    for name, query, found in zip(choices, queries, ask(offered, parse=[f"?{query}" for query in queries])["parse"], strict=True):
        assert (found["key"], found["formatted"], found["changed"]) == (name, reordered(query), [])


def reordered(query):
    """A query in the order that the builder writes."""
    parts = dict(part.split("=") for part in query.split("&"))
    return "&".join(f"{part}={parts[part]}" for part in ("interface", "server", "manager", "proxy", "channels", "workers", "threads") if part in parts)


HOSTILE = [
    "?interface=wsgi&interface=asgi", "?server=__proto__", "?server=constructor&interface=toString", "?proxy=%00", "?interface=%0A%23",
    "?workers=1e9", "?workers=-5", "?workers=0", "?workers=NaN", "?workers=", "?workers=99999999999999999999", "?threads=4&threads=5",
    "?server=<script>alert(1)</script>", "?manager=docker&proxy=apache", "?interface=asgi&server=uwsgi", "?channels=yes&interface=wsgi&server=waitress",
    "?manager=kubernetes&proxy=nginx-unix&server=daphne&interface=asgi&channels=yes", "?a=b", "?" + "x" * 5000, "?interface=" + "w" * 5000, "?%E0%A4%A",
    "?workers=3.5", "?workers=０３", "?workers=3\n# x",
]  # fmt: skip


@pytest.mark.parametrize("search", HOSTILE)
def test_a_hostile_or_outdated_address_gives_something_that_is_offered_and_says_so(search):
    offered = {name: True if name in CANDIDATES else why for name, why in ALL.items()}
    found = ask(offered, parse=[search])["parse"][0]
    assert offered[found["key"]] is True
    assert all(1 <= found["choice"][part] <= 64 for part in ("workers", "threads") if part in found["choice"])
    again = ask(offered, parse=["?" + found["formatted"]])["parse"][0]
    assert (again["choice"], again["changed"]) == (found["choice"], [])
    harmless = search.startswith(("?a=b", "?x"))
    assert harmless or found["changed"] or search == "?%E0%A4%A", "It took something else than it was given and does not say so."
    assert all(len(str(entry["given"])) <= 40 for entry in found["changed"])


def test_an_interface_alone_means_its_usual_server():
    offered = {name: True for name in CANDIDATES}
    found = ask(offered, parse=["?interface=asgi", "?workers=8", ""])["parse"]
    assert [(each["choice"]["interface"], each["choice"]["server"], each["changed"]) for each in found] == [("asgi", "uvicorn", []), ("wsgi", "gunicorn", []), ("wsgi", "gunicorn", [])]
    assert found[1]["choice"]["workers"] == 8


def test_the_nearest_keeps_what_matters_most():
    offered = {name: True if name in CANDIDATES else why for name, why in ALL.items()}
    wanted = {"interface": "wsgi", "server": "gunicorn", "manager": "kubernetes", "proxy": "nginx-unix", "channels": "no"}
    assert ask(offered, nearest=[[wanted, ["manager"]]])["nearest"][0] == {**wanted, "proxy": "none"}
    assert ask(offered, nearest=[[{**wanted, "manager": "supervisor"}, ["manager"]]])["nearest"][0]["proxy"] == "nginx-tcp"
    daphne = {**wanted, "interface": "asgi", "server": "daphne", "manager": "container", "proxy": "nginx-tcp"}
    found = ask(offered, nearest=[[daphne, []], [daphne, ["manager"]], [{**daphne, "server": "nothing"}, ["server"]]])["nearest"]
    assert (found[0]["server"], found[0]["manager"]) == ("daphne", "systemd")
    assert (found[1]["interface"], found[1]["server"], found[1]["manager"]) == ("asgi", "uvicorn", "container")
    assert found[2] is None


# ---- Data ----


def test_the_page_and_the_scripts_know_the_same():
    code = "const {SERVERS, MANAGERS, PROXIES} = await import(process.argv[1]); console.log(JSON.stringify([SERVERS, MANAGERS, PROXIES]))"
    done = subprocess.run(["node", "--input-type=module", "--eval", code, SCRIPTS / "config" / "choices.js"], capture_output=True, text=True, check=True)
    servers, managers, proxies = json.loads(done.stdout)
    config = builder.load(builder.FILE)
    assert {interface: sorted(config["pages"][interface]) for interface in ("wsgi", "asgi")} == {key: sorted(value) for key, value in servers.items()}
    assert (list(config["parts"]["manager"]["values"]), list(config["parts"]["proxy"]["values"])) == (managers, proxies)


def test_only_what_nothing_speaks_against_is_in_the_record():
    """A candidate that has not been run yet is not offered, and the page says so."""
    assert set(builder.recorded()) <= set(CANDIDATES), "Take out of evidence/combinations.json what is no longer there."
    assert {name for name, offered in ALL.items() if offered is True} == set(builder.recorded())


def test_the_record_is_of_the_pinned_versions():
    django = recipes.project_pin("Django")
    for name, found in builder.recorded().items():
        assert found["versions"]["Django"] == django, f"{name} ran with another Django: run scripts/combinations {name}."
        assert found["outcome"] == "serves" and found["restart"] == "answers"
        assert found["processes"] >= found["sizes"].get("workers", 1), name
        assert found.get("https") in ("secure", None), f"{name}: Django does not see that it is HTTPS."


def test_every_outcome_of_the_flowchart_opens_something_that_is_offered():
    outcomes = builder.load(flow.CHOOSE)["outcomes"]
    assert {name for name, outcome in outcomes.items() if "build" not in outcome} == {"windows", "apache"}
    for name, outcome in outcomes.items():
        if build := outcome.get("build"):
            key = ".".join([*(build[part] for part in ("interface", "server", "manager", "proxy")), *(["channels"] if "channels" in build else [])])
            assert ALL[key] is True, f"{name} opens {key}, which is not offered."
            assert (build["interface"].upper(), builder.load(builder.FILE)["parts"]["server"]["values"][build["server"]]["en"]) == (outcome["interface"], outcome["server"])


def test_the_archive_library_is_as_it_was_published():
    folder = SCRIPTS / "vendor" / "fflate-0.8.3"
    expected = "b7ca4450b19559a1d50eb381adcee94b82449674be4cd17789d9beba7e6122a1"
    assert hashlib.sha256((folder / "index.js").read_bytes()).hexdigest() == expected, "fflate was changed: take it from its package as it is."
    assert "Permission is hereby granted" in (folder / "LICENSE.txt").read_text("utf-8")
