"""Say above every included snippet which file it is, and below it with which versions it ran and where to mend it.

A fence whose whole body is one include line gets the file's name as its title and its path below
snippets/ as `data-snippet`, so that a reader knows what to call the file and a test can compare the
copy button's text with it. A file of a recipe is followed by one line from the recipe's record; a file
that the recipe's start does not run says what was done with it instead (`[checked]` in recipe.toml).
"""

import re

from mkdocs.exceptions import PluginError

import mend
import records
from data import ROOT, Missing
from place import Place

FENCE = re.compile(
    r'^(?P<indent> *)(?P<ticks>`{3,})(?P<language>[\w-]*)(?P<options>[^\n{}]*)\n'
    r'(?P=indent)(?P<include>--8<-- "(?P<path>[^"\n]+)")\n'
    r'(?P=indent)(?P=ticks) *$',
    re.MULTILINE,
)

CHECKED = {
    "systemd-analyze": {"ja": "systemd-analyze verify で検査（systemd の下では未実行）", "en": "Checked with systemd-analyze verify, not run under systemd"},
    "systemd": {"ja": "systemd の下で起動するテストあり", "en": "A test runs it under systemd"},
    "supervisor": {"ja": "Supervisor の下で起動するテストあり", "en": "A test starts it under Supervisor"},
    "syntax": {"ja": "構文だけを検査", "en": "Only its syntax is checked"},
}


def on_page_markdown(markdown, page, config, files):
    """Title and caption the fences that hold one include (MkDocs hook)."""
    place = Place.of(page)

    def fence(match):
        path = match["path"]
        name = path.split(":")[0].rsplit("/", 1)[-1]
        options = match["options"].strip()
        if "title=" not in options:
            options = f'title="{name}" {options}'.strip()
        indent, ticks = match["indent"], match["ticks"]
        try:
            below = f'{caption(place, path.split(":")[0])} {mend.for_snippet(place, config, path)}'.strip()
        except Missing as error:
            raise PluginError(f"{place.path}: {path}: {error}") from error
        return (
            f'{indent}{ticks} {{ .{match["language"]} {options} data-snippet="{path}" }}\n'
            f'{indent}{match["include"]}\n{indent}{ticks}\n\n{indent}{below}\n'
        )

    return FENCE.sub(fence, markdown)


def caption(place, path: str) -> str:
    """What is said below the file at `path` (below snippets/); "" for a file that no setup with records uses."""
    folder, _, name = path.partition("/")
    is_recipe = (ROOT / "snippets" / folder / "recipe.toml").exists()
    manager = "systemd" if name.endswith((".service", ".socket")) else "supervisor" if name == "supervisor.conf" else ""
    managed = f"{folder}-under-{manager}"  # where the file ran for real
    if managed in records.setups() and records.recorded(managed):
        return _ran(place, managed)
    how = records.recipe(folder).get("checked", {}).get(name) if is_recipe else None
    if how := how or {"systemd": "systemd-analyze"}.get(manager, manager):
        if how not in CHECKED:
            raise Missing(f"snippets/{folder}/recipe.toml checks {name} by {how!r}; use one of {', '.join(CHECKED)}.")
        return f'<span class="ran caption">{place.text(CHECKED[how])}</span>'
    # containers/uvicorn/Dockerfile: containers-uvicorn; supervisor/uvicorn.conf: uvicorn-under-supervisor
    named = ["-".join(path.split("/")[:2]), f"{name.partition('.')[0]}-under-{folder}"]
    using = [setup for setup in records.setups() if setup in named or _uses(setup, folder, is_recipe)]
    setup = next((setup for setup in sorted(using, key=lambda setup: setup not in named) if records.recorded(setup)), None)
    return _ran(place, setup) if setup else ""


def _ran(place, setup: str) -> str:
    return records.tested_link(place, setup, "ran", "caption")


def _uses(setup: str, folder: str, is_recipe: bool) -> bool:
    """Whether a setup runs the recipe, alone, behind or as a proxy. What is no recipe: `logging/` is for `logging-gunicorn`
    and the like, `systemd/` for whatever runs under systemd."""
    if is_recipe:
        return folder in re.split("-(?:behind|under)-", setup)
    return setup.startswith(f"{folder}-") or setup.endswith(f"-under-{folder}")
