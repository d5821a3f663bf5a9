"""Each bad file is refused in words, or becomes a dataset that says what is wrong with it."""

from __future__ import annotations

import re

import pytest

from tests.datasets import bad_files
from tests.datasets.bad_files import Bad

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("bad", bad_files.ALL, ids=lambda bad: bad.what)
def test_a_bad_file_is_refused_in_words_or_said_to_be_so(bad: Bad, tmp_path):
    result = bad_files.tried(bad, tmp_path)
    assert (result.outcome, result.kept) == (bad.outcome, bad.kept), result.told
    assert re.search(bad.words, result.told), result.told


def test_these_are_a_hundred_files_and_each_has_a_name_of_its_own():
    assert len({bad.what for bad in bad_files.ALL}) == len(bad_files.ALL) >= 100
