"""Shortcodes that show captured tracebacks: `evidence/traces/<name>/<where>.txt`, their counts, and which thread ran what.

`where` is a recipe, or with its versions: `uvicorn-py313-dj61`. Names of captures are in
docs/troubleshoot/stack-traces/traces.yml, those of layers and crossings in reader.yml, so that page and reader agree.
"""

import base64
import re
from collections import Counter
from functools import lru_cache
from html import escape
from pathlib import Path

from mkdocs.utils import get_relative_url

import frames
import records
from data import ROOT, Missing, load
from raw import RAW

EVIDENCE = ROOT / "evidence" / "traces"
FILE = "troubleshoot/stack-traces/traces.yml"
READER = "troubleshoot/reader.yml"
VERSIONS = "-py311-dj52"  # what a recipe's name alone stands for
NO_VERSIONS = ("pattern", "command", "did", "received", "date")

WORDS = {
    "ja": {
        "capture": "どこで", "frames": "フレーム", "own": "自分のコード", "share": "割合", "crossings": "境界", "phantoms": "渡し直し",
        "client": "クライアント：", "raw": "そのままの出力", "nothing": "何も出力されない", "look": "▶ まずここ", "phantom": "渡し直し",
        "fold": "{count} フレーム：{parts}", "part": "{layer} {count}", "passed": "うち渡し直し {count}", "times": "{layer} {count} フレーム",
        "comma": "、", "colon": "：", "picture": "どこで動いていたか：{name}", "trace": "出力：{name}", "named": "{name}、{where}", "line": "`{file}` の {line} 行目、`{function}` の中", "last": "最後のフレーム", "suggests": "分かること", "output": "実際の出力", "versions": "{name}（Python {py}、Django {dj}）",
    },
    "en": {
        "capture": "Where", "frames": "Frames", "own": "Your code", "share": "Share", "crossings": "Crossed", "phantoms": "Phantom",
        "client": "Client: ", "raw": "raw output", "nothing": "nothing is printed", "look": "▶ look here", "phantom": "phantom",
        "fold": "{count} frames: {parts}", "part": "{layer} {count}", "passed": "{count} of them phantoms", "times": "{layer}, {count} frames",
        "comma": ", ", "colon": ": ", "picture": "What ran where: {name}", "trace": "Output: {name}", "named": "{name}, {where}", "line": "`{file}`, line {line}, in `{function}`", "last": "Last frame", "suggests": "What it suggests", "output": "real output", "versions": "{name} (Python {py}, Django {dj})",
    },
}  # fmt: skip


def capture(name: str, where: str) -> tuple[dict, str, Path]:
    """(header, output, file) of one capture."""
    path = EVIDENCE / name / f"{where}.txt"
    if not path.exists():
        path = EVIDENCE / name / f"{where}{VERSIONS}.txt"
    if not path.exists():
        raise Missing(f"evidence/traces/{name}/{where}{VERSIONS}.txt is missing; capture it with python -m lab.traces, or name another.")
    return *_read(path, path.stat().st_mtime), path


@lru_cache(None)
def _read(path: Path, changed: float) -> tuple[dict, str]:
    head, _, output = path.read_text(encoding="utf-8").partition("\n\n")
    return dict(line.removeprefix("# ").split(": ", 1) for line in head.splitlines()), output


def counts(output: str) -> dict:
    """frames, own, crossings and phantoms of a capture, over everything it printed."""
    runs = [run for entry in frames.entries(frames.read(output)) for run in entry]
    flat = [frame for run in runs for frame in frames.frames_of(run)]
    return {
        "frames": len(flat),
        "own": sum(frame.own for frame in flat),
        "crossings": sum(_crossed(run) for run in runs),
        "phantoms": sum(frame.phantom for frame in flat),
    }


def _crossed(run) -> int:
    return len(frames.crossings(run)) + sum(_crossed(member) for member in run.members)


