"""
Run a reader's script on CPython 3.14 where only older Pythons are: as Pyodide, CPython compiled to WebAssembly, under Node.

For what only that Python prints. It has no threads, no sockets and no other processes, so no server runs in it, and what
it cannot show is said on the page. Nothing but a command that names it installs it, so no test needs it:

    scripts/traces --on pyodide --fixes
    python -m lab.live --on pyodide
"""

import functools
import shlex
import subprocess
from pathlib import Path

from lab import recipes, serve, venvs
from lab.errors import LabError

WHERE = "pyodide"  # in place of a recipe, in traces.toml and live.toml
VERSION = "314.0.7"  # of the npm package; the first number is that of CPython
FOLDER = recipes.ROOT / ".cache" / f"pyodide-{VERSION}"
PACKAGE = FOLDER / "node_modules" / "pyodide"
PROGRAM = Path(__file__).with_suffix(".mjs")
PID = 42  # what os.getpid() gives there
ASK = "import platform; print(platform.python_version())"
SAID = "in Pyodide, CPython compiled to WebAssembly, under Node: no threads, no sockets"


def run(running, command):
    """
    Runs a command of the form "python SCRIPT ARGUMENT …" in the folder of a serve.Running that was laid, and waits for its end.

    It gets the packages of the run's virtual environment, those without compiled code. Returns subprocess.CompletedProcess.
    Raises LabError when Pyodide cannot be installed.
    """
    _install()
    packages = next(running.venv.glob("lib/python*/site-packages"))
    arguments = shlex.split(command)[1:]
    return subprocess.run(
        [serve.program("node"), PROGRAM, PACKAGE, running.project, packages, *arguments],
        env=running.environ(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


@functools.cache
def versions():
    """Versions for a header: {"python": "3.14.2", "pyodide": "314.0.7", "node": "20.20.2"}."""
    _install()
    code = f'import {{ loadPyodide }} from "{PACKAGE.as_uri()}/pyodide.mjs"; (await loadPyodide()).runPython({ASK!r})'
    done = subprocess.run([serve.program("node"), "--input-type=module", "--eval", code], capture_output=True, text=True, timeout=120)
    node = subprocess.run([serve.program("node"), "--version"], capture_output=True, text=True).stdout
    if done.returncode:
        raise LabError(f"Pyodide {VERSION} does not start: {done.stderr.strip()}")
    return {"python": done.stdout.strip(), "pyodide": VERSION, "node": node.strip().removeprefix("v")}


def _install():
    if PACKAGE.exists():
        return
    venvs.CACHE.parent.mkdir(parents=True, exist_ok=True)
    command = [serve.program("npm"), "install", "--prefix", str(FOLDER), "--no-audit", "--no-fund", f"pyodide@{VERSION}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise LabError(f"npm could not install pyodide {VERSION}: {' '.join(done.stderr.strip().splitlines()[-3:])}")
