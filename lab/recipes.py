"""Read the recipes under snippets/ and copy their files to where they can run."""

import functools
import re
import shlex
import shutil
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from lab.errors import LabError

ROOT = Path(__file__).resolve().parent.parent
SNIPPETS = ROOT / "snippets"
PROJECT = SNIPPETS / "project"
LEAVE_OUT = shutil.ignore_patterns("__pycache__", "recipe.toml", "db.sqlite3")


@dataclass(frozen=True)
class Recipe:
    """One folder of snippets/ that has a recipe.toml."""

    name: str
    folder: Path
    title: str
    server: str
    interface: str = ""
    install: str = ""
    start: str = ""
    file: str = ""
    address: str = ""
    behind: tuple = ()
    alone: bool = True  # False: only run behind its proxies, e.g. because it does not speak HTTP
    ready: str = ""  # script that succeeds once the recipe works; without it /healthz/ has to answer
    systems: tuple = ("linux", "darwin")  # sys.platform of the systems it runs on
    needs: tuple = ()  # services that the lab starts for it, e.g. ("redis",)
    environment: str = ""  # file with variables to start with beside those of the project's django.env
    overlays: tuple = ()  # folders of snippets/ whose files are laid over the project before the recipe's own
    append: dict = field(default_factory=dict)  # file of the project -> file below snippets/ that is put at its end
    prepare: str = ""  # script to run in the project's folder before the start, e.g. collectstatic
    asks: tuple = ()  # the only behaviours that are asked of it; without it all that make sense
    processes: str = "workers"  # "workers": a main process that has workers; "one": a single process
    replace: dict = field(default_factory=dict)
    changes: dict = field(default_factory=dict)  # name -> what a probe changes in the start command
    checked: dict = field(default_factory=dict)  # file -> how it was checked when the start does not run it
    promises: dict = field(default_factory=dict)

    @property
    def is_proxy(self):
        """True for a recipe that stands in front of another one."""
        return not self.start

    @property
    def unix_socket(self):
        """Path of the Unix socket in the shipped files, or "" for a recipe that listens on TCP."""
        return self.address.removeprefix("unix:") if self.address.startswith("unix:") else ""

    def command(self, changes=()):
        """The start command on one line, as a reader types it, without comments, with the named [changes] made."""
        command = command_line((self.folder / self.start).read_text())
        for name in changes:
            command = _changed(self, command, name)
        return command

    def has(self, file):
        """True when the recipe ships a file of that name, e.g. "reload.sh"."""
        return (self.folder / file).is_file()

    def pins(self):
        """What the recipe's own requirements install, e.g. {"gunicorn": "27.0.1"}."""
        return exact_pins(self.folder / self.install) if self.install else {}


@dataclass(frozen=True)
class Setup:
    """What a record is about: a recipe alone, or a recipe behind a proxy recipe."""

    name: str
    recipe: Recipe
    proxy: Recipe | None = None

    @property
    def promises(self):
        """behaviour -> outcome, as the recipe's recipe.toml promises it for this setup."""
        return self.recipe.promises.get(self.name, {})


def without_comments(script):
    """A shell script without its comment lines and blank lines."""
    lines = [line for line in script.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return "\n".join(lines)


def command_line(script):
    """Joins a shell script of one command (comments, continuation lines) to a single line."""
    return re.sub(r"\s*\\\n\s*", " ", without_comments(script))


def _changed(recipe, command, name):
    if name not in recipe.changes:
        raise LabError(f"snippets/{recipe.name}/recipe.toml has no {name!r} under [changes].")
    change = recipe.changes[name]
    if isinstance(change, str):
        return f"{command} {change}"
    for old, new in change.items():
        if old not in command:
            raise LabError(f"snippets/{recipe.name}/recipe.toml: {name} changes {old!r}, which is not in {command!r}.")
        command = command.replace(old, new)
    return command


def exact_pins(file):
    """The exact pins of a requirements file: {name in lower case: version}."""
    found = re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==([^\s;]+)", file.read_text(), re.M)
    return {name.lower(): version for name, version in found}


def project_pin(package):
    """Version that snippets/project/requirements.txt pins, e.g. "5.2.19" for Django."""
    return exact_pins(PROJECT / "requirements.txt")[package.lower()]


def names():
    """Names of all recipes, sorted."""
    return sorted(path.parent.name for path in SNIPPETS.glob("*/recipe.toml"))


@functools.cache
def load(name):
    """The recipe of that name. Raises LabError for an unknown one and for unknown keys in its recipe.toml."""
    path = SNIPPETS / name / "recipe.toml"
    if not path.is_file():
        raise LabError(f"There is no recipe {name!r} in snippets/. Known recipes: {', '.join(names())}.")
    data = tomllib.loads(path.read_text())
    promises = {name: data.pop("promises", {})}
    for key in [key for key in data if key.startswith("promises-")]:
        promises[f"{name}-{key.removeprefix('promises-')}"] = data.pop(key)
    unknown = set(data) - set(Recipe.__dataclass_fields__)
    if unknown:
        raise LabError(f"snippets/{name}/recipe.toml has unknown keys: {', '.join(sorted(unknown))}.")
    for key in ("behind", "systems", "needs", "overlays", "asks"):
        if key in data:
            data[key] = tuple(data[key])
    return Recipe(name=name, folder=path.parent, promises=promises, **data)


def setups():
    """All setups that run on this system: each server recipe alone, then behind each of its proxies."""
    found = []
    for name in names():
        recipe = load(name)
        if recipe.is_proxy or sys.platform not in recipe.systems:
            continue
        if recipe.alone:
            found.append(Setup(name, recipe))
        found += [Setup(f"{name}-behind-{proxy}", recipe, load(proxy)) for proxy in recipe.behind]
    return found


def setup(name):
    """The setup of that name. Raises LabError for an unknown one."""
    known = {found.name: found for found in setups()}
    if name not in known:
        raise LabError(f"There is no setup {name!r}. Known setups: {', '.join(known)}.")
    return known[name]


def replaced(recipe, values):
    """
    The recipe's files after its [replace] table: path below the recipe's folder -> text.

    `values` fills the {names} in the replacements, e.g. {"address": "127.0.0.1:23456"}.
    Raises LabError when a key of the table occurs in none of the files: the table then no longer
    describes the files, and the lab would start something else than it says.
    """
    texts = files_of(recipe.folder)
    for key, replacement in recipe.replace.items():
        if not any(key in text for text in texts.values()):
            raise LabError(
                f"snippets/{recipe.name}/recipe.toml replaces {key!r}, which occurs in none of the recipe's files. "
                "Mend the [replace] table or the file."
            )
    return {name: filled(recipe, text, values) for name, text in texts.items()}


def files_of(folder):
    """The files that a reader copies from a folder of snippets/, those of its folders too: relative path -> text."""
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "recipe.toml" and "__pycache__" not in path.parts
    }


def filled(recipe, text, values):
    """`text` after the recipe's [replace] table, with the {names} in the replacements filled from `values`."""
    for key, replacement in recipe.replace.items():
        text = text.replace(key, replacement.format(**values))
    return text


def copy_project(destination):
    """Copies snippets/project/ to `destination`, which must not exist."""
    shutil.copytree(PROJECT, destination, ignore=LEAVE_OUT)


def environment_file(text=None):
    """The variables of snippets/project/django.env, or of the text of another such file: name -> value."""
    lines = ((PROJECT / "django.env").read_text() if text is None else text).splitlines()
    pairs = (line.split("=", 1) for line in lines if line.strip() and not line.startswith("#"))
    return {name: "".join(shlex.split(value)) for name, value in pairs}  # without the quotes
