"""Tables come as Excel, JSON, JSON Lines, Parquet, TSV and packed; what cannot be read is refused in words."""

from __future__ import annotations

import datetime
import gzip
import io
import json
import uuid
from decimal import Decimal

import polars as pl
import pytest

from mhub_core.datasets import refused_service, service
from mhub_core.errors import Invalid, MHubError, TooLarge
from mhub_core.kinds.registry import preview
from mhub_core.kinds.tables.formats.area import read_area
from mhub_core.kinds.tables.formats.format import Head
from mhub_core.kinds.tables.formats.registry import format_of
from mhub_core.storage import service as storage
from tests.datasets.conftest import FLOWERS, animals
from tests.datasets.workbooks import open_document, rows, workbook, zipped

FRAME = pl.read_csv(FLOWERS.encode())
RECORDS = FRAME.to_dicts()
LINES = "".join(json.dumps(record) + "\n" for record in RECORDS)
HEADER = ["petal", "sepal", "species"]
SHEET = rows(HEADER, *map(list, FRAME.rows()))


def parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


@pytest.fixture
def look(tmp_path):
    """Look at bytes under a name, and read them as a whole: both must give the same table."""

    def do(data: bytes | str, file_name: str, **chosen: object) -> Head:
        path = tmp_path / "upload"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        format, folder = format_of(path, file_name), tmp_path / "work"
        folder.mkdir(exist_ok=True)
        head, whole = format.look(path, chosen), format.read(path, chosen, folder, lambda *_: None)
        assert head.share == 1.0 and head.frame.equals(whole.frame) and list(folder.iterdir()) == []
        return head

    return do


GOOD: dict[str, bytes | str] = {
    "a.xlsx": workbook(Data=SHEET),
    "an Excel file.csv": workbook(Data=SHEET),
    "a.json": json.dumps(RECORDS),
    "columns.json": json.dumps(FRAME.to_dict(as_series=False)),
    "by row.json": json.dumps({name: {str(n): value for n, value in enumerate(FRAME[name])} for name in HEADER}),
    "split.json": json.dumps({"columns": HEADER, "data": [list(row) for row in FRAME.rows()]}),
    "inside.json": json.dumps({"about": "flowers", "data": RECORDS}),
    "a.jsonl": LINES,
    "lines.json": "\ufeff" + LINES,
    "a.parquet": parquet(FRAME),
    "a parquet file.txt": parquet(FRAME),
    "a.tsv": FLOWERS.replace(",", "\t"),
    "a.csv.gz": gzip.compress(FLOWERS.encode()),
    "a.zip": zipped({"folder/a.csv": FLOWERS, "README.md": "About it.", "__MACOSX/folder/._a.csv": "x"}),
    "excel.zip": zipped({"a.xlsx": workbook(Data=SHEET)}),
}


@pytest.mark.parametrize("file_name", GOOD)
def test_every_format_gives_the_same_table(look, file_name):
    frame = look(GOOD[file_name], file_name).frame

    assert frame.with_columns(pl.col("petal").cast(pl.Int64), pl.col("sepal").cast(pl.Float64)).rows() == FRAME.rows()


def test_a_workbook_with_a_title_above_gaps_errors_and_types_is_read_as_it_looks(look):
    table = [
        ["Flowers of 2024", None, None, None],
        [None, None, None, None],
        ["day", "length", "code", "is_wild"],
        *[[f"day{45_292 + n}", 1e-12 * n + 0.5, f"{n:03d}", n % 2 == 0] for n in range(30)],
        [None, None, None, None],
        ["day45400", "#DIV/0!", "x", True],
    ]
    head = look(workbook(Empty="", Data=rows(*table, first=3, column=4)), "a.xlsx")

    assert dict(head.frame.schema) == {"day": pl.Date, "length": pl.Float64, "code": pl.String, "is_wild": pl.Boolean}
    assert head.frame.row(1) == (datetime.date(2024, 1, 2), 1e-12 + 0.5, "001", False)
    assert head.frame.height == 31 and head.frame["length"].null_count() == 1
    told = " ".join(head.notes)
    assert all(
        words in told
        for words in ("'Data' of 2", "1 line above the table", "'Flowers of 2024'", "1 cell holds an error", "1 empty row")
    )


