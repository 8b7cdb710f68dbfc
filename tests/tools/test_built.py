"""The checks of the built site: a small good site passes all of them, and one flaw per rule is caught."""

import pytest

from tests.site import built, permalinks

BASE = "https://example.org/sub/path/"

PAGE = """<!doctype html><html lang="{lang}"><head><title>{title} {path}</title><meta name="description" content="{title} {path}">
<link rel="canonical" href="{base}{prefix}{path}"><link rel=" alternate" hreflang="ja" href="{base}{path}">
<link rel="stylesheet" href="{up}{prefix_up}site.css"><script src="{up}{prefix_up}site.js"></script></head><body>
<a href="{up}{prefix_up}{other}{path}" hreflang="{other_lang}" lang="{other_lang}">{other_name}</a>
<nav class="md-nav md-nav--primary"><a class="md-nav__link" href="{up}./">{home}</a><a class="md-nav__link" href="{up}choose/">Gunicorn</a>
<nav class="md-nav--secondary"><a class="md-nav__link" href="#config">{title}</a></nav></nav>
<h1 id="sample">{title}</h1><h2 id="config">{title}</h2><p><a href="https://docs.djangoproject.com/">Django</a> <a href="{up}choose/#config">x</a></p>
<div class="admonition warning"><p class="admonition-title">{warning}</p></div>
<details class="record permalink" id="one-http"><summary>HTTP</summary><img src="{up}{prefix_up}a.svg" alt="{alt}"></details>
<pre><code># 日本語</code></pre></body></html>"""

WORDS = {
    "ja": {"alt": "図", "title": "見本", "home": "ホーム", "warning": "注意", "prefix": "", "prefix_up": "", "other": "en/", "other_lang": "en", "other_name": "English"},
    "en": {"alt": "Drawing", "title": "Sample", "home": "Home", "warning": "Warning", "prefix": "en/", "prefix_up": "../", "other": "", "other_lang": "ja", "other_name": "日本語"},
}
NOT_FOUND = """<!doctype html><html lang="ja"><head><title>404</title><meta name="description" content="404"></head>
<body><h1 id="not-found">見つかりません / Not found</h1><a href="/sub/path/" hreflang="ja">ホーム</a> <a href="/sub/path/en/choose/">Choose</a></body></html>"""


