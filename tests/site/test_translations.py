"""Both languages say the same, and somebody has read them together since the last change."""

from tests.site import parity
from tests.site.report import report


def test_pages_have_the_same_structure():
    report(parity.differing_pages(parity.ROOT))


def test_data_files_have_both_languages():
    report(parity.differing_data(parity.ROOT))


def test_both_languages_were_read_together():
    report(parity.unread(parity.ROOT))
