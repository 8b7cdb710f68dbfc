"""Read the prose of the site with the tools for it.

    python -m tests.prose                     every check of every text
    python -m tests.prose CHECK               one of japanese, terms, spelling, markdown
    python -m tests.prose [CHECK] FILE ...    of the named files only
    python -m tests.prose table               write the glossary's terms into STYLE.md

Needs Node.js with npm; the tools are installed into tests/prose/node_modules when they are missing or have changed.
"""

import sys
from pathlib import Path

from tests.prose import glossary, tools
from tests.site.parity import ROOT


def main(arguments: list[str]) -> int:
    """The command line; returns the exit status."""
    if arguments == ["table"]:
        (ROOT / glossary.STYLE).write_text(glossary.in_style(ROOT, glossary.read(ROOT)), "utf-8")
        return 0
    checks = [name for name in arguments if name in tools.CHECKS] or list(tools.CHECKS)
    files = [name for name in arguments if name not in tools.CHECKS]
    if unknown := [name for name in files if not (ROOT / name).is_file()]:
        print(f"There is no file or check {unknown[0]}.\n\n{__doc__}")
        return 2
    try:
        found = tools.run(ROOT, checks, [Path(name).as_posix() for name in files])
    except (RuntimeError, ValueError) as error:  # no Node.js, a rule without an example
        print(error)
        return 2
    problems = [problem for check in checks for problem in found[check]]
    print("\n".join(problems or ["The prose is in order."]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
