"""Files that are given to a model: read by the reader of datasets, in any format, and refused in words."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime

import polars as pl
import pytest

from mhub_core.data.records import Column
from mhub_core.errors import Invalid, TooLarge
from mhub_core.evaluation import child
from mhub_core.evaluation.records import Prediction
from mhub_core.kinds.images import MAX_BYTES, MAX_IMAGES
from mhub_core.kinds.pictures import asking as pictures
from mhub_core.kinds.tables import asking
from mhub_core.kinds.texts import asking as texts
from mhub_core.ui import answer
from mhub_core.ui.kinds.view import Given
from tests import factories
from tests.datasets.conftest import picture
from tests.datasets.tables_at_hand import houses, in_words, read, written
from tests.datasets.workbooks import rows, workbook

COLUMNS = [Column("a", "number"), Column("b", "category", categories=("FALSE", "TRUE", "x", "y"))]


@pytest.fixture
def given(tmp_path):
    def do(data, name="a.csv", columns=COLUMNS, **chosen):
        path = tmp_path / "given"
        path.write_bytes(data)
        return asking.opened(path, name, columns, chosen)

    return do


def parquet(**columns):
    file = io.BytesIO()
    pl.DataFrame(columns).write_parquet(file)
    return file.getvalue()


def zipped(**files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("_", "."), data)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b"a;b;more\n1,5;x;1\n-2;y;2\n"),
        ("a.tsv", "a\tb\n1,5\tx\n-2\ty\n".encode("utf-16")),
        ("a.txt", b"a    b\n1.5  x\n-2   y\n"),
        ("a.csv", b"'a','b'\n'1.5','x'\n'-2','y'\n"),
        ("a.csv", b"Report of today\na,b\n1.5,x\n-2,y\n"),
        ("a.xlsx", workbook(Notes=rows(["see", "below"], ["x", 1]), Data=rows(["b", "a"], ["x", 1.5], ["y", -2]))),
        ("a.json", json.dumps({"meta": [{"k": 1}], "rows": [{"a": 1.5, "b": "x"}, {"a": -2, "b": "y"}]}).encode()),
        ("a.jsonl", b'{"a": 1.5, "b": "x"}\n{"a": "-2", "b": "y"}\n'),
        ("a.parquet", parquet(a=[1.5, -2.0], b=["x", "y"])),
        ("a.zip", zipped(other_csv=b"k,v\n1,22222222222222222222222222\n", mine_csv=b"a,b\n1.5,x\n-2,y\n")),
    ],
)
def test_rows_are_read_out_of_every_format_and_of_the_table_with_the_columns_of_the_model(given, name, data):
    found = given(data, name)

    assert [(float(row["a"]), row["b"]) for row in found.examples] == [(1.5, "x"), (-2.0, "y")]
    assert list(found.names) == ["Row 1", "Row 2"] and len(found.shown) == 2


def test_moments_true_and_false_and_numbers_with_units_are_given_as_the_dataset_writes_them(given):
    columns = [*COLUMNS, Column("when", "date")]
    data = parquet(a=["1.234,50 €", "7"], b=[True, False], when=[datetime(2024, 5, 31), datetime(2024, 6, 1, 12)])

    assert given(data, "a.parquet", columns).examples == [
        {"a": "1234.5", "b": "TRUE", "when": "2024-05-31 00:00:00"},
        {"a": "7", "b": "FALSE", "when": "2024-06-01 12:00:00"},
    ]


def test_a_file_is_read_as_its_dataset_was(given, tmp_path):
    said = [{**row, "area": in_words(row["area"], ".", ","), "price": in_words(row["price"], ".", ",")} for row in houses()]
    spec = read(tmp_path, written(said, ";")).spec
    columns = [Column.from_json(column) for column in spec.input["columns"] if column["name"] != "price"]
    data = written([{**row, "area": f"{row['rooms']}.500"} for row in said], ";").encode()
    found = given(data, columns=columns)

    assert [float(row["area"]) for row in found.examples] == [row["rooms"] * 1000 + 500 for row in said]
    assert "can be read in two ways" in "\n".join(found.notes)
    other = given(
        written([{**row, "area": f"{row['rooms']}.500"} for row in said], ";").encode(), columns=columns, numbers="1,234.56"
    )
    assert [float(row["area"]) for row in other.examples] == [row["rooms"] + 0.5 for row in said]


def test_a_model_of_columns_without_names_takes_rows_without_a_header(given):
    columns = [Column("column_1", "number"), Column("column_2", "category")]

    assert given(b"1,x\n2,y\n3,x\n", columns=columns).examples[0] == {"column_1": "1", "column_2": "x"}


def test_one_column_is_enough_for_a_model_of_one(given):
    only = [Column("a", "number")]

    for name, data in (("a.csv", b"a\n1\n2\n"), ("a.xlsx", workbook(S=rows(["a"], [1], [2]))), ("a.parquet", parquet(a=[1, 2]))):
        assert [float(row["a"]) for row in given(data, name, only).examples] == [1, 2]


def test_rows_that_are_left_out_are_told_and_the_others_keep_their_numbers(given):
    found = given(b"a,b\n1,x\n2\n3,y\nTotal,\n,\n4,x\n")

    assert [row["a"] for row in found.examples] == ["1", "3", "Total", "", "4"]
    assert list(found.names) == ["Row 1", "Row 3", "Row 4", "Row 5", "Row 6"] and "Row 2 was left out" in found.notes[0]
    assert "treated as unknown: b" in given(b"a,c\n1,2\n").notes[-1]


def test_every_row_that_is_given_has_an_answer_the_first_one_and_the_last_one_too(given):
    columns = [Column("a", "number"), Column("b", "category"), Column("c", "number")]
    data = b"a,b,c\nlow,x,high\n" + b"1,y,2\n" * 30 + b"30,mean,60\n"
    found = given(data, columns=columns)

    assert (found.examples[0]["a"], found.examples[-1]["b"], len(found.examples)) == ("low", "mean", 32)
    without = given(data.replace(b"2\n", b"\n", 1).replace(b"1,y,\n", b"1,y\n"), columns=columns, second="left out")
    assert list(without.names)[:2] == ["Row 3", "Row 4"] and "Row 2 was left out" in "".join(without.notes)
    ruled = given(b"| a | b | c |\n|---|---|---|\n" + b"| 1 | y | 2 |\n" * 9, columns=columns)
    assert list(ruled.names)[0] == "Row 1" and len(ruled.examples) == 9


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"a,b\n", "no rows"),
        (b"x,y\n1,2\n", "none of the model's columns"),
        (b"\x89PNG\0\0\0\n", "an image, not a CSV"),
        (b"a,b\n1,\0\1\n", "not a text"),
        (b'a,b\n1,"' + b"x" * 200_000, "begins in line 2 is longer than"),
        (b"a,b\n" + b"1,2\n" * 10_001, "10,001 rows"),
        (b"PAR1" + bytes(90), "damaged"),
    ],
)
def test_a_bad_file_is_refused_in_words(given, data, said):
    with pytest.raises(Invalid, match=said):
        given(data)


@pytest.mark.parametrize(("wide", "cell", "said"), [(60, "1", "600,000 cells"), (5, "x" * 500, "50,000 cells, of 25.")])
def test_a_small_file_of_more_cells_than_a_page_can_keep_is_refused(given, wide, cell, said):
    with pytest.raises(TooLarge, match=said):
        given(
            parquet(
                **{f"c{number}": [cell] * 10_000 for number in range(wide)},
            ),
            "a.parquet",
            [Column("c1", "category")],
        )


def test_texts_come_as_a_column_of_a_table_or_as_one_text(tmp_path):
    path = tmp_path / "given"
    path.write_bytes(workbook(S=rows(["review", "stars"], ["good film", 5], ["bad, and long", 1])))
    assert texts.opened(path, "a.xlsx", "review", {}).examples == ["good film", "bad, and long"]
    path.write_bytes("It was, all in all,\na good film.\n".encode("utf-16"))
    assert texts.opened(path, "a.txt", "review", {}).examples == ["It was, all in all,\na good film.\n"]
    with pytest.raises(Invalid):
        texts.opened(path, "a.csv", "review", {})


def test_images_come_in_an_archive_with_their_names_and_no_more_than_a_model_takes(tmp_path):
    path = tmp_path / "given"
    path.write_bytes(zipped(b_png=picture(), a_png=picture(), notes_txt=b"x"))
    found = pictures.opened(path, "a.zip", MAX_IMAGES, MAX_BYTES)

    assert list(found.names) == ["a.png", "b.png"] and found.examples[0] == picture() and "notes.txt" in found.notes[0]
    with pytest.raises(TooLarge, match="2 images"):
        pictures.opened(path, "a.zip", 1, MAX_BYTES)


def test_a_file_is_opened_in_the_sandbox_and_what_is_wrong_is_told(tmp_path):
    spec = read(tmp_path, written(houses())).spec
    found = child.open_file(spec, "a.parquet", parquet(area=[12.5], city=["Lima"]), {})

    assert found.examples[0]["city"] == "Lima" and "treated as unknown: rooms" in found.notes[-1]
    with pytest.raises(Invalid, match="none of the model's columns"):
        child.open_file(spec, "a.csv", b"x,y\n1,2\n", {})


def test_the_file_of_predictions_has_the_cells_of_the_rows_that_were_given():
    data = factories.iris_spec()
    given = Given(({}, {}), ("Row 1", "Row 3"), shown=({"id": "007", "b": None}, {"id": "=1+1", "b": "x"}))
    told = Prediction(data, ({"probabilities": [0.9, 0.05, 0.05]}, {"probabilities": [0.1, 0.8, 0.1]}), 1.0)

    lines = answer._csv(told, given.only([0, 1])).splitlines()
    assert lines[0].startswith("input,id,b,") and lines[1].startswith("Row 1,007,,") and lines[2].startswith("Row 3,'=1+1,x,")
