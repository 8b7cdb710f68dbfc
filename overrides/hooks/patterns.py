"""The catalogue of patterns: `docs/troubleshoot/stack-traces/patterns.yml` and the captures below evidence/traces/ as two pages:
what to do, and what was run and printed. Together they were 70 KB, more than a phone should wait for.

What is said to be printed is looked up in the captures, and the numbers of frames are counted there: a message that no
capture has fails the build.
"""

import re
from html import escape

import records
import traces
from data import ROOT, Missing, load

FILE = "troubleshoot/stack-traces/patterns.yml"
READER = "troubleshoot/reader.md"
GUIDE, OUTPUT = "troubleshoot/stack-traces/patterns.md", "troubleshoot/stack-traces/output.md"
LANGUAGES = {".py": "python", ".sh": "sh"}
LONG = 15  # lines of a fix that is shown with what was run instead: the catalogue stays light, and a section can be seen at once

WORDS = {
    "ja": {
        "message": "表示されるメッセージ", "pattern": "パターン", "colon": "：", "and": "、", "named": "{title}：{where}", "more": "{where}（{frames} フレーム、うち自分のコード {own}）",
        "others": "ほかの場合の出力（そのままのテキスト）", "look": "最初に見る場所", "misleads": "まぎらわしい点", "why": "原因", "fix": "直し方", "log": "ログの残し方",
        "after": "直した後：{file}", "whole": "[直した後のコード：{file}（全 {lines} 行）]({href})", "reported": "報告はありますが、ここでは再現していません。メッセージと原因は、下の出典によるものです。",
        "counted": "数えた結果：{count} 件の実行", "output": "[実際の出力、元になったコード、{count} 件の実行を数えた表]({href})", "guide": "[最初に見る場所、原因、直し方]({href})", "ran": "元になったコード：{file}", "variant": "場合", "server": "サーバー", "versions": "Python / Django", "frames": "フレーム", "own": "自分のコード",
        "phantoms": "渡し直し", "received": "クライアント",
        "rest": "原因と直し方", "all": "メッセージとパターンの表", "filter": "メッセージの単語を入力", "clear": "消す", "hint": "エラーのメッセージ、クラスの名前、ID の一部。1 行を貼り付けても構いません。",
        "one": "1 件が見つかりました", "some": "{n} 件が見つかりました", "most": "すべての語を含むものはありません。最も多くの語を含む {n} 件を表示しています", "none": "見つかりません。[一覧にないとき](#unknown)を読むか、全文を[貼り付けて調べて]({reader})ください。", "start": "全 {n} 件",
    },
    "en": {
        "message": "What is printed", "pattern": "Pattern", "colon": ": ", "and": ", ", "named": "{title}: {where}", "more": "{where} ({frames} frames, {own} of them yours)",
        "others": "What is printed elsewhere, as it is", "look": "Look here first", "misleads": "What misleads", "why": "Why", "fix": "The fix", "log": "Log it better",
        "after": "after: {file}", "whole": "[The code after the fix: {file} ({lines} lines)]({href})", "reported": "Reported, not reproduced here. The message and the cause are from the sources below.",
        "counted": "Counted: {count} runs", "output": "[What was printed, the code that did it, and {count} runs counted]({href})", "guide": "[Where to look, the cause and the fix]({href})", "ran": "what ran: {file}", "variant": "Case", "server": "Server", "versions": "Python / Django", "frames": "Frames", "own": "Yours",
        "phantoms": "Phantoms", "received": "Client got",
        "rest": "Cause and fix", "all": "Table of messages and patterns", "filter": "Type a word of your message", "clear": "Clear", "hint": "Part of the message, of the name of a class, or of an id. A whole line will do, too.",
        "one": "1 found", "some": "{n} found", "most": "None has all these words. Showing the {n} that have the most", "none": "None found. See [Not in the list?](#unknown), or [paste the whole text]({reader}).", "start": "{n} in all",
    },
}  # fmt: skip