def share(found: dict) -> str:
    """The share of own frames, in whole percent."""
    return f"{round(100 * found['own'] / found['frames'])} %" if found["frames"] else "–"


def counts_table(place, *which: str) -> str:
    """Block: what `<name>/<where> …` printed, counted; a row each."""
    words = WORDS[place.lang]
    rows = []
    for entry in which:
        name, _, where = entry.rpartition("/")
        _, output, path = capture(name, where)
        found = counts(output)
        rows.append([f"[{_title(place, name, path)}]({place.link(_published(path))})", str(found["frames"]), str(found["own"]), share(found), str(found["crossings"]), str(found["phantoms"])])
    return records.table([words[key] for key in ("capture", "frames", "own", "share", "crossings", "phantoms")], rows)


def figure(place, which: str, key: str) -> str:
    """Inline: frames, own, share, crossings or phantoms of `<name>/<where>`."""
    name, _, where = which.rpartition("/")
    found = counts(capture(name, where)[1])
    if key not in (*found, "share"):
        raise Missing(f"there is no figure {key!r}; use one of {', '.join([*found, 'share'])}.")
    return share(found) if key == "share" else str(found[key])


def same(place, name: str, *wheres: str) -> str:
    """Inline: the setups in which a capture has the same frames, line numbers and versions aside. Where one differs the build fails."""
    texts = {}
    for where in wheres:
        runs = [run for entry in frames.entries(frames.read(capture(name, where)[1])) for run in entry]
        texts[where] = [(_path(frame.file), frame.function, frame.source) for run in runs for frame in frames.frames_of(run)]
    for where in wheres[1:]:
        if texts[where] != texts[wheres[0]]:
            raise Missing(f"{name} does not print the same frames under {wheres[0]} and {where}; the page may not say so.")
    return WORDS[place.lang]["comma"].join(setup(place, capture(name, where)[2].stem) for where in wheres)


def _path(file: str) -> str:
    """A file without what depends on the version of Python."""
    return re.sub(r"/python3\.\d+/", "/python3/", file)


def look(place, *which: str) -> str:
    """Inline: the line to open first, which has to be the same in all of `<name>/<where> …`."""
    places = set()
    for entry in which:
        name, _, where = entry.rpartition("/")
        found = frames.entries(frames.read(capture(name, where)[1]))
        frame = frames.look_first(found[-1]) if found else None
        places.add((frame.file.removeprefix("/srv/django/"), frame.line, frame.function) if frame else None)
    if len(places) != 1 or None in places:
        raise Missing(f"the line to look at is not one and the same: {places}.")
    file, line, function = places.pop()
    return WORDS[place.lang]["line"].format(file=file, line=line, function=function)


def link(place, name: str, where: str) -> str:
    """Inline: a link to a capture as it is, for tables of symptoms."""
    return f"[{WORDS[place.lang]['output']}]({place.link(_published(capture(name, where)[2]))})"


def layers(place) -> str:
    """Block: what it suggests that a layer raised the error and no frame is the reader's own."""
    words, known = WORDS[place.lang], load(READER)["layers"]
    rows = [[place.text(entry["name"]), place.text(entry["raised"])] for layer, entry in known.items() if layer not in ("own", "unsure")]
    return records.table([words["last"], words["suggests"]], rows)


def _name(place, name: str) -> str:
    names = load(FILE)["captures"]
    if name not in names:
        raise Missing(f"docs/{FILE} has no name for the capture {name!r}; add it in both languages.")
    return place.text(names[name])


def setup(place, stem: str) -> str:
    """The setup of a file's name, with the versions when they are not the usual ones."""
    recipe, python, django = stem.rsplit("-", 2)
    names = load(FILE)["recipes"]
    if recipe not in names:
        raise Missing(f"docs/{FILE} has no short name for the recipe {recipe!r}; add it.")
    name = names[recipe]
    if f"-{python}-{django}" == VERSIONS:
        return name
    number = {key: f"{digits[0]}.{digits[1:]}" for key, digits in (("py", python[2:]), ("dj", django[2:]))}
    return WORDS[place.lang]["versions"].format(name=name, **number)


