"""Small pictures of what a few words of the glossary mean: SVG, 340 units wide, so that letters are legible on a phone.

They show an idea and no figures. Colours and letters come from stylesheets/onboarding.css; each says in a sentence what is seen.
"""

from html import escape

from data import Missing

WIDTH = 340
LETTERS = {
    "ja": {
        "workers": "マスタープロセスがワーカーを起動して見張り、落ちたワーカーの代わりに新しいワーカーを起動する。リクエストはワーカーが受け取る。",
        "master": "マスタープロセス", "watch": "起動して見張る", "worker": "ワーカー", "died": "落ちた", "new": "代わり", "requests": "リクエスト",
        "loop": "スレッドでは、リクエストごとに 1 つのスレッドが待つ。イベントループでは、1 つのスレッドが、あるリクエストの待ち時間に別のリクエストを進める。",
        "threads": "スレッド：1 つのリクエストに 1 つ", "one": "イベントループ：1 つのスレッドで交互に", "works": "処理", "waits": "待ち", "thread": "スレッド {n}", "waiting": "待っている間",
        "drain": "SIGTERM が届くと新しいリクエストは断られ、処理中のリクエストが終わってからサーバーが止まる。",
        "signal": "SIGTERM", "flight": "処理中のリクエスト", "refused": "新しいリクエスト：断る", "ends": "止まる",
        "pool": "6 つのリクエストのうち 4 つが接続プールから接続を借り、2 つは返ってくるのを待つ。データベースへの接続は 4 本を超えない。",
        "process": "1 つのプロセス", "pool_name": "接続プール（4 本）", "database": "データ\nベース", "wait": "返却待ち",
        "proxy": "ブラウザーは nginx と HTTPS で話し、nginx が Gunicorn に HTTP で渡す。Gunicorn は外からは見えない。",
        "browser": "ブラウザー", "reverse": "リバースプロキシ", "server": "サーバー",
    },
    "en": {
        "workers": "The master starts workers and watches them; it starts another one for a worker that died. Requests go to the workers.",
        "master": "master", "watch": "watches them", "worker": "worker", "died": "died", "new": "its successor", "requests": "requests",
        "loop": "With threads, a thread waits along with each request. With an event loop, one thread turns to another request while the first one waits.",
        "threads": "Threads: one for each request", "one": "Event loop: one thread, in turn", "works": "works", "waits": "waits", "thread": "thread {n}", "waiting": "meanwhile",
        "drain": "After SIGTERM new requests are refused, requests in flight are finished, and then the server stops.",
        "signal": "SIGTERM", "flight": "request in flight", "refused": "new request: refused", "ends": "stops",
        "pool": "Of six requests, four have borrowed a connection from the pool and two wait for one to come back. The database never sees more than four.",
        "process": "one process", "pool_name": "pool (4 connections)", "database": "database", "wait": "wait",
        "proxy": "The browser talks HTTPS to nginx, which passes the request on to Gunicorn by HTTP. Gunicorn cannot be seen from outside.",
        "browser": "browser", "reverse": "reverse proxy", "server": "server",
    },
}  # fmt: skip


def picture(lang: str, name: str) -> str:
    """HTML, on one line: the picture of that name."""
    if name not in DRAWN:
        raise Missing(f"there is no picture {name!r}; use one of {', '.join(DRAWN)}.")
    words = LETTERS[lang]
    height, parts = DRAWN[name](words)
    return f'<svg class="picture" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(words[name])}" xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    return f'<text x="{x}" y="{y}"{_class(kind)}>{escape(text)}</text>'


def _box(x: float, y: float, width: float, height: float, text: str = "", kind: str = "") -> str:
    """A box with one or two lines of text in its middle."""
    lines = text.split("\n") if text else []
    middle = y + height / 2 + 4 - 7 * (len(lines) - 1)
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="4"{_class(kind)}/>' + "".join(
        _text(x + width / 2, middle + 14 * number, line, "mid") for number, line in enumerate(lines)
    )