# What lab/traces.py writes after "received", in Japanese; the order matters.
RECEIVED = [
    (r"(\d+), then nothing for (\d+) s", r"\1 の後、\2 秒間何も届かず"),
    (r"(\d+), then the connection was closed in the middle of the body", r"\1、本文の途中で切断"),
    (r"nothing within (\d+) s", r"\1 秒待っても応答なし"),
    (r"connection closed without an answer", "応答なしで切断"),
    (r"no answer to the opening", "接続の要求に応答なし"),
    (r"hung up before the answer", "応答の前に切断した"),
    (r"the server ended with exit code (\d+)", r"サーバーが終了コード \1 で終了"),
    (r"exit status (\d+)", r"終了コード \1"),
    (r"accepted", "接続の後"),
    (r"closed with code (\d+)", r"コード \1 で切断"),
    (r"stays open", "開いたまま"),
    (r"message '([^']*)'", r"受信 \1"),
    (r"[;,] ", "、"),
]


def index(place) -> str:
    """Block: the field to filter by; every message, as it is printed, and the pattern it belongs to, in the order of the page."""
    words = WORDS[place.lang]
    rows = []
    for name, pattern in _ordered():
        says = "<br>".join(f"[`{message.strip()}`](#{name})" for message in pattern["says"])
        rows.append([says, place.text(pattern["title"])])
    table = records.table([words["message"], words["pattern"]], rows)
    return f"{_filter(place, words)}\n\n{_fold('patterns-index', words['all'], table)}\n"


def _filter(place, words: dict) -> str:
    """HTML on one line: the field. It is hidden until its script has come to life, because without it everything is shown."""
    none = re.sub(r"\[([^]]+)\]\(([^)]+)\)", r'<a href="\2">\1</a>', words["none"].format(reader=place.href(READER)))
    said = "".join(f' data-{key}="{escape(words[key])}"' for key in ("start", "one", "some", "most"))
    return (
        f'<form class="patterns-filter" role="search"{said} hidden><label for="patterns-q">{words["filter"]}</label>'
        '<div><input id="patterns-q" type="search" name="q" maxlength="300" autocomplete="off" autocapitalize="off" spellcheck="false" aria-describedby="patterns-hint">'
        f'<button type="reset">{words["clear"]}</button></div><p id="patterns-hint">{words["hint"]}</p>'
        f'<p class="patterns-status" role="status"></p><p class="patterns-none" hidden>{none}</p></form>{place.module("patterns.js")}'
    )


def _fold(name: str, summary: str, text: str) -> str:
    """Markdown that can be folded away; it is open, and assets/javascripts/patterns.js closes it where the screen is narrow."""
    return f'<details class="{name}" open markdown>\n<summary>{summary}</summary>\n\n{text.strip()}\n\n</details>'


def catalogue(place) -> str:
    """Block: every pattern under a heading of its own, in groups."""
    data = load(FILE)
    parts = []
    for group in data["groups"]:
        parts.append(f"## {place.text(group['title'])} {{ #{group['id']} }}")
        parts += [f'<section class="pattern" markdown>\n\n{section(place, name, data["patterns"][name])}\n\n</section>' for name in group["patterns"]]
    return "\n" + "\n\n".join(parts) + "\n"


def section(place, name: str, pattern: dict) -> str:
    """Markdown: one pattern, what to do about it."""
    words = WORDS[place.lang]
    check(name, pattern)

    def said(key):
        return f"**{words[key]}**{words['colon']}{place.text(pattern[key])}"

    parts = [f"### {place.text(pattern['title'])} {{ #{name} }}", "\n".join(f"- `{line}`" for line in _lines(pattern))]
    if pattern.get("reported"):
        parts.append(f"**{words['reported']}**")
    rest = [said("misleads"), said("why"), f"**{words['fix']}**", *(_fix(place, name, entry) for entry in pattern["fix"]), said("log")]
    if "log_file" in pattern:
        rest.append(_fence(pattern["log_file"], "{file}", plain=True))
    if captures := _all_captures(pattern):
        rest.append(words["output"].format(count=len(captures), href=place.link(f"{OUTPUT}#{name}")))
    parts += [said("look"), _fold("pattern-rest", words["rest"], "\n\n".join(filter(None, rest)))]
    return "\n\n".join(parts)


