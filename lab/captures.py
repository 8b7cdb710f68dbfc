"""The files below evidence/traces/ and evidence/live/: lines "# key: value", a blank line, and what was printed."""


def text(header, output):
    """The text of a capture, from its header (a dict) and what was printed."""
    return "\n".join([*(f"# {key}: {value}" for key, value in header.items()), "", output, ""])


def split(text):
    """A capture as (header as a dict, output)."""
    head, _, output = text.partition("\n\n")
    return dict(line.removeprefix("# ").split(": ", 1) for line in head.splitlines()), output


def path_of(folder, name, where, header):
    """Where a capture lies, e.g. evidence/traces/five/sync-wsgi/gunicorn-sync-py311-dj52.txt."""
    python, django = ("".join(header[key].split(".")[:2]) for key in ("python", "django"))
    return folder / name / f"{where}-py{python}-dj{django}.txt"


def write(folder, name, where, text):
    """Writes a capture and returns its path."""
    path = path_of(folder, name, where, split(text)[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path
