"""The decision flowchart, and the advisor of the ladder, as readers use them: by clicking, by address, by keyboard, without JavaScript, on paper."""

import flow
import pytest
import yaml

from tests.site import parity

FLOW, ADVISOR = (yaml.safe_load((parity.ROOT / "docs" / file).read_text("utf-8")) for file in (flow.CHOOSE, flow.ADVISOR))
PATHS = flow.paths(FLOW)
CHARTS = {"choose/": FLOW, "faster/": ADVISOR}
PAGES = [("ja", "choose/"), ("en", "en/choose/"), ("ja", ""), ("en", "en/")]
ADVISOR_PAGES = [("ja", "faster/"), ("en", "en/faster/")]


def chart_of(where) -> dict:
    """The data of the chart on a page."""
    return ADVISOR if where.endswith("faster/") else FLOW


def one_per_outcome(chart) -> list[dict]:
    """A way to each outcome."""
    return list({way["nodes"][-1]: way for way in flow.paths(chart)}.values())


def state(answers) -> str:
    """The `flow` parameter of a list of answers."""
    return "_".join(f"{question}.{answer}" for question, answer in answers)


def shown(page) -> tuple[list[str], list[str]]:
    """(questions, results) that the stepper shows now."""
    visible = "elements => elements.filter(element => element.checkVisibility()).map(element => Object.values(element.dataset)[0])"
    return page.locator("[data-question]").evaluate_all(visible), page.locator("[data-result]").evaluate_all(visible)


def assert_result(page, way):
    """The stepper shows the end of the way alone, and the chart lights the way and nothing else."""
    assert shown(page) == ([], [way["nodes"][-1]])
    assert set(page.locator("[data-node].on").evaluate_all("nodes => nodes.map(node => node.dataset.node)")) == set(way["nodes"])
    lit = page.locator("[data-edge].on").evaluate_all("edges => edges.map(edge => edge.dataset.edge)")
    assert lit == [f"{question}.{answer}" for question, answer in way["answers"]]
    assert page.locator("[data-node][aria-current=step]").get_attribute("data-node") == way["nodes"][-1]


# Walks every way by clicks and again by its address, and says what was shown. From one way to the next it steps back to
# where they part. In one go: hundreds of ways would take minutes from outside. The script's click is the same event as the
# mouse's. What surrounds the tool is put aside, because each look at what is visible lays out the whole page.
WALK = """ways => {
    for (let part = document.querySelector(".flow"); part !== document.body; part = part.parentElement)
        for (const other of part.parentElement.children) if (other !== part) other.style.display = "none"
    const data = (selector, name, wanted = () => true) =>
        [...document.querySelectorAll(selector)].filter(wanted).map(element => element.dataset[name])
    const questions = () => data("[data-question]", "question", element => element.checkVisibility())
    const state = () => ({
        questions: questions(),
        results: data("[data-result]", "result", element => element.checkVisibility()),
        nodes: data("[data-node].on", "node"),
        edges: data("[data-edge].on", "edge"),
        current: data("[data-node][aria-current=step]", "node")[0],
        address: new URLSearchParams(location.search).get("flow"),
    })
    const click = selector => document.querySelector(selector).click()
    let before = []
    return ways.map(answers => {
        let same = 0
        while (same < before.length && same < answers.length && before[same].join() === answers[same].join()) same++
        for (let left = before.length; left > same; left--) click(".flow-back")
        const walked = answers.slice(0, same).map(([question]) => [question])
        for (const [question, answer] of answers.slice(same)) {
            walked.push(questions())
            click(`[data-question="${question}"] [data-answer="${answer}"]`)
        }
        const clicked = state()
        history.replaceState(null, "", `?flow=${clicked.address}`)
        dispatchEvent(new PopStateEvent("popstate"))
        before = answers
        return {walked, clicked, opened: state()}
    })
}"""


@pytest.mark.parametrize("where", CHARTS)
def test_every_path_by_clicking_and_by_address(page, address, where):
    """Every path ends where flow.yml says; its address, opened anew, leads to the same."""
    chart, ways = CHARTS[where], flow.paths(CHARTS[where])
    page.goto(address + where)
    for way, seen in zip(ways, page.evaluate(WALK, [way["answers"] for way in ways]), strict=True):
        assert seen["walked"] == [[question] for question, _ in way["answers"]]
        for found in (seen["clicked"], seen["opened"]):
            assert (found["questions"], found["results"]) == ([], [way["nodes"][-1]])
            assert set(found["nodes"]) == set(way["nodes"]) and found["current"] == way["nodes"][-1]
            assert found["edges"] == [f"{question}.{answer}" for question, answer in way["answers"]]
            assert found["address"] == state(way["answers"])
    page.locator(".flow-restart").click()
    assert shown(page) == ([chart["start"]], [])


