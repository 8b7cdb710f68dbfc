"""Do both languages say the same at the same address?

    python -m tests.site.parity                   name every difference; exit status 1 if there is one
    python -m tests.site.parity accept STEM ...   state that both sides of docs/choose/index, ... were read together

Pages (`page.ja.md` beside `page.en.md`) must agree section by section in everything but words; data files (`docs/**/*.yml`)
must have in `en` whatever they have in `ja`; and neither side may have changed since somebody last read both together.
That reading is recorded in `docs/translations.lock`: per page or data file, a hash of its Japanese and of its English side.
"""

import hashlib
import re
import sys
from pathlib import Path

import yaml

from tests.site.compare import LANGUAGES, compare_pages, compare_texts
from tests.site.structure import read_page

ROOT = Path(__file__).parents[2]
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C, where PyYAML has it, is ten times as fast
LOCK = "docs/translations.lock"
ACCEPT = "python -m tests.site.parity accept"


def page_stems(root: Path) -> list[str]:
    """Stems such as `docs/choose/index` of every page that exists in at least one language, sorted."""
    return sorted({without_language(path.relative_to(root).as_posix()) for path in root.glob("docs/**/*.md")})


def without_language(path: str) -> str:
    """`docs/choose/index` for `docs/choose/index.ja.md`; anything else stays as it is."""
    return re.sub(r"(\.(ja|en))?\.md$", "", path)


def differing_pages(root: Path, stems: list[str] | None = None) -> list[str]:
    """Compare both sides of the pages `stems` (default: all of them)."""
    problems = []
    for stem in page_stems(root) if stems is None else stems:
        if (root / f"{stem}.md").exists():
            problems.append(f"{stem}.md has no language in its name: call it {stem}.ja.md or {stem}.en.md.")
        sides = [f"{stem}.{language}.md" for language in LANGUAGES]
        there = [path for path in sides if (root / path).exists()]
        if len(there) == 1:
            problems.append(f"{there[0]} has no partner: write {next(path for path in sides if path not in there)}.")
        elif there:
            problems += compare_pages(*(read_page(path, (root / path).read_text("utf-8")) for path in sides))
    return problems


def data_files(root: Path) -> list[str]:
    """Paths such as `docs/choose/flow.yml` of every data file that holds texts in a language, sorted."""
    found = [path.relative_to(root).as_posix() for path in root.glob("docs/**/*.yml")]
    return sorted(path for path in found if any(data_texts(root / path)))


def data_texts(path: Path) -> tuple[list[str], list[str]]:
    """All Japanese and all English texts of a data file, in order."""
    texts = [[text for _, sides in bilingual(path) for text in _texts(sides.get(language))] for language in LANGUAGES]
    return texts[0], texts[1]


def differing_data(root: Path, paths: list[str] | None = None) -> list[str]:
    """Check that every text of the data files `paths` (default: all) is in both languages, with equal code and addresses."""
    problems = []
    for path in data_files(root) if paths is None else paths:
        for line, sides in bilingual(root / path):
            for language in LANGUAGES:
                if language not in sides:
                    problems.append(f"{path}:{line}: this text has no “{language}”: add it.")
            if len(sides) == 2:
                problems += [f"{path}:{line}: {problem}" for problem in compare_texts(*(_texts(sides[x]) for x in LANGUAGES))]
    return problems


def bilingual(path: Path):
    """Every mapping of a YAML file that has a language for a key, as (line, {language: node})."""
    nodes, seen = [yaml.compose(path.read_text("utf-8"), LOADER)], set()
    while nodes:
        node = nodes.pop(0)
        if id(node) in seen:  # an alias (*name) stands for a node that is elsewhere in the file
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            if sides := {key.value: value for key, value in node.value if key.value in LANGUAGES}:
                yield node.start_mark.line + 1, sides
            nodes += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            nodes += node.value


