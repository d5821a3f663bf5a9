"""Text files in layouts that are no CSV, though people call them so: what is read of each, and that it is told."""

from __future__ import annotations

import json

import pytest

from mhub_core.errors import Invalid
from tests.datasets.case_table import prepared
from tests.datasets.conftest import pack, picture
from tests.datasets.tables_at_hand import NUM_ROWS, houses, read, written
from tests.datasets.workbooks import merged, rows, workbook

ROWS = houses()
LINES = written(ROWS).strip().split("\n")
NAMES = ["area", "rooms", "city", "price"]


def spaced(row, city="{:<12s}"):
    return f"{row['area']:9.2f}  {row['rooms']:<3d}{city.format(row['city'])} {row['price']:12.2f}"


def is_as_plain(found):
    """Tell whether a file holds the houses, whatever it calls its columns."""
    held = {column.name: found.values(column.name) for column in found.preview.columns if column.kind != "ignored"}
    return list(held.values()) == [[row[name] for row in ROWS] for name in NAMES] and not found.report["refused"]


BETWEEN_BLANKS = "\n".join(map(spaced, ROWS))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BETWEEN_BLANKS, "separated by blanks"),  # as of the UCI repository: no header
        ("area rooms city price\n" + BETWEEN_BLANKS, "separated by blanks"),
        (written(ROWS, " "), "separated by blanks"),
        (BETWEEN_BLANKS.replace("  ", "\t"), "separated by blanks"),
        ("\n".join(spaced(row, "'{}'") for row in ROWS), "single quotes"),
        ("\n".join(f'"{line}"' for line in LINES), "around whole lines"),
        ("\n".join(",".join(f"'{cell}'" for cell in line.split(",")) for line in LINES), "single quotes"),
        ("| " + "|\n| ".join([LINES[0], "--,--,--,--", *LINES[1:]]).replace(",", " | ") + "|", "'--', '--', '--', '--'"),
    ],
)
def test_cells_may_stand_between_blanks_in_single_quotes_or_in_quoted_lines(tmp_path, text, told):
    found = read(tmp_path, text)

    assert is_as_plain(found) and told in found.told
    assert read(tmp_path, text, chosen=found.options).frame.equals(found.frame)


def test_what_stands_in_single_quotes_is_one_cell_and_double_ones_within_are_letters(tmp_path):
    text = "\n".join(["area,note,price", *(f"{row['area']},'it''s \"{row['city']}\", old',{row['price']}" for row in ROWS)])
    found = read(tmp_path, text)

    assert found.values("note")[0] == f'it\'s "{ROWS[0]["city"]}", old' and found.options["quotes"] == "single"


def test_an_apostrophe_in_a_text_is_no_quotation_mark(tmp_path):
    text = "\n".join(["area,note,price", *(f"{row['area']},'tis {row['city']},{row['price']}" for row in ROWS)])

    assert read(tmp_path, text).values("note")[0] == f"'tis {ROWS[0]['city']}"


def test_cells_of_a_fixed_width_may_hold_blanks_or_nothing(tmp_path):
    spread = [spaced({**row, "city": ("New " + row["city"], row["city"], "")[n % 3]}) for n, row in enumerate(ROWS)]
    found = read(tmp_path, "\n".join([f"{'area':>9s}  {'rm':<3s}{'city':<12s} {'price':>12s}", *spread]))

    assert "fixed width" in found.told and list(found.columns) == ["area", "rm", "city", "price"]
    assert found.values("city")[:3] == [f"New {ROWS[0]['city']}", ROWS[1]["city"], None]


def test_a_line_that_does_not_keep_to_the_fixed_width_is_refused_and_counted(tmp_path):
    spread = [spaced(row, "New {:<8s}" if n % 2 else "{:<12s}") for n, row in enumerate(houses(400))]
    found = read(tmp_path, "\n".join([*spread, spread[1].replace("  ", " ", 1).replace(" New", "New New", 1)]))

    assert (found.report["accepted"], found.report["refused"]) == (400, 1)


def test_prose_is_no_table(tmp_path):
    with pytest.raises(Invalid, match="only one column"):
        read(
            tmp_path, "It was a dark night.\nNobody slept.\nThe rain fell in torrents some say.\nAt last it was day again.\n" * 3
        )


@pytest.mark.parametrize(
    ("second", "names", "told"),
    [
        ("m2,n,,EUR", NAMES, "'m2', 'n', 'EUR'"),
        ("(m2),(n),(-),(EUR)", NAMES, "is no row and is left out"),
        ("----,-----,----,-----", NAMES, "is no row and is left out"),
    ],
)
def test_a_line_of_units_or_rules_below_the_names_is_no_row_and_can_be_one(tmp_path, second, names, told):
    text = "\n".join([LINES[0], second, *LINES[1:]])
    found = read(tmp_path, text)

    assert is_as_plain(found) and list(found.columns) == names and told in found.told
    other = read(tmp_path, text, chosen={"second": "row"})
    assert other.report["accepted"] + other.report["refused"] == NUM_ROWS + 1


