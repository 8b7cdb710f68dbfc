"""axe (https://github.com/dequelabs/axe-core) on a page or on a part of it: what it finds, as sentences."""

from pathlib import Path

import axe_playwright_python

SCRIPT = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
COLOURS = ["color-contrast", "link-in-text-block"]  # what may differ between light and dark
RUN = """([part, rules]) => {
    const options = {resultTypes: ["violations"]}
    if (rules) options.runOnly = {type: "rule", values: rules}
    return axe.run(part ?? document, options).then(({violations}) => violations.map(({id, help, nodes}) => [help, id, nodes.length, nodes[0].html.slice(0, 160)]))
}"""


def violations(page, state: str, part: str | None = None, rules: list[str] | None = None) -> list[str]:
    """What axe finds in what `part` selects, or on the whole page. `rules` (all by default) saves time in a second look at the same page."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT)
    return [f"{state}: {help} ({rule}, {count} times), such as {html}" for help, rule, count, html in page.evaluate(RUN, [part, rules])]


def in_both_schemes(page, state: str, part: str | None = None) -> list[str]:
    """The same, then the colours of the other scheme. The page has to move nothing (`reduced_motion="reduce"`): a fading colour fails."""
    found = []
    for scheme, rules in (("light", None), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function("scheme => document.body.dataset.mdColorScheme === scheme", arg={"light": "default", "dark": "slate"}[scheme])
        found += violations(page, f"{state}, {scheme}", part, rules)
    return found
