"""
Say which pinned packages have a newer release: what scripts/releases runs, here and once a week on CI.

    python -m lab.releases                       every requirements file, and docs/servers/projects.yml
    python -m lab.releases FILE …                only these

Prints a table in Markdown. The newest release is the newest that the running Python can install, as pip sees it.
"""

import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
PROJECTS = "docs/servers/projects.yml"


def files():
    """The files that hold versions, relative to the project."""
    requirements = [*ROOT.glob("requirements*.txt"), *ROOT.glob("snippets/*/requirements*.txt")]
    return [*sorted(str(path.relative_to(ROOT)) for path in requirements), PROJECTS]


def pins(file):
    """What a file pins: {package name: version}."""
    text = (ROOT / file).read_text(encoding="utf-8")
    if file.endswith(".yml"):
        return {project["package"]: str(project["version"]) for project in yaml.safe_load(text)["projects"]}
    return dict(re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==([^\s;]+)", text, re.M))


def newest(package):
    """The newest version of a package that pip would install, or "" when pip finds none."""
    command = [sys.executable, "-m", "pip", "index", "versions", "--disable-pip-version-check", package]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    found = re.match(r"\S+ \(([^)]+)\)", done.stdout)
    return found[1] if found else ""


def outdated(names, ask=None):
    """One row (package, newest version, pins as {file: version}) per package that is not pinned to its newest version."""
    wanted = {}  # package in lower case -> (its name, {file: version})
    for file in names:
        for package, version in pins(file).items():
            wanted.setdefault(package.lower().replace("_", "-"), (package, {}))[1][file] = version
    rows = []
    for package, where in wanted.values():
        latest = (ask or newest)(package)
        old = {file: version for file, version in where.items() if version != latest}
        if old:
            rows.append((package, latest or "not found", old))
    return rows


def main(arguments):
    """Command line. Returns the exit status: 1 when something is outdated."""
    rows = outdated(arguments or files())
    if not rows:
        print("Every pinned version is the newest.")
        return 0
    print("| package | newest | pinned |\n|---|---|---|")
    for package, latest, old in rows:
        print(f"| {package} | {latest} | {', '.join(f'{version} in `{file}`' for file, version in old.items())} |")
    print("\nRaise the pin, run scripts/record for the recipes that install it, read the difference, and mend the pages.")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
