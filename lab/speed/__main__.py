"""
Measures what readers load and how long building takes. Usage: scripts/benchmark [pages|build|all] [options] [/servers/gunicorn/ …]

pages  Lighthouse on a phone (mobile preset, simulated throttling) for the pages named, or for all of them, of this site and
       with --stock of stock Material with the same content: scores, LCP, bytes by kind, requests, bytes of the next page.
build  seconds per page of a whole build, of a reload after one edit, and of ten times as many pages.

With --record the figures go to evidence/site/speed/.
"""

import argparse
import json
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path
from urllib.request import urlopen

from lab.recipes import ROOT
from lab.speed import sites
from lab.speed.serving import Host

EVIDENCE = ROOT / "evidence" / "site" / "speed"
LIGHTHOUSE = Path(__file__).with_name("lighthouse")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chromium-headless-shell")
FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-sandbox"]
EDITED = {"page": "docs/servers/daphne.ja.md", "snippet": "snippets/daphne/start.sh"}
SHOWN = "servers/daphne/"


def main(arguments=None) -> None:
    parser = argparse.ArgumentParser(prog="scripts/benchmark", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("pages", "build", "all"), nargs="?", default="pages")
    parser.add_argument("pages", nargs="*", help="addresses such as /servers/gunicorn/; none: all pages")
    parser.add_argument("--site", type=Path, help="a folder with the built site; without it the site is built")
    parser.add_argument("--brotli", action="store_true", help="serve with Brotli to browsers that know it; without: gzip, which most hosts have and which is larger")
    parser.add_argument("--runs", type=int, default=1, help="how often each page is measured; the run with the middle LCP counts")
    parser.add_argument("--stock", action="store_true", help="measure stock Material as well")
    parser.add_argument("--record", action="store_true", help="write evidence/site/speed/")
    chosen = parser.parse_intermixed_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        if chosen.what in ("pages", "all"):
            measure_pages(chosen, Path(folder))
        if chosen.what in ("build", "all"):
            keep(chosen, "build", builds(Path(folder)))


# ---- Pages ----


def measure_pages(chosen, folder: Path) -> None:
    site = chosen.site
    if site is None:
        site = folder / "site"
        sites.build(ROOT, site)
    keep(chosen, "pages", of_site(site, chosen))
    if chosen.stock:
        sites.build(sites.stock(folder / "stock-source"), folder / "stock")
        keep(chosen, "stock", of_site(folder / "stock", chosen))


def addresses(site: Path) -> list[str]:
    """The pages of a built site, as /servers/gunicorn/."""
    return sorted("/" + path.parent.relative_to(site).as_posix().removeprefix(".") + ("/" if path.parent != site else "") for path in site.rglob("index.html"))


def of_site(site: Path, chosen) -> dict:
    """Every figure of the pages, printed as they come."""
    encodings = ("br", "gzip") if chosen.brotli else ("gzip",)
    host, there, wanted = Host(site, encodings), addresses(site), chosen.pages
    if unknown := [page for page in wanted if page not in there]:
        sys.exit(f"{site} has no page {unknown[0]}; the first ones are {', '.join(there[:5])}.")
    warm = next_pages(host, wanted or there)
    rows = []
    print(f"{'page':48} perf a11y  bp  seo   LCP ms  CLS    KB  requests (others)  next KB   KB by kind")
    for found in lighthouse(host, wanted or there, chosen.runs):
        page = "/" + found.pop("address").split("/", 3)[3].split("#")[0]
        row = {"page": page, **found, "next": warm.get(page)}
        rows.append(row)
        print(line(row), flush=True)
    host.shutdown()
    return {
        **about(lighthouse=rows[0]["lighthouse"], browser=rows[0]["browser"]), "compression": encodings[0], "runs": chosen.runs,
        "pages": [{key: value for key, value in row.items() if key not in ("lighthouse", "browser")} for row in rows],
    }


def line(row: dict) -> str:
    scores = row["scores"]
    kinds = ", ".join(f"{kind} {size / 1024:.1f}" for kind, size in sorted(row["kinds"].items(), key=lambda item: -item[1]))
    after = f"{row['next'] / 1024:.1f}" if row["next"] is not None else "–"
    return (f"{row['page']:48} {scores['performance']:4} {scores['accessibility']:4} {scores['best-practices']:3} {scores['seo']:4}  {row['lcp']:6}  {row['shift']:.3f}"
            f" {row['bytes'] / 1024:6.1f}  {row['requests']:3} ({row['others']})  {after:>14}   {kinds}{'   lost: ' + ', '.join(row['lost']) if row['lost'] else ''}")


