"""The chain of timeouts, drawn from `docs/deploy/timeouts.yml`: a picture, and the same as two tables."""

from html import escape

from data import Missing, load

FILE = "deploy/timeouts.yml"

# Sizes in CSS pixels, made for a page of 360: the picture is as wide as a phone and grows from there.
WIDTH, LEFT, SCALE = 340, 26, 3.6  # SCALE: pixels per second
BOX, BAR, LABEL, GAP = 34, 9, 15, 9

WORDS = {
    "ja": {
        "picture": "ロードバランサーからデータベースまでのタイムアウト", "waits": "応答を待つ時間：内側ほど短く", "keeps": "空いた接続を保つ時間：内側ほど長く",
        "seconds": "{n} 秒", "keep": "{name}が保つ", "who": "誰が待つか", "setting": "設定", "default": "既定値", "value": "図の値", "after": "超えると",
        "line": "接続", "outer": "外側の端", "inner": "内側の端", "between": "{outer} → {inner}", "end": "{setting}、{seconds}",
        "of": "{name}：{label}", "below": "下の 2 つの表に、同じ内容があります。",
    },
    "en": {
        "picture": "Timeouts from the load balancer to the database", "waits": "waiting for an answer: shorter inside", "keeps": "keeping an idle connection: longer inside",
        "seconds": "{n} s", "keep": "{name} keeps it", "who": "Who waits", "setting": "Setting", "default": "Default", "value": "In the picture", "after": "When it is over",
        "line": "Connection", "outer": "Outer end", "inner": "Inner end", "between": "{outer} → {inner}", "end": "{setting}, {seconds}",
        "of": "{name}: {label}", "below": "The two tables below say the same.",
    },
}


def problems(chain: dict) -> list[str]:
    """What is wrong with a chain, one sentence each: an unknown hop, a wait longer than the one outside, a connection that the inner end closes first."""
    names = [hop["id"] for hop in chain["hops"]]
    used = [wait["from"] for wait in chain["waits"]] + [keep[end]["hop"] for keep in chain["keeps"] for end in ("outer", "inner")]
    found = [f"{name} is no hop; name one of {', '.join(names)}." for name in used if name not in names]
    if found:
        return found
    for outer in chain["waits"]:
        for inner in chain["waits"]:
            if names.index(outer["from"]) < names.index(inner["from"]) and outer["seconds"] <= inner["seconds"]:
                found.append(
                    f"{outer['from']} waits {outer['seconds']} s and {inner['from']}, further inside, {inner['seconds']} s; make it shorter."
                )
    for keep in chain["keeps"]:
        if keep["outer"]["seconds"] >= keep["inner"]["seconds"]:
            found.append(
                f"{keep['inner']['hop']} keeps a connection {keep['inner']['seconds']} s, and {keep['outer']['hop']} outside "
                f"{keep['outer']['seconds']} s; the inner end has to keep it longer."
            )
    return found


def timeouts(place) -> str:
    """Block: the picture with its two tables."""
    chain, words = load(FILE), WORDS[place.lang]
    if found := problems(chain):
        raise Missing(f"docs/{FILE}: " + " ".join(found))
    return f"\n{_picture(place, chain, words)}\n\n{_waits(place, chain, words)}\n\n{_keeps(place, chain, words)}\n"


