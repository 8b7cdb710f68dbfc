"""Compare the Japanese and the English side of a page, or of a text in a data file. Pure functions; one sentence per difference."""

import re
from collections import Counter

from tests.site.structure import Page, Section, numbers

LANGUAGES = ("ja", "en")

# A Japanese page may link the Japanese edition of what the English page links in English: same page, other language.
# (start of the Japanese address, start of the English address, must the rest be equal?)
EDITIONS = [
    ("https://docs.djangoproject.com/ja/", "https://docs.djangoproject.com/en/", True),  # same paths in every language
    ("https://docs.python.org/ja/3", "https://docs.python.org/3", True),  # same paths in every language
    ("https://developer.mozilla.org/ja/", "https://developer.mozilla.org/en-US/", True),  # same paths in every language
    ("https://creativecommons.org/licenses/by/4.0/deed.ja", "https://creativecommons.org/licenses/by/4.0/", True),  # the same licence
    ("https://ja.wikipedia.org/", "https://en.wikipedia.org/", False),  # every language has its own article titles
]


def compare_pages(ja: Page, en: Page) -> list[str]:
    """Name every difference between the two sides of one page, one sentence each; no sentence, no difference."""
    problems = []
    for page, other in ((ja, en), (en, ja)):
        for key in ("title", "description"):
            if not str(page.front.get(key) or "").strip():
                problems.append(f"{page.path} has no “{key}” in its front matter: add one.")
        for key in sorted(page.front.keys() - other.front.keys() - {"title", "description"}):
            problems.append(f"{page.path} has “{key}” in its front matter, {other.path} does not: add it there.")
    heading_problems = _heading_problems(ja) + _heading_problems(en)
    if not heading_problems:
        at = _first_difference(*([(level, name) for level, name, _, _ in page.headings] for page in (ja, en)))
        if at is not None:
            heading_problems.append(
                f"{_heading(ja, at)} where {_heading(en, at)}: give both the same headings, levels and ids, in one order."
            )
    if heading_problems:  # sections cannot be matched
        return problems + heading_problems
    for name in ja.sections:
        where = f"section “#{name}”" if name else "the part before the first heading"
        sides = (ja.path, ja.sections[name]), (en.path, en.sections[name])
        problems += _compare_blocks(where, *sides) + _compare_mentions(where, *sides) + _compare_words(where, *sides)
    return problems


def _first_difference(one: list, other: list) -> int | None:
    """Index of the first place where the lists differ, or None."""
    return next((at for at in range(max(len(one), len(other))) if one[at : at + 1] != other[at : at + 1]), None)


def _heading_problems(page: Page) -> list[str]:
    problems, seen = [], set()
    for _, name, text, line in page.headings:
        if not name:
            problems.append(f"{page.path}:{line}: the heading “{text}” has no id: end it with {{ #some-id }}.")
        elif name in seen:
            problems.append(f"{page.path}:{line}: the id “{name}” is there twice: give this heading another one.")
        seen.add(name)
    return problems


def _heading(page: Page, at: int) -> str:
    if at >= len(page.headings):
        return f"{page.path} has no more headings"
    level, name, text, line = page.headings[at]
    return f"{page.path}:{line} has “{'#' * level} {text} {{ #{name} }}”"


Side = tuple[str, Section]  # path of the page, one of its sections


def _compare_blocks(where: str, ja: Side, en: Side) -> list[str]:
    at = _first_difference(*([block.key for block in section.blocks] for _, section in (ja, en)))
    if at is None:
        return []
    sides, keys = [], []
    for path, section in (ja, en):
        for block in section.blocks[at : at + 1]:
            depth, what, _ = block.key
            keys.append(block.key)
            sides.append(f"{path}:{block.line} has {what}" + (f" (nested {depth} deep)" if depth else ""))
        if at >= len(section.blocks):
            sides.append(f"{path}:{section.line} has nothing more in {where}")
    if len(keys) == 2 and keys[0][:2] == keys[1][:2]:  # the same but for the text of a fence: show the line that differs
        texts = [code.split("\n") for _, _, code in keys]
        line = _first_difference(*texts)
        sides = [f"{side} with “{(text[line : line + 1] or ['(end)'])[0].strip()}”" for side, text in zip(sides, texts)]
    return [f"{sides[0]} where {sides[1]}: give both the same blocks, nested alike, in one order."]


