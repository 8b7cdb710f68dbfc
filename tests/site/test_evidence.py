"""What the site makes of evidence/."""

import matrix
import records
import yaml

from tests.site import evidence, parity
from tests.site.report import report

COMPARE = yaml.safe_load((parity.ROOT / "docs/choose/compare.yml").read_text("utf-8"))
ROWS = [row if isinstance(row, dict) else {"behaviour": row} for group in COMPARE["groups"] for row in group["rows"]]


def test_every_recipe_has_a_page_of_records():
    report(evidence.missing_pages(parity.ROOT))


def test_records_do_not_drown_the_search(site):
    report(evidence.searched_records(parity.ROOT, site))


def test_every_record_is_on_its_page_and_in_the_raw_data(site):
    report(evidence.missing_records(parity.ROOT, site))


def test_every_file_of_a_recipe_says_with_what_it_ran(site):
    report(evidence.unsaid_versions(parity.ROOT, site))


def test_every_server_that_was_run_is_compared():
    """A recipe that answers HTTP is a column, or is left out with a reason, unless it is asked only some questions; nothing else is named."""
    served = {setup for setup in records.setups() if "http" in records.recorded(setup) and (parity.ROOT / "snippets" / setup / "recipe.toml").exists()}
    plain = {setup for setup in served if "asks" not in records.recipe(setup)}
    named = {column["setup"] for column in COMPARE["servers"]} | set(COMPARE["left-out"]["setups"])
    report([f"{setup} answers HTTP and is not compared: add it to servers or left-out in docs/choose/compare.yml." for setup in sorted(plain - named)]
           + [f"docs/choose/compare.yml names {setup}, which has no records: record it, or take it out." for setup in sorted(named)
              if not any(records.recipe_of(name) == setup and records.recorded(name) for name in records.setups())])


def test_every_question_asked_of_the_servers_is_compared():
    """What was asked of more than one column is a row, or is left out with a reason; and every row was asked."""
    rows = {row["behaviour"] for row in ROWS}
    asked = {}
    for column in COMPARE["servers"]:
        for behaviour in records.recorded(column["setup"]):
            asked.setdefault(behaviour, []).append(column["setup"])
    several = {behaviour for behaviour, setups in asked.items() if len(setups) > 1}
    left_out = set(COMPARE["left-out"]["behaviours"])
    report([f"{behaviour} was asked of several servers: make it a row or leave it out, in docs/choose/compare.yml." for behaviour in sorted(several - rows - left_out)]
           + [f"docs/choose/compare.yml has the row {row['behaviour']}, which nobody was asked: take it out." for row in ROWS
              if not any(matrix.setup_of(column["setup"], row) for column in matrix.columns())])


def test_every_cell_is_a_record_or_says_why_not(site):
    """Text, link and place of each cell, in both languages; “not asked yet” is a hole in the records."""
    problems = []
    for page in (site.by_address["/choose/compare/"], site.by_address["/en/choose/compare/"]):
        cells, expected = page.soup.select("td[data-server]"), len(matrix.columns()) * sum(len(group["rows"]) for group in matrix.groups())
        assert len(cells) == expected, f"{page.address} has {len(cells)} cells, {expected} were to be drawn."
        rows = [row for group in matrix.groups() for row in group["rows"]]
        for row, line in zip(rows, page.soup.select(".matrix-table tbody tr"), strict=True):
            for cell in line.select("td"):
                setup, what = matrix.setup_of(cell["data-server"], row), f"{page.address}: {cell['data-server']}, {row['behaviour']}"
                link = cell.find("a")
                if setup is None:
                    why = matrix.why_not(cell["data-server"], row)
                    if link or cell.text != COMPARE["not-asked"][why][page.lang]:
                        problems.append(f"{what} was not asked, and says “{cell.text}”.")
                    if why == "open":
                        problems.append(f"{what} was not asked and does not say why: record it, or give the row in docs/choose/compare.yml what it needs.")
                elif site.resolve(page, link["href"]) != (page.address.replace("choose/compare/", f"evidence/{records.recipe_of(setup)}/"), f"{setup}-{row['behaviour']}"):
                    problems.append(f"{what} leads to {link['href']}, not to its record.")
                elif not row.get("only-figures") and not link.text.startswith(_outcome(setup, row["behaviour"], page.lang)):
                    problems.append(f"{what} says “{link.text}”, the record says otherwise.")
    report(problems)


def _outcome(setup, behaviour, lang) -> str:
    return records.behaviour_texts(behaviour)["outcomes"][records.record(setup, behaviour)["outcome"]][lang]