def _picture(place, chain: dict, words: dict) -> str:
    """An inline SVG: the hops one below the other, and between them bars on one scale of seconds."""
    parts, y = [], 0
    for kind in ("waits", "keeps"):
        parts.append(f'<rect class="{kind}" x="0" y="{y + 2}" width="11" height="11" rx="2"/><text x="18" y="{y + 12}">{escape(words[kind])}</text>')
        y += 20
    y += 4
    first = y
    for hop in chain["hops"]:
        note = f'<tspan class="note" dx="8">{escape(place.text(hop["note"]))}</tspan>' if "note" in hop else ""
        parts.append(
            f'<rect class="hop" x=".5" y="{y + .5}" width="{WIDTH - 1}" height="{BOX - 1}" rx="6"/>'
            f'<text class="name" x="14" y="{y + BOX / 2 + 5}">{escape(place.text(hop["name"]))}{note}</text>'
        )
        y += BOX
        bars = _bars(place, chain, words, hop["id"])
        if bars:
            y += GAP
            for kind, label, setting, seconds in bars:
                parts.append(_bar(words, kind, label, setting, seconds, y))
                y += LABEL + BAR + GAP
            parts.append(f'<path class="arrow" d="M8 {y - 5} l4 6 l4 -6 z"/>')
            y += 3
    line = f'<path class="line" d="M12 {first + BOX} V{y - BOX - 6}"/>'
    title = escape(f'{words["picture"]}。{words["below"]}' if place.lang == "ja" else f'{words["picture"]}. {words["below"]}')
    # On one line: blank lines or indentation would make Markdown take parts of it for something else.
    return (
        f'<svg class="timeouts" viewBox="0 0 {WIDTH} {y}" role="img" aria-label="{title}" xmlns="http://www.w3.org/2000/svg">'
        f'{line}{"".join(parts)}</svg>'
    )


def _bars(place, chain: dict, words: dict, hop: str) -> list[tuple]:
    """What is drawn below a hop: (kind, label, setting, seconds)."""
    found = [("waits", place.text(wait["label"]), wait["setting"], wait["seconds"]) for wait in chain["waits"] if wait["from"] == hop]
    for keep in chain["keeps"]:
        if keep["outer"]["hop"] == hop:
            for end in ("outer", "inner"):
                name = _name(place, chain, keep[end]["hop"])
                # Japanese puts a blank between Latin letters and its own.
                name += " " if place.lang == "ja" and name.isascii() else ""
                found.append(("keeps", words["keep"].format(name=name), keep[end]["setting"], keep[end]["seconds"]))
    return found


def _bar(words: dict, kind: str, label: str, setting: str, seconds: int, y: int) -> str:
    width = round(seconds * SCALE)
    return (
        f'<text x="{LEFT}" y="{y + LABEL - 5}">{escape(label)}<tspan class="setting" dx="6">{escape(setting)}</tspan></text>'
        f'<rect class="{kind}" x="{LEFT}" y="{y + LABEL}" width="{width}" height="{BAR}" rx="2"/>'
        f'<text class="seconds" x="{LEFT + width + 5}" y="{y + LABEL + BAR}">{words["seconds"].format(n=seconds)}</text>'
    )


def _name(place, chain: dict, hop: str) -> str:
    return place.text(next(entry["name"] for entry in chain["hops"] if entry["id"] == hop))


def _default(place, entry: dict) -> str:
    """The default, linked to where it stands: a page of this site or a source."""
    target = place.link(entry["page"]) if "page" in entry else entry["source"]
    return f"[{place.text(entry['default'])}]({target})"


def _table(header: list[str], rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *rows])


def _waits(place, chain: dict, words: dict) -> str:
    rows = [
        [words["of"].format(name=_name(place, chain, wait["from"]), label=place.text(wait["label"])),
         ", ".join(f"`{name}`" for name in wait["setting"].split(", ")), _default(place, wait),
         words["seconds"].format(n=wait["seconds"]), place.text(wait["after"])]
        for wait in chain["waits"]
    ]  # fmt: skip
    return _table([words[key] for key in ("who", "setting", "default", "value", "after")], rows)


def _keeps(place, chain: dict, words: dict) -> str:
    rows = []
    for keep in chain["keeps"]:
        outer, inner = (_name(place, chain, keep[end]["hop"]) for end in ("outer", "inner"))
        ends = [
            words["end"].format(setting=f"`{keep[end]['setting']}`", seconds=words["seconds"].format(n=keep[end]["seconds"]))
            for end in ("outer", "inner")
        ]
        rows.append([words["between"].format(outer=outer, inner=inner), *ends, _default(place, keep)])
    return _table([words["line"], words["outer"], words["inner"], words["default"]], rows)