def _title(place, name: str, path: Path) -> str:
    return WORDS[place.lang]["named"].format(name=_name(place, name), where=setup(place, path.stem))


def _published(path: Path) -> str:
    """Where raw.py puts a capture: a path from the root of the site."""
    return f"{RAW}/{path.relative_to(EVIDENCE.parent).as_posix()}"


def raw(place, path: Path) -> str:
    """The address of a capture, for HTML."""
    return get_relative_url(_published(path), place.url)


# Markdown would read a block of HTML inside a tab as text. So it travels as a comment, which Markdown leaves alone.
BLOCK = re.compile(r"(?:<p>)?<!--trace:([\w+/=]+)-->(?:</p>)?")


def carried(html: str) -> str:
    return f"\n<!--trace:{base64.b64encode(html.encode()).decode()}-->\n"


def on_page_context(context, page, config, nav):
    """Put the blocks in their place (MkDocs hook): last, so that nothing before has to read them, such as the search, which excludes them."""
    page.content = placed(page.content)


def placed(html: str) -> str:
    """HTML with its blocks in their place."""
    return BLOCK.sub(lambda match: base64.b64decode(match[1]).decode(), html)


# ---- One capture ----


def trace(place, name: str, where: str, fold: str = "open") -> str:
    """Block: a capture, its frames told apart by layer. `folded` closes the runs of foreign frames."""
    if fold not in ("open", "folded"):
        raise Missing(f"{fold!r} is neither open nor folded.")
    header, output, path = capture(name, where)
    return carried(block(place, header, output, path, _title(place, name, path), fold))


def block(place, header: dict, output: str, path: Path, title: str, fold: str) -> str:
    """HTML: a capture under a title, on one line; `fold` is open, folded, or named: then other people's frames are counted, not shown."""
    # Frames have to keep their columns. Log lines alone have none, and some are very long.
    wraps = "" if any(isinstance(item, frames.Frame) for item in frames.read(output)) else " trace-wraps"
    return (
        f'<figure class="trace" data-search-exclude>{_caption(place, header, path, title)}'
        f'<div class="trace-text{wraps}" role="group" aria-label="{escape(WORDS[place.lang]["trace"].format(name=title))}" tabindex="0"><div class="trace-wide">'
        f"{_body(place, output, fold)}</div></div></figure>"
    )


def _caption(place, header: dict, path: Path, title: str) -> str:
    words = WORDS[place.lang]
    versions = {key: value for key, value in header.items() if key not in NO_VERSIONS}
    ran = records.ran(place, {"versions": versions, "date": header["date"]})
    did = f"{header['did']} → {header['received']}" if "did" in header else ""
    client = f'<span>{words["client"]}<span lang="en">{escape(did)}</span></span>' if did else ""
    return (
        f"<figcaption><strong>{escape(title)}</strong><code>{escape(header['command'])}</code>{client}"
        f'<span>{escape(ran)} · <a href="{raw(place, path)}">{words["raw"]}</a></span></figcaption>'
    )


def _body(place, output: str, fold: str) -> str:
    items = frames.read(output.strip("\n"))
    if not output.strip():
        return f'<div class="trace-nothing">{WORDS[place.lang]["nothing"]}</div>'
    looks, crossed, ends = [], {}, set()
    for entry in frames.entries(items):
        if entry[0].error and (look := frames.look_first(entry)):
            looks.append(id(look))
        for run in entry:
            _mark(run, crossed, ends)
    parts, foreign = [], []
    for item in items:
        is_frame = isinstance(item, frames.Frame)
        if is_frame and not item.own:
            foreign.append(item)
            continue
        parts += _run(place, foreign, crossed, fold)
        foreign = []
        if is_frame:
            parts += _crossing(place, crossed, "before", item) + [_frame(place, item, id(item) in looks)] + _crossing(place, crossed, "after", item)
        else:
            kind = " trace-error" if frames.content(item) in ends else ""
            parts.append(f'<div class="trace-line{kind}">{escape(item, quote=False) or "<br>"}</div>')
    return "".join(parts + _run(place, foreign, crossed, fold))


