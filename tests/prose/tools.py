"""Runs textlint, cspell and markdownlint, each in one process over all files, and says what they found by file and line."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import yaml

from tests.prose import glossary
from tests.prose.texts import Text, Together, pieces, texts
from tests.site.compare import LANGUAGES

HERE = Path(__file__).parent
# textlint takes time by the square of a text's length: sentence-splitter copies all that precedes a paragraph. Pieces of this many
# characters take a third of the time that whole files take.
PIECE = 3000
MODULES = HERE / "node_modules"
# A tool reads a megabyte of text in many small pieces: with room for them, Node collects garbage a tenth as often.
NODE = ["node", "--max-semi-space-size=64"]
TEXTLINT = "textlint/bin/textlint.js"
CSPELL = "cspell/bin.mjs"
MARKDOWNLINT = "markdownlint-cli2/markdownlint-cli2-bin.mjs"


def install() -> None:
    """Install the tools that package-lock.json names, if they are not there yet. RuntimeError says what to do when that fails."""
    wanted = (HERE / "package-lock.json").read_bytes()
    stamp = MODULES / ".installed"
    there = stamp.exists() and stamp.read_bytes() == wanted
    for program in ["node"] if there else ["node", "npm"]:
        if not shutil.which(program):
            raise RuntimeError(f"{program} was not found: run scripts/programs, or install Node.js 18 or newer with npm.")
    if there:
        return
    done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=HERE, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"npm could not install the tools of tests/prose/package.json: {' '.join(done.stderr.split())[-300:]}")
    stamp.write_bytes(wanted)


def japanese(folder: Path) -> list[str]:
    """The command that reads the Japanese texts for grammar and spacing."""
    settings = yaml.safe_load((HERE / "textlint.yml").read_text("utf-8"))
    return _textlint(folder, "japanese", settings["rules"], "ja")


def terms(folder: Path, words: dict) -> list[str]:
    """The command that reads both languages for the words of the glossary.

    prh tries all examples anew for each file, so all texts of a language are one: that takes a second instead of ten.
    """
    rules = {}
    for language in LANGUAGES:
        rules |= {json.dumps(rule): rule for rule in glossary.rules(words, language)}  # names are in both
    prh = folder / "prh.yml"
    prh.write_text(yaml.safe_dump({"version": 1, "rules": list(rules.values())}, allow_unicode=True, sort_keys=False), "utf-8")
    return _textlint(folder, "terms", {"prh": {"rulePaths": [str(prh)]}}, *(f"{language}.txt" for language in LANGUAGES))


def _textlint(folder: Path, name: str, rules: dict, *files: str) -> list[str]:
    config = folder / f"{name}.json"
    config.write_text(json.dumps({"rules": rules}), "utf-8")
    return [TEXTLINT, "--config", str(config), "--rules-base-directory", str(MODULES), "--format", "json", *files]


def spelling(folder: Path, words: dict) -> list[str]:
    """The command that reads the English texts, and the Latin words of the Japanese ones, for spelling."""
    settings = yaml.safe_load((HERE / "cspell.yml").read_text("utf-8"))
    config = folder / "cspell.json"
    config.write_text(json.dumps(settings | {"words": glossary.words(words)}), "utf-8")
    options = ["--no-progress", "--no-summary", "--no-gitignore", "--root", str(folder), "--config", str(config)]
    return [CSPELL, "lint", *options, "en/**", "ja/**"]


def markdown(files: list[str]) -> list[str]:
    """The command that reads the pages as they are: blank lines, lists, tables, headings."""
    named = [name for name in files if name.endswith(".md")] if files else ["docs/**/*.md", "*.md"]
    return [MARKDOWNLINT, "--config", str(HERE / ".markdownlint-cli2.yaml"), *named]


CHECKS = ("japanese", "terms", "spelling", "markdown")


def run(root: Path, checks: list[str], files: list[str] | None = None, more: list[Text] | None = None) -> dict[str, list[str]]:
    """Sentences such as `docs/index.ja.md:8: … (rule)` by check. `files` (default: all) are paths below `root`; `more` is read with them."""
    install()
    words = glossary.read(root)
    found = [text for text in texts(root) if not files or text.path in files] + (more or [])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        there = {}
        for text in found:
            for number, piece in enumerate(pieces(text, PIECE)):
                there[_write(folder / text.language / f"{text.path}.{number}.md", piece.markdown())] = piece
        for language in LANGUAGES:
            together = Together(text for text in found if text.language == language)
            there[_write(folder / f"{language}.txt", together.words())] = together
        commands = {
            "japanese": lambda: japanese(folder),
            "terms": lambda: terms(folder, words),
            "spelling": lambda: spelling(folder, words),
            "markdown": lambda: markdown(files or []),
        }
        started = {check: _start(commands[check](), root if check == "markdown" else folder) for check in checks}
        return {check: _problems(check, *process.communicate(timeout=300), process.returncode, there, folder) for check, process in started.items()}


def _write(file: Path, text: str) -> str:
    """Write a text to where a tool reads it; returns that path."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return str(file)


def _start(command: list[str], folder: Path) -> subprocess.Popen:
    program = [*NODE, str(MODULES / command[0]), *command[1:]]
    return subprocess.Popen(program, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"NO_COLOR": "1"})


def _problems(check: str, output: str, errors: str, status: int, there: dict[str, Text], folder: Path) -> list[str]:
    """What a tool printed, by the lines of the files that people edit."""
    if check in ("japanese", "terms"):
        start = output.find("[{")
        if start < 0:
            return [] if status == 0 else [_failure("textlint", errors or output)]
        reports, _ = json.JSONDecoder().raw_decode(output[start:])
        found = [(there[report["filePath"]].place(message["line"]), message) for report in reports for message in report["messages"]]
        return [f"{place}: {_short(message['message'])} ({message['ruleId']})" for place, message in found]
    if check == "spelling":
        lines = re.findall(r"^(\S+?):(\d+):\d+ - (.+)$", output, re.M)
        found = [(there[str(folder / path)], int(line), message) for path, line, message in lines]
        problems = [f"{text.place(line)}: {message} (cspell)" for text, line, message in found]
    else:
        problems = [line.removeprefix("../../") for line in errors.splitlines() if re.search(r":\d+.* MD\d+", line)]
    if status and not problems:
        return [_failure(check, errors or output)]
    return problems


def _failure(name: str, output: str) -> str:
    """What a tool that could not do its work says; prh names the rule of the glossary whose example fails."""
    said = re.search(r"^.*Error: (.+?)(?:\n\s+at |\Z)", output, re.M | re.S)
    return f"{name} failed: {' '.join((said[1] if said else output).split())[-500:]}"


def _short(message: str) -> str:
    """The first line of a message of textlint; the rest are advice and addresses."""
    return re.sub(r"^Line \d+ ", "", message.strip().split("\n")[0])