def _compare_mentions(where: str, ja: Side, en: Side) -> list[str]:
    """Links, images, shortcodes and includes: the same ones, in one order but for the word order inside a paragraph."""
    groups = []  # per side: [({what is equal in both languages}, (how a message names it, line)), ...]
    for (_, section), language in zip((ja, en), LANGUAGES):
        filled = [group for group in section.mentions if group]
        groups.append([(sorted(_canonical(what, language) for what, _ in group), group) for group in filled])
    counts = [Counter(key for keys, _ in side for key in keys) for side in groups]
    problems = []
    for (path, _), (other, _), surplus, language, side in (
        (ja, en, counts[0] - counts[1], "ja", groups[0]),
        (en, ja, counts[1] - counts[0], "en", groups[1]),
    ):
        lines = {_canonical(what, language): (what, line) for _, group in side for what, line in group}
        for what, line in (lines[key] for key in surplus):
            problems.append(f"{path}:{line}: {what} is not in {where} of {other} as often: add it there or take it out here.")
    at = _first_difference(*([keys for keys, _ in side] for side in groups))
    if at is not None and not problems:
        one, two = (
            f"{path}:{group[0][1]} has {' and '.join(what for what, _ in group)}"
            for (path, _), side in zip((ja, en), groups)
            for _, group in (side[at : at + 1] or side[-1:])
        )
        problems.append(f"{one} where {two}: bring links, images and shortcodes into one order, paragraph by paragraph.")
    return problems


def _canonical(what: str, language: str) -> str:
    """`what` with the address of a Japanese edition replaced by that of the English one, on Japanese pages only."""
    for japanese, english, rest_is_equal in EDITIONS:
        if language == "ja":
            what = what.replace(f"link to {japanese}", f"link to {english}")
        if what.startswith(f"link to {english}") and not rest_is_equal:
            what = f"link to {english}"
    return what


def _compare_words(where: str, ja: Side, en: Side) -> list[str]:
    """Inline code, as often in both; numbers in the prose, at all."""
    problems = []
    for (path, section), (other, other_section) in ((ja, en), (en, ja)):
        surplus = Counter(code for code, _ in section.inline_code) - Counter(code for code, _ in other_section.inline_code)
        for code, count in surplus.items():
            line = next(line for text, line in section.inline_code if text == code)
            problems.append(f"{path}:{line}: `{code}` is {count} × more often in {where} than in {other}: name it equally often.")
        lines = dict(reversed(section.numbers))  # the first line of each number
        for number in sorted(lines.keys() - dict(other_section.numbers)):
            line = lines[number]
            problems.append(f"{path}:{line}: the number {number} is in {where}, and not in {other}: say the same in both.")
    return problems


def compare_texts(ja: list[str], en: list[str]) -> list[str]:
    """Name what differs between the texts of one mapping of a data file, in order: number, code, addresses, emptiness."""
    if len(ja) != len(en):
        return [f"“ja” has {len(ja)} texts where “en” has {len(en)}: give both the same number."]
    problems = []
    for texts in zip(ja, en):
        problems += [f"the “{name}” text is empty: write it." for name, text in zip(LANGUAGES, texts) if not text]
        counts = [Counter(re.findall(r"`[^`]+`|\]\([^)\s]+\)", text)) for text in texts]
        for name, surplus in (("ja", counts[0] - counts[1]), ("en", counts[1] - counts[0])):
            problems += [f"{code} is in the “{name}” text only, or more often there: name the same things in both." for code in surplus]
        one, two = ({plain for _, plain in numbers(text)} for text in texts)
        problems += [f"the number {number} is in one of the texts only: say the same in both." for number in sorted(one ^ two)]
    return problems