def test_numbers_among_text_keep_all_their_digits(look):
    lines = [["a", "b"], *[[n, 1e-13 * n + 0.25] for n in range(1, 40)], [1, "none"], [2, "007.10"]]

    read = look(workbook(Data=rows(*lines)), "a.xlsx").frame["b"]

    assert [float(value) for value in read[:39]] == [row[1] for row in lines[1:40]] and read[39:].to_list() == ["none", "007.10"]


def test_sheet_range_and_first_line_of_a_workbook_are_chosen(look):
    book = workbook(One=rows(["a", "b"], [1, 2], [3, 4]), Two=rows(["c", "d"], [5, 6], [7, 8], ["sum", 14], column=2))

    assert look(book, "a.xlsx").frame.columns == ["a", "b"]
    assert [option.name for option in look(book, "a.xlsx").options] == ["sheet", "range", "header"]
    assert look(book, "a.xlsx", sheet="Two", totals=False).frame.height == 3
    assert look(book, "a.xlsx", sheet="Two", range="B1:C3").frame.rows() == [(5, 6), (7, 8)]
    headless = look(book, "a.xlsx", sheet="Two", range="b2:c3", header=False).frame
    assert (headless.columns, headless.rows()) == (["column_1", "column_2"], [(5, 6), (7, 8)])
    for wrong, words in (
        ({"sheet": "Three"}, "no sheet 'Three'"),
        ({"range": "A9:"}, "not a range"),
        ({"range": "Z1:ZZ9"}, "empty"),
    ):
        with pytest.raises(Invalid, match=words):
            look(book, "a.xlsx", **wrong)
    assert read_area("C7") == read_area("$C$7:XFD1048576")


def test_an_ods_of_libreoffice_is_read(look):
    def cell(value: object) -> str:
        kind = f'float" office:value="{value}' if isinstance(value, int) else "string"
        return f'<table:table-cell office:value-type="{kind}"><text:p>{value}</text:p></table:table-cell>'

    lines = "".join(f"<table:table-row>{''.join(map(cell, line))}</table:table-row>" for line in (["a", "b"], [1, "x"], [2, "y"]))
    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    rest = f'<table:table-row table:number-rows-repeated="1048573">{empty}</table:table-row>'

    frame = look(open_document(f'<table:table table:name="T">{lines}{rest}</table:table>'), "a.ods").frame

    assert (frame.columns, frame.rows()) == (["a", "b"], [(1, "x"), (2, "y")])


def test_nested_values_become_columns_and_types_stay_exact(look):
    records = [
        {"a": {"b": n, "c": {"d": n / 2}}, "tags": ["x"], "id": 2**60 + n, "mixed": n if n % 2 else "x"} for n in range(30)
    ]

    head = look(json.dumps(records), "a.json")

    assert head.frame.row(1) == (1, 0.5, '["x"]', 2**60 + 1, "1")
    assert head.frame.columns == ["a.b", "a.c.d", "tags", "id", "mixed"] and "read as text: tags" in head.notes[0]


def test_a_column_that_begins_with_thousands_of_missing_values_is_read(look, monkeypatch):
    lines = [json.dumps({"a": n, "b": None if n < 1_500 else 0.5}) for n in range(1_800)]

    assert look("\r\n".join(lines), "a.ndjson").frame["b"].drop_nulls().to_list() == [0.5] * 300


def test_parquet_types_are_made_plain_or_left_out_in_words(look):
    frame = FRAME.head(9).with_columns(
        pl.Series("price", [Decimal(n) / 4 for n in range(9)]),
        pl.Series("took", [datetime.timedelta(seconds=n) for n in range(9)]),
        pl.Series("id", [uuid.UUID(int=n).bytes + b"" for n in range(2**127, 2**127 + 9)]),
        pl.Series("raw", [b"\xff" * (n + 1) for n in range(9)]),
        pl.Series("list", [[1, 2]] * 9),
        pl.struct("petal").alias("group"),
    )

    head = look(parquet(frame), "a.parquet")

    assert head.frame.columns == [*HEADER, "price", "took", "id"]
    assert head.frame.select("price", "took", "id").row(3) == (0.75, 3.0, str(uuid.UUID(int=2**127 + 3)))
    assert "lists or groups of values: list, group" in head.notes[0] and "bytes, not text: raw" in head.notes[1]


