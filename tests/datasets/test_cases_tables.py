"""Text files as people have them: what is guessed of each kind, that it is told, and that it can be changed."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import numpy as np
import pytest

from mhub_core.errors import Invalid
from mhub_core.kinds.table import features
from mhub_core.kinds.tables import encoding
from tests.datasets.tables_at_hand import NUM_ROWS, houses, in_words, read, written

PLAIN = written(houses())


def with_column(name, make):
    """Return the houses with another column, made of the number of a row."""
    return [{name: make(number), **row} for number, row in enumerate(houses())]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(("thousands", "decimal"), [(",", "."), (".", ","), (" ", ","), ("'", "."), ("\u00a0", ","), ("", ",")])
def test_numbers_are_read_in_the_convention_in_which_they_are_written(tmp_path, separator, thousands, decimal):
    rows = [{**row, **{name: in_words(row[name], thousands, decimal) for name in ("area", "price")}} for row in houses()]
    found = read(tmp_path, written(rows, separator))

    assert found.values("area") == [row["area"] for row in houses()] and found.values("price") == [
        row["price"] for row in houses()
    ]
    assert found.options["numbers"] == ("1.234,56" if decimal == "," else "1,234.56")
    assert ("decimal comma" in found.told) == (decimal == ",")
    assert found.spec.task == "regression" and found.report["refused"] == 0


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_mark_that_may_be_either_is_told_with_its_cells_and_can_be_changed(tmp_path, separator):
    rows = [{**row, "lot": f"{row['rooms']},{100 + row['rooms'] * 83}", "price": round(row["price"])} for row in houses()]
    text = written(rows, separator)
    found, other = read(tmp_path, text), read(tmp_path, text, chosen={"numbers": "1.234,56"})

    assert found.values("lot") == [int(row["lot"].replace(",", "")) for row in rows]
    assert f"{NUM_ROWS} cells of 'lot' can be read in two ways" in found.told
    assert other.values("lot") == [float(row["lot"].replace(",", ".")) for row in rows]


def test_a_point_before_three_digits_is_read_as_the_other_columns_tell(tmp_path):
    rows = [
        {**row, "lot": f"{row['rooms']}.500", "area": str(row["area"]).replace(".", ","), "price": round(row["price"])}
        for row in houses()
    ]

    assert read(tmp_path, written(rows, ";")).values("lot") == [row["rooms"] * 1000 + 500 for row in rows]
    plain = [{**row, "lot": f"{row['rooms']}.500"} for row in houses()]
    assert read(tmp_path, written(plain)).values("lot") == [row["rooms"] + 0.5 for row in plain]


def test_cells_of_the_other_convention_are_counted_and_never_read_in_it(tmp_path):
    rows = [
        {**row, "area": "1.299,99" if number == 7 else in_words(row["area"], ",", ".")} for number, row in enumerate(houses())
    ]
    found = read(tmp_path, written(rows))

    assert found.values("area")[7] is None and found.columns["area"].missing == 1
    assert "1 value of 'area' is not a number, such as '1.299,99'; it counts as missing." in found.told


@pytest.mark.parametrize(
    ("form", "unit"),
    [
        ("${}", "$"),
        ("€ {}", "€"),
        ("{} EUR", "EUR"),
        ("US$ {}", "US$"),
        ("{}%", "%"),
        ("{} m2", "m2"),
        ("{}kg", "kg"),
        ("{} km/h", "km/h"),
        ("{} °C", "°C"),
    ],
)
def test_units_are_kept_beside_the_numbers(tmp_path, form, unit):
    rows = [{**row, "price": form.format(in_words(row["price"], ",", "."))} for row in houses()]
    found = read(tmp_path, written(rows))

    assert found.values("price") == [row["price"] for row in houses()] and found.columns["price"].unit == unit
    assert f"'price' ({unit})" in found.told


def test_different_units_in_one_column_are_not_mixed(tmp_path):
    found = read(tmp_path, written(with_column("weight", lambda number: f"{1 + number % 5} {('kg', 'g')[number % 2]}")))

    assert found.columns["weight"].kind == "category"


@pytest.mark.parametrize(("text", "number"), [("(1,234.50)", -1234.5), ("-$5", -5.0), ("−7", -7.0), ("1e3", 1000.0), ("+3", 3.0)])
def test_signs_and_powers_are_read(text, number):
    assert encoding.as_number(text) == number


@pytest.mark.parametrize("mark", ["None", "none", "-", "--", ".", "N.A.", "NuLL", "missing", "#DIV/0!", "\\N", "absent", "k.A."])
def test_a_mark_for_no_value_counts_as_missing_and_is_told(tmp_path, mark):
    rows = [{**row, "area": mark if number % 5 == 0 else row["area"]} for number, row in enumerate(houses())]
    found = read(tmp_path, written(rows))

    assert (found.columns["area"].kind, found.columns["area"].missing) == ("number", 12)
    assert f"{mark!r} counts as missing: 12 cells of 'area'." in found.told
    row = {"area": mark, "rooms": 4, "city": "Lima"}
    assert encoding.encode_rows(found.spec.input["encoder"], [row])[0, 0] == 0.0


def test_a_mark_before_a_unit_counts_as_missing_and_is_told(tmp_path):
    rows = [{**row, "area": "- m2" if number % 5 == 0 else f"{row['area']} m2"} for number, row in enumerate(houses())]
    found = read(tmp_path, written(rows))

    assert (found.columns["area"].kind, found.columns["area"].missing, found.columns["area"].unit) == ("number", 12, "m2")
    assert "'- m2' counts as missing: 12 cells of 'area'." in found.told


def test_words_that_mean_nothing_among_numbers_stay_words_among_words(tmp_path):
    found = read(tmp_path, written(with_column("garage", lambda number: ("none", "one", "-")[number % 3])))

    assert found.columns["garage"].categories == ("-", "none", "one") and found.columns["garage"].missing == 0


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"', "sep=;\r"])
def test_a_line_that_names_the_separator_is_no_row(tmp_path, line):
    found = read(tmp_path, f"{line}\n{written(houses(), ';')}")

    assert list(found.columns) == ["area", "rooms", "city", "price"] and found.spec.num_rows == NUM_ROWS
    assert "is an instruction and no row" in found.told


@pytest.mark.parametrize(
    "above",
    [
        "Housing report 2024\n\n",
        "Housing report 2024,,,\nExported,2024-02-01,,\n",
        "# made by hand\n# area, rooms, city, price\n",
        "\n\n\n",
        "Title: a, b\nSource\n-----\n",
    ],
)
def test_what_stands_above_the_header_is_left_out_and_told(tmp_path, above):
    found = read(tmp_path, above + PLAIN)

    assert list(found.columns) == ["area", "rooms", "city", "price"] and found.spec.num_rows == NUM_ROWS
    assert found.options["skip"] == above.count("\n") and ("above the table" in found.told) == bool(above.strip())
    assert read(tmp_path, above + PLAIN, chosen={"skip": above.count("\n")}).frame.equals(found.frame)


def test_a_header_that_begins_with_a_hash_is_a_header(tmp_path):
    assert list(read(tmp_path, f"#{PLAIN}").columns) == ["#area", "rooms", "city", "price"]


@pytest.mark.parametrize("names", [("0", "1", "2", "species"), ("0", "1", "2", "class"), ("1990", "1991", "1992", "region")])
@pytest.mark.parametrize("classes", [("iris", "rose", "lily"), ("0", "1", "2")])
def test_names_that_look_like_numbers_are_names_when_the_rows_are_of_another_kind(tmp_path, names, classes):
    numbers = random.Random(3)
    lines = [",".join([*(f"{numbers.uniform(1, 9):.1f}" for _ in range(3)), classes[number % 3]]) for number in range(NUM_ROWS)]
    text = "\n".join([",".join(names), *lines])
    found = read(tmp_path, text, names[3])

    assert tuple(found.columns) == names and found.spec.num_rows == NUM_ROWS
    assert read(tmp_path, text, "column_4", {"header": False}).preview.columns[0].name == "column_1"


def test_rows_without_a_header_stay_rows_and_can_become_one(tmp_path):
    text = PLAIN.split("\n", 1)[1]

    assert read(tmp_path, text).spec.num_rows == NUM_ROWS
    assert read(tmp_path, text, chosen={"header": True}).spec.num_rows == NUM_ROWS - 1


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("Id", lambda number: number * 3 - number % 2),
        ("customer_id", lambda number: f"c{number * 7919 % 1000:04}"),
        ("passengerId", lambda number: 1000 + number * 37 % 997),
        ("rowno", lambda number: number + 1),
    ],
)
def test_an_id_is_left_out_told_and_can_be_used(tmp_path, name, make):
    text = written(with_column(name, make))
    found = read(tmp_path, text)

    assert found.columns[name].kind == "ignored" and f"Column {name!r} is not used" in found.told
    assert name not in {column.name for column in features(found.spec)}
    kind = "number" if isinstance(make(0), int) else "category"
    assert read(tmp_path, text, chosen={"columns": {name: kind}}).columns[name].kind == kind


def test_numbers_that_only_go_up_are_used_with_a_warning(tmp_path):
    found = read(tmp_path, written(with_column("counter", lambda number: number * 2 + number % 2)))

    assert found.columns["counter"].kind == "number" and "'counter' goes up from row to row" in found.told


def test_labels_that_are_whole_numbers_with_a_point_are_classes(tmp_path):
    found = read(tmp_path, written([{**row, "survived": float(number % 2)} for number, row in enumerate(houses())]))

    assert (found.preview.guessed_target, found.spec.task, found.spec.classes) == ("survived", "classification", ("0", "1"))


@pytest.mark.parametrize(
    "text", [PLAIN.replace("\n", ",\n"), PLAIN.replace("\n", ",\n").replace("price,", "price", 1), PLAIN.replace("\n", ",,\n")]
)
def test_empty_cells_at_the_end_of_all_lines_are_left_out(tmp_path, text):
    found = read(tmp_path, text)

    assert list(found.columns) == ["area", "rooms", "city", "price"] and found.spec.num_rows == NUM_ROWS
    assert "at the end of each row" in found.told


@pytest.mark.parametrize(
    "names", [[str(number + 1) for number in range(NUM_ROWS)], [f"Car {number}" for number in range(NUM_ROWS)]]
)
@pytest.mark.parametrize("header", ["", ","])
def test_a_first_column_without_a_name_is_an_index(tmp_path, names, header):
    first, *lines = PLAIN.strip().split("\n")
    text = "\n".join([header + first, *(f'"{name}",{line}' for name, line in zip(names, lines, strict=True))])
    found = read(tmp_path, text)

    assert list(found.columns) == ["index", "area", "rooms", "city", "price"] and found.columns["index"].kind == "ignored"
    assert found.spec.num_rows == NUM_ROWS


@pytest.mark.parametrize("cell", ['"Hello there', 'a 5" pipe', 'say "hi" now', '"a" and b', 'the end"'])
@pytest.mark.parametrize("separator", ["\t", ",", ";"])
def test_a_quotation_mark_that_stands_alone_swallows_no_row(tmp_path, cell, separator):
    rows = with_column("text", lambda number: f"{cell} {number}" if number % 7 == 3 else f"words {number}")
    lines = [separator.join(map(str, row.values())) for row in [dict.fromkeys(rows[0]), *rows][1:]]
    text = "\n".join([separator.join(rows[0]), *lines])
    found = read(tmp_path, text)

    assert found.spec.num_rows == NUM_ROWS and found.report["refused"] == 0
    assert found.values("text") == [row["text"] for row in rows]


@pytest.mark.parametrize(
    "note", ['"he said \\"hi\\", ok"', '"he said ""hi"", ok"', '"line one\nline two, ok"', '"one\n\ntwo"', '"a\r\nb"']
)
def test_what_stands_within_quotation_marks_is_one_cell(tmp_path, note):
    first, *lines = PLAIN.strip().split("\n")
    text = "\n".join([f"note,{first},number", *(f"{note},{line},{number % 3}" for number, line in enumerate(lines))])
    found = read(tmp_path, text, "price")

    plain = note[1:-1].replace('\\"', '"').replace('""', '"').replace("\r\n", "\n")
    assert found.spec.num_rows == NUM_ROWS and set(found.values("note")) == {plain}


def test_quotation_marks_can_be_letters(tmp_path):
    text = PLAIN.replace("Lima", '"Lima"')

    assert '"Lima"' in read(tmp_path, text, chosen={"quotes": "none"}).values("city")
    assert "Lima" in read(tmp_path, text).values("city")


def test_moments_in_seconds_keep_their_differences(tmp_path):
    rows = [{**row, "arrived": 1_700_000_000 + row["area"] / 10} for row in houses()]
    found = read(tmp_path, written(rows), "arrived")
    y = np.load(tmp_path / "y.npy")

    assert np.ptp(y) == pytest.approx(np.ptp([row["arrived"] for row in rows])) and found.spec.target["std"] == pytest.approx(
        y[np.load(tmp_path / "split.npy") == 0].std()
    )
    rows = [{"seen": 1_700_000_000 + number * 3 % 100, **row} for number, row in enumerate(houses())]
    x = read(tmp_path, written(rows)).x
    assert len(np.unique(x[:, 0])) > 30 and x[:, 0].std() == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize(
    "make",
    [
        lambda number: 12345678901234567890123 + number * 7919 * 10**18,
        lambda number: 10**12 * (1 + number % 9),
        lambda number: -(10**20) * (1 + number * 3 % 7),
    ],
)
def test_huge_numbers_are_numbers(tmp_path, make):
    found = read(tmp_path, written(with_column("big", make)))

    assert found.columns["big"].kind == "number" and found.columns["big"].missing == 0
    assert len(np.unique(found.x[:, 0])) == len({make(number) for number in range(NUM_ROWS)})


def test_codes_with_zeros_in_front_stay_text(tmp_path):
    text = written(with_column("zip", lambda number: f"0{1000 + number % 5}"))
    found = read(tmp_path, text)

    assert found.columns["zip"].categories[0] == "01000" and "'zip' is read as text" in found.told
    assert read(tmp_path, text, chosen={"columns": {"zip": "number"}}).columns["zip"].minimum == 1000


FORMS = [
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%Y-%m-%dT%H:%M:%SZ",
    "%d %b %Y",
    "%B %d, %Y",
    "%Y%m%d",
    "%m/%d/%Y %I:%M %p",
    "%a, %d %b %Y",
    "%A, %d. %B %Y",
    "%d-%b-%y",
    "%b %d %Y",
    "%B %d, %Y at %I:%M %p",
    "%Y-%m-%d %H:%M UTC",
    "%Y年%m月%d日",
]


@pytest.mark.parametrize("form", FORMS)
def test_dates_become_features_in_training_and_in_prediction(tmp_path, form):
    days = [datetime(2022, 11, 3) + timedelta(days=11 * number) for number in range(NUM_ROWS)]
    rows = [{"date": day.strftime(form), **row} for day, row in zip(days, houses(), strict=True)]
    found = read(tmp_path, written(rows))
    encoder = found.spec.input["encoder"]

    assert found.columns["date"].kind == "date" and found.values("date") == days
    assert [part["name"] for part in encoder["columns"][0]["parts"]] == ["days", "year", "day of the year", "month", "weekday"]
    assert np.allclose(encoding.encode_rows(encoder, rows), found.x, atol=1e-6)
    iso = [{**row, "date": day.date().isoformat()} for day, row in zip(days, rows, strict=True)]
    assert np.allclose(encoding.encode_rows(encoder, iso), found.x, atol=1e-6)
    with pytest.raises(Invalid, match="not dates") as caught:
        encoding.encode_rows(encoder, [{**rows[0], "date": "soon"}])
    assert "soon" in caught.value.problems["date"]


@pytest.mark.parametrize(
    ("made", "day"),
    [
        ("{} {} {}", ("Januar", "Mai", "Dez.")),
        ("{}. {} {}", ("Jan", "März", "Oktober")),
        ("{} {} {}", ("janvier", "févr.", "août")),
        ("{} de {} de {}", ("enero", "agosto", "diciembre")),
        ("vendredi {} {} {}", ("mars", "juin", "juil.")),
    ],
)
def test_months_may_be_written_in_other_languages(tmp_path, made, day):
    months = {
        "jan": 1,
        "ene": 1,
        "fév": 2,
        "mär": 3,
        "mar": 3,
        "mai": 5,
        "juin": 6,
        "juil": 7,
        "ago": 8,
        "aoû": 8,
        "okt": 10,
        "d": 12,
    }
    said = with_column("am", lambda number: made.format(1 + number % 28, day[number % 3], 2020 + number % 4))
    wanted = [
        next(place for beginning, place in months.items() if day[n % 3].lower().startswith(beginning)) for n in range(NUM_ROWS)
    ]

    assert [value.month for value in read(tmp_path, written(said)).values("am")] == wanted


def test_months_and_whole_numbers_that_can_only_be_dates_are_dates(tmp_path):
    some = with_column("m", lambda number: f"{1 + number % 12:02}/{2020 + number % 4}")
    found = read(tmp_path, written([{**row, "n": f"2023{1 + n // 28:02}{1 + n % 28:02}"} for n, row in enumerate(some)]), "price")

    assert (found.columns["m"].kind, found.columns["n"].kind) == ("date", "date")


def test_dates_that_can_be_read_in_two_ways_are_told_and_can_be_changed(tmp_path):
    text = written(with_column("when", lambda number: f"{1 + number % 12:02}/{1 + number % 11:02}/2023"))
    found = read(tmp_path, text)

    assert "with the day first" in found.told and found.values("when")[1].month == 2 and found.values("when")[13].day == 2
    assert read(tmp_path, text, chosen={"dates": "month first"}).values("when")[12].month == 1
    words = read(tmp_path, text, chosen={"columns": {"when": "category"}}).columns["when"]
    assert words.kind == "category" and len(words.categories) == NUM_ROWS  # also where nobody would have guessed it


def test_many_categories_are_used_where_each_has_rows(tmp_path):
    numbers = random.Random(1)
    rows = [{"city": f"city{numbers.randrange(60)}", "b": round(numbers.random(), 3)} for _ in range(2000)]
    rows = [{**row, "price": int(row["city"][4:]) * 1000 + numbers.randint(0, 99)} for row in rows]
    found = read(tmp_path, written(rows))

    assert found.columns["city"].kind == "category" and found.spec.input_shape == (61,)
    few = read(tmp_path, written(rows[:200]))
    assert few.columns["city"].kind == "ignored" and "fewer than 10 rows for each" in few.told


# What a person chooses


@pytest.mark.parametrize(
    "chosen",
    [
        {"encoding": "klingon"},
        {"separator": ":"},
        {"quotes": "many"},
        {"skip": -1},
        {"skip": "two"},
        {"skip": True},
        {"header": "yes"},
        {"numbers": "1.2"},
        {"dates": "year first"},
        {"columns": {"area": "colour"}},
        {"columns": {"nothing": "number"}},
        {"columns": ["area"]},
        {"columns": {"city": "date"}},
        {"skip": 9_000},
    ],
)
def test_a_choice_that_does_not_fit_is_refused_in_words(tmp_path, chosen):
    with pytest.raises(Invalid) as refused:
        read(tmp_path, PLAIN, chosen=chosen)
    assert refused.value.happened and refused.value.expected and refused.value.mend


def test_every_guess_can_be_chosen_as_it_is_and_changes_nothing(tmp_path):
    text = "a title\n" + written(
        [{**row, "area": str(row["area"]).replace(".", ","), "city": "Übersee"} for row in houses()], ";"
    )
    found = read(tmp_path, text.encode("cp1252"), "price")

    again = read(tmp_path, text.encode("cp1252"), "price", found.options)
    assert again.frame.equals(found.frame) and again.options == found.options
    assert found.options["encoding"] == "cp1252" and "not UTF-8" in found.told
    other = read(tmp_path, text.encode("cp1252"), "price", {"encoding": "cp1251"})
    assert other.values("city")[0] != "Übersee"


def test_columns_can_be_left_out_and_get_another_type_and_what_is_lost_is_told(tmp_path):
    rows = [{**row, "rooms": "many" if number == 3 else row["rooms"]} for number, row in enumerate(houses())]
    chosen = {"columns": {"area": "ignored", "rooms": "category", "city": "number"}}
    found = read(tmp_path, written(rows), chosen=chosen)

    assert [column.kind for column in found.preview.columns] == ["ignored", "category", "ignored", "number"]
    assert "'area' is not used: it was left out" in found.told and f"{NUM_ROWS} values of 'city' are not numbers" in found.told
    assert "many" in found.columns["rooms"].categories and found.spec.input_shape[0] == len(found.columns["rooms"].categories)


# What is no table, or only in part


def test_letters_that_cannot_be_decoded_and_zero_bytes_are_counted(tmp_path):
    data = PLAIN.replace("Lima", "Lim\u00e1").encode("cp1252")
    found = read(tmp_path, data, "price", {"encoding": "utf-8"})
    assert "could not be decoded" in found.told

    zeros = PLAIN.encode().replace(b"Rome", b"Ro\0me", 3)
    found = read(tmp_path, zeros)
    assert "3 NUL bytes" in found.told and "Rome" in found.values("city")


@pytest.mark.parametrize("end", ["\r\n", "\r", "mixed"])
def test_line_ends_of_all_systems_are_line_ends(tmp_path, end):
    lines = PLAIN.strip().split("\n")
    text = (
        "".join(line + ("\n", "\r\n", "\r")[number % 3] for number, line in enumerate(lines))
        if end == "mixed"
        else end.join(lines)
    )

    assert read(tmp_path, text.encode()).frame.equals(read(tmp_path, PLAIN).frame)


def test_single_quotes_around_all_names_are_left_out_and_told(tmp_path):
    rows = "".join(f"{number}\t{number % 7}\t{'ab'[number % 2]}\n" for number in range(60))
    found = read(tmp_path, "'age'\t'income'\t'vote'\n" + rows, "vote")
    assert list(found.columns) == ["age", "income", "vote"] and "single quotes" in found.told
    kept = read(tmp_path, "'age'\tincome\t'vote'\n" + rows, "'vote'")
    assert list(kept.columns) == ["'age'", "income", "'vote'"]


def test_names_that_are_empty_or_the_same_are_changed_and_told(tmp_path):
    found = read(tmp_path, PLAIN.replace("area,rooms,city,price", "a,,a,price", 1))

    assert list(found.columns) == ["a", "column_2", "a_2", "price"] and "2 column names were" in found.told


def test_a_header_with_other_cells_than_the_rows_is_told(tmp_path):
    found = read(tmp_path, PLAIN.replace("area,rooms", "area,more,rooms", 1))

    assert "Line 1 has 5 cells and the rows have 4, so it cannot be the header." in found.told
    with pytest.raises(Invalid, match="The header has 5 cells, but most rows have 4"):
        read(tmp_path, PLAIN.replace("area,rooms", "area,more,rooms", 1), chosen={"skip": 0, "header": True})


def test_each_row_that_is_refused_is_named(tmp_path):
    lines = PLAIN.strip().split("\n")
    lines[3:3] = ["1,2", ",,,", "", "1,2,3,4,5"]
    found = read(tmp_path, "\n".join(lines))

    assert found.report["refused"] == 3 and found.spec.num_rows == NUM_ROWS
    assert found.report["reasons"] == [
        ("row 3", "has 2 cells instead of 4"),
        ("row 4", "has no values"),
        ("row 5", "has 5 cells instead of 4"),
    ]