def _arrow(x: float, y: float, to_x: float, to_y: float, kind: str = "") -> str:
    """A line with a head, straight down or across, or slanting down."""
    head = f"M{to_x} {to_y}l-6 -4v8z" if y == to_y else f"M{to_x} {to_y}l-4 -6h8z"
    return f'<path class="line{" " + kind if kind else ""}" d="M{x} {y}L{to_x} {to_y}"/><path class="head" d="{head}"/>'


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def _workers(words: dict) -> tuple[int, list[str]]:
    parts = [_box(90, 4, 160, 30, words["master"], "key"), _text(258, 24, words["watch"], "note")]
    for x, name, kind in ((10, words["worker"], ""), (125, f'{words["worker"]}\n{words["died"]}', "gone"), (240, f'{words["worker"]}\n{words["new"]}', "new")):
        parts += [_arrow(170, 34, x + 45, 62), _box(x, 62, 90, 40, name, kind)]
    # Requests come from below: the heads point up.
    parts += [f'<path class="line" d="M{x} 126V108"/><path class="head" d="M{x} 104l-4 6h8z"/>' for x in (55, 285)]
    return 142, [*parts, _text(170, 132, words["requests"], "mid note"), '<path class="line" d="M55 126H120M220 126H285"/>']


def _lane(y: float, pieces: list[tuple[float, float, str, str]]) -> list[str]:
    """Bars of a lane: (from, to, kind, text)."""
    return [_box(start, y, end - start, 20, text, kind) for start, end, kind, text in pieces]


def _loop(words: dict) -> tuple[int, list[str]]:
    parts = [_text(2, 14, words["threads"], "name")]
    for number, y in ((1, 24), (2, 50)):
        parts.append(_text(2, y + 14, words["thread"].format(n=number)))
        parts += _lane(y, [(80, 130, "a" if number == 1 else "b", words["works"]), (130, 280, "wait", words["waits"]), (280, 330, "a" if number == 1 else "b", words["works"])])
    parts += [_text(2, 96, words["one"], "name"), _text(2, 120, words["thread"].format(n=1))]
    parts += _lane(106, [(80, 130, "a", "1"), (130, 180, "b", "2"), (180, 230, "c", "3"), (280, 330, "a", "1")])
    return 132, parts


def _drain(words: dict) -> tuple[int, list[str]]:
    return 122, [
        _text(130, 14, words["signal"], "mid name"), '<path class="line strong" d="M130 20V108"/>',
        _box(30, 30, 210, 24, words["flight"], "a"),
        _box(140, 66, 160, 24, words["refused"], "gone"),
        '<path class="line dashed" d="M240 24V62M240 94V108"/>', _text(240, 14, words["ends"], "mid name"),
        _arrow(10, 108, 334, 108),
    ]


def _pool(words: dict) -> tuple[int, list[str]]:
    parts = [_box(2, 20, 222, 134, "", "frame"), _text(8, 14, words["process"], "note"), _text(163, 38, words["pool_name"], "mid note"), _box(270, 30, 66, 120, words["database"], "key")]
    for number in range(6):
        y = 28 + 20 * number
        kind = "b" if number < 4 else "wait"
        parts.append(_box(12, y, 60, 15, "" if number < 4 else words["wait"], kind))
        if number < 4:
            slot = 50 + 24 * number
            parts += [f'<path class="line" d="M72 {y + 7.5}L124 {slot}"/>', _box(124, slot - 8, 78, 16, "", "a"), _arrow(202, slot, 270, slot)]
    return 158, parts


def _proxy(words: dict) -> tuple[int, list[str]]:
    return 78, [
        _box(2, 30, 76, 40, words["browser"]), _arrow(78, 50, 122, 50), _text(100, 43, "HTTPS", "mid note"),
        _box(122, 30, 88, 40, "nginx", "key"), _text(166, 22, words["reverse"], "mid note"),
        _arrow(210, 50, 250, 50), _text(230, 43, "HTTP", "mid note"),
        _box(250, 30, 88, 40, "Gunicorn\nDjango", "a"), _text(294, 22, words["server"], "mid note"),
    ]


DRAWN = {"workers": _workers, "loop": _loop, "drain": _drain, "pool": _pool, "proxy": _proxy}
