"""The comparison of servers as readers use it: by clicking, by address, by keyboard, on a phone, without JavaScript, on paper."""

import matrix
import pytest
import records

PAGES = [("ja", "choose/compare/"), ("en", "en/choose/compare/")]
COLUMNS = {column["setup"]: column["interface"] for column in matrix.columns()}
ASGI = [setup for setup, interface in COLUMNS.items() if interface == "asgi"]
GROUPS = {group["id"]: group["rows"] for group in matrix.groups()}
VISIBLE = "elements => elements.filter(element => element.checkVisibility())"


def shown(page) -> tuple[list[str], dict[str, int]]:
    """(the servers that are columns, how many rows each group shows); every table has to show the same servers."""
    tables = page.locator(".matrix-table").evaluate_all(
        VISIBLE + ".map(table => [...table.querySelectorAll('thead [data-server]')].filter(cell => cell.checkVisibility()).map(cell => cell.dataset.server))")
    rows = page.locator(".matrix-group").evaluate_all(
        VISIBLE + ".map(group => [group.dataset.group, [...group.querySelectorAll('tbody tr')].filter(row => row.checkVisibility()).length])")
    assert all(table == tables[0] for table in tables)
    return tables[0] if tables else [], dict(rows)


ALL = (list(COLUMNS), {name: len(rows) for name, rows in GROUPS.items()})


def cell(setup, row):
    """What a cell says by the records, as far as two cells of a row can be told apart by it; None when it was not asked."""
    found = matrix.setup_of(setup, row)
    if found is None:
        return None
    entry = records.record(found, row["behaviour"])
    return entry["outcome"], str(entry.get("counts")), *(entry["figures"].get(key) for key in row.get("figures", []))


def differing(setups) -> dict[str, int]:
    """How many rows of each group differ between the servers, by the records."""
    return {name: sum(len({cell(setup, row) for setup in setups} - {None}) > 1 for row in rows) for name, rows in GROUPS.items()}


@pytest.mark.parametrize(("lang", "where"), PAGES)
def test_everything_is_shown_at_first(page, address, lang, where):
    """All servers, all groups, all rows; every cell that was recorded is a link."""
    page.goto(address + where)
    assert shown(page) == ALL
    assert page.locator(".matrix-table tbody a").count() > 100
    assert page.locator(".matrix-filter").is_visible()


def test_choosing_changes_table_and_address(page, address):
    """Interface, servers, groups and differing rows; the address, opened anew, shows the same; “show everything” undoes it all."""
    page.goto(address + "choose/compare/")
    page.locator("[name=interface][value=asgi]").check()
    assert shown(page) == (ASGI, ALL[1])
    assert page.locator("label:has([name=servers]):visible").count() == len(ASGI)
    two = [ASGI[-1], ASGI[0]]
    for setup in two:
        page.locator(f"[name=servers][value={setup}]").check()
    page.locator("[name=groups][value=deploy]").check()
    page.locator("[name=groups][value=breaks]").check()
    page.locator("[name=rows]").check()
    differ = differing(two)
    expected = ([ASGI[0], ASGI[-1]], {name: differ[name] for name in ("breaks", "deploy")})
    if not any(expected[1].values()):
        expected = ([], expected[1])
    assert shown(page) == expected
    assert page.evaluate("location.search") == f"?interface=asgi&servers={ASGI[0]}_{ASGI[-1]}&groups=breaks_deploy&rows=differing"
    page.goto(page.url)
    assert shown(page) == expected
    assert str(sum(expected[1].values())) in page.locator(".matrix-filter output").inner_text()
    page.locator(".matrix-filter button[type=reset]").click()
    assert shown(page) == ALL
    assert page.evaluate("location.search") == ""


def test_only_rows_that_differ(page, address):
    """Between all servers, and between two: the rows that the records tell apart, and no other."""
    for setups in (list(COLUMNS), ASGI[:2], ASGI[-2:]):
        page.goto(f"{address}choose/compare/?servers={'_'.join(setups)}&rows=differing")
        assert shown(page)[1] == differing(setups)


def test_servers_of_the_other_interface_are_let_go(page, address):
    """A server that the interface rules out is not kept in the address behind the reader's back."""
    page.goto(f"{address}choose/compare/?servers={ASGI[0]}")
    page.locator("[name=interface][value=wsgi]").check()
    assert shown(page)[0] == [setup for setup in COLUMNS if setup not in ASGI]
    assert page.evaluate("location.search") == "?interface=wsgi"


HOSTILE = [
    "servers=bogus", "servers=", "servers=gunicorn-gthread_", "servers=constructor", "servers=__proto__", "groups=bogus", "groups=toString",
    "interface=fcgi", "rows=all", "rows=", f"interface=wsgi&servers={ASGI[0]}", "servers=%3Cscript%3Ealert(1)%3C/script%3E", "groups=" + "a" * 5000,
]


