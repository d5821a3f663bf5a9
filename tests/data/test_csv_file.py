"""The CSV files that the hub hands out, as a spreadsheet would take them."""

import csv
import io

import pytest

from mhub_core.data.csv_file import csv_text

FORMULAS = ['=HYPERLINK("http://x","y")', "+1+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "\t=1", "\r=1"]
HIDDEN = ["\n=1", " =1", "\u3000=1", "＝1", " ＠A1", "\ufeff=1", "\u200b=1"]


@pytest.mark.parametrize("cell", FORMULAS + HIDDEN)
def test_no_cell_is_a_formula(cell: str):
    head, row = csv.reader(io.StringIO(csv_text([cell], [[cell]])))
    assert head == row == [f"'{cell}"]


@pytest.mark.parametrize("cell", ["-1.5", "+3", "1e-5", "Adelie", "a, b", "", "3 = 3"])
def test_numbers_and_words_stay_as_they_are(cell: str):
    assert list(csv.reader(io.StringIO(csv_text(["what"], [[cell]])))) == [["what"], [cell]]
