"""The one shortcode form: `<!-- show:NAME ARGUMENT … -->` in a page becomes Markdown made from data.

Every name is one small function `(place, *arguments) -> str`. An unknown name, a wrong number of
arguments or a record that is not there fails the build with a sentence that names the page.
"""

import re

from mkdocs.exceptions import PluginError

import article
import builder
import changes
import charts
import evidence
import explorer
import flow
import glossary
import live
import matrix
import onboarding
import patterns
import printed
import projects
import reader
import records
import sizing
import speed
import timeouts
import traces
from data import Missing
from place import Place

SHORTCODE = re.compile(r"(?P<indent>^ +)?<!--\s*show:(?P<name>\S+)(?P<arguments>(?:\s+\S+)*?)\s*-->", re.MULTILINE)

FUNCTIONS = {
    "outcome": records.outcome,
    "figure": records.figure,
    "output": records.output,
    "tested": records.tested,
    "box": records.box,
    "compare": records.compare,
    "records": evidence.of_recipe,
    "recipes": evidence.all_recipes,
    "moved-records": evidence.moved,
    "other-versions": evidence.other_versions,
    "matrix": matrix.matrix,
    "who": matrix.who,
    "projects": projects.table,
    "flowchart": flow.flowchart,
    "outcomes": flow.outcomes,
    "advisor": flow.advisor,
    "chart": charts.chart,
    "ratio": charts.ratio,
    "printed": printed.output,
    "explorer": explorer.explorer,
    "sizing": sizing.sizing,
    "sizing-warnings": sizing.warnings,
    "sizing-memory": sizing.memory_table,
    "sizing-errors": sizing.errors,
    "sizing-curve": sizing.curve,
    "sizing-error": sizing.error,
    "sizing-bounds": sizing.bounds,
    "article": article.statements,
    "changes": changes.listing,
    "timeouts": timeouts.timeouts,
    "onboarding-path": onboarding.path,
    "checklists": onboarding.checklists,
    "team-links": onboarding.links,
    "handbook": onboarding.handbook,
    "glossary": glossary.listing,
    "reader": reader.reader,
    "builder": builder.builder,
    "combinations": builder.table,
    "live": live.output,
    "live-figure": live.figure,
    "live-table": live.table,
    "patterns": patterns.catalogue,
    "patterns-index": patterns.index,
    "patterns-output": patterns.outputs,
    "page-weight": speed.weight,
    "build-speed": speed.build,
    "trace": traces.trace,
    "trace-counts": traces.counts_table,
    "trace-figure": traces.figure,
    "trace-same": traces.same,
    "trace-legend": traces.legend,
    "trace-picture": traces.picture,
    "trace-look": traces.look,
    "trace-layers": traces.layers,
    "trace-link": traces.link,
}


def on_pre_build(config):
    """See records that changed since the last build of a preview (MkDocs hook)."""
    sizing.forget()


def on_page_markdown(markdown, page, config, files):
    """Replace every shortcode of a page (MkDocs hook)."""
    place = Place.of(page)

    def replace(match):
        name, arguments = match.group("name"), match.group("arguments").split()
        if name not in FUNCTIONS:
            known = ", ".join(sorted(FUNCTIONS))
            raise PluginError(f"{place.path}: there is no shortcode show:{name}; use one of {known}.")
        try:
            # A block inside a tab or a list keeps its indentation on every line.
            indent = match.group("indent") or ""
            return indent + FUNCTIONS[name](place, *arguments).replace("\n", "\n" + indent)
        except Missing as error:
            raise PluginError(f"{place.path}: show:{name} {' '.join(arguments)}: {error}") from error
        except TypeError as error:
            raise PluginError(f"{place.path}: show:{name} does not take {arguments}: {error}") from error

    return SHORTCODE.sub(replace, markdown)
