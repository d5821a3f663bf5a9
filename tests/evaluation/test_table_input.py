"""Rows out of a small CSV file, good and bad."""

from __future__ import annotations

import pytest

from mhub_core.data.records import Column
from mhub_core.errors import Invalid
from mhub_core.evaluation import table_input


def read_csv(data, names):
    return table_input.read_csv(data, [Column(name, "category" if name == "b" else "number") for name in names])


def test_rows_are_read_and_the_columns_that_lack_are_named():
    rows, missing = read_csv("a;b\n1;x\n2;ü\n".encode(), ["a", "b", "c"])
    assert rows == [{"a": "1", "b": "x"}, {"a": "2", "b": "ü"}]
    assert missing == ["c"]


def test_a_latin_file_with_tabs_is_read_too():
    assert read_csv("a\tb\n1\tü\n".encode("latin-1"), ["a", "b"])[0] == [{"a": "1", "b": "ü"}]


def test_decimal_commas_are_read_as_in_a_dataset():
    assert read_csv(b"a;b\n1,5;x\n-2,25;y\n", ["a", "b"])[0] == [{"a": "1.5", "b": "x"}, {"a": "-2.25", "b": "y"}]


def test_a_file_of_utf_16_and_tidied_names_is_read_as_in_a_dataset():
    data = "my   length;b\n\n1,5; x \n".encode("utf-16")

    assert read_csv(data, ["my length", "b"]) == ([{"my length": "1.5", "b": "x"}], [])


def test_one_column_is_enough_for_a_model_of_one():
    assert read_csv(b"a\n1\n2\n", ["a"]) == ([{"a": "1"}, {"a": "2"}], [])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no rows"),
        (b"a,b\n", "no rows"),
        (b"x,y\n1,2\n", "none of the model's columns"),
        (b"a,b\n1,2\n3\n", "Line 3 has 1 values"),
        (b"\x89PNG\0\0\0\n", "an image, not a CSV"),
        (b"a,b\n1,\0\1\n", "not a text"),
        (b'a,b\n1,"' + b"x" * 200_000, "begins in line 2 is longer than"),
        (b"a,b\n" + b"1,2\n" * 10_001, "10,001 rows"),
    ],
)
def test_a_bad_file_is_refused_in_words(data, said):
    with pytest.raises(Invalid, match=said):
        read_csv(data, ["a", "b"])


def test_a_row_of_missing_values_stays_a_row_and_mistakes_are_told_by_their_line():
    rows, _ = read_csv(b"a,b\n1,2\n,\n3,4\n", ["a", "b"])
    assert [row["a"] for row in rows] == ["1", "", "3"]
    with pytest.raises(Invalid, match="Line 5 has 3"):
        read_csv(b"a,b\n\n1,2\n\n3,4,5\n", ["a", "b"])
