"""The hooks that write what goes with the pages: addresses of repositories, policy, Markdown, dates, cards."""

from datetime import date
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import cards
import headers
import mend
import plain
import pytest
import verified
from mkdocs.exceptions import PluginError
from place import Place


def publisher(repo_url: str):
    return SimpleNamespace(repo_url=repo_url, extra={"edit_uri": "edit/main/docs/"})


PLACE = Place(lang="en", path="servers/gunicorn.md", url="en/servers/gunicorn/")


def test_without_a_repository_links_lead_to_how_to_report():
    assert mend.edit_url(publisher(""), "docs/index.en.md") is None
    links = mend.for_snippet(PLACE, publisher(""), "gunicorn-gthread/gunicorn.conf.py")
    assert 'href="../../about/#report"' in links and "Edit" not in links


@pytest.mark.parametrize("repository", ["https://github.com/a/b", "https://codeberg.org/a/b/"])
def test_links_into_a_repository(repository):
    config = publisher(repository)
    assert mend.edit_url(config, "docs/index.en.md") == f"{repository.rstrip('/')}/edit/main/docs/index.en.md"
    links = mend.for_snippet(PLACE, config, "gunicorn-gthread/gunicorn.conf.py:section")
    assert f'{repository.rstrip("/")}/edit/main/snippets/gunicorn-gthread/gunicorn.conf.py"' in links
    report = urlsplit(mend.report_url(config, "ja", "nginx", "https://example.org/deploy/nginx/"))
    assert report.path == "/a/b/issues/new" and parse_qs(report.query)["title"] == ["間違い：nginx"]
    assert "https://example.org/deploy/nginx/" in parse_qs(report.query)["body"][0]


def test_gitlab_has_addresses_of_its_own():
    report = mend.report_url(publisher("https://gitlab.com/a/b"), "en", "nginx")
    assert report == "https://gitlab.com/a/b/-/issues/new?issue%5Btitle%5D=Wrong%3A%20nginx"


def test_only_scripts_that_run_need_a_hash():
    html = '<script>one()</script><script src="two.js"></script><script type="application/ld+json">{}</script><script id="c" type=application/json>{}</script><script type="later" data-src="x.js"></script>'
    (only,) = headers.hashes(html)
    assert f"'{only}'" in headers.policy([only]) and "unsafe" not in headers.policy([only])
    assert "frame-ancestors" not in headers.policy([], meta=True)
    assert len(headers.hashes("<script type=module>a()</script><script type='text/javascript'>b()</script><script type=\"\">c()</script>")) == 3
    # The example of https://www.w3.org/TR/CSP3/#grammardef-hash-source
    assert headers.hashes("<script>alert('Hello, world.');</script>") == ["sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng="]


def test_headers_below_a_path():
    assert headers.for_netlify([], ["assets/a.01234567.css"], "https://example.org/sub/").splitlines()[-2:] == [
        "/sub/assets/a.01234567.css", "  Cache-Control: public, max-age=31536000, immutable",
    ]
    assert "error_page 404 /sub/404.html;" in headers.for_nginx([], "https://example.org/sub/")


def test_markdown_keeps_code_tables_and_tracebacks():
    html = (
        '<h1 id="a">A<a class="headerlink" href="#a">¶</a></h1><div class="language-python highlight" data-snippet="x"><span class="filename">a.py</span>'
        '<pre><span></span><code><span class="k">if</span> a <span class="o">&lt;</span> b:\n    pass\n</code></pre></div><p><span class="mend"><a href="x">Edit</a></span></p>'
        '<figure class="trace"><figcaption><strong>T</strong><code>c</code></figcaption><div class="trace-text" role="group"><div class="trace-wide">'
        '<details open><summary>2 frames</summary><div class="trace-frame"><span class="trace-tag">Django</span><div class="trace-lines"><div>  File "x"</div>'
        '<div>    a &lt; b</div></div></div></details><div class="trace-line">KeyError: 1</div></div></div></figure>'
        "<table><thead><tr><td></td><th>B</th></tr></thead><tbody><tr><th>c</th><td>d</td></tr></tbody></table>"
    )
    text = plain.markdown(html)
    assert text.startswith("# A\n") and "```python\nif a < b:\n    pass\n```" in text and "**a.py**" in text
    assert '```pytb\n  File "x"\n    a < b\nKeyError: 1\n```' in text
    assert "| c | d |" in text and "Edit" not in text and "frames" not in text


def test_dates_come_from_what_the_page_shows():
    (name, day) = next(iter(verified.dates().items()))
    assert verified.of(f'<a href="../evidence/data/{name}">', {}) == (day, day)
    assert verified.of("<p>", {"verified": date(2026, 11, 21)}) == ("2026-11-21", "2026-11-21")
    assert verified.of("<p>", {}) is None
    with pytest.raises(PluginError, match="not a date"):
        verified.of("<p>", {"verified": "yesterday"})


def test_card_is_the_same_every_time_and_fits():
    first, second = (cards.draw("スタックトレースのパターン集", "困ったとき", "Django を動かす") for _ in range(2))
    assert first == second and first[16:24] == (1200).to_bytes(4) + (630).to_bytes(4)
    for title in ("Gunicorn", "非同期の前に：測る、プロセスとスレッド、クエリ、データベース、外部呼び出し", "WSGI or ASGI, which server, with what configuration"):
        font, lines = cards._fit(title)
        assert len(lines) <= 3 and max(map(font.getlength, lines)) <= cards.WIDTH and "".join(lines).replace(" ", "") == title.replace(" ", "")
    assert cards.missing("漢字かなABC") == [] and cards.missing("𠮟") == ["𠮟"]