def lighthouse(host: Host, pages: list[str], runs: int):
    """What Lighthouse finds, page by page."""
    if not (LIGHTHOUSE / "node_modules").exists():
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=LIGHTHOUSE, check=True, stdout=sys.stderr, env={**os.environ, "PUPPETEER_SKIP_DOWNLOAD": "1"})
    asked = {"addresses": [host.address + page.lstrip("/") for page in pages], "runs": runs, "flags": FLAGS}
    process = subprocess.Popen(["node", "measure.mjs"], cwd=LIGHTHOUSE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "CHROME_PATH": browser()})
    process.stdin.write(json.dumps(asked))
    process.stdin.close()
    for text in process.stdout:
        yield json.loads(text)
    if process.wait():
        sys.exit("Lighthouse ended with an error; what it said stands above.")


def next_pages(host: Host, pages: list[str]) -> dict[str, int]:
    """
    {page: bytes on the wire when a reader comes to it from the home page}, with what the browser has kept. The reader has not
    touched anything, and what the service worker keeps in the background for reading offline is not counted.
    """
    from playwright.sync_api import sync_playwright

    found = {}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser(), args=FLAGS)
        for page in pages:
            context = chromium.new_context(viewport={"width": 412, "height": 823}, service_workers="block")
            tab = context.new_page()
            tab.goto(host.address + ("en/" if page.startswith("/en/") else "") + ("servers/" if page in ("/", "/en/") else ""), wait_until="networkidle")
            before = len(host.answers)
            tab.goto(host.address + page.lstrip("/"), wait_until="networkidle")
            found[page] = sum(size for _, _, size in host.answers[before:])
            context.close()
        chromium.close()
    return found


def browser() -> str:
    """The browser of the machine."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    return found or sys.exit("No browser was found; run scripts/programs, or install Chromium.")


# ---- Builds ----


def builds(folder: Path) -> dict:
    """Seconds of whole builds and of reloads; each is done three times, the middle one counts."""
    source, pages = sites.copy(folder / "once"), len(list((ROOT / "docs").rglob("*.md")))
    found = {**about(), "pages": pages, "first": built(source, folder / "target")}
    found["again"] = middle([built(source, folder / "target") for _ in range(3)])
    found["reload"] = reloads(source)
    found["ten"] = {"pages": pages * 10, **built(sites.copy(folder / "ten", 10), folder / "target-ten")}
    for name in ("first", "again"):
        print(f"{name:8} {found[name]['seconds']:7.1f} s  {found[name]['seconds'] / pages * 1000:5.0f} ms a page  (CPU {found[name]['cpu']:.1f} s)")
    print(f"ten      {found['ten']['seconds']:7.1f} s  {found['ten']['seconds'] / pages * 100:5.0f} ms a page  (CPU {found['ten']['cpu']:.1f} s)")
    for name, seconds in found["reload"].items():
        print(f"reload of a {name}: {seconds:.1f} s")
    return found


def middle(values: list[dict]) -> dict:
    return sorted(values, key=lambda value: value["seconds"])[len(values) // 2]


def built(source: Path, target: Path) -> dict:
    """{seconds, cpu} of a build by itself."""
    before, start = os.times(), time.monotonic()
    sites.build(source, target)
    after = os.times()
    return {"seconds": round(time.monotonic() - start, 2), "cpu": round(after.children_user + after.children_system - before.children_user - before.children_system, 2)}


def reloads(source: Path) -> dict:
    """Seconds from saving an edit to its being served; median of three."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "mkdocs", "serve", "--dirty", "-a", f"127.0.0.1:{port}"], cwd=source, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}/{SHOWN}"
        shows(address, "<h1", 300)
        found = {}
        for name, path in EDITED.items():
            times = []
            for number in range(3):
                time.sleep(1)
                mark = f"edited-{name}-{number}"
                start = time.monotonic()
                with (source / path).open("a", encoding="utf-8") as file:
                    file.write(f"\n# {mark}\n" if name == "snippet" else f"\n{mark}\n")
                shows(address, mark, 60)
                times.append(round(time.monotonic() - start, 2))
            found[name] = sorted(times)[1]
        return found
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def shows(address: str, text: str, patience: float) -> None:
    """Wait until a page is served that has this text; TimeoutError after `patience` seconds."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        try:
            if text in urlopen(address, timeout=5).read().decode():
                return
        except OSError:
            pass
        time.sleep(.05)
    raise TimeoutError(f"{address} did not show {text} within {patience} s.")


# ---- Records ----


def about(**more: str) -> dict:
    names = ("mkdocs", "mkdocs-material")
    system = re.search(r'PRETTY_NAME="?([^"\n]+)', Path("/etc/os-release").read_text()) if Path("/etc/os-release").exists() else None
    versions = {"python": platform.python_version(), **{name: version(name) for name in names}, **more, "os": system[1] if system else platform.platform()}
    return {"date": date.today().isoformat(), "machine": {"cpus": os.cpu_count()}, "versions": versions, "command": f"scripts/benchmark {' '.join(sys.argv[1:])}".strip()}


def keep(chosen, name: str, found: dict) -> None:
    if chosen.record:
        EVIDENCE.mkdir(parents=True, exist_ok=True)
        (EVIDENCE / f"{name}.json").write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
