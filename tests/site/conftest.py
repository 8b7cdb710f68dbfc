"""What the tests of the site share besides the built site: its pages as sources."""

import pytest

from tests.site import parity, sources


@pytest.fixture(scope="session")
def pages():
    """Every page of docs/, reduced to its structure."""
    return sources.read_pages(parity.ROOT)