def test_of_several_tables_in_a_zip_one_is_chosen_and_told(look):
    packed = zipped({"train.csv": FLOWERS, "small.json": json.dumps(RECORDS[:9])})
    head = look(packed, "kaggle.zip")

    assert head.frame.height == 60 and "'train.csv' is read" in head.notes[0]
    assert head.options[0].choices == (("train.csv", "train.csv"), ("small.json", "small.json"))
    assert look(packed, "kaggle.zip", file="small.json").frame.height == 9


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"a.csv": FLOWERS, "readme.txt": "x"}, "table"),
        ({**animals(1), "labels.csv": "file,class"}, "images"),
        ({"cat/1.txt": "0 0.5 0.5 1 1", "cat/1.jpg": "x"}, "images"),
    ],
)
def test_a_zip_with_images_stays_images(tmp_path, files, kind):
    (tmp_path / "a.zip").write_bytes(zipped(files))

    assert preview(tmp_path / "a.zip", "a.zip", {}).kind == kind


def test_a_zip_of_a_table_among_documents_is_refused_as_one_of_images(tmp_path):
    (tmp_path / "a.zip").write_bytes(zipped({"notes.docx": "x", "a.csv": FLOWERS}))

    with pytest.raises(Invalid, match=r"no image, but notes\.docx, a\.csv"):
        preview(tmp_path / "a.zip", "a.zip", {})


FAR_CELL = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="{}1048576"><v>1</v></c></row>'
DTD = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet><sheetData><row><c><v>&b;</v></c></row>'
DEEP = "[" * 100_000 + "]" * 100_000
LONG = "x" * 3_000_000
REPEATED = (
    '<table:table table:name="T"><table:table-row table:number-rows-repeated="1048576"><table:table-cell '
    'office:value-type="float" office:value="1" table:number-columns-repeated="16384"/></table:table-row></table:table>'
)
BAD: list[tuple[str, bytes | str, str]] = [
    ("truncated.xlsx", workbook(Data=SHEET)[:-300], "damaged, or it is not a workbook"),
    ("password.xlsx", b"\xd0\xcf\x11\xe0" + bytes(4000) + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
    ("old.xls", b"\xd0\xcf\x11\xe0" + bytes(4000), "damaged, or it is not a workbook"),
    ("no workbook.xlsx", zipped({"xl/workbook.xml": "<workbook/>"}), "damaged, or it is not a workbook"),
    ("binary.xlsb", zipped({"xl/workbook.bin": "x"}), "binary Excel file"),
    ("empty.xlsx", workbook(Data=""), "sheet is empty"),
    ("one column.xlsx", workbook(Data=rows(["a"], [1], [2])), "only one column"),
    ("far cell.xlsx", workbook(Data=FAR_CELL.format("GR")), "row 1,048,576 and column 200"),
    ("far corner.xlsx", workbook(Data=FAR_CELL.format("XFD")), "row 1,048,576 and column 16,384"),
    ("entities.xlsx", workbook(Data=DTD), "definitions that no spreadsheet program writes"),
    ("long cell.xlsx", workbook(Data=rows(["a", "b"], [1, LONG])), "longer than 100,000 characters"),
    ("long tag.xlsx", workbook(Data=f'<row r="1" x="{LONG}"/>'), "longer than 100,000 characters"),
    ("broken cells.xlsx", workbook(Data='<row r="1"><c r="??"><v>1</v></c></row>'), "damaged"),
    ("repeated.ods", open_document(REPEATED), "row 1,048,576 and column 16,384"),
    ("deep.json", DEEP, "nested too deeply"),
    ("deep.jsonl", DEEP, "nested too deeply"),
    ("deep inside.json", '[{"a": ' + DEEP + "}]", "nested too deeply"),
    ("truncated.json", json.dumps(RECORDS)[:-40], "damaged: line 1"),
    ("no list.json", '{"a": 1, "b": [1, 2], "c": [1]}', "holds no table"),
    ("numbers.json", "[1, 2, 3]", "row 1 is a number, not an object"),
    ("empty list.json", "[]", "no rows"),
    ("latin.json", '[{"a": "Röschen", "b": 1}]'.encode("latin-1"), "not written in UTF-8"),
    ("one value.json", '[{"a": 1}, {"a": 2}]', "only one value each"),
    ("long.json", json.dumps([{"a": LONG, "b": 1}]), "more than 100,000 characters in 'a'"),
    ("twice.jsonl", '{"a": 1, "a": 2}', "a name occurs twice"),
    ("nul.jsonl", '{"a": 1\0, "b": 2}', "is no JSON"),
    ("truncated.parquet", parquet(FRAME)[:-200], "Parquet file is damaged"),
    ("head.parquet", b"PAR1", "Parquet file is damaged"),
    ("lists.parquet", parquet(pl.DataFrame({"a": [[1]], "b": [[2]]})), "fewer than two columns"),
    ("empty.parquet", parquet(FRAME.clear()), "no rows"),
    ("truncated.csv.gz", gzip.compress(FLOWERS.encode())[:-20], "damaged or not complete"),
    ("bomb.csv.gz", gzip.compress(b"1,2\n" * 20_000_000, 9), "Unpacked, the table takes"),
    ("head.csv.gz", b"\x1f\x8b", "damaged or not complete"),
    ("nul.csv.gz", gzip.compress(b"a,b\n1,\0\n" * 9), "not a text file"),
    ("twice.zip", zipped({"a.gz": gzip.compress(gzip.compress(b"a"))}), "zip or gzip file inside"),
    ("empty.jsonl", "", "no rows"),
    ("empty.xlsx", "", "file is empty"),
]


@pytest.mark.parametrize(("file_name", "data", "words"), BAD, ids=[file_name for file_name, _, _ in BAD])
def test_a_bad_file_is_refused_in_words(look, file_name, data, words):
    with pytest.raises(MHubError, match=words):
        look(data, file_name)


@pytest.mark.parametrize(("setting", "most"), [("MHUB_MAX_ROWS", "59"), ("MHUB_MAX_COLUMNS", "2")])
@pytest.mark.parametrize("file_name", ["a.xlsx", "a.json", "a.jsonl", "a.parquet"])
def test_too_many_rows_or_columns_are_refused_in_every_format(look, monkeypatch, file_name, setting, most):
    monkeypatch.setenv(setting, most)

    with pytest.raises(TooLarge, match="more than|columns|60 rows"):
        look(GOOD[file_name], file_name)


def test_the_beginning_of_a_large_workbook_is_enough_to_look_at_it(tmp_path):
    lines = [["a", "b", "c"], *[[n, n / 3, "some text"] for n in range(60_000)]]
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook(Data=rows(*lines)))

    head = format_of(path, path.name).look(path, {})

    assert 0.005 < head.share < 0.15 and 900 < head.frame.height < 6_000 and head.frame.row(900)[0] == 900


