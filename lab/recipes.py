"""Read the recipes under snippets/ and copy their files to where they can run."""

import re
import shlex
import shutil
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
    replace: dict = field(default_factory=dict)
    promises: dict = field(default_factory=dict)

    @property
    def is_proxy(self):
        """True for a recipe that stands in front of another one."""
        return not self.start

    @property
    def unix_socket(self):
        """Path of the Unix socket in the shipped files, or "" for a recipe that listens on TCP."""
        return self.address.removeprefix("unix:") if self.address.startswith("unix:") else ""

    def command(self):
        """The start command on one line, as a reader types it, without comments."""
        return command_line((self.folder / self.start).read_text())

    def pinned_version(self):
        """Version of the server in the recipe's requirements, e.g. "27.0.1"; "" when it is not pinned there."""
        return _pin(self.folder / self.install, self.server) if self.install else ""


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


def _pin(file, package):
    found = re.search(rf"^{re.escape(package)}(?:\[[^]]*\])?==(\S+)", file.read_text(), re.M | re.I)
    return found.group(1) if found else ""


def project_pin(package):
    """Version that snippets/project/requirements.txt pins, e.g. "5.2.19" for Django; "" when it does not."""
    return _pin(PROJECT / "requirements.txt", package)


def names():
    """Names of all recipes, sorted."""
    return sorted(path.parent.name for path in SNIPPETS.glob("*/recipe.toml"))


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
    data["behind"] = tuple(data.get("behind", ()))
    return Recipe(name=name, folder=path.parent, promises=promises, **data)


def setups():
    """All setups: each server recipe alone, then behind each of its proxies."""
    found = []
    for name in names():
        recipe = load(name)
        if recipe.is_proxy:
            continue
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
    The recipe's files after its [replace] table: file name -> text.

    `values` fills the {names} in the replacements, e.g. {"address": "127.0.0.1:23456"}.
    Raises LabError when a key of the table occurs in none of the files: the table then no longer
    describes the files, and the lab would start something else than it says.
    """
    texts = {
        path.name: path.read_text()
        for path in sorted(recipe.folder.iterdir())
        if path.is_file() and path.name != "recipe.toml"
    }
    for key, replacement in recipe.replace.items():
        if not any(key in text for text in texts.values()):
            raise LabError(
                f"snippets/{recipe.name}/recipe.toml replaces {key!r}, which occurs in none of the recipe's files. "
                "Mend the [replace] table or the file."
            )
        new = replacement.format(**values)
        texts = {name: text.replace(key, new) for name, text in texts.items()}
    return texts


def copy_project(destination):
    """Copies snippets/project/ to `destination`, which must not exist."""
    shutil.copytree(PROJECT, destination, ignore=LEAVE_OUT)


def environment_file():
    """The variables of snippets/project/django.env, which a reader's server starts with: name -> value."""
    lines = (PROJECT / "django.env").read_text().splitlines()
    pairs = (line.split("=", 1) for line in lines if line.strip() and not line.startswith("#"))
    return {name: "".join(shlex.split(value)) for name, value in pairs}  # without the quotes