def _mark(run, crossed: dict, ends: set):
    """Note where a run crosses, by the identity of its frames, and the lines with which it ends."""
    for index, direction in frames.crossings(run).items():
        crossed["before" if index < 0 else "after", id(run.frames[max(index, 0)])] = direction
    if run.message:
        ends.add(run.message)
    for member in run.members:
        _mark(member, crossed, ends)


def ends(output: str) -> list[str]:
    """The lines with which the tracebacks of a capture end, such as `KeyError: 1`."""
    found = set()
    for entry in frames.entries(frames.read(output)):
        for run in entry:
            _mark(run, {}, found)
    return sorted(found)


def _run(place, run: list, crossed: dict, fold: str) -> list[str]:
    """Frames of other people's code that stand together: from two on they can be folded."""
    rows = [row for frame in run for row in [*_crossing(place, crossed, "before", frame), _frame(place, frame, False), *_crossing(place, crossed, "after", frame)]]
    if len(run) < 2:
        return rows
    words = WORDS[place.lang]
    layers = Counter(frame.layer for frame in run)
    parts = [words["part"].format(layer=_layer(place, layer), count=count) for layer, count in layers.items()]
    if passed := sum(frame.phantom for frame in run):
        parts.append(words["passed"].format(count=passed))
    summary = words["fold"].format(count=len(run), parts=words["comma"].join(parts))
    directions = [crossed[key] for frame in run for key in (("before", id(frame)), ("after", id(frame))) if key in crossed]
    summary += "".join(f" · {_direction(place, direction)}" for direction in directions)
    if fold == "named":
        return [f'<div class="trace-line trace-others">{escape(summary)}</div>']
    return [f'<details{" open" if fold == "open" else ""}><summary>{escape(summary)}</summary>{"".join(rows)}</details>']


def _frame(place, frame, look: bool) -> str:
    words = WORDS[place.lang]
    names = [f"trace-{frame.layer}", *(["trace-phantom"] if frame.phantom else []), *(["trace-look"] if look else [])]
    tag = words["look"] if look else words["phantom"] if frame.phantom else _layer(place, frame.layer)
    first = re.sub(r"(File &quot;|File \")(.*?/site-packages/)", r'\1<span class="trace-prefix">\2</span>', escape(frame.lines[0], quote=False))
    lines = "".join(f"<div>{line}</div>" for line in [first, *(escape(line, quote=False) for line in frame.lines[1:])])
    title = f' title="{escape(_word(place, "phantom"))}"' if frame.phantom else ""
    return f'<div class="trace-frame {" ".join(names)}"><span class="trace-tag"{title}>{escape(tag)}</span><div class="trace-lines">{lines}</div></div>'


def _crossing(place, crossed: dict, side: str, frame) -> list[str]:
    if (side, id(frame)) not in crossed:
        return []
    direction = crossed[side, id(frame)]
    kind = "into-thread" if direction == frames.INTO_THREAD else "into-loop"
    return [f'<div class="trace-crossing {kind}"><span>⇄ {escape(_direction(place, direction))}</span></div>']


def _direction(place, direction: str) -> str:
    return _word(place, "into_thread" if direction == frames.INTO_THREAD else "into_loop")


def _word(place, key: str) -> str:
    return place.text(load(READER)["words"][key])


def _layer(place, layer: str) -> str:
    return place.text(load(READER)["layers"][layer]["name"])