def test_hostile_addresses_are_no_state(page, address):
    """What the comparison does not know makes the whole address unknown."""
    page.goto(address + "choose/compare/")
    script = page.locator("script[src*=matrix]").evaluate("script => script.src")
    states = page.evaluate(
        """async ([script, choices, searches]) => {
            const {parse} = await import(script)
            return searches.map(search => parse(search, choices))
        }""", [script, {"servers": COLUMNS, "groups": list(GROUPS)}, [*HOSTILE, "", "interface=asgi"]])
    assert states[:-2] == [None] * len(HOSTILE)
    start = {"interface": "", "servers": [], "groups": [], "differing": False}
    assert states[-2:] == [start, {**start, "interface": "asgi"}]


@pytest.mark.parametrize(("lang", "where"), PAGES)
def test_hostile_address_shows_everything_and_says_so(page, address, lang, where):
    """The start state and one clear sentence; nothing of the address gets into the page."""
    sentence = matrix.load(matrix.FILE)["words"]["unknown"][lang]
    page.goto(f"{address}{where}?servers=bogus")
    assert shown(page) == ALL
    assert sentence in page.locator(".matrix-filter output").inner_text()
    page.locator("[name=interface][value=asgi]").check()  # it goes on working, and the sentence goes
    assert shown(page)[0] == ASGI
    assert sentence not in page.locator(".matrix-filter output").inner_text()


def test_address_of_others_is_left_alone(page, address):
    """Parameters and anchors that are not the comparison's stay."""
    page.goto(f"{address}choose/compare/?from=mail#deploy")
    page.locator("[name=rows]").check()
    assert page.evaluate("location.search + location.hash") == "?from=mail&rows=differing#deploy"


def test_keyboard_alone(page, address):
    """Tab and Space choose; the tables can be reached and scrolled."""
    page.set_viewport_size({"width": 700, "height": 900})
    page.goto(address + "choose/compare/")
    page.locator(".matrix-filter summary").focus()
    page.keyboard.press("Enter")  # folded on a narrow screen
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert page.locator("[name=interface][value=wsgi]").is_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert len(shown(page)[0]) == 1
    page.locator(".matrix-filter button[type=reset]").press("Enter")
    region = page.locator(".matrix-scroll").first
    region.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.matrix-scroll').scrollLeft > 0")


def test_phone_keeps_the_question_in_sight_and_the_tables_together(page, address):
    """At 360 px the choices are folded away, the first column stays while the others scroll, and all tables scroll alike."""
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(address + "en/choose/compare/")
    assert not page.locator("[name=rows]").is_visible()
    page.locator(".matrix-scroll").first.evaluate("region => { region.scrollLeft = 300 }")
    page.wait_for_function("[...document.querySelectorAll('.matrix-scroll')].every(region => region.scrollLeft === 300)")
    box = page.locator(".matrix-table tbody th").first.bounding_box()
    assert 0 <= box["x"] < 40 and box["width"] < 180


@pytest.mark.parametrize(("lang", "where"), PAGES)
def test_without_javascript_everything_is_there(browser, address, lang, where):
    """No form that does nothing, and every cell."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + where)
    assert not page.locator(".matrix-filter").is_visible()
    cells = page.locator(".matrix-table td[data-server]")
    assert cells.count() == len(COLUMNS) * sum(ALL[1].values())
    assert cells.first.is_visible() and cells.last.is_visible()
    context.close()


def test_on_paper(page, address):
    """The tables fit the page, without the form."""
    page.goto(f"{address}choose/compare/")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 1000, "height": 700})  # about A4, landscape
    assert not page.locator(".matrix-filter").is_visible()
    assert page.locator(".matrix-table").first.bounding_box()["width"] <= 1000


def test_a_screen_reader_hears_what_a_cell_belongs_to(page, address):
    """Each cell has its server and its question as headers, and each table the name of its group."""
    page.goto(address + "en/choose/compare/")
    tree = page.locator(".matrix-scroll").first.aria_snapshot()
    assert 'region "What it serves"' in tree
    assert "columnheader" in tree and 'rowheader "WebSocket"' in tree
    assert "●" not in tree and "▲" not in tree


def test_language_switch_keeps_the_choice(page, address):
    """The same columns in the other language."""
    page.goto(f"{address}choose/compare/?servers={ASGI[0]}&groups=deploy")
    page.locator(".md-header .md-select button").hover()
    page.locator(".md-header a.md-select__link[hreflang=en]").click()
    page.wait_for_url(f"{address}en/choose/compare/?servers={ASGI[0]}&groups=deploy")
    assert shown(page)[0] == [ASGI[0]]
