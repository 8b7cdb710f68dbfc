// Runs a script of a project in Pyodide: node pyodide.mjs FOLDER_OF_PYODIDE PROJECT SITE_PACKAGES SCRIPT ARGUMENT…
// The environment of this process is the script's. lab/pyodide.py calls it.
import { pathToFileURL } from "node:url";

const [folder, project, packages, ...command] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const python = await loadPyodide({ env: { ...process.env, HOME: "/home/pyodide" } });

function mount(from, to) {
  python.FS.mkdirTree(to);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: from }, to);
}

mount(project, "/srv/django");
mount(packages, "/packages");
python.globals.set("command", python.toPy(command));
// Not left to end by itself: what Pyodide keeps open would keep Node running.
process.exit(python.runPython(`
import asyncio, os, runpy, sys


class Loop(asyncio.SelectorEventLoop):
    """
    asyncio's event loop, and not the one of a browser that Pyodide brings: what is printed is to be what CPython prints.

    Without the pair of sockets by which threads wake it, as WebAssembly has neither threads nor sockets.
    """

    def _make_self_pipe(self):
        pass

    def _close_self_pipe(self):
        pass


asyncio.new_event_loop = asyncio.events.new_event_loop = Loop
asyncio.run = asyncio.run.__wrapped__
asyncio.events._set_running_loop(None)  # the browser's
os.chdir("/srv/django")
sys.argv = list(command)
sys.path[:0] = ["/srv/django", "/packages"]
code = 0
try:
    runpy.run_path(os.path.abspath(sys.argv[0]), run_name="__main__")
except SystemExit as end:
    code = end.code if isinstance(end.code, int) else int(bool(end.code))
sys.stdout.flush()
sys.stderr.flush()
code
`));