@pytest.mark.parametrize(("lang", "where"), PAGES + ADVISOR_PAGES)
def test_every_outcome_on_every_page(page, address, lang, where):
    """
    By mouse and by a shared address on one of the pages, by Back and Forward on the others: the outcome names interface,
    server, its page and what would change it.
    """
    chart = chart_of(where)
    pages = PAGES if chart is FLOW else ADVISOR_PAGES
    page.goto(address + where)
    for number, way in enumerate(one_per_outcome(chart)):
        if number % len(pages) == pages.index((lang, where)):
            page.locator(".flow-restart").evaluate("button => button.click()")
            for question, answer in way["answers"]:
                assert shown(page) == ([question], [])
                page.locator(f"[data-question={question}] [data-answer={answer}]").click()
            assert_result(page, way)
            page.goto(f"{address}{where}?flow={state(way['answers'])}")
        else:
            page.evaluate("flow => { history.pushState(null, '', `?flow=${flow}`); dispatchEvent(new PopStateEvent('popstate')) }", state(way["answers"]))
        assert_result(page, way)
        name = way["nodes"][-1]
        outcome, result = chart["outcomes"][name], page.locator(f"[data-result={name}]")
        for part in (outcome.get("interface", ""), outcome["title"][lang], outcome["change"][0][lang].replace("`", "")):
            assert part in result.inner_text().replace("\xa0", " ")
        target = outcome["page"].replace(".md", "/").replace("/index/", "/")
        assert result.locator(".flow-go").evaluate("link => link.href") == f"{address}{'en/' if lang == 'en' else ''}{target}"


def test_back_and_forward(page, address):
    """The browser's Back takes one answer back at a time."""
    page.goto(address + "choose/")
    longest = max(PATHS, key=lambda way: len(way["answers"]))
    for question, answer in longest["answers"]:
        page.locator(f"[data-question={question}] [data-answer={answer}]").click()
    for question, _ in reversed(longest["answers"]):
        page.go_back()
        assert shown(page) == ([question], [])
    page.go_forward()
    assert shown(page) == ([longest["nodes"][1]], [])


@pytest.mark.parametrize("value", [
    "websocket.bogus", "bogus.use", "awaits.few", "websocket.none_awaits.many_long.none", "websocket.none_websocket.none",
    "websocket.use_", "websocket", ".", "_", "websocket.none.few", "__proto__.use", "constructor.name", "websocket.constructor",
    "%3Cscript%3Ealert(1)%3C/script%3E", "websocket.none%00", "%F0%9F%92%A5", "a" * 6000,
])
def test_hostile_address_starts_anew_and_says_so(page, address, value):
    """An unknown or outdated state means the first question and one clear sentence; nothing of it gets into the page."""
    lang, where = PAGES[len(value) % 2]
    page.goto(f"{address}{where}?flow={value}")
    assert shown(page) == ([FLOW["start"]], [])
    assert page.locator(".flow-message").inner_text() == flow.WORDS[lang]["unknown"]
    assert page.locator(".flow-chart .on").count() == 0
    page.locator("[data-answer=use]").click()  # it goes on working, and the message goes
    assert shown(page) == ([], ["channels"])
    assert not page.locator(".flow-message").is_visible()


@pytest.mark.parametrize("value", ["websocket.use", "alone.bogus", "cpu.all", "alone.fast_cpu", "alone.queries_cpu.all", "alone.fast_alone.fast", "__proto__.fast",
                                   "alone.external&flow=x", "alone.external&flow=alone.external"])
def test_hostile_address_starts_the_advisor_anew(page, address, value):
    """The same for the advisor; an address of the other flowchart is none of its own."""
    page.goto(f"{address}faster/?flow={value}")
    assert shown(page) == ([ADVISOR["start"]], [])
    assert page.locator(".flow-message").inner_text() == flow.WORDS["ja"]["unknown"]


