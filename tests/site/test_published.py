"""What goes with the pages: what other programs, feed readers and hosts are given."""

import json
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from functools import lru_cache
from xml.etree import ElementTree

import cards
import headers
import pytest
import yaml
from bs4 import BeautifulSoup

from tests.site import built, parity

ATOM = "{http://www.w3.org/2005/Atom}"


def text(site, name: str) -> str:
    return (site.folder / name).read_text("utf-8")


def parts(page) -> tuple[str, BeautifulSoup]:
    """(HTML, its head): the pages are long, and a head is parsed in no time."""
    return _parts(page.file)


@lru_cache(None)
def _parts(file) -> tuple[str, BeautifulSoup]:
    html = file.read_text("utf-8")
    return html, BeautifulSoup(html.partition("<body")[0], "html.parser")


def foot(page) -> str:
    return parts(page)[0].partition('<footer class="page-foot">')[2].partition("</footer>")[0]


def head(page, selector: str):
    found = parts(page)[1].select_one(selector)
    assert found, f"{page.address} has no {selector} in its head: see overrides/partials/share.html."
    return found


def test_every_page_says_when_it_was_verified(site):
    silent = [page.address for page in site.articles if not re.search(r"\d{4}-\d\d-\d\d", foot(page))]
    assert not silent, f"{silent}: show a record on the page, or write `verified: <date>` into its front matter once you have checked it."


def test_every_page_can_be_mended(site):
    """Without a repository both kinds of links lead to the section that says how to report."""
    for page in site.articles:
        html = parts(page)[0]
        assert '#report">' in foot(page), f"{page.address} has no link to report a mistake."
        files, links = html.count(" data-snippet="), html.count('<span class="mend"')
        assert files == links, f"{page.address} has {files} files and links below {links} of them."


def test_every_page_is_there_as_markdown(site):
    """With its heading, its files and no HTML of the theme."""
    for page in site.articles:
        assert head(page, 'link[type="text/markdown"]')["href"] == "index.md"
        markdown = text(site, f"{page.address[1:]}index.md")
        assert re.search("^# .", markdown, re.M), f"{page.address}index.md has no heading."
        assert not re.search(r"</?(div|span|button)\b|--8<--|<!-- ?show:|¶", re.sub(r"```.*?```|`[^`\n]*`", "", markdown, flags=re.S)), f"{page.address}index.md"
    gunicorn = text(site, "en/servers/gunicorn/index.md")
    assert (parity.ROOT / "snippets/gunicorn-gthread/gunicorn.conf.py").read_text("utf-8") in gunicorn


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_llms_lists_every_page_of_a_language(site, lang):
    root = site.site_url + ("" if lang == "ja" else "en/")
    listed = re.findall(r"\]\((\S+)index\.md\)", text(site, f"{root.removeprefix(site.site_url)}llms.txt"))
    assert sorted(listed) == sorted(site.site_url + page.address[1:] for page in site.articles if page.lang == lang)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_feed_has_every_change(site, lang):
    prefix = "" if lang == "ja" else "en/"
    changes = yaml.safe_load((parity.ROOT / "docs/about/changes.yml").read_text("utf-8"))
    feed = ElementTree.fromstring(text(site, f"{prefix}feed.xml"))
    entries = feed.findall(f"{ATOM}entry")
    assert {entry.find(f"{ATOM}title").text for entry in entries} == {change["title"][lang] for change in changes}
    # What RFC 4287 asks of a feed and of each entry.
    assert all(feed.find(f"{ATOM}{name}") is not None for name in ("id", "title", "updated", "author/" + ATOM + "name"))
    assert feed.find(f"{ATOM}link[@rel='self']").get("href") == f"{site.site_url}{prefix}feed.xml"
    ids = [entry.find(f"{ATOM}id").text for entry in entries]
    assert len(set(ids)) == len(ids) and all(ids)
    dates = [entry.find(f"{ATOM}updated").text for entry in entries]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", date) for date in dates)
    assert dates == sorted(dates, reverse=True) and feed.find(f"{ATOM}updated").text == dates[0]
    for entry in entries:
        address, _, anchor = entry.find(f"{ATOM}link").get("href").removeprefix(site.site_url).partition("#")
        assert site.exists(f"/{address}", anchor), f"{address}#{anchor} does not exist."


def test_heads_name_the_page_for_other_programs(site):
    for page in site.articles:
        address = site.site_url + page.address[1:]
        assert head(page, "link[rel=canonical]")["href"] == address
        assert head(page, 'meta[property="og:url"]')["content"] == address
        card = head(page, 'meta[property="og:image"]')["content"].removeprefix(site.site_url)
        assert (site.folder / card).read_bytes()[16:24] == (1200).to_bytes(4) + (630).to_bytes(4), f"{card} is not 1200 x 630."
        graph = json.loads(head(page, 'script[type="application/ld+json"]').text)["@graph"]
        assert graph[0]["@type"] == "TechArticle" and graph[0]["inLanguage"] == page.lang and graph[0]["url"] == address
        for trail in graph[1:]:
            places = [item["item"].removeprefix(site.site_url) for item in trail["itemListElement"]]
            assert places[-1] == page.address[1:] and all(site.exists(f"/{place}") for place in places), page.address
        for link in parts(page)[1].select('link[type="application/atom+xml"], link[rel=manifest], link[rel=apple-touch-icon]'):
            assert site.exists(*site.resolve(page, link["href"])), f"{page.address}: {link['href']} does not exist."