@pytest.mark.parametrize("second", ["<0.01,<1,Lima,5", "n1 12,many 3,Oslo,x", "low,high,Rome,much"])
def test_a_first_row_of_odd_values_is_a_row(tmp_path, second):
    again = "low,7,Rome,9"  # a word that comes again is a value

    assert read(tmp_path, "\n".join([LINES[0], second, *LINES[1:], again]), "city").report["accepted"] == NUM_ROWS + 2


@pytest.mark.parametrize("first", ["size,size,place,money", "size,,place,money"])
def test_names_in_two_lines_are_joined(tmp_path, first):
    found = read(tmp_path, "\n".join([first, *LINES]))

    assert list(found.columns) == ["size area", "size rooms", "place city", "money price"] and is_as_plain(found)
    assert "stand in two lines" in found.told and found.options["second"] == "names"


@pytest.mark.parametrize("word", ["Total", "TOTAL:", "Summe", "Gesamt", "Итого", "Average"])
@pytest.mark.parametrize("before", ["", "\n"])
def test_totals_at_the_end_are_no_example_and_can_be_one(tmp_path, word, before):
    text = "\n".join([*LINES, f"{before}{word},{sum(row['rooms'] for row in ROWS)},,{sum(row['price'] for row in ROWS):.0f}"])
    found = read(tmp_path, text)

    assert found.spec.num_rows == NUM_ROWS and found.report["refused"] == 1
    assert found.report["reasons"] == [(f"row {NUM_ROWS + 1}", "holds totals of the rows above it")]
    assert "holds totals" in found.told and read(tmp_path, text, chosen={"totals": False}).spec.num_rows == NUM_ROWS + 1


def test_a_word_that_is_a_category_is_no_total(tmp_path):
    some = [{**row, "city": "Total" if number % 9 == 5 else row["city"]} for number, row in enumerate(ROWS)]

    assert read(tmp_path, written(some)).spec.num_rows == NUM_ROWS


@pytest.mark.parametrize("early", [True, False])
def test_a_word_that_is_a_category_far_above_or_whose_numbers_are_no_totals_is_none(tmp_path, early):
    some = [
        {**row, "city": "mean" if number in ([3] if early else []) + [NUM_ROWS - 1] else row["city"]}
        for number, row in enumerate(ROWS)
    ]
    found = read(tmp_path, written(some), "price")

    assert (found.report["accepted"], found.report["refused"]) == (NUM_ROWS, 0) and "totals" not in found.options


def test_totals_of_a_table_too_long_to_be_shown_are_kept(tmp_path):
    some = houses(12_000)
    found = read(
        tmp_path, written(some) + f"Total,{sum(row['rooms'] for row in some)},,{sum(row['price'] for row in some)}\n", "price"
    )

    assert found.report["accepted"] == 12_001


def test_a_header_that_comes_again_is_no_row(tmp_path):
    found = read(tmp_path, "\n".join([*LINES[:20], LINES[0], *LINES[20:], LINES[0]]), "city")

    assert set(found.spec.classes) == {"Lima", "Rome", "Oslo"} and found.spec.num_rows == NUM_ROWS
    assert [what for what, _ in found.report["reasons"]] == ["row 20", "row 62"]


SHEET = [[*row.values()] for row in ROWS]
TOTALS = [sum(row[name] for row in ROWS) for name in ("rooms", "price")]


@pytest.mark.parametrize(
    ("sheets", "told"),
    [
        ({"S": rows(["Prices"], [], NAMES, *SHEET, ["Total", TOTALS[0], None, TOTALS[1]])}, "holds totals of the rows"),
        ({"S": rows(NAMES, ["m2", "n", None, "EUR"], *SHEET)}, "'m2', 'n', 'EUR'"),
        ({"Readme": rows(["This workbook"], ["is mine"]), "Data": rows(NAMES, *SHEET)}, "'Data' of 2 is read"),
    ],
)
def test_sheets_with_totals_units_or_a_cover_are_read_as_tables(tmp_path, sheets, told):
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook(**sheets))
    preview, spec, _ = prepared(path)

    assert spec.num_rows == NUM_ROWS and told in "\n".join(preview.warnings)
    assert [column.kind for column in preview.columns] == ["number", "number", "category", "number"]


@pytest.mark.parametrize(
    "value",
    [
        {f"house {number}": row for number, row in enumerate(ROWS)},
        {name: {f"house {number}": row[name] for number, row in enumerate(ROWS)} for name in NAMES},
        [NAMES, *SHEET],
        {"data": ROWS},
    ],
)
def test_json_may_hold_rows_by_their_names_columns_or_lists(tmp_path, value):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(value))
    preview, spec, report = prepared(path)

    assert [column.name for column in preview.columns] == NAMES and (spec.num_rows, report["refused"]) == (NUM_ROWS, 0)


def test_a_column_called_type_that_holds_one_value_is_not_the_target(tmp_path):
    assert read(tmp_path, written([{"type": "house", **row} for row in ROWS])).preview.guessed_target == "price"


