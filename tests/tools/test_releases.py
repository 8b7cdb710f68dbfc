"""The look for newer releases: what it compares, and what it says."""

import pytest

from lab import releases


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with two recipes and a site."""
    monkeypatch.setattr(releases, "ROOT", tmp_path)
    for name, text in {
        "requirements.txt": "mkdocs==1.6.1\n# a comment\n",
        "snippets/one/requirements.txt": "gunicorn==27.0.1\n",
        "snippets/two/requirements.txt": "Gunicorn==26.0.0\nuvicorn[standard]==0.54.0\n",
        "docs/servers/projects.yml": "projects:\n  - {name: Gunicorn, package: gunicorn, version: 27.0.1}\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)


NEWEST = {"mkdocs": "1.6.1", "gunicorn": "27.0.1", "uvicorn": "0.55.0"}


def test_every_file_with_versions_is_read(project):
    assert releases.files() == ["requirements.txt", "snippets/one/requirements.txt", "snippets/two/requirements.txt", "docs/servers/projects.yml"]


def test_a_package_is_asked_once_and_old_pins_are_named(project):
    asked = []
    rows = releases.outdated(releases.files(), lambda name: asked.append(name) or NEWEST[name.lower()])
    assert [name.lower() for name in asked] == ["mkdocs", "gunicorn", "uvicorn"]
    assert rows == [
        ("gunicorn", "27.0.1", {"snippets/two/requirements.txt": "26.0.0"}),
        ("uvicorn", "0.55.0", {"snippets/two/requirements.txt": "0.54.0"}),
    ]


def test_it_says_so_and_fails(project, monkeypatch, capsys):
    monkeypatch.setattr(releases, "newest", lambda name: NEWEST[name.lower()])
    assert releases.main([]) == 1
    assert "| uvicorn | 0.55.0 | 0.54.0 in `snippets/two/requirements.txt` |" in capsys.readouterr().out
    assert releases.main(["requirements.txt"]) == 0
    assert "newest" in capsys.readouterr().out


def test_what_pip_does_not_find_is_named(project, monkeypatch, capsys):
    monkeypatch.setattr(releases, "newest", lambda name: "")
    assert releases.main(["requirements.txt"]) == 1
    assert "| mkdocs | not found |" in capsys.readouterr().out