def _lines(pattern: dict) -> list[str]:
    """The messages of a pattern, each with the class before it where the first capture ends with just that."""
    ends = []
    for capture, where, _ in _shown(pattern)[:1]:
        ends = traces.ends(traces.capture(capture, where)[1])
    messages = [message.strip() for message in pattern["says"]]
    return [next((line for line in ends if re.fullmatch(rf"[\w.]+: {re.escape(message)}", line)), message) for message in messages]


def outputs(place) -> str:
    """Block: what was run for every pattern and what it printed, under the headings of the catalogue."""
    words, data, parts = WORDS[place.lang], load(FILE), []
    for group in data["groups"]:
        parts.append(f"## {place.text(group['title'])} {{ #{group['id']} }}")
        for name in group["patterns"]:
            pattern = data["patterns"][name]
            if not pattern.get("trace"):
                continue
            parts.append(f"### {place.text(pattern['title'])} {{ #{name} }}")
            parts.append(words["guide"].format(href=place.link(f"{GUIDE}#{name}")))
            parts += [_fence(include, words["ran"]) for include in dict.fromkeys(entry["broken"] for entry in pattern["fix"] if "broken" in entry)]
            parts += [_fence(entry["file"], words["after"], plain=True) for entry in pattern["fix"] if _elsewhere(entry)]
            parts += [_captures(place, pattern), _counts(place, pattern)]
    return "\n" + "\n\n".join(parts) + "\n"


def check(name: str, pattern: dict):
    """Raise Missing when a message is in none of the captures of its pattern."""
    if pattern.get("reported"):
        return
    printed = [output for _, _, output, _ in _all_captures(pattern)]
    for message in pattern["says"]:
        if not any(message in output for output in printed):
            raise Missing(f"docs/{FILE}: no capture of {name} prints {message!r}; correct it under says.")


def _ordered():
    data = load(FILE)
    return [(name, data["patterns"][name]) for group in data["groups"] for name in group["patterns"]]


def _shown(pattern: dict):
    """(name, where, title or None) of each capture that is shown."""
    return [(entry["name"], where, entry.get("title")) for entry in pattern.get("trace", []) for where in entry["where"]]


def _names(pattern: dict) -> list[str]:
    return [entry["name"] for entry in pattern.get("trace", []) + pattern.get("also", [])]


def _all_captures(pattern: dict):
    """(name, header, output, file) of every capture of the pattern, whichever recipes and versions there are."""
    found = []
    for name in _names(pattern):
        files = sorted((traces.EVIDENCE / name).glob("*.txt"))
        if not files:
            raise Missing(f"evidence/traces/{name}/ has no capture; run python -m lab.traces {name}.")
        found += [(name, *traces.capture(name, file.stem)) for file in files]
    return found


def _captures(place, pattern: dict) -> str:
    """Block: the first capture, and links to the others: all of them made this page a megabyte."""
    words, parts, more = WORDS[place.lang], [], []
    for number, (name, where, title) in enumerate(_shown(pattern)):
        header, output, path = traces.capture(name, where)
        label = traces.setup(place, path.stem)
        if title:
            label = words["named"].format(title=place.text(title), where=label)
        if not number:
            parts.append(traces.block(place, header, output, path, label, "named"))
            continue
        counted = traces.counts(output)
        text = words["more"].format(where=label, **counted) if counted["frames"] else label
        more.append(f'<li><a href="{traces.raw(place, path)}">{escape(text)}</a></li>')
    if more:
        parts.append(f'<p class="trace-more">{words["others"]}</p><ul class="trace-more">{"".join(more)}</ul>')
    return traces.carried(f'<div class="trace-list">{"".join(parts)}</div>') if parts else ""


