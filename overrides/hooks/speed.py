"""How light the pages are and how quickly they are built: `evidence/site/speed/*.json`, made by scripts/benchmark."""

import json
from functools import lru_cache
from html import escape
from statistics import median

from mkdocs.utils import get_relative_url

import records
from charts import table
from data import Missing
from raw import RAW

FOLDER = "site/speed"

WORDS = {
    "ja": {
        "pages": "このサイト", "stock": "手を加えていない Material", "measured": "測ったページ", "scores": "性能 / アクセシビリティ / ベストプラクティス / SEO（最低）",
        "lcp": "LCP（中央値、最大）", "bytes": "最初の表示（中央値、最大）", "next": "次のページ（中央値）", "requests": "リクエスト（最大）",
        "weight": "ページの重さ", "build": "ビルドの速さ", "what": "測ったこと", "time": "時間",
        "first": "全体のビルド（初回）", "again": "全体のビルド（グラフとカードは前回のもの）", "ten": "ページを 10 倍にしたとき", "reload": {"page": "ページを保存してから表示されるまで", "snippet": "スニペットを保存してから表示されるまで"},
        "each": "{total} 秒（1 ページ {each} ミリ秒）", "seconds": "{seconds} 秒", "ran": "CPU {cpus} 個、{versions}、{date}。", "raw": "測定値（JSON）", "again_with": "同じ測定をするには：", "join": "、", "which": "測ったページ：", "ms": "{0} ミリ秒、{1} ミリ秒", "kb": "{0} KB、{1} KB",
    },
    "en": {
        "pages": "This site", "stock": "Stock Material", "measured": "Pages measured", "scores": "Performance / accessibility / best practices / SEO (lowest)",
        "lcp": "LCP (median, maximum)", "bytes": "First view (median, maximum)", "next": "Next page (median)", "requests": "Requests (maximum)",
        "weight": "What a page weighs", "build": "How quickly it is built", "what": "Measured", "time": "Time",
        "first": "Whole build, the first one", "again": "Whole build, charts and cards kept", "ten": "Ten times the pages", "reload": {"page": "From saving a page to seeing it", "snippet": "From saving a snippet to seeing it"},
        "each": "{total} s ({each} ms a page)", "seconds": "{seconds} s", "ran": "{cpus} CPUs, {versions}, {date}.", "raw": "Figures (JSON)", "again_with": "To measure it again:", "join": ", ", "which": "Pages measured: ", "ms": "{0} ms, {1} ms", "kb": "{0} KB, {1} KB",
    },
}  # fmt: skip
SCORES = ("performance", "accessibility", "best-practices", "seo")


def record(name: str) -> dict:
    """Load `evidence/site/speed/<name>.json`; `Missing` says how to make it."""
    path = records.EVIDENCE / FOLDER / f"{name}.json"
    if not path.exists():
        raise Missing(f"evidence/{FOLDER}/{name}.json is missing; run scripts/benchmark all --stock --record.")
    return _read(path, path.stat().st_mtime)


@lru_cache(None)
def _read(path, changed: float) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def weight(place) -> str:
    """Block: the pages of this site beside those of stock Material."""
    words, found = WORDS[place.lang], {name: record(name) for name in ("pages", "stock")}
    rows = [("measured", lambda pages: str(len(pages))), ("scores", _scores)]
    rows += [(key, lambda pages, key=key, unit=unit: _middle_and_most(pages, key, words[unit])) for key, unit in (("lcp", "ms"), ("bytes", "kb"))]
    rows += [("next", lambda pages: f"{median(page['next'] for page in pages) / 1024:.1f} KB"), ("requests", lambda pages: str(max(page["requests"] for page in pages)))]
    lines = [f'<tr><th scope="row">{words[key]}</th>' + "".join(f"<td>{of(entry['pages'])}</td>" for entry in found.values()) + "</tr>" for key, of in rows]
    return f"\n{table(words['weight'], ['', words['pages'], words['stock']], lines)}{_which(place, found['pages']['pages'])}{_ran(place, found)}\n"


def _which(place, pages: list[dict]) -> str:
    links = [f'<a href="{get_relative_url(page["page"].lstrip("/"), place.url)}"><code>{escape(page["page"])}</code></a>' for page in pages]
    return f'<p class="ran">{WORDS[place.lang]["which"]}{WORDS[place.lang]["join"].join(links)}</p>\n'


def _scores(pages: list[dict]) -> str:
    return " / ".join(str(min(page["scores"][name] for page in pages)) for name in SCORES)


def _middle_and_most(pages: list[dict], key: str, words: str) -> str:
    values = [page[key] / (1024 if key == "bytes" else 1) for page in pages]
    return words.format(f"{median(values):,.0f}", f"{max(values):,.0f}")


def build(place) -> str:
    """Block: what a writer waits for."""
    words, entry = WORDS[place.lang], record("build")
    whole = {"first": entry["first"] | {"pages": entry["pages"]}, "again": entry["again"] | {"pages": entry["pages"]}, "ten": entry["ten"]}
    rows = [(words[name], words["each"].format(total=f"{one['seconds']:.1f}", each=f"{one['seconds'] / one['pages'] * 1000:.0f}")) for name, one in whole.items()]
    rows += [(words["reload"][name], words["seconds"].format(seconds=f"{seconds:.1f}")) for name, seconds in entry["reload"].items()]
    lines = [f'<tr><th scope="row">{name}</th><td>{value}</td></tr>' for name, value in rows]
    return f"\n{table(words['build'], [words['what'], words['time']], lines)}{_ran(place, {'build': entry})}\n"


def _ran(place, found: dict) -> str:
    words, entry = WORDS[place.lang], next(iter(found.values()))
    line = words["ran"].format(cpus=entry["machine"]["cpus"], versions=escape(versions(place, entry["versions"])), date=entry["date"])
    links = words["join"].join(f'<a href="{get_relative_url(f"{RAW}/{FOLDER}/{name}.json", place.url)}">{name}.json</a>' for name in found)
    return f'<p class="ran">{line} {words["again_with"]} <code>{escape(entry["command"])}</code> · {words["raw"]} {links}</p>'


def versions(place, found: dict) -> str:
    names = {"mkdocs": "MkDocs", "mkdocs-material": "Material for MkDocs", "lighthouse": "Lighthouse"}
    known = {names.get(name, name): version for name, version in found.items() if name != "browser"}
    line = records.versions_line(place, known)
    return line + WORDS[place.lang]["join"] + found["browser"].replace("/", " ") if "browser" in found else line