@pytest.mark.parametrize(
    ("encoding", "cities"),
    [
        ("cp1252", ("Zürich", "Köln", "Málaga")),
        ("cp1252", ("a €", "b €", "c €")),
        ("cp1252", ("créée", "close", "refusée créée")),
        ("cp1252", ("adoções", "ligação", "não")),
        ("cp1255", ("ירושלים", "תל אביב", "רמת גן")),
        ("euc-kr", ("서울", "부산", "대구광역시")),
        ("cp850", ("Zürich", "Köln", "Lübeck")),
        ("cp1251", ("Москва", "Казань", "Омск")),
        ("koi8-r", ("Москва", "Казань", "Тверь")),
        ("shift_jis", ("東京", "大阪です", "京都")),
        ("gb18030", ("北京", "上海", "广州")),
        ("utf-16-be", ("Zürich", "北京", "Омск")),
    ],
)
def test_letters_are_read_in_the_encoding_in_which_they_are_written(tmp_path, encoding, cities):
    text = written([{**row, "city": cities[number % 3]} for number, row in enumerate(ROWS)])
    found = read(tmp_path, text.encode(encoding), "price")

    assert found.options["encoding"] == encoding and set(found.values("city")) == set(cities)


def test_cells_that_are_formulas_of_text_are_that_text(tmp_path):
    text = "\n".join([LINES[0], *(f'{row["area"]},="0{row["rooms"]}","=""{row["city"]}""",{row["price"]}' for row in ROWS)])
    found = read(tmp_path, text)

    assert found.values("rooms") == [f"0{row['rooms']}" for row in ROWS] and found.values("city")[0] == ROWS[0]["city"]
    assert "sign for a formula" in found.told


@pytest.mark.parametrize(("code", "warns"), [(-999, True), (9999.9, True), (-1, False), (200, False)])
def test_a_number_that_may_stand_for_no_value_is_told_and_kept(tmp_path, code, warns):
    some = [{"heat": code if number % 6 == 0 else 10 + number % 50 - 20, **row} for number, row in enumerate(ROWS)]
    found = read(tmp_path, written(some))

    assert found.columns["heat"].missing == 0 and ("far from all other values" in found.told) == warns
    assert ("far from all other values" in "\n".join(found.report["warnings"])) == warns


@pytest.mark.parametrize("odd", ["<0.5", "12 [1]", "many"])
def test_a_column_of_which_most_cells_are_numbers_says_so_where_it_is_read_as_text(tmp_path, odd):
    some = [{"dose": f"{odd}{n}"[: len(odd) + n % 2] if n % 5 == 0 else f"{n}.5", **row} for n, row in enumerate(ROWS)]
    found = read(tmp_path, written(some))

    assert "'dose' is read as text: 48 of its 60 values are numbers" in found.told
    assert read(tmp_path, written(some), chosen={"columns": {"dose": "number"}}).columns["dose"].missing == 12


def test_cells_that_are_merged_over_rows_count_for_all_of_them(tmp_path):
    ordered = sorted(ROWS, key=lambda row: row["city"])
    ends = [number for number in range(1, NUM_ROWS) if ordered[number]["city"] != ordered[number - 1]["city"]]
    firsts = [0, *ends]
    lines = [[row["city"] if n in firsts else None, row["area"], row["price"]] for n, row in enumerate(ordered)]
    areas = [f"C{start + 6}:C{end + 5}" for start, end in zip(firsts, [*ends, NUM_ROWS], strict=True)]
    sheet = rows(["Prices"], [], ["city", "area", "price"], *lines, first=3, column=3) + merged("C3:E3", *areas)
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook(S=sheet))
    preview, spec, report = prepared(path)

    assert {column.name: column.missing for column in preview.columns}["city"] == 0 and spec.num_rows == NUM_ROWS
    told = "\n".join(preview.warnings)
    assert "The value of 3 areas of merged cells counts for" in told and "1 area of merged cells has a value" in told


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("labels.txt", lambda pairs: "\n".join(f"{name} {label}" for name, label in pairs).encode()),
        (
            "meta.csv",
            lambda pairs: "\ufeffDatei;Klasse\n".encode() + "\n".join(f"{name};{label}" for name, label in pairs).encode(),
        ),
        ("labels.json", lambda pairs: json.dumps(dict(pairs)).encode()),
        ("labels.xlsx", lambda pairs: workbook(S=rows(["file", "label"], *map(list, pairs)))),
    ],
)
def test_labels_of_images_are_read_by_the_reader_of_tables(tmp_path, name, data):
    pairs = [(f"{number}.png", ("cat", "dog")[number % 2]) for number in range(12)]
    path = tmp_path / "a.zip"
    path.write_bytes(pack({name: data(pairs)} | {f"i/{one}": picture() for one, _ in pairs}))
    preview, spec, _ = prepared(path)

    assert spec.classes == ("cat", "dog") and f"The classes are those in {name}." in preview.warnings
