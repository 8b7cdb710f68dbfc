"""Sites to compare with: stock Material with the same pages, and these pages ten times."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from lab.recipes import ROOT

PARTS = ("docs", "overrides", "snippets", "evidence", "mkdocs.yml")
# Of this site's own: what it looks like, what makes it light, its search and what it is published with. The hooks that make the
# pages' content stay.
OWN = ("extra_css", "extra_javascript", "watch")
WITHOUT = ("finish.py", "quick.py", "stale.py", "search.py", "publish.py")


def copy(folder: Path, times: int = 1) -> Path:
    """Copy everything that a build reads to `folder`; `times` times the pages, the copies below docs/copy-2/ and so on."""
    for name in PARTS:
        source = ROOT / name
        shutil.copytree(source, folder / name) if source.is_dir() else shutil.copy(source, folder / name)
    for number in range(2, times + 1):
        for page in (ROOT / "docs").rglob("*.md"):
            target = folder / "docs" / f"copy-{number}" / page.relative_to(ROOT / "docs")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(page, target)
    if times > 1:
        config = folder / "mkdocs.yml"
        config.write_text(many(config.read_text("utf-8"), times), "utf-8")
    return folder


def many(config: str, times: int) -> str:
    """The navigation of mkdocs.yml with each section `times` times."""
    head, nav = config.split("\nnav:\n")
    parts = [nav.rstrip("\n")]
    for number in range(2, times + 1):
        again = re.sub(r"(: )([\w/-]+\.md)", rf"\1copy-{number}/\2", nav.rstrip("\n"))
        parts.append(f"  - copy-{number}:\n" + "\n".join(f"    {line}" for line in again.splitlines()))
    return head + "\nnav:\n" + "\n".join(parts) + "\n"


def stock(folder: Path) -> Path:
    """The same content with stock Material, without its fonts: they come from another host, and so from the network."""
    copy(folder)
    config = (folder / "mkdocs.yml").read_text("utf-8")
    for name in OWN:
        config = re.sub(rf"^{name}:.*\n(?:[ \t#].*\n)*", "", config, flags=re.MULTILINE)
    for name in WITHOUT:
        config = re.sub(rf"^  - overrides/hooks/{re.escape(name)}\b.*\n", "", config, flags=re.MULTILINE)
    config = re.sub(r"^(?:  custom_dir: overrides|    - navigation\.prune)\b.*\n", "", config, flags=re.MULTILINE)
    (folder / "mkdocs.yml").write_text(config, "utf-8")
    return folder


def build(source: Path, target: Path) -> None:
    """Build `source` into `target`; the error says what MkDocs said."""
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run([sys.executable, "-m", "mkdocs", "build", "-d", str(target)], cwd=source, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"The site in {source} was not built: {done.stderr[-2000:]}")
