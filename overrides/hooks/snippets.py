"""Say above every included snippet which file it is.

A fence whose whole body is one include line gets the file's name as its title and its path below
snippets/ as `data-snippet`, so that a reader knows what to call the file and a test can compare the
copy button's text with it.
"""

import re

FENCE = re.compile(
    r'^(?P<indent> *)(?P<ticks>`{3,})(?P<language>[\w-]*)(?P<options>[^\n{}]*)\n'
    r'(?P=indent)(?P<include>--8<-- "(?P<path>[^"\n]+)")\n'
    r'(?P=indent)(?P=ticks) *$',
    re.MULTILINE,
)


def on_page_markdown(markdown, page, config, files):
    """Title the fences that hold one include (MkDocs hook)."""

    def title(match):
        path = match["path"]
        name = path.split(":")[0].rsplit("/", 1)[-1]
        options = match["options"].strip()
        if "title=" not in options:
            options = f'title="{name}" {options}'.strip()
        indent, ticks = match["indent"], match["ticks"]
        return (
            f'{indent}{ticks} {{ .{match["language"]} {options} data-snippet="{path}" }}\n'
            f'{indent}{match["include"]}\n{indent}{ticks}'
        )

    return FENCE.sub(title, markdown)
