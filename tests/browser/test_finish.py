"""The finished site (overrides/hooks/finish.py): it looks as it would with everything Material brings, and Material's script
comes when there is a reader."""

import io
from pathlib import Path

import material
import pytest
from PIL import Image, ImageChops

from tests.site import parity

SHEETS = Path(material.__file__).parent / "templates" / "assets" / "stylesheets"
# (width in px, scheme, pages): each kind of page once, each width in one scheme. Not the comparison: a browser draws its sticky
# column half a pixel higher or lower as it likes.
LOOKS = [
    (360, "dark", ["", "en/servers/gunicorn/", "troubleshoot/reader/"]),
    (1280, "light", ["en/choose/", "troubleshoot/stack-traces/", "en/faster/"]),
]


def whole() -> str:
    """Every rule of Material's and of this site's stylesheets, in the order of mkdocs.yml."""
    config = (parity.ROOT / "mkdocs.yml").read_text("utf-8")
    own = [line.strip(" -") for line in config.split("\nextra_css:\n")[1].split("\nextra_javascript:")[0].splitlines() if line.startswith("  - ")]
    paths = [*SHEETS.glob("main.*.css"), *SHEETS.glob("palette.*.css"), *(parity.ROOT / "docs" / name for name in own)]
    return "\n".join(path.read_text("utf-8") for path in paths)


@pytest.mark.parametrize(("width", "scheme", "pages"), LOOKS)
def test_pages_look_as_with_all_of_materials_rules(browser, address, width, scheme, pages):
    """Each page is pictured twice, as published and with the whole stylesheets; the picture is the same."""
    css = whole()
    for where in pages:
        pictures = []
        for full in (False, True):
            context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce")
            page = context.new_page()
            if full:
                context.route("**/stylesheets/*.css", lambda route: route.fulfill(body=css if "/page." in route.request.url else "", content_type="text/css"))
            page.goto(address + where)
            page.mouse.move(5, 300)
            page.locator("html.js").wait_for()
            page.locator("[data-md-component=palette] label:not([hidden])").wait_for(state="attached")
            pictures.append(page.screenshot(animations="disabled"))
            page.evaluate("scrollTo(0, 2500)")
            page.wait_for_timeout(300)
            pictures.append(page.screenshot(animations="disabled"))
            context.close()
        assert all(alike(*pair) for pair in zip(pictures[:2], pictures[2:])), f"/{where} looks different at {width} px, {scheme}: a rule was cut that it needs."


def alike(one: bytes, other: bytes) -> bool:
    """Whether two pictures show the same; a browser rounds the edge of a letter one way or the other."""
    first, second = (Image.open(io.BytesIO(picture)).convert("RGB") for picture in (one, other))
    return first.size == second.size and max(most for _, most in ImageChops.difference(first, second).getextrema()) <= 16


@pytest.fixture
def untouched(browser):
    """A page that nobody has touched, and what it asked for."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url.rpartition("/")[2]))
    yield page
    context.close()


def bundle(page) -> bool:
    """Whether the page has asked for Material's script, and for the style of what it makes."""
    return any(name.startswith("bundle.") for name in page.asked) and any(name.startswith("later.") and name.endswith(".css") for name in page.asked)


def test_materials_script_comes_with_the_reader(untouched, address):
    untouched.goto(address + "servers/gunicorn/", wait_until="networkidle")
    assert not bundle(untouched) and untouched.locator(".md-code__button").count() == 0
    untouched.mouse.move(200, 300)
    untouched.locator("[data-clipboard-target]").first.wait_for(state="attached")
    assert bundle(untouched)


def test_who_wants_it_dark_never_sees_it_light(browser, address):
    """Before Material's script has come; a choice made by hand counts for more."""
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(address + "servers/gunicorn/", wait_until="networkidle")
    assert page.locator("script[type=later]").count() == 1 and page.locator("body").get_attribute("data-md-color-scheme") == "slate"
    page.mouse.move(200, 300)
    page.locator("html.js label[title]:not([hidden])[for^=__palette]").click()
    page.reload(wait_until="networkidle")
    assert page.locator("body").get_attribute("data-md-color-scheme") == "default"
    context.close()


def test_the_key_that_brings_the_script_opens_the_search(untouched, address):
    untouched.goto(address, wait_until="networkidle")
    untouched.keyboard.press("/")
    untouched.locator("input[data-md-component=search-query]:focus").wait_for()


def test_an_address_opens_what_is_folded(untouched, address):
    untouched.goto(address + "evidence/daphne/#daphne-http")
    untouched.locator("details#daphne-http[open]").wait_for()


def test_a_reader_without_scripts_is_offered_no_search(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert not page.locator(".md-search__form").is_visible() and page.locator(".flow-chart, .flow svg, .flow").first.is_visible()
    context.close()
