"""The built site, both languages."""

import pytest

from tests.site import built, parity, permalinks
from tests.site.report import report


def test_strict_build_has_no_warning(build):
    report(built.build_problems(*build[1:]))


@pytest.mark.parametrize("check", built.CHECKS, ids=lambda check: check.__name__)
def test_no(check, site):
    report(check(site))


def test_what_was_published_resolves_in_both_languages(site):
    report(permalinks.dead(site, permalinks.read(parity.ROOT)))


def test_what_can_be_linked_is_listed(site):
    report(permalinks.unlisted(site, permalinks.read(parity.ROOT)))