@pytest.fixture
def site(tmp_path):
    """A folder as a good build leaves it: /, /choose/, both in English too, 404.html, sitemap.xml and assets."""
    entries = ""
    for lang, words in WORDS.items():
        for path in ("", "choose/"):
            folder = tmp_path / words["prefix"] / path
            folder.mkdir(parents=True, exist_ok=True)
            text = PAGE.format(lang=lang, base=BASE, path=path, up="../" if path else "", **words)
            (folder / "index.html").write_text(text, "utf-8")
            links = "".join(
                f'<x:link rel="alternate" hreflang="{name}" href="{BASE}{prefix}{path}"/>'
                for name, prefix in (("ja", ""), ("en", "en/"), ("x-default", ""))
            )
            entries += f"<url><loc>{BASE}{words['prefix']}{path}</loc>{links}</url>\n"
    sitemap = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:x="http://www.w3.org/1999/xhtml">\n{entries}</urlset>'
    (tmp_path / "sitemap.xml").write_text(sitemap, "utf-8")
    (tmp_path / "404.html").write_text(NOT_FOUND, "utf-8")
    (tmp_path / "site.css").write_text("body { background: url(a.svg) }", "utf-8")
    (tmp_path / "site.js").write_text('import "./other.js"; // see https://example.com/', "utf-8")
    (tmp_path / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', "utf-8")
    return tmp_path

JA, EN, CHOOSE = "index.html", "en/index.html", "choose/index.html"
# (check, file, text in it, what to put in its place, what the sentence has to say)
FLAWS = [
    (built.broken_links, JA, 'href="choose/#config"', 'href="chose/"', "/: the page or file of the link “chose/” does not exist"),
    (built.broken_links, EN, 'href="choose/#config"', 'href="choose/#confg"', "/en/: the anchor #confg of the link “choose/#confg”"),
    (built.broken_links, EN, 'href="choose/#config"', 'href="choose"', "/en/: the page or file of the link “choose”"),
    (built.broken_links, EN, 'href="choose/#config"', 'href="../../../"', "/en/: the page or file of the link “../../../”"),
    (built.broken_links, CHOOSE, "../a.svg", "../b.svg", "/choose/: the page or file of the link “../b.svg”"),
    (built.broken_links, CHOOSE, "../site.css", "site.css", "/choose/: the page or file of the link “site.css”"),
    (built.broken_links, JA, f'"canonical" href="{BASE}"', f'"canonical" href="{BASE}x/"', f"the link “{BASE}x/”"),
    (built.broken_links, "404.html", "/sub/path/en/choose/", "/sub/path/en/chose/", "/404.html: the page or file"),
    (built.broken_links, "404.html", "/sub/path/en/choose/", "/en/choose/", "/404.html: the page or file"),
    (built.absolute_links, JA, 'href="choose/#config"', 'href="/sub/path/choose/"', "/: “/sub/path/choose/” breaks"),
    (built.absolute_links, JA, 'src="a.svg"', 'src="/a.svg"', "/: “/a.svg” breaks"),
    (built.absolute_links, "404.html", "/sub/path/en/choose/", "/en/choose/", "404.html: “/en/choose/” must start"),
    (built.absolute_links, "404.html", "/sub/path/en/choose/", "en/choose/", "404.html: “en/choose/” must start"),
    (built.foreign_requests, JA, 'src="site.js"', 'src="https://cdn.example/x.js"', "/ loads “https://cdn.example/x.js”"),
    (built.foreign_requests, JA, 'src="a.svg"', 'src="//cdn.example/a.svg"', "/ loads “//cdn.example/a.svg”"),
    (built.foreign_requests, JA, 'src="a.svg"', 'src="a.svg" srcset="a.svg 1x, https://cdn.example/b.svg 2x"', "/b.svg”"),
    (built.foreign_requests, EN, 'href="../site.css"', 'href="http://fonts.example/x.css"', "/en/ loads “http://fonts.example/x.css”"),
    (built.foreign_requests, EN, "</head>", '<link rel="preconnect" href="https://fonts.example"></head>', "“https://fonts.example”"),
    (built.foreign_requests, EN, "</head>", "<style>@import url('https://a.example/x.css')</style></head>", "a.example/x.css”"),
    (built.foreign_requests, EN, "<p>", '<p style="background: url(//a.example/x.png)">', "“//a.example/x.png”"),
    (built.foreign_requests, EN, "</head>", "<script>fetch('https://a.example/hit')</script></head>", "“https://a.example/hit”"),
    (built.foreign_requests, EN, "<p>", '<iframe src="https://video.example/"></iframe><p>', "“https://video.example/”"),
    (built.foreign_requests, EN, "<p>", '<form action="https://search.example/"></form><p>', "“https://search.example/”"),
    (built.foreign_requests, "site.css", "url(a.svg)", "url(https://cdn.example/a.woff2)", "/site.css loads “https://cdn.example/a.woff2”"),
    (built.foreign_requests, "site.js", '"./other.js"', '"https://cdn.example/o.js"', "/site.js loads “https://cdn.example/o.js”"),
    (built.repeated_ids, EN, 'id="config"', 'id="sample"', "/en/: the id “sample” is there 2 times"),
    (built.incomplete_pages, JA, "<title>見本 </title>", "<title></title>", "/ has no title"),
    (built.incomplete_pages, JA, '<meta name="description" content="見本 ">', "", "/ has no description"),
    (built.incomplete_pages, EN, '<html lang="en">', '<html lang="ja">', "/en/ says lang=“ja” and is “en”"),
    (built.incomplete_pages, EN, '<h2 id="config">Sample</h2>', "<h1>Sample</h1>", "/en/ has 2 h1"),
    (built.incomplete_pages, EN, '<h1 id="sample">Sample</h1>', "", "/en/ has 0 h1"),
    (built.repeated_heads, CHOOSE, "<title>見本 choose/", "<title>見本 ", "/ and /choose/ have the same title"),
    (built.repeated_heads, CHOOSE, 'content="見本 choose/"', 'content="見本 "', "/ and /choose/ have the same description"),
    (built.wrong_alternates, "sitemap.xml", f"<loc>{BASE}choose/</loc>", f"<loc>{BASE}chose/</loc>", "does not list /choose/"),
    (built.wrong_alternates, "sitemap.xml", f"<loc>{BASE}choose/</loc>", f"<loc>{BASE}chose/</loc>", "chose/, which does not exist"),
    (built.wrong_alternates, "sitemap.xml", "x-default", "x", "sitemap.xml has for / no hreflang=“x-default”"),
    (built.wrong_alternates, "sitemap.xml", f'hreflang="en" href="{BASE}en/choose/"', f'hreflang="en" href="{BASE}choose/"', "no hreflang=“en”"),
    (built.wrong_alternates, CHOOSE, f'hreflang="ja" href="{BASE}choose/"', f'hreflang="ja" href="{BASE}"', "/choose/ has hreflang=“ja” with"),
    (built.english_admonitions, JA, "注意", "Warning", "/: an admonition is called “Warning”"),
    (built.english_admonitions, JA, '<details class="record', '<details class="http', "/: an admonition is called “HTTP”"),
    (built.english_on_japanese_pages, JA, 'id="config"', 'id="config" title="Permanent link"', "“Permanent link” in title of <h2>"),
    (built.english_on_japanese_pages, CHOOSE, 'alt="図"', 'alt="A picture"', "“A picture” in alt of <img>"),
    (built.untranslated_navigation, EN, ">Home<", ">ホーム<", "“ホーム” is Japanese on English pages"),
    (built.untranslated_navigation, JA, ">ホーム<", ">Home<", "“Home” is the same in both languages"),
    (built.untranslated_navigation, EN, '<a class="md-nav__link" href="./">Home</a>', "", "2 entries at / and 1 at /en/"),
    (built.untranslated_navigation, JA, "md-nav--primary", "md-nav--first", "0 entries at /"),
    (built.wrong_switches, CHOOSE, 'href="../en/choose/"', 'href="../en/"', "/choose/ has no language switch to /en/choose/"),
    (built.wrong_switches, EN, 'hreflang="ja" lang', 'hreflang="de" lang', "/en/ has no language switch to /"),
    (built.wrong_switches, "404.html", '<a href="/sub/path/" hreflang', '<a href="/sub/path/choose/" hreflang', "404.html has a language switch"),
    (built.japanese_on_english_pages, EN, ">Home<", ">ホーム<", "/en/ says “ホーム”"),
    (built.japanese_on_english_pages, EN, 'alt="Drawing"', 'alt="図"', "/en/ says “図”"),
    (built.japanese_on_english_pages, EN, 'content="Sample "', 'content="見本"', "/en/ says “見本”"),
]


def change(path, old, new):
    text = path.read_text("utf-8")
    assert old in text, f"{old} is not in {path}"
    path.write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize("check", built.CHECKS, ids=lambda check: check.__name__)
def test_good_site_passes(check, site):
    assert check(built.Site(site)) == []


@pytest.mark.parametrize("check, file, old, new, sentence", FLAWS, ids=[f"{flaw[0].__name__}-{number}" for number, flaw in enumerate(FLAWS)])
def test_flaw_is_caught(site, check, file, old, new, sentence):
    change(site / file, old, new)
    problems = check(built.Site(site))
    assert any(sentence in problem for problem in problems), problems
    assert all(problem.endswith(".") and "\n" not in problem for problem in problems)


def test_every_check_has_a_flaw():
    assert {check for check, *_ in FLAWS} == set(built.CHECKS)


def test_missing_sitemap_is_caught(site):
    (site / "sitemap.xml").unlink()
    assert built.wrong_alternates(built.Site(site)) == ["sitemap.xml is missing: set site_url."]


def test_warnings_of_a_build_are_problems():
    output = "INFO    -  Building\nWARNING -  Doc file 'a.md' contains a link\nAborted with 1 warnings in strict mode!"
    assert len(built.build_problems(1, output)) == 1
    assert len(built.build_problems(0, output)) == 1
    assert len(built.build_problems(1, "Traceback: no such file")) == 1
    assert built.build_problems(0, "INFO    -  Building") == []


# --- permalinks


PUBLISHED = ["/", "/#config", "/#one-http", "/#sample", "/choose/", "/choose/#config", "/choose/#one-http", "/choose/#sample"]


def test_everything_that_can_be_linked_is_published(site):
    assert permalinks.published(built.Site(site)) == PUBLISHED
    assert permalinks.dead(built.Site(site), PUBLISHED) == []
    assert permalinks.unlisted(built.Site(site), PUBLISHED) == []


def test_new_heading_is_named(site):
    change(site / EN, "</h2>", '</h2><h3 id="new">New</h3>')
    (problem,) = permalinks.unlisted(built.Site(site), PUBLISHED)
    assert problem.startswith("/#new is new") and "`python -m tests.site.permalinks add`" in problem


def test_heading_that_went_is_named_per_language(site):
    change(site / EN, 'id="config"', 'id="configuration"')
    assert permalinks.dead(built.Site(site), PUBLISHED) == ["/en/#config was published and is gone: put <a id=“config”></a> where its text is now."]


def test_page_that_went_is_named(site):
    (site / CHOOSE).unlink()
    problems = permalinks.dead(built.Site(site), PUBLISHED)
    assert problems[0] == "/choose/ was published and is gone: leave a redirect there." and len(problems) == 4


def test_redirect_keeps_a_page_alive(site):
    for prefix in ("", "en/"):
        (site / prefix / "old").mkdir()
        (site / prefix / "old/index.html").write_text('<meta http-equiv="refresh" content="0; url=../choose/">', "utf-8")
    built_site = built.Site(site)
    assert permalinks.dead(built_site, ["/old/", "/old/#config"]) == []
    assert len(permalinks.dead(built_site, ["/old/#nothing"])) == 2
    change(site / "old/index.html", "../choose/", "../gone/")
    assert built.broken_links(built.Site(site)) == ["/old/: the page or file of the link “../gone/” does not exist: correct the link."]
    assert len(permalinks.dead(built.Site(site), ["/old/"])) == 1


def test_add_only_adds(site, tmp_path_factory):
    root = tmp_path_factory.mktemp("project")
    (root / "docs").mkdir()
    (root / permalinks.FILE).write_text("/zzz/\n/gone/#x\n", "utf-8")
    assert permalinks.add(root, built.Site(site)) == PUBLISHED
    assert permalinks.read(root) == sorted([*PUBLISHED, "/zzz/", "/gone/#x"])
    before = (root / permalinks.FILE).read_text("utf-8")
    assert permalinks.add(root, built.Site(site)) == []
    assert (root / permalinks.FILE).read_text("utf-8") == before