@pytest.mark.parametrize("where", CHARTS)
def test_boxes_of_the_chart_lead_there(page, address, where):
    """Every box is clickable: the stepper then shows that question or outcome, by a way that exists."""
    chart = CHARTS[where]
    page.goto(address + where)
    for node in [*chart["questions"], *chart["outcomes"]]:
        page.locator(f".flow-chart [data-node={node}]").first.click()
        assert sum(shown(page), []) == [node]
    assert_result(page, next(way for way in flow.paths(chart) if state(way["answers"]) == page.evaluate("new URLSearchParams(location.search).get('flow')")))


def test_an_outcome_of_several_rows_is_reached_by_the_row_that_was_clicked(page, address):
    """Two rows of the advisor lead to the same step; the way lit is the one of the box that was clicked."""
    page.goto(address + "faster/")
    for number, way in enumerate(("alone.computing", "alone.fast_cpu.all")):
        page.locator("[data-node=computing]").nth(number).click()
        assert page.evaluate("new URLSearchParams(location.search).get('flow')") == way
        assert page.locator("[data-node=computing].on").count() == 1
        page.locator(".flow-restart").click()


def test_shared_address_opens_at_its_answer(page, address):
    """On a phone the result would be two screens down; the reader is taken there, and to the sentence about a bad address."""
    page.set_viewport_size({"width": 360, "height": 740})
    for value, selector in (("websocket.use", "[data-result=channels] .flow-result-title"), ("nonsense", ".flow-message")):
        page.goto(f"{address}?flow={value}")
        page.wait_for_function("scrollY > 0")
        assert 0 < page.locator(selector).bounding_box()["y"] < 740


def test_changing_an_answer_keeps_those_before_it(page, address):
    """“Change” goes back to that question; “Back one step” and the copied address work."""
    page.goto(address + "en/choose/?flow=websocket.none_awaits.few_long.many")
    page.locator(".flow-trail button").nth(1).click()
    assert shown(page) == (["awaits"], [])
    page.locator("[data-answer=many]:visible").click()
    page.locator(".flow-copy").click()
    page.wait_for_function("document.querySelector('.flow-copy').textContent === 'Copied'")
    assert page.evaluate("navigator.clipboard.readText()") == f"{address}en/choose/?flow=websocket.none_awaits.many"
    page.locator(".flow-back").click()
    assert shown(page) == (["awaits"], [])


def test_keyboard_alone_reaches_an_answer(page, address):
    """Tab and Enter suffice, and the focus follows to the next question and to the result."""
    page.goto(address + "choose/")
    page.locator("[data-question=websocket] legend").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('[data-question]').dataset.question") == "awaits"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('[data-result]').dataset.result") == "awaiting"


@pytest.mark.parametrize("where", ["", "en/", "choose/", "en/choose/", "faster/"])
def test_without_javascript_answers_are_links(browser, address, where):
    """Every answer leads to the next question or to its outcome, which is there to read."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + where)
    chart = chart_of(where)
    for way in one_per_outcome(chart):
        for (question, answer), target in zip(way["answers"], way["nodes"][1:]):
            link = page.locator(f"[data-question={question}] [data-answer={answer}]")
            assert link.is_visible()
            href = link.get_attribute("href")
            if chart is ADVISOR and target in chart["outcomes"]:
                assert link.evaluate("link => link.href") == address + chart["outcomes"][target]["page"].replace(".md", "/")
            else:
                assert href.endswith(f"#q-{target}" if target in chart["questions"] else f"choose/#outcome-{target}") or href == f"#outcome-{target}"
        assert page.locator(f".flow-chart [data-node={way['nodes'][-1]}]").first.is_visible()
    page.goto(address + ("en/choose/" if where.startswith("en") else "choose/"))
    for outcome in FLOW["outcomes"]:
        assert page.locator(f"#outcome-{outcome}").is_visible()
    context.close()


def test_on_paper_the_chart_is_there_and_the_buttons_are_not(page, address):
    """Printing keeps the chart and the result."""
    page.goto(address + "choose/?flow=websocket.none_awaits.many")
    page.emulate_media(media="print")
    assert page.locator("[data-node=gunicorn]").is_visible()
    assert page.locator("[data-result=awaiting]").is_visible()
    assert not page.locator(".flow-copy").is_visible()


def test_modified_click_is_left_to_the_browser(page, address):
    """Ctrl+click opens a box in a new tab as any link does."""
    page.goto(address + "choose/")
    with page.context.expect_page() as opened:
        page.locator("[data-node=uwsgi-stay]").click(modifiers=["ControlOrMeta"])
    assert opened.value.url.endswith("/choose/#outcome-uwsgi-stay")
    assert shown(page) == ([FLOW["start"]], [])
