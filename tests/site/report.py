"""How a test of the site fails: with sentences, not with a traceback."""

import pytest

MOST = 50  # sentences shown; what one cause breaks on every page needs no more


def report(problems: list[str]) -> None:
    """Fail with `problems`, one per line, if there are any."""
    if problems:
        rest = [f"... and {len(problems) - MOST} more."] if len(problems) > MOST else []
        pytest.fail("\n".join(problems[:MOST] + rest), pytrace=False)
