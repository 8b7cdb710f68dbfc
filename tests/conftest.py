"""What tests of several folders share: the site, built once."""

import pytest

from tests.site import built, parity


@pytest.fixture(scope="session")
def build(tmp_path_factory):
    """(folder, exit status, output) of the one build."""
    folder = tmp_path_factory.mktemp("site")
    return folder, *built.build(parity.ROOT, folder)


@pytest.fixture(scope="session")
def site(build):
    """The built site."""
    if not (build[0] / "index.html").exists():
        pytest.fail("The site was not built: run `mkdocs build --strict` and mend what it says.", pytrace=False)
    return built.Site(build[0])
