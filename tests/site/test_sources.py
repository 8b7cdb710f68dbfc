"""The sources of the site: what readers copy, and what must not be in any file."""

from tests.site import parity, sources
from tests.site.report import report


def test_code_to_copy_is_included(pages):
    report(sources.typed_code(pages))


def test_japanese_punctuation_is_full_width():
    report(sources.halfwidth_punctuation(parity.ROOT))


def test_includes_exist(pages):
    report(sources.missing_includes(parity.ROOT, pages))


def test_every_file_of_a_recipe_is_on_a_page(pages):
    report(sources.unshown_files(parity.ROOT, pages))


def test_no_path_of_one_machine():
    report(sources.private_paths(parity.ROOT, sources.tracked_files(parity.ROOT)))