def legend(place) -> str:
    """Block: the layers with their marks."""
    marks = "".join(
        f'<li class="trace-{layer}"><span class="trace-tag">{escape(_layer(place, layer))}</span> {escape(place.text(text))}</li>'
        for layer, text in load(FILE)["legend"].items()
    )
    words = WORDS[place.lang]
    phantom = f'<li class="trace-asgiref trace-phantom"><span class="trace-tag">{words["phantom"]}</span> {escape(_word(place, "phantom"))}</li>'
    return carried(f'<ul class="trace-legend">{marks}{phantom}</ul>')


# ---- Which thread ran what ----


def picture(place, name: str, where: str) -> str:
    """Block: the frames of the last exception of a capture, each in the thread or event loop that ran it."""
    _, output, path = capture(name, where)
    found = frames.entries(frames.read(output))
    if not found:
        raise Missing(f"{name}/{where} has no frames to draw.")
    run, case, words = found[-1][-1], _case(name), WORDS[place.lang]
    sides, look = {key: place.text(text) for key, text in case["sides"].items()}, frames.look_first(found[-1])
    rows = [f'<li class="lane-{case["start"]} lane-ghost">{_hidden(sides[case["start"]], words)}{escape(place.text(case["above"]))}</li>']
    for box in _boxes(run, case["start"], name):
        if isinstance(box, str):
            kind = "into-thread" if box == frames.INTO_THREAD else "into-loop"
            rows.append(f'<li class="lane-crossing {kind}">{escape(_direction(place, box))}</li>')
        else:
            rows.append(_box(place, *box, sides, look))
    heads = "".join(f'<span class="lane-{side}">{escape(sides[side])}</span>' for side in ("loop", "thread") if side in sides)
    alone = "" if len(sides) > 1 else " lanes-alone"
    title = words["picture"].format(name=_title(place, name, path))
    return carried(
        f'<figure class="lanes{alone}" data-search-exclude><figcaption>{escape(title)}</figcaption>'
        f'<p class="lanes-heads" aria-hidden="true">{heads}</p><ol aria-label="{escape(title)}">{"".join(rows)}</ol></figure>'
    )


def _case(name: str) -> dict:
    cases = load(FILE)["pictures"]
    if name not in cases:
        raise Missing(f"docs/{FILE} does not say under pictures where {name!r} starts.")
    return cases[name]


def _boxes(run, side: str, name: str) -> list:
    """What is drawn, in order: a direction where the sides change, else (side, frames that stand together)."""
    crossed, boxes = frames.crossings(run), []
    for index, frame in enumerate(run.frames):
        last = boxes[-1] if boxes and not isinstance(boxes[-1], str) else None
        if last and not frame.own and last[1][0].layer == frame.layer and last[1][0].phantom == frame.phantom:
            last[1].append(frame)
        else:
            boxes.append((side, [frame]))
        if index in crossed:
            into = "thread" if crossed[index] == frames.INTO_THREAD else "loop"
            if into == side:
                raise Missing(f"{name} crosses to the {side} it is on already; its start in docs/{FILE} is wrong.")
            side = into
            boxes.append(crossed[index])
    return boxes


def _box(place, side: str, group: list, sides: dict, look) -> str:
    words, first = WORDS[place.lang], group[0]
    kind = " lane-look" if first is look else " lane-phantom" if first.phantom else ""
    label = words["phantom"] if first.phantom else _layer(place, first.layer)
    if len(group) > 1:
        label = words["times"].format(layer=label, count=len(group))
    if first is look:
        label = words["look"]
    names = ", ".join(dict.fromkeys(frame.function or "" for frame in group))
    where = f" {first.file.removeprefix('/srv/django/')}:{first.line}" if first.own else ""
    return (
        f'<li class="lane-{side} trace-{first.layer}{kind}">{_hidden(sides[side], words)}<span class="lane-label">{escape(label)}</span>'
        f"<code>{escape(names)}</code><small>{escape(where)}</small></li>"
    )


def _hidden(text: str, words: dict) -> str:
    """The lane in words, for those who do not see it."""
    return f'<span class="lane-words">{escape(text)}{words["colon"]}</span>'