def _texts(node) -> list[str]:
    """Every text under a YAML node, in order."""
    if isinstance(node, yaml.ScalarNode):
        return [node.value.strip()]
    children = [value[1] if isinstance(value, tuple) else value for value in node.value] if node else []
    return [text for child in children for text in _texts(child)]


# --- the last joint reading


def read_lock(root: Path) -> dict[str, tuple[str, str]]:
    """Hashes of the Japanese and of the English side, by page or data file."""
    lines = (root / LOCK).read_text("utf-8").splitlines() if (root / LOCK).exists() else []
    return {stem: (ja, en) for stem, ja, en in (line.split() for line in lines if not line.startswith("#"))}


def sides(root: Path, stem: str) -> dict[str, str]:
    """What a message calls the Japanese and the English side of a page or data file, each with the hash of its content."""
    if stem.endswith(".yml"):
        texts = {f"the “{x}” texts of {stem}": "\0".join(text) for x, text in zip(LANGUAGES, data_texts(root / stem))}
    else:  # reading as text makes all line endings equal; nothing else is evened out
        texts = {f"{stem}.{x}.md": (root / f"{stem}.{x}.md").read_text("utf-8") for x in LANGUAGES}
    return {name: hashlib.sha256(text.encode()).hexdigest()[:16] for name, text in texts.items()}


def unread(root: Path) -> list[str]:
    """Name every page and data file of which a side changed since both were last read together."""
    locked, problems = read_lock(root), []
    complete = [stem for stem in page_stems(root) if all((root / f"{stem}.{x}.md").exists() for x in LANGUAGES)]
    there = complete + data_files(root)
    for stem in there:
        now = sides(root, stem)
        changed = [name for (name, digest), then in zip(now.items(), locked.get(stem, ("", ""))) if digest != then]
        same = [name for name in now if name not in changed]
        way_out = f"read both, then run `{ACCEPT} {stem}`."
        if stem not in locked:
            problems.append(f"{stem} was never read in both languages together: {way_out}")
        elif changed and same:
            problems.append(f"{changed[0]} changed after both languages were last read together, {same[0]} did not: {way_out}")
        elif changed:
            problems.append(f"{changed[0]} and {changed[1]} both changed after they were last read together: {way_out}")
    gone = [stem for stem in locked if stem not in there]
    return problems + [f"{LOCK} lists {stem}, which is gone: run `{ACCEPT} {stem}`." for stem in gone]


def accept(root: Path, names: list[str]) -> list[str]:
    """Record that both sides of the named pages or data files were read together.

    A page may be named by its stem or by either of its files. Returns problems; if there are any, nothing is recorded.
    """
    stems = sorted({without_language(name) for name in names})
    locked, pages, data = read_lock(root), page_stems(root), data_files(root)
    problems = [f"There is no page or data file {stem}: check the name." for stem in stems if stem not in [*pages, *data, *locked]]
    problems += differing_pages(root, [stem for stem in stems if stem in pages])
    problems += differing_data(root, [stem for stem in stems if stem in data])
    if problems:
        return problems
    for stem in stems:
        locked.pop(stem, None)
        if stem in [*pages, *data]:
            locked[stem] = tuple(sides(root, stem).values())
    head = f"# Page or data file, hash of its ja side, of its en side, when both were last read together: {ACCEPT} STEM\n"
    lines = [f"{stem} {ja} {en}\n" for stem, (ja, en) in sorted(locked.items())]
    (root / LOCK).write_text(head + "".join(lines), "utf-8")
    return []


def main(arguments: list[str], root: Path = ROOT) -> int:
    """The command line; returns the exit status."""
    if arguments[:1] == ["accept"] and arguments[1:]:
        problems = accept(root, arguments[1:])
    elif not arguments:
        problems = differing_pages(root) + differing_data(root) + unread(root)
    else:
        problems = [__doc__]
    print("\n".join(problems or ["Both languages agree."]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
