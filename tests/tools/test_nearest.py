"""What 404.html proposes for an address that is not there; a mistyped or outdated one has to lead to its page."""

import json
import pathlib
import subprocess

import pytest

PAGES = [
    ["", "ホーム"], ["choose/", "決定フローチャート"], ["choose/wsgi-or-asgi/", "WSGI か ASGI か"], ["servers/", "サーバー一覧"], ["servers/gunicorn/", "Gunicorn"],
    ["servers/gunicorn-uvicorn/", "Gunicorn と Uvicorn"], ["servers/uvicorn/", "Uvicorn"], ["servers/uwsgi/", "uWSGI"], ["servers/mod-wsgi/", "mod_wsgi"],
    ["deploy/", "デプロイの手引き"], ["deploy/nginx/", "nginx"], ["deploy/timeouts/", "タイムアウト"], ["deploy/stop-reload/", "停止と再読み込み"],
    ["deploy/db-connections/", "データベース接続"], ["deploy/https-proxy/", "プロキシの後ろの HTTPS"], ["troubleshoot/stack-traces/", "スタックトレースの読み方"],
    ["troubleshoot/stack-traces/patterns/", "スタックトレースのパターン集"], ["evidence/gunicorn-gthread/", "gunicorn-gthread"],
]  # fmt: skip
# asked, proposed first
ASKED = [
    ("servers/gunicron/", "servers/gunicorn/"),
    ("gunicorn", "servers/gunicorn/"),
    ("Servers/Gunicorn", "servers/gunicorn/"),
    ("servers/gunicorn.html", "servers/gunicorn/"),
    ("servers/gunicorn/index.html", "servers/gunicorn/"),
    ("servers/gunicorn.ja.md", "servers/gunicorn/"),
    ("ja/servers/gunicorn/", "servers/gunicorn/"),
    ("servers/mod_wsgi/", "servers/mod-wsgi/"),
    ("server/uvicorn/", "servers/uvicorn/"),
    ("deploy/ngnix/", "deploy/nginx/"),
    ("nginx", "deploy/nginx/"),
    ("deploy/timeout", "deploy/timeouts/"),
    ("docs/deploy/stop-reload/", "deploy/stop-reload/"),
    ("deploy/database-connections/", "deploy/db-connections/"),
    ("troubleshoot/stacktraces/", "troubleshoot/stack-traces/"),
    ("%E3%82%BF%E3%82%A4%E3%83%A0%E3%82%A2%E3%82%A6%E3%83%88", "deploy/timeouts/"),
]
NOTHING = ["wp-login.php", "", "%", "favicon.ico", "zzzz/qqqq/"]


def seen(asked: list[str]) -> list[dict]:
    """{normal, words, found} per address asked for."""
    driver = pathlib.Path(__file__).with_name("nearest.mjs")
    ran = subprocess.run(["node", str(driver)], input=json.dumps({"pages": PAGES, "asked": asked}), capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_nearest_page_comes_first():
    answers = seen([path for path, _ in ASKED])
    wrong = [f"{path}: {answer['found'][:3]}, not {first}" for (path, first), answer in zip(ASKED, answers) if answer["found"][:1] != [first]]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", NOTHING)
def test_nothing_is_proposed_for_what_is_nothing(path):
    assert seen([path])[0]["found"] == []


def test_words_are_searched_for_without_the_language():
    assert [answer["words"] for answer in seen(["en/servers/gunicorn-workers.html", "EN/Foo_Bar"])] == ["servers gunicorn workers", "foo bar"]
