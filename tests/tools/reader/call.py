"""Call the reader from Python: one Node process for many texts."""

import json
import pathlib
import subprocess

DRIVER = pathlib.Path(__file__).with_name("driver.mjs")


def read_all(asked, seconds=300):
    """
    The reader's results for a list of texts (or of {"text", "choice", "seconds"}), in order.

    Raises subprocess errors when Node fails or needs more than `seconds`, ValueError when an answer is missing.
    """
    lines = "".join(json.dumps(item) + "\n" for item in asked)
    ran = subprocess.run(["node", str(DRIVER)], input=lines, capture_output=True, encoding="utf-8", timeout=seconds, check=False)
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    if ran.returncode or len(answers) != len(asked):
        raise ValueError(f"The reader answered {len(answers)} of {len(asked)} texts.\n{ran.stderr}")
    return answers


def exceptions(traceback):
    """All exceptions of an entry, members of groups after the group they belong to."""
    def walk(items):
        for item in items:
            yield item
            yield from walk(item["members"])
    return list(walk(traceback["exceptions"]))


def frames(result):
    """All frames of a result as (file, line, function), in printed order, back slashes as slashes."""
    return [
        (frame["file"].replace("\\", "/"), frame["line"], frame["function"])
        for traceback in result["tracebacks"] for exception in exceptions(traceback) for frame in exception["frames"]
    ]


def patterns(result):
    """The pattern ids of a result, each once."""
    return list(dict.fromkeys(name for traceback in result["tracebacks"] for name in traceback["patterns"]))


def main(result):
    """The last entry that is not a message, or None."""
    entries = [traceback for traceback in result["tracebacks"] if traceback["kind"] != "message"]
    return entries[-1] if entries else None
