"""What mends each pattern, from snippets/traces/: the lab puts it beside the project as the package traces."""

import inspect
from importlib import import_module
from importlib.util import find_spec

from django.conf import settings


def modules(without=()):
    """Name of the pattern -> module, leaving out files that hold one of the texts in `without`."""
    found = {}
    for file in sorted((settings.BASE_DIR / "traces").glob("*.py")):
        text = file.read_text()
        installed = "import httpx" not in text or find_spec("httpx")
        if installed and not file.stem.endswith("_settings") and not any(word in text for word in without):
            found[file.stem.replace("_", "-")] = import_module(f"traces.{file.stem}")
    return found


def views_of(module):
    """The functions of a module that take a request: name -> function."""
    functions = inspect.getmembers(module, inspect.isfunction)
    own = [(name, function) for name, function in functions if function.__module__ == module.__name__]
    return {name: function for name, function in own if list(inspect.signature(function).parameters)[:1] == ["request"]}


def consumers_of(module):
    """The consumers that a module defines and does not route itself: name -> class."""
    if hasattr(module, "websockets"):
        return {}
    classes = inspect.getmembers(module, inspect.isclass)
    return {name: found for name, found in classes if found.__module__ == module.__name__ and hasattr(found, "as_asgi")}


def websockets():
    """The routes that the modules name websockets."""
    return [route for module in modules().values() for route in getattr(module, "websockets", [])]
