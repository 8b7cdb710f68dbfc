"""The sizing calculator as readers use it: by typing, by keyboard, by address, and without JavaScript."""

import json

import pytest
import sizing

TEXTS = sizing.load(sizing.FILE)
WORDS = TEXTS["words"]
PAGES = {"ja": "tools/sizing/", "en": "en/tools/sizing/"}
START = sizing.start()
SHOWN = """() => ({
    results: Object.fromEntries([...document.querySelectorAll("[data-result]")].map(row => [row.dataset.result, [row.querySelector("output").textContent, row.querySelector("small").textContent]])),
    form: Object.fromEntries([...new FormData(document.querySelector(".sizing-form"))]),
    warnings: [...document.querySelectorAll(".sizing-warnings [data-warning]")].map(item => item.dataset.warning),
    links: [...document.querySelectorAll(".sizing-warnings a")].map(link => link.href),
    status: document.querySelector(".sizing-status").textContent,
    address: location.search,
})"""


def opened(page, url: str) -> None:
    """Go there, and wait until the calculator is at work: its formulas come after the page."""
    page.goto(url)
    page.wait_for_function("document.querySelector('.sizing-status').textContent")


HOSTILE = ["threads=99999", "interface=%3Cscript%3Ealert(1)%3C/script%3E", "connections=__proto__", "arrival=" + "9" * 30, "v=0&workers=3", "cpus=&limit=constructor"]


@pytest.mark.parametrize("lang", PAGES)
def test_before_and_after_the_script_is_the_same(browser, page, address, lang):
    """The page comes with a worked example, which is what the script computes from the start; without JavaScript it says so."""
    opened(page, address + PAGES[lang])
    started = page.evaluate(SHOWN)
    assert started["address"] == "" and started["form"] == {name: str(value) for name, value in START.items()} and started["warnings"] == []
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(address + PAGES[lang])
    rows = plain.locator("[data-result]")
    example = {row.get_attribute("data-result"): [row.locator("output").inner_text(), row.locator("small").inner_text()] for row in rows.all()}
    assert {name: [text.replace("\u00a0", " ") for text in texts] for name, texts in example.items()} == {
        name: [text.replace("\u00a0", " ") for text in texts] for name, texts in started["results"].items()
    }
    assert plain.locator(".sizing-without").inner_text().replace("\u00a0", " ") == WORDS["without"][lang]
    assert plain.locator("[data-do]:not(:disabled), .sizing-use:not(:disabled)").count() == 0
    context.close()


def test_typing_computes_warns_and_keeps_the_address(page, address):
    """By keyboard alone: a figure, a choice, a value out of range; warnings with links that lead to a heading; finding, and Back."""
    opened(page, address + PAGES["en"])
    page.get_by_label("CPUs of a replica").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("1")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("20")  # MiB: below what there may be
    field = page.get_by_label("Memory limit of a replica")
    assert field.get_attribute("aria-invalid") == "true" and "32" in page.locator(f"#{field.get_attribute('aria-describedby').split()[-1]}").inner_text()
    page.keyboard.press("Tab")
    assert field.input_value() == "32" and field.get_attribute("aria-invalid") is None
    page.get_by_label("Interface").focus()
    page.keyboard.press("A")
    seen = page.evaluate(SHOWN)
    assert {"overload", "memory-over", "age-asgi"} <= set(seen["warnings"]) and seen["warnings"][0] == "overload"
    assert seen["results"]["wait"][0] == sizing.UNITS["en"]["endless"] and seen["results"]["connections"][0] == sizing.UNITS["en"]["limitless"]
    assert all("#" in link for link in seen["links"]) and len(seen["links"]) == len(seen["warnings"])
    assert "cpus=1&" in seen["address"] and "memory_mb=32" in seen["address"] and "interface=asgi" in seen["address"]
    assert page.locator(".sizing-status").get_attribute("role") == "status"
    page.wait_for_function("count => document.querySelector('.sizing-status').textContent.includes(`warnings: ${count}`)", arg=len(seen["warnings"]))
    page.get_by_label("Memory limit of a replica").fill("512")
    page.get_by_role("button", name=WORDS["find"]["en"]).focus()
    page.keyboard.press("Enter")
    found = page.evaluate(SHOWN)
    assert found["status"].startswith("Found: ") and found["warnings"] == [] and int(found["form"]["replicas"]) > 2 and found["form"]["connections"] == "pool"
    assert WORDS["moved"]["en"].split("{list}")[0] in found["status"], "What is changed besides the sizes has to be said."
    assert page.locator(".sizing-files").get_attribute("href").endswith(f"?interface=asgi&workers={found['form']['processes']}&threads={found['form']['threads']}")
    page.go_back()
    page.wait_for_function("document.querySelector('[name=replicas]').value === '2'")
    opened(page, f"{address}{PAGES['en']}?interface=asgi&processes=3&threads=1000&connections=age-0&config=asgi.daphne.supervisor.none")
    assert page.locator(".sizing-files").get_attribute("href").endswith("?interface=asgi&server=daphne&manager=supervisor&proxy=none&channels=no&workers=3&threads=1000")
    assert "known" not in page.evaluate(SHOWN)["status"]
    page.locator(".sizing-use").nth(2).click()
    used = page.evaluate(SHOWN)
    assert page.evaluate("document.activeElement.name") == "worker_mb" and f"worker_mb={used['form']['worker_mb']}" in used["address"]


@pytest.mark.parametrize("lang", PAGES)
def test_addresses_come_back_and_strange_ones_are_corrected(page, address, lang):
    """One visit for all: each address of the form opens the same form; what cannot be used becomes the nearest value, and that is said."""
    good = START | {"interface": "asgi", "connections": "pool", "threads": 100, "arrival": 12.5, "worker": 30, "probe": "no"}
    query = "?v=1&" + "&".join(f"{name}={value}" for name, value in good.items())
    opened(page, address + PAGES[lang] + query)
    whole = page.evaluate(SHOWN)
    assert whole["form"] == {name: str(value) for name, value in good.items()} and whole["address"] == query
    page.get_by_role("button", name=WORDS["copy"][lang]).click()
    page.wait_for_function("said => document.querySelector('.sizing-status').textContent === said", arg=WORDS["copied"][lang])
    assert page.evaluate("navigator.clipboard.readText()").endswith(query)
    seen = page.evaluate("""([queries, shown]) => queries.map(query => {
        history.replaceState(null, "", "?" + query)
        dispatchEvent(new PopStateEvent("popstate"))
        return eval(shown)()
    })""", [HOSTILE, SHOWN])
    beginning, other = WORDS["corrected"][lang].split("{list}")[0], WORDS["another"][lang]
    for query, found in zip(HOSTILE, seen, strict=True):
        assert beginning in found["status"] or other in found["status"], (query[:50], found["status"][:200])
        assert all(found["results"][name][0] for name in found["results"]), json.dumps(found["results"])
    assert seen[0]["form"]["threads"] == "1000" and seen[3]["form"]["arrival"] == "100000" and other in seen[4]["status"]


def test_fits_a_phone(browser, address):
    """360 px and both colours: nothing is wider than the screen, and every label stands beside or above its field."""
    context = browser.new_context(viewport={"width": 360, "height": 800}, color_scheme="dark")
    page = context.new_page()
    page.goto(address + PAGES["ja"])
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    narrow = page.evaluate("[...document.querySelectorAll('.sizing-field label')].filter(label => label.getBoundingClientRect().width < 60).map(label => label.textContent)")
    assert narrow == []
    context.close()
