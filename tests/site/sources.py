"""Checks of the sources of the site: what is on a page to be copied is a file that was run, and every such file is on a page."""

import re
import subprocess
import tomllib
from pathlib import Path

from tests.site.structure import INCLUDE, Page, read_page

KANA_KANJI = "[ぁ-んァ-ヶー一-龠々]"
HALFWIDTH = re.compile(rf"{KANA_KANJI}[(:?!]|[)]{KANA_KANJI}|[(]{KANA_KANJI}|{KANA_KANJI}[)]")
# Code, the address of a link, HTML, ids: what STYLE.md's rule on punctuation does not speak of.
NOT_PROSE = re.compile(r"`[^`]*`|\]\([^)]*\)|<[^>]*>|\{[^}]*\}|https?://\S+")

# Files of a recipe that no page needs to show, with the reason.
NOT_SHOWN: dict[str, str] = {}

# Folders of one person's or one machine: they mean nothing to a reader.
PRIVATE = re.compile(r"(?<![\w.*-])/(?:home/[\w.-]+|Users/[\w.-]+|root|workspace)/[\w.-]+")


def read_pages(root: Path) -> list[Page]:
    """Every page of `docs/` in every language."""
    paths = sorted(root.glob("docs/**/*.md"))
    return [read_page(path.relative_to(root).as_posix(), path.read_text("utf-8")) for path in paths]


def includes(page: Page) -> list[tuple[str, int]]:
    """(file or file:section below snippets/, line) of everything the page includes."""
    mentions = [mention for section in page.sections.values() for group in section.mentions for mention in group]
    outside = [(re.findall("“(.+)”", what)[0], line) for what, line in mentions if what.startswith("include of ")]
    return outside + [(name, fence.line) for fence in page.fences for name in INCLUDE.findall(fence.code)]


def typed_code(pages: list[Page]) -> list[str]:
    """Code on a page that is not included from snippets/. Output of programs comes from evidence/ by a shortcode, never by a fence."""
    problems = []
    for page in pages:
        for fence in page.fences:
            lines = [line for line in fence.code.split("\n") if line.strip()]
            if lines and all(INCLUDE.fullmatch(line) for line in lines):
                continue
            what = f"{fence.language} code" if fence.language else "code without a language"
            problems.append(f"{page.path}:{fence.line}: {what} is typed by hand: put it into a file below snippets/ and include it.")
    return problems


def halfwidth_punctuation(root: Path) -> list[str]:
    """Lines of Japanese pages where a half-width bracket, colon or question mark touches Japanese text."""
    problems = []
    for path in sorted(root.glob("docs/**/*.ja.md")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            prose = NOT_PROSE.sub("x", line)
            if found := HALFWIDTH.search(prose):
                where = path.relative_to(root).as_posix()
                problems.append(f"{where}:{number}: “{found[0]}” is half width beside Japanese: write （）：？ as STYLE.md says.")
    return problems


def missing_includes(root: Path, pages: list[Page]) -> list[str]:
    """Includes of files or sections that do not exist."""
    problems = []
    for page in pages:
        for name, line in includes(page):
            path, _, section = name.partition(":")
            file = root / "snippets" / path
            if not file.is_file():
                problems.append(f"{page.path}:{line}: snippets/{path} does not exist: correct the include or add the file.")
            elif section and not re.fullmatch(r"[\d:]*", section) and f"[start:{section}]" not in file.read_text("utf-8"):
                problems.append(f"{page.path}:{line}: snippets/{path} has no section “{section}”: mark it there or include all of it.")
    return problems


def unshown_files(root: Path, pages: list[Page], not_shown: dict[str, str] = NOT_SHOWN) -> list[str]:
    """Files of recipes that are on no page in one of the languages, and entries of `not_shown` without use.

    A file counts as shown when one of the same name and content is: two recipes may well stop by the same command.
    """
    snippets = root / "snippets"
    shown = {}
    for lang in ("ja", "en"):
        names = {name.partition(":")[0] for page in pages if page.path.endswith(f".{lang}.md") for name, _ in includes(page)}
        shown[lang] = {((snippets / name).name, (snippets / name).read_bytes()) for name in names if (snippets / name).is_file()}
    missing, starts = {}, set()
    for manifest in sorted(snippets.glob("*/recipe.toml")):
        start = tomllib.loads(manifest.read_text("utf-8")).get("start")
        for file in sorted(path for path in manifest.parent.rglob("*") if path.is_file() and path != manifest):
            languages = [lang for lang in shown if (file.name, file.read_bytes()) not in shown[lang]]
            if languages and "__pycache__" not in file.parts:
                missing[file.relative_to(snippets).as_posix()] = " and ".join(languages)
            if file.name == start:
                starts.add(file.relative_to(snippets).as_posix())
    problems = []
    for name, languages in missing.items():
        if name in starts:
            problems.append(f"snippets/{name} starts a recipe and is on no page in {languages}: include it.")
        elif name not in not_shown:
            problems.append(f"snippets/{name} is on no page in {languages}: include it, delete it, "
                            "or list it with the reason in NOT_SHOWN of tests/site/sources.py.")
    return problems + [f"NOT_SHOWN in tests/site/sources.py lists {name}, which is shown or gone: take it out."
                       for name in not_shown if name not in missing]


def tracked_files(root: Path) -> list[Path]:
    """Files that are, or would be, committed."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.split("\0")
    return [root / name for name in names if name and (root / name).is_file()]


def private_paths(root: Path, files: list[Path]) -> list[str]:
    """Absolute paths of somebody's own machine in text files."""
    problems = []
    for file in files:
        try:
            text = file.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # not a text
        for found in PRIVATE.finditer(text):
            place = f"{file.relative_to(root).as_posix()}:{text.count(chr(10), 0, found.start()) + 1}"
            problems.append(f"{place}: “{found[0]}” is a path of one machine: write it as it would be on the reader's.")
    return problems
