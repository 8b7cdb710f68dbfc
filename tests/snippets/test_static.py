"""What /deploy/static/ says about collectstatic, run in a copy of the project."""

import os
import subprocess

import pytest

from lab import recipes, venvs


@pytest.fixture
def project(tmp_path):
    """The project with the settings of snippets/static/manifest.py (Path)."""
    folder = tmp_path / "django"
    recipes.copy_project(folder)
    add(folder, (recipes.SNIPPETS / "static" / "manifest.py").read_text())
    return folder


def add(project, lines):
    """Puts lines at the end of the settings."""
    settings = project / "config" / "settings.py"
    settings.write_text(f"{settings.read_text()}\n{lines}\n")


def collectstatic(project, *arguments):
    """Runs it (subprocess.CompletedProcess)."""
    python = venvs.venv_for(recipes.load("static-gunicorn")) / "bin" / "python"
    environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **recipes.environment_file()}
    command = [str(python), "manage.py", "collectstatic", "--no-input", *arguments]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=60)


def styles(project):
    """Names of the collected style sheets with a hash."""
    return {path.name for path in (project / "staticfiles" / "shop").glob("shop.*.css")}


def test_old_files_stay_until_they_are_cleared(project):
    assert collectstatic(project).returncode == 0
    old = styles(project)
    style = project / "shop" / "static" / "shop" / "shop.css"
    style.write_text(style.read_text() + "\nbody { margin: 1rem }\n")
    assert collectstatic(project).returncode == 0
    both = styles(project)
    assert len(old) == 1 and len(both) == 2 and old < both
    assert collectstatic(project, "--clear").returncode == 0
    assert styles(project) == both - old


def test_references_in_css_are_rewritten(project):
    folder = project / "shop" / "static" / "shop"
    (folder / "paper.png").write_bytes(b"paper")
    style = folder / "shop.css"
    style.write_text(style.read_text() + '\nbody { background: url("paper.png") }\n')
    assert collectstatic(project).returncode == 0
    (name,) = styles(project)
    assert 'url("paper.' in (project / "staticfiles" / "shop" / name).read_text()
    assert 'url("paper.png")' not in (project / "staticfiles" / "shop" / name).read_text()


def test_manifest_strict_does_not_help_against_a_missing_file(project):
    style = project / "shop" / "static" / "shop" / "shop.css"
    style.write_text(style.read_text() + '\nbody { background: url("paper.png") }\n')
    (project / "config" / "storage.py").write_text(
        "from django.contrib.staticfiles.storage import ManifestStaticFilesStorage\n\n\n"
        "class Lenient(ManifestStaticFilesStorage):\n    manifest_strict = False\n"
    )
    add(project, 'STORAGES["staticfiles"]["BACKEND"] = "config.storage.Lenient"')
    done = collectstatic(project)
    assert done.returncode and "The file 'shop/paper.png' could not be found" in done.stderr


def test_uploads_outlive_the_release_that_took_them(tmp_path):
    """Two releases and the link between them, as on /deploy/stop-reload/#symlink."""
    python = venvs.venv_for(recipes.load("static-gunicorn")) / "bin" / "python"
    link = tmp_path / "django"

    def shell(release, code, **environment):
        link.unlink(missing_ok=True)
        link.symlink_to(release)
        code = f"import django; django.setup()\nfrom django.core.files.storage import default_storage as files\n{code}"
        environment |= {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings", **recipes.environment_file()}
        done = subprocess.run([str(python), "-c", code], cwd=link, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    releases = [tmp_path / "releases" / number for number in ("41", "42")]
    for release in releases:
        release.parent.mkdir(exist_ok=True)
        recipes.copy_project(release)
        add(release, (recipes.SNIPPETS / "static" / "media.py").read_text())
    media = {"DJANGO_MEDIA_ROOT": str(tmp_path / "media")}
    save = "from django.core.files.base import ContentFile\nfiles.save('a.txt', ContentFile('kept'))"
    shell(releases[0], save, **media)
    assert shell(releases[1], "print(files.open('a.txt', 'r').read())", **media) == "kept"
    default = shell(releases[1], "print(files.location)")
    assert f"alias {default}/;" in (recipes.SNIPPETS / "nginx-static" / "django.d" / "media.conf").read_text()
    # What the page warns of: BASE_DIR is the folder of the release, although the server was started through the link.
    add(releases[0], 'MEDIA_ROOT = BASE_DIR / "media"')
    assert shell(releases[0], "print(files.location)") == str(releases[0] / "media")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("STATICFILES_DIRS = [STATIC_ROOT]", "The STATICFILES_DIRS setting should not contain the STATIC_ROOT setting."),
        ("STATIC_ROOT = None", "You're using the staticfiles app without having set the STATIC_ROOT setting to a filesystem path."),
    ],
)
def test_a_mistake_in_the_settings_says_what_the_page_says(project, lines, said):
    add(project, lines)
    done = collectstatic(project)
    assert done.returncode and said in done.stderr, done.stderr
