"""Every page in both languages, as a browser sees it."""

import pytest

from tests.clipboard import copied
from tests.conftest import open_page
from tests.site import parity


def alike(path):
    """Whether a page is one of the many that a single hook makes of records, and not one of the two that stand for them."""
    return "evidence/" in path and not path.endswith(("evidence/", "evidence/gunicorn-gthread/", "evidence/uvicorn-socket/"))


@pytest.fixture(scope="module")
def visited(browser, address, site):
    """(problems, copied) of one visit to every page: sentences, and (address, path below snippets/, text) of each copy button."""
    problems, copies = [], []
    page = open_page(browser)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.on("pageerror", lambda error: problems.append(f"{page.url}: the script fails with “{error}”"))
    page.on("console", lambda message: problems.append(f"{page.url}: the console says “{message.text}”") if message.type in ("error", "warning") else None)
    page.on("response", lambda response: problems.append(f"{page.url}: {response.url} answers {response.status}") if response.status >= 400 else None)
    page.on("request", lambda request: problems.append(f"{page.url} asks another host: {request.url}") if not request.url.startswith((address, "data:", "blob:")) else None)
    for entry in site.articles:
        if alike(entry.address):
            continue
        for width, scheme in ((1280, "light"), (320, "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            if width == 1280:
                page.goto(address + entry.address[1:])
                if 'data-snippet="' in entry.html:
                    copies += [(entry.address, snippet, text) for snippet, _, text in copied(page, "[data-snippet]")]
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                problems.append(f"{page.url} is {wide} px wide on a screen of {width} px")
    page.context.close()
    return problems, copies


@pytest.mark.timeout(1200)
def test_every_page_loads_cleanly(visited):
    """No console error, nothing missing, no request to another host; nothing wider than the screen, on a desk and at 400 %, which is 320 px."""
    problems, _ = visited
    assert not problems, "\n".join(problems) + "\nMend the page, the style or the script."


@pytest.mark.timeout(1200)
def test_copy_button_gives_the_file(visited):
    """What a reader copies is the file that was run, byte for byte."""
    _, copies = visited
    # Of a section test_sources sees that it exists.
    problems = [
        f"{where}: the copy button gives something else than snippets/{path}: {text[:80]!r}"
        for where, snippet, text in copies
        for path, _, section in [snippet.partition(":")]
        if not section and text.encode() != (parity.ROOT / "snippets" / path).read_bytes()
    ]
    assert copies, "No page shows a snippet; include the recipes' files."
    assert not problems, "\n".join(problems) + "\nLook for tabs, trailing spaces or blank lines that the build changes."


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("where", ["deploy/containers/", "en/deploy/containers/", "servers/gunicorn/"])
def test_the_line_below_a_file_is_not_behind_it(page, address, where, width):
    """Inside a tab and outside, as the first file of a tab and as a later one."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address + where)
    gaps = page.evaluate("""() => [...document.querySelectorAll(".caption")].filter(line => line.offsetParent).map(line =>
        line.getBoundingClientRect().top - line.closest("p").previousElementSibling.getBoundingClientRect().bottom)""")
    assert gaps and min(gaps) >= 0, f"{gaps}: the distances in px; mend .caption in site.css."


def test_the_doors_of_the_home_page_stand_in_full_rows(page, address):
    """Four below each other on a phone, two by two in between, side by side on a desk."""
    page.goto(address)
    for width, in_a_row in ((360, 1), (800, 2), (1280, 4)):
        page.set_viewport_size({"width": width, "height": 900})
        tops = page.locator(".doors > ul > li").evaluate_all("doors => doors.map(door => door.getBoundingClientRect().top)")
        assert [tops.count(top) for top in sorted(set(tops))] == [in_a_row] * (4 // in_a_row), f"{width} px: {tops}"


def test_recorded_output_has_no_copy_button(page, address):
    """Output is to be read; a reader who pasted it into a shell would be hurt."""
    page.goto(address + "evidence/gunicorn-gthread/")
    assert page.locator(".no-copy pre").count() > 0
    assert page.locator(".no-copy .md-clipboard").count() == 0


@pytest.mark.parametrize(("here", "there"), [("choose/", "en/choose/"), ("en/choose/", "choose/"), ("", "en/"), ("en/", "")])
def test_language_switch_keeps_the_place(page, address, here, there):
    """Same page, same heading, same answers."""
    rest = "?flow=websocket.none_awaits.few#flow" if not here.endswith("choose/") else "?flow=websocket.none_awaits.few#outcomes"
    page.goto(address + here + rest)
    other = "en" if there.startswith("en") else "ja"
    page.locator(".md-header .md-select button").hover()
    page.locator(f".md-header a.md-select__link[hreflang={other}]").click()
    page.wait_for_url(address + there + rest)
    assert page.locator("html").get_attribute("lang") == other


def test_search_finds_a_page(page, address):
    """The search box works from the subpath in both languages, finds names as they are typed, and leads to pages that are there."""
    for prefix, words in (("", "ワーカー"), ("en/", "worker"), ("en/", "CONN_MAX_AGE"), ("en/", "liveness probe 400")):
        page.goto(address + prefix)
        page.locator("label[for=__search]").first.evaluate("label => label.click()")
        page.locator(".md-search__input").press_sequentially(words)
        found = page.locator(".md-search-result__item:not(.search-ways) a").first
        found.wait_for(state="attached")
        assert page.request.get(found.evaluate("link => link.href")).ok


def test_missing_page_speaks_both_languages(browser, address, site):
    """404.html is one file; it has to help both kinds of readers, wherever it is shown."""
    page = open_page(browser)
    page.goto(address + "404.html")
    for lang in ("ja", "en"):
        links = page.locator(f"section[lang={lang}] a")
        assert links.count() >= 3
        for link in links.all():
            assert page.request.get(link.evaluate("link => link.href").replace("https://example.org/", address.split("/sub/")[0] + "/")).ok
    page.context.close()