def test_the_beginning_of_a_packed_table_is_enough_and_tells_how_much_it_is(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1.25,2.5\n" * 1_000_000, 1))

    head = format_of(path, path.name).look(path, {})

    assert head.frame.height < 300_000 and head.frame.height / head.share == pytest.approx(1_000_000, rel=0.05)


def test_what_is_refused_before_it_is_a_dataset_leaves_nothing_behind(anna, send):
    for file_name, data, words in (BAD[0], BAD[8], BAD[14], BAD[26]):
        with pytest.raises(MHubError, match=words):
            service.inspect_upload(anna, send(data, file_name))

    assert list(storage.list_keys()) == []
    assert [path for path in storage.incoming().iterdir() if path.name != "sent"] == []


def test_every_refused_row_is_kept_and_counted(make, anna, ben):
    bad = ['{"petal": 1', "[1, 2]", '{"petal": "=1+1", "petal": 2}'] * 10
    dataset = make(LINES + "\n".join(bad), target="species", task="classification")
    report = dataset.ready_version.report

    told = refused_service.refused_rows(anna, dataset.ready_version.id)

    assert (report["accepted"], report["refused"], len(told)) == (60, 30, 30)
    assert told[0] == ("line 61", "is no JSON: expecting ',' delimiter at character 12", '{"petal": 1')
    assert told[1][1] == "is a list, not an object with names and values" and "=1+1" in told[2][2]
    with pytest.raises(MHubError):
        refused_service.refused_rows(ben, dataset.ready_version.id)