def _fix(place, name: str, entry: dict) -> str:
    words, parts = WORDS[place.lang], []
    if "title" in entry:
        parts.append(place.text(entry["title"]))
    if "text" in entry:
        parts.append(place.text(entry["text"]))
    if _elsewhere(entry):
        file = entry["file"].partition(":")[0].rpartition("/")[2]
        parts.append(words["whole"].format(file=f"`{file}`", lines=_length(entry["file"]), href=place.link(f"{OUTPUT}#{name}")))
    elif "file" in entry:
        parts.append(_fence(entry["file"], words["after"] if "broken" in entry else "{file}", plain=True))
    return "\n\n".join(parts)


def _elsewhere(entry: dict) -> bool:
    """Whether the code of a fix is on the page of outputs, below what was run."""
    return "broken" in entry and "file" in entry and _length(entry["file"]) > LONG


def _length(include: str) -> int:
    """Lines of what an include shows: of a file, or of its section (`traces/stream-error.py:async`)."""
    file, _, part = include.partition(":")
    text = (ROOT / "snippets" / file).read_text("utf-8")
    if part:
        text = text.split(f"[start:{part}]", 1)[1].split(f"[end:{part}]", 1)[0]
        return len(text.splitlines()) - 2  # without the rests of the two lines that mark it
    return sum("--8<--" not in line for line in text.splitlines())


def _fence(include: str, title: str, plain: bool = False) -> str:
    """A fence with one include; snippets.py adds what it adds to every other. `plain`: without colours, which in eighty short
    pieces of code weigh 2 KB, and the catalogue is the heaviest page."""
    file = include.split(":")[0].removeprefix("project/")
    language = "text" if plain else LANGUAGES.get("." + file.rpartition(".")[2], "text")
    return f'```{language} title="{title.format(file=file.removeprefix("traces/"))}"\n--8<-- "{include}"\n```'


def _counts(place, pattern: dict) -> str:
    """Block to open: every capture of the pattern, counted; servers and versions that agree share a row."""
    words, captures = WORDS[place.lang], _all_captures(pattern)
    if not captures:
        return ""
    rows = {}  # (name, versions, what was counted): servers
    for name, header, output, path in captures:
        found = traces.counts(output)
        key = (name, f"{_short(header['python'])} / {_short(header['django'])}", found["frames"], found["own"], found["phantoms"], header.get("received", ""))
        rows.setdefault(key, []).append(traces.setup(place, "-".join([*path.stem.split("-")[:-2], *traces.VERSIONS.strip("-").split("-")])))
    merged = {}  # the same without the versions, but with the servers: versions
    for (name, versions, *counted), servers in rows.items():
        merged.setdefault((name, words["and"].join(servers), *counted), []).append(versions)
    titles = {entry["name"]: place.text(entry["title"]) for entry in pattern["trace"] + pattern.get("also", []) if "title" in entry}
    counting = ["frames", "own", "phantoms"] if any(counted[0] for _, _, *counted in merged) else []  # where only lines are printed, no noughts
    table = records.table(
        [words[key] for key in [*(["variant"] if titles else []), "server", "versions", *counting, "received"]],
        [
            [
                *([titles.get(name, records.WORDS[place.lang]["none"])] if titles else []), servers, words["and"].join(versions),
                *map(str, counted[:-1] if counting else []), received(place, counted[-1]),
            ]  # fmt: skip
            for (name, servers, *counted), versions in merged.items()
        ],
    )
    return f'??? info "{words["counted"].format(count=len(captures))}"\n\n    ' + table.strip().replace("\n", "\n    ")


def _short(version: str) -> str:
    """`3.11` for `3.11.7`."""
    return ".".join(version.split(".")[:2])


def received(place, text: str) -> str:
    """What the client received, in the page's language."""
    for pattern, replacement in RECEIVED if place.lang == "ja" else []:
        text = re.sub(pattern, replacement, text)
    return text
