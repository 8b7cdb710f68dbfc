"""How lab/images.py reads a Dockerfile; what it does with it is asked in tests/snippets/test_containers.py."""

import pytest

from lab import containers, images
from lab.errors import LabError

DOCKERFILE = """\
# A comment
FROM python:3.13 AS build
RUN one \\
    # a comment in between
    --and two

CMD ["a", "b"]
"""


def test_instructions_are_joined_and_comments_left_out():
    assert images.instructions(DOCKERFILE) == [("FROM", "python:3.13 AS build"), ("RUN", "one --and two"), ("CMD", '["a", "b"]')]


def test_a_command_without_brackets_gets_a_shell():
    assert images.command('["a", "b c"]') == ("a", "b c")
    assert images.command("a 'b c'") == ("/bin/sh", "-c", "a 'b c'")


def test_options_come_before_the_rest():
    assert images.options("--from=build --chown=1:1 /a /b") == ({"from": "build", "chown": "1:1"}, "/a /b")
    assert images.options("/a /b") == ({}, "/a /b")


def test_an_exception_in_dockerignore_is_refused_and_not_misread():
    with pytest.raises(LabError, match="exceptions"):
        images.ignores("*.env\n!example.env\n")


def test_a_pattern_holds_where_docker_says():
    ignored = images.ignores("*.env\n**/__pycache__\nmedia/\n")
    assert [path for path in ("a.env", "b/a.env", "__pycache__", "b/c/__pycache__/d", "media/a", "multimedia/a") if ignored(path)] == [
        "a.env", "__pycache__", "b/c/__pycache__/d", "media/a"
    ]  # fmt: skip


def test_an_unknown_instruction_is_named():
    with pytest.raises(LabError, match="does not know ONBUILD"):
        images._described(None, None, "ONBUILD", "RUN x")


def test_quotes_stay_in_an_env_file():
    assert containers.raw_environment("# no\nA='b=c'\n\nD=e f\n") == {"A": "'b=c'", "D": "e f"}
