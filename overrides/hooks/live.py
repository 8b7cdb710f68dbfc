"""What was seen of hanging processes: `evidence/live/<name>/<recipe>-py311-dj52.txt`, made by lab/live.py, and its tables."""

import re
from functools import lru_cache

import records
from data import Missing, load
from raw import RAW

EVIDENCE = records.EVIDENCE / "live"
FILE = "troubleshoot/stack-traces/live.yml"
VERSIONS = ("python", "django", "os", *records.PRODUCTS, "httptools", "uvloop", "websockets", "uvicorn-worker", "aiomonitor")
FRAME = re.compile(r'^\s+File "(?P<file>[^"]+)"|^\s+\S+ \((?P<spy>[^()\s]+):\d+\)$|^thread_id = .* filename = (?P<uwsgi>\S+) lineno')
KEEP = 2  # so many frames in a row are not worth a line that says they were left out

WORDS = {
    "ja": {"left": "  … {count} フレーム省略（{packages}）", "server": "サーバー", "none": "–",
           "main": "メイン：{outcome}", "worker": "ワーカー：{outcome}"},
    "en": {"left": "  … {count} frames left out ({packages})", "server": "Server", "none": "–",
           "main": "main: {outcome}", "worker": "worker: {outcome}"},
}  # fmt: skip


def _path(name: str, where: str):
    """The file of one capture; `where` is a recipe, or with its versions: `uvicorn-py313-dj61`."""
    path = EVIDENCE / name / f"{where}.txt"
    if not path.exists():
        path = EVIDENCE / name / f"{where}-py311-dj52.txt"
    if not path.exists():
        raise Missing(f"evidence/live/{name}/{where}-py311-dj52.txt is missing; run python -m lab.live {name} --on {where}.")
    return path


def capture(name: str, where: str) -> tuple[dict, str]:
    """(header, output) of one capture."""
    path = _path(name, where)
    return _read(path, path.stat().st_mtime)


def _link(place, name: str, where: str) -> str:
    """The address of the capture as it is, relative to the page."""
    return place.link(f"{RAW}/{_path(name, where).relative_to(records.EVIDENCE).as_posix()}")


@lru_cache(None)
def _read(path, changed: float) -> tuple[dict, str]:
    head, _, output = path.read_text(encoding="utf-8").partition("\n\n")
    return dict(line.removeprefix("# ").split(": ", 1) for line in head.splitlines()), output


def output(place, name: str, where: str) -> str:
    """Block: what a tool printed, own frames marked, and frames far from them left out where that is said."""
    header, text = capture(name, where)
    lines = _folded(text.strip().splitlines(), WORDS[place.lang])
    marked = " ".join(str(number) for number in _own_lines(lines))
    title = header["command"].replace('"', "'")
    options = f' hl_lines="{marked}"' if marked else ""
    return f'\n``````{{ .text .no-copy title="{title}"{options} }}\n' + "\n".join(lines) + f"\n``````\n\n{_ran(place, name, where)}\n"


def figure(place, name: str, where: str, key: str) -> str:
    """Inline: one value of a capture's header."""
    header, _ = capture(name, where)
    if key not in header:
        raise Missing(f"evidence/live/{name}/{where}*.txt has no {key!r}.")
    return header[key]


def _ran(place, name: str, where: str) -> str:
    """One line below a capture: with which versions and when, linked to the whole of it."""
    header, words = capture(name, where)[0], records.WORDS[place.lang]
    versions = {key: value for key, value in header.items() if key in VERSIONS}
    line = records.ran(place, {"versions": versions, "date": header["date"]})
    return f"[{words['record']}{words['colon']}{line}]({_link(place, name, where)}){{ .ran }}"


def _file(line: str) -> str:
    """The file of a frame's line, as faulthandler, traceback, py-spy or uWSGI print it; "" for any other line."""
    found = FRAME.match(line)
    return (found["file"] or found["spy"] or found["uwsgi"]) if found else ""


def _is_own(line: str) -> bool:
    file = _file(line)
    return file.startswith(("/srv/django/", "stock/", "shop/")) and "site-packages" not in file and "/bin/" not in file


def _own_lines(lines: list[str]) -> list[int]:
    """Numbers, from 1, of the lines of own frames and of the source below them."""
    return [
        number
        for number, line in enumerate(lines, 1)
        if _is_own(line) or (number > 1 and _is_own(lines[number - 2]) and line.startswith("    ") and not _file(line))
    ]


def _folded(lines: list[str], words: dict) -> list[str]:
    """The lines without the frames that are neither own, nor beside an own one, nor at an end of their stack."""
    frames = []  # lists of lines: a frame with its source, or one other line
    for line in lines:
        if frames and _file(frames[-1][0]) and len(frames[-1]) < 2 and line.startswith("    ") and not _file(line):
            frames[-1].append(line)
        else:
            frames.append([line])
    kept, run = [], []
    for number, frame in enumerate(frames):
        around = frames[max(number - 1, 0) : number + 2]
        if _file(frame[0]) and len(around) == 3 and all(_file(near[0]) and not _is_own(near[0]) for near in around):
            run.append(frame)
            continue
        kept += _told(run, words) + frame
        run = []
    return kept + _told(run, words)


def _told(run: list[list[str]], words: dict) -> list[str]:
    if len(run) <= KEEP:
        return [line for frame in run for line in frame]
    packages = dict.fromkeys(_package(_file(frame[0])) for frame in run)
    return [words["left"].format(count=len(run), packages=", ".join(packages))]


def _package(file: str) -> str:
    """`django` for a file of Django, `Python` for one of the standard library."""
    inside = re.search(r"site-packages/([^/]+)", file)
    if inside or "/" not in file:
        return inside[1] if inside else "Python"
    return "Python" if "/lib/python" in file else file.split("/")[0]


def table(place, name: str) -> str:
    """Block: a table of docs/troubleshoot/stack-traces/live.yml, a row for each recipe, a cell for each capture."""
    entry, words = load(FILE)["tables"][name], WORDS[place.lang]
    header = [words["server"], *(place.text(column["title"]) for column in entry["columns"])]
    rows = [[records.setup_name(place, where), *(_cell(place, column, where) for column in entry["columns"])] for where in entry["rows"]]
    return records.table(header, rows)


def _cell(place, column: dict, where: str) -> str:
    words, on = WORDS[place.lang], column.get("on", [])
    where += f"-{column['versions']}" if "versions" in column else ""
    try:
        header, _ = capture(column["capture"], where)
    except Missing:
        if where in on:
            raise
        return words["none"]
    outcomes = {part: _outcome(place, header[key]) for part, key in column["keys"].items() if key in header}
    if len(outcomes) == 1 or not outcomes:
        text, verdict = next(iter(outcomes.values()), (words["none"], "neutral"))
        return f"[{text}]({_link(place, column['capture'], where)}){{ .outcome .{verdict} }}"
    return "<br>".join(
        f"[{words[part].format(outcome=text)}]({_link(place, column['capture'], where)}){{ .outcome .{verdict} }}"
        for part, (text, verdict) in outcomes.items()
    )


def _outcome(place, name: str) -> tuple[str, str]:
    """(text, verdict) of an outcome: good, bad or neutral."""
    texts = load(FILE)["outcomes"]
    if name not in texts:
        raise Missing(f"docs/{FILE} has no text for the outcome {name!r}; add it in both languages.")
    return place.text(texts[name]), texts[name]["verdict"]
