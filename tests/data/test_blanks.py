"""Cells between blanks: quotes that open and close nothing take no longer than others, and all is read as it always was."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mhub_core.kinds.tables import forms

# Each quote is tried as the beginning of a cell. It says the same, and a line of quotes costs it the square of its length.
SLOW = re.compile(r'"(?:[^"\n]|"")*"(?=[ \t\n]|\Z)|[ \t]+')


def slowly(text: str) -> str:
    lines = (line.strip(" \t") for line in text.split("\n"))
    return "\n".join(SLOW.sub(lambda found: found[0] if found[0][0] == '"' else "\t", line) for line in lines)


@given(st.text(alphabet='""" \ta,\n', max_size=24))
@settings(max_examples=300, deadline=None)
def test_cells_between_blanks_are_the_same_as_when_each_quote_is_tried(text):
    assert forms.BLANKS.lines([text]) == slowly(text).split("\n")


@pytest.mark.parametrize("line", ['"' * 60_000 + "x", 'a""' * 20_000, '"a ' * 20_000, 'x"" y' * 12_000, '""" a' * 12_000])
def test_a_line_of_quotes_that_close_nothing_is_read_at_once(line):
    began = time.process_time()
    forms.BLANKS.lines([line])
    assert time.process_time() - began < 0.5