def test_cards_have_every_character(site):
    """A title with a character that the font lacks would have an empty box on its card."""
    titles = "".join({head(page, "title").text for page in site.articles})
    assert not cards.missing(titles), "Cut the font in overrides/.fonts/ again with these characters."


def test_policy_allows_the_inline_scripts_that_are_there_and_no_others(site):
    """The page's own policy and the host's headers say the same; nothing needs unsafe-inline."""
    sent = re.search(r"Content-Security-Policy: (.*)", text(site, "_headers"))[1]
    assert "unsafe" not in sent and sent in text(site, "_headers.nginx.conf")
    allowed = set()
    for page in site.pages:
        policy = head(page, 'meta[http-equiv="Content-Security-Policy"]')
        assert policy.find_previous("script") is None, f"{page.address}: a script before the policy is not held by it."
        allowed |= set(re.findall(r"'sha256-\S+'", policy["content"]))
        inline = re.findall(r"<style\b[^>]*>|<[a-z]+\b[^>]*?\s(?:style|on[a-z]+)=[^>]*>", parts(page)[0])
        assert not inline, f"{page.address} has styles or handlers in its HTML, which the policy forbids: {inline[:2]}; use a class."
    assert allowed == set(re.findall(r"'sha256-\S+'", sent))


def test_width_of_the_comparison_fits_its_servers(site):
    """matrix.css cannot count, and a style attribute is not allowed."""
    heading = re.search(r'class="?matrix-table.*?</thead>', parts(site.by_address["/choose/compare/"])[0], re.S)[0]
    columns = len(re.findall(r"<th\b", heading))
    css = (parity.ROOT / "docs/assets/stylesheets/matrix.css").read_text("utf-8")
    assert f"--columns: {columns};" in css, f"Set --columns of .matrix-scroll in matrix.css to {columns}."


def test_what_is_kept_for_reading_offline_is_there(site):
    listed = json.loads(text(site, "pages.json"))
    assert f'"{listed["version"]}"' in text(site, "sw.js")
    for lang in ("ja", "en"):
        assert {f"/{url}" for url, _, _ in listed[lang]["pages"]} == {page.address for page in site.articles if page.lang == lang}
        for name in [*listed["shell"], *listed[lang]["files"]]:
            assert (site.folder / name).is_file(), name
    for url, _, hash_ in listed["ja"]["pages"]:
        given = head(site.by_address[f"/{url}"], "meta[name=offline]")["content"].split()
        assert given[0] == hash_ and site.resolve(site.by_address[f"/{url}"], given[1]) == ("/sw.js", "")


def test_missing_page_helps_without_javascript(site):
    soup = BeautifulSoup(text(site, "404.html"), "html.parser")
    for section in soup.select("section.missing"):
        assert len(section.select("a")) >= 3 and section.get("lang") in ("ja", "en")
    assert not soup.select("meta[name=offline]"), "404.html is shown at any address; it has no place in the list of pages."
    assert built.SITE_URL.endswith(soup.select_one("script[data-root]")["data-root"])


NGINX = """daemon off; master_process off; user root; pid nginx.pid; error_log stderr;
events {{}}
http {{
    types {{ text/html html; text/css css; application/javascript js; application/json json; application/atom+xml atom; text/xml xml; }}
    access_log off;
    server {{
        listen 127.0.0.1:{port};
        root {root};
        include {site}/_headers.nginx.conf;
    }}
}}
"""


@pytest.fixture
def nginx(site, tmp_path):
    """The address of the site behind a real nginx with the snippet for it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "root").mkdir()
    below = tmp_path / "root" / site.base.strip("/")
    below.parent.mkdir(parents=True, exist_ok=True)
    below.symlink_to(site.folder)
    (tmp_path / "nginx.conf").write_text(NGINX.format(port=port, root=tmp_path / "root", site=site.folder), "utf-8")
    server = subprocess.Popen(["nginx", "-p", str(tmp_path), "-c", "nginx.conf", "-e", "stderr"], stderr=subprocess.PIPE, text=True)
    for _ in range(100):
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert server.poll() is None, server.stderr.read()
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}{site.base}"
    server.terminate()
    server.wait(10)


def asked(address: str | urllib.request.Request):
    """(status, headers) of an address."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers


def test_nginx_sends_what_the_other_hosts_send(site, nginx):
    """The snippet loads, gives pages, files and 404.html their headers, hashed files a year, and compresses."""
    sent = dict(re.findall(r"^  ([\w-]+): (.*)$", text(site, "_headers"), re.M))
    hashed = next(name for name in headers.hashed(site.folder) if "/page." in name)  # the largest: small files are not compressed
    for path, status, kept in (("", 200, "no-cache"), ("choose/index.md", 200, "no-cache"), ("no-such-page/", 404, "no-cache"), (hashed, 200, sent["Cache-Control"])):
        code, got = asked(nginx + path)
        assert (code, got["Cache-Control"]) == (status, kept), path
        for name, value in sent.items():
            assert name == "Cache-Control" or got.get_all(name) == [value], f"{path}: {name}"
    assert asked(f"{nginx}choose/index.md")[1]["Content-Type"] == "text/plain; charset=utf-8"
    for path in ("", "choose/index.md", hashed, "sw.js", "pages.json"):
        assert asked(urllib.request.Request(nginx + path, headers={"Accept-Encoding": "gzip"}))[1]["Content-Encoding"] == "gzip", path
