"""The readers' virtual environments: what a recipe's requirements files install, built once and kept in .cache/."""

import contextlib
import fcntl
import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from types import SimpleNamespace

from lab.errors import LabError
from lab.recipes import PROJECT, ROOT

CACHE = ROOT / ".cache" / "venvs"


@dataclass(frozen=True)
class Base:
    """What a recipe runs on: an interpreter (the running one when none is named) and a Django (the project's pin)."""

    python: str = ""
    django: str = ""


def requirements(recipe, django=""):
    """What a reader of the recipe installs: the text of the requirements files, with another Django when one is named."""
    text = (PROJECT / "requirements.txt").read_text()
    if django:
        text = re.sub(r"(?m)^Django==.*$", f"Django=={django}", text)
    if recipe.install:
        text += "\n" + (recipe.folder / recipe.install).read_text()
    return text


def venv_for(recipe, base=Base()):
    """
    Folder of the virtual environment for a recipe, built when it is not there yet.

    Raises LabError with pip's last lines when the installation fails.
    """
    python = shutil.which(base.python or sys.executable)
    version = _version(python) if python else ""
    if not version:
        raise LabError(f"There is no Python {base.python!r} that runs: name another with --python.")
    wanted = requirements(recipe, base.django)
    key = hashlib.sha256("\n".join([version, python, wanted]).encode())
    folder = CACHE / key.hexdigest()[:16]
    CACHE.mkdir(parents=True, exist_ok=True)
    (CACHE.parent / ".gitignore").write_text("*\n")
    with locked(folder.with_suffix(".lock")):
        if not (folder / "complete").exists():
            _build(folder, python, wanted, recipe, base)
    return folder


def _version(python):
    done = subprocess.run([python, "-VV"], capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else ""


@contextlib.contextmanager
def locked(path):
    """Context manager: of several processes that need the same thing, one makes it and the others wait."""
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build(folder, python, wanted, recipe, base):
    shutil.rmtree(folder, ignore_errors=True)
    # Without a pip of its own, which takes as long to install as most servers.
    subprocess.run([python, "-m", "venv", "--without-pip", str(folder)], check=True)
    (folder / "requirements.txt").write_text(wanted)
    if recipe.install:  # What the project itself needs is the same everywhere: installed and compiled once, then linked.
        project = venv_for(SimpleNamespace(name="project", folder=PROJECT, install=""), base)
        shutil.copytree(_packages(project), _packages(folder), copy_function=os.link, dirs_exist_ok=True)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python")]
    pip += ["install", "--disable-pip-version-check", "--quiet", "--requirement", str(folder / "requirements.txt")]
    done = subprocess.run(pip, capture_output=True, text=True)
    if done.returncode:
        raise LabError(f"pip could not install what snippets/{recipe.name} needs: " + " ".join(done.stderr.strip().splitlines()[-3:]))
    (folder / "complete").touch()


def _packages(folder):
    return next(folder.glob("lib/python*/site-packages"))


@functools.cache
def versions(folder, *packages):
    """Versions in a virtual environment: {"python": "3.11.7", "django": "5.2.19", …}, keys in lower case."""
    code = (
        "import json, platform, sys; from importlib.metadata import version; "
        "print(json.dumps({'python': platform.python_version(), **{p.lower(): version(p) for p in sys.argv[1:]}}))"
    )
    command = [str(folder / "bin" / "python"), "-c", code, *packages]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@functools.cache
def standard_library(folder):
    """Where the Python of a virtual environment has its standard library: a path as text."""
    command = [str(folder / "bin" / "python"), "-c", "import sysconfig; print(sysconfig.get_path('stdlib'))"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
