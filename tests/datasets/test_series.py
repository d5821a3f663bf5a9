"""Series: every layout and format becomes one array, nothing is filled, cut or left out without being told."""

from __future__ import annotations

import io
import json

import numpy as np
import polars as pl
import pytest

from mhub_core.data.records import DataSpec
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.registry import preview, require_kind
from mhub_core.kinds.signals.prepare import keep_arrays
from tests.datasets.series_at_hand import STEPS, Made, long_csv, long_rows, make, waves, wide_csv
from tests.datasets.workbooks import rows, workbook

VALUES, LABELS = waves()
ROWS = long_rows(VALUES, LABELS)


def changed(**of_row: object) -> list[dict]:
    """The long rows, of which some are changed: `changed(n3={"label": "odd"})`; None leaves the row out."""
    rows = [dict(row) for row in ROWS]
    for name, change in of_row.items():
        rows[int(name[1:])] = {} if change is None else rows[int(name[1:])] | change
    return [row for row in rows if row]


def test_the_long_form_becomes_standardised_steps_and_channels(tmp_path):
    made = make(tmp_path, long_csv(ROWS))
    assert made.spec.input_shape == (STEPS, 2) and made.spec.input["channels"] == ["force", "heat"]
    assert (made.spec.num_rows, made.spec.classes, made.report["refused"]) == (20, ("rise", "swing"), 0)
    train = made.x[np.load(tmp_path / "split.npy") == 0]
    assert np.allclose(train.mean((0, 1)), 0, atol=1e-5) and np.allclose(train.std((0, 1)), 1, atol=1e-4)
    again = made.x * made.spec.input["std"] + made.spec.input["mean"]
    assert np.allclose(again, VALUES, atol=1e-3)


def test_a_series_in_each_row_is_the_same_as_the_long_form(tmp_path):
    wide, long = make(tmp_path, wide_csv(VALUES, LABELS)), make(tmp_path, long_csv(ROWS))
    assert wide.spec.input_shape == (STEPS, 1)
    assert np.allclose(wide.x[..., 0], long.x[..., 0], atol=1e-4)


def test_columns_that_are_numbered_alike_under_two_names_are_two_channels(tmp_path):
    names = [f"{stem}_{step}" for stem in ("x", "y") for step in range(STEPS)]
    lines = [",".join([*map(str, one.T.ravel()), label]) for one, label in zip(VALUES, LABELS, strict=True)]
    made = make(tmp_path, "\n".join([",".join([*names, "label"]), *lines]))
    assert made.spec.input["channels"] == ["x", "y"]
    assert np.allclose(made.x * made.spec.input["std"] + made.spec.input["mean"], VALUES, atol=1e-3)


@pytest.mark.parametrize("ending", ["csv", "tsv", "json", "jsonl", "xlsx", "parquet"])
def test_every_format_of_tables_holds_series(tmp_path, ending):
    data = {
        "csv": long_csv(ROWS).encode(),
        "tsv": long_csv(ROWS).replace(",", "\t").encode(),
        "json": json.dumps(ROWS).encode(),
        "jsonl": "\n".join(map(json.dumps, ROWS)).encode(),
        "xlsx": workbook(Waves=rows(list(ROWS[0]), *(list(row.values()) for row in ROWS))),
    }
    if ending == "parquet":
        pl.DataFrame(ROWS).write_parquet(tmp_path / "written")
        data[ending] = (tmp_path / "written").read_bytes()
    made = make(tmp_path, data[ending], f"a.{ending}")
    assert (made.spec.num_rows, made.spec.input_shape, made.spec.classes) == (20, (STEPS, 2), ("rise", "swing"))


def test_a_number_can_be_the_target(tmp_path):
    given = [{**row, "label": 1.5 * int(row["series_id"][1:])} for row in ROWS]
    made = make(tmp_path, long_csv(given))
    assert made.spec.task == "regression" and made.spec.input["channels"] == ["force", "heat"]
    assert np.load(tmp_path / "y.npy").tolist() == [1.5 * number for number in range(20)]


def packed(**arrays: object) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "y", [LABELS, [int(one == "swing") for one in LABELS], np.eye(2)[[int(one == "swing") for one in LABELS]]]
)
def test_arrays_are_series_with_the_test_set_that_they_bring(tmp_path, y):
    made = make(tmp_path, packed(x_train=VALUES[:14], y_train=y[:14], x_test=VALUES[14:], y_test=y[14:]), "a.npz")
    assert made.spec.input_shape == (STEPS, 2) and made.spec.input["split"] == "given" and made.spec.num_test == 6
    assert np.allclose(made.x * made.spec.input["std"] + made.spec.input["mean"], VALUES, atol=1e-3)
    assert "The 6 series of x_test are the hidden test set." in made.told
    assert preview(tmp_path / "a.npz", "a.npz", {}).kind == "series"


def test_a_person_can_mix_the_test_set_of_arrays_with_the_rest(tmp_path):
    data = packed(x_train=VALUES[:14], y_train=LABELS[:14], x_test=VALUES[14:], y_test=LABELS[14:])
    made = make(tmp_path, data, "a.npz", reading={"splits": "mixed"}, split={"way": "random", "share": 0.5})

    assert made.spec.num_test == 10 and made.spec.input["split"]["way"] == "random"
    assert "All series are used together (14 of x_train, 6 of x_test)" in made.told and "hidden test set" in made.told
    option = next(one for one in preview(tmp_path / "a.npz", "a.npz", {"kind": "series"}).options if one.name == "splits")
    assert option.value == "test" and [value for value, _ in option.choices] == ["test", "mixed"]


@pytest.mark.parametrize(
    ("x", "kind"),
    [
        (np.zeros((9, 28)), "series"),
        (np.full((9, 28, 28), -0.5), "series"),
        (np.full((9, 28, 28), 200.0), "images"),
        (np.zeros((9, 28, 28), np.uint8), "images"),
        (np.zeros((9, 28, 28, 3), np.uint8), "images"),
    ],
)
def test_arrays_that_may_be_pixels_are_images_until_a_person_says_otherwise(tmp_path, x, kind):
    (tmp_path / "a.npz").write_bytes(packed(x=x, y=np.arange(9) % 2))
    assert preview(tmp_path / "a.npz", "a.npz", {}).kind == kind


@pytest.mark.parametrize(
    "arrays",
    [
        {"x": np.zeros((9, 28)), "y": np.zeros(8)},
        {"x": np.zeros((9, 1)), "y": np.arange(9) % 2},
        {"x": np.zeros((9, 28)), "y": np.zeros(9)},
        {"x": np.full((9, 28), np.nan), "y": np.arange(9) % 2},
        {"x": np.zeros((9, 28)), "z": np.zeros(9)},
        {"x": VALUES, "y": np.stack([np.arange(20), np.arange(20) % 3], axis=1)},
        {"x": VALUES, "y": np.tile([0.4, 0.6], (20, 1))},
        {"x": VALUES, "y": np.tile([1.0, 1.0], (20, 1))},
        {"x": VALUES, "y": np.zeros((20, 3))},
        {"x": np.array(["a"] * 9), "y": np.arange(9) % 2},
    ],
)
def test_arrays_that_are_no_series_are_refused_in_words(tmp_path, arrays):
    with pytest.raises(Invalid) as refused:
        make(tmp_path, packed(**arrays), "a.npz")
    assert refused.value.happened and refused.value.mend


# What a file is taken for


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (long_csv(ROWS), "series"),
        (wide_csv(VALUES, LABELS), "series"),
        (wide_csv(VALUES, LABELS, "pixel"), "table"),
        ("country,continent,year,people\n" + "".join(f"{c},E,{1950 + n},{n * 7}\n" for c in "abcd" for n in range(9)), "table"),
        ("customer_id,date,euro,city\n" + "".join(f"{c},2024-01-0{n + 1},{n},x{c}\n" for c in "abcd" for n in range(9)), "table"),
        ("id,height,weight,label\n" + "".join(f"{n},{n % 7},{n % 5},{n % 2}\n" for n in range(40)), "table"),
        ("id,x1,x2,x3,x4,x5,x6,x7,x8,x9,label\n" + "".join(f"{n}{',1.5' * 9},{n % 2}\n" for n in range(40)), "table"),
    ],
)  # fmt: skip
def test_only_a_table_that_says_so_is_taken_for_series_and_every_table_can_be(tmp_path, text, kind):
    (tmp_path / "a.csv").write_text(text)
    assert preview(tmp_path / "a.csv", "a.csv", {}).kind == kind
    option = preview(tmp_path / "a.csv", "a.csv", {}).options[0]
    assert option.name == "kind" and [value for value, _ in option.choices][:1] == ["table"]
    assert "series" in [value for value, _ in option.choices]
    assert preview(tmp_path / "a.csv", "a.csv", {"kind": "table"}).kind == "table"


def test_layout_id_time_and_columns_can_be_changed(tmp_path):
    renamed = [
        {"who": r["series_id"], "moment": -r["time"], "spare": 1, "a": r["force"], "b": r["heat"], "c": r["label"]} for r in ROWS
    ]
    reading = {"layout": "long", "id": "who", "time": "moment", "columns": {"b": "ignored"}}
    made = make(tmp_path, long_csv(renamed), target="c", reading=reading)
    found = preview(tmp_path / "a.csv", "a.csv", {"kind": "series", **reading})
    assert {one.name: one.label for one in found.options}["id"] == "Column that identifies each series"
    assert found.columns[0].kind == "identifies the series"
    assert made.spec.input["channels"] == ["a"] and made.spec.num_rows == 20
    backwards = made.x[..., 0] * made.spec.input["std"][0] + made.spec.input["mean"][0]
    assert np.allclose(backwards[:, ::-1], VALUES[..., 0], atol=1e-3)


def test_a_table_that_was_not_taken_for_series_is_read_as_such_once_a_person_says_so(tmp_path):
    given = [
        {"machine": row["series_id"], "t": row["time"], "force": row["force"], "left": len(row["series_id"])} for row in ROWS
    ]
    text = long_csv(given)
    made = make(tmp_path, text)
    assert made.spec.num_rows == 20 and made.spec.input["layout"]["id"] == "machine" and made.spec.target["name"] == "left"
    assert preview(tmp_path / "a.csv", "a.csv", {}).kind == "table"


# Lengths, missing values, times


def test_series_of_other_lengths_are_cut_or_filled_up_and_that_is_told(tmp_path):
    given = [row for row in ROWS if row["series_id"] != "s3" or row["time"] < 10]
    made = make(tmp_path, long_csv(given))
    assert "The series have 10 to 24 steps" in made.told and "1 are filled up at the end with the mean." in made.told
    assert (made.x[3, 10:] == 0).all() and np.load(tmp_path / "lengths.npy")[3] == 10
    cut = make(tmp_path, long_csv(given), reading={"length": 12, "fit": "start"})
    assert cut.x.shape == (20, 12, 2) and "19 are cut off at the beginning." in cut.told and (cut.x[3, :2] == 0).all()
    stretched = make(tmp_path, long_csv(given), reading={"length": 48, "fit": "stretch"})
    assert "20 are stretched." in stretched.told and not (stretched.x[3] == 0).all(axis=1).any()


def test_missing_values_lie_on_the_line_between_their_neighbours_and_are_counted(tmp_path):
    made = make(tmp_path, long_csv(changed(n5={"force": None}, n6={"force": "-"}, n30={"heat": "nan"})))
    assert "3 missing values of 2 series filled" in made.told
    assert np.load(tmp_path / "gaps.npy")[:3].tolist() == [2, 1, 0]
    force = made.x[0, :, 0]
    assert np.allclose(np.diff(force[4:8]), (force[7] - force[4]) / 3, atol=1e-5)


def test_a_channel_without_values_is_told_and_counts_as_nothing_filled(tmp_path):
    held = [{**row, "heat": None} if row["series_id"] == "s4" else row for row in changed(n5={"force": None})]
    made = make(tmp_path, long_csv(held))
    assert "1 missing value of 1 series filled" in made.told and (made.x[4, :, 1] == 0).all()
    assert "1 series without any value in a channel that others have: a model sees the mean there." in made.told
    empty = keep_arrays(
        np.stack([VALUES[..., 0], np.full((20, STEPS), np.nan)], 2), pl.Series(LABELS), ("a", "b"), "classification", tmp_path
    )
    assert empty[1]["warnings"] == ["Channel 'b' has no values: a model sees 0."]


def test_times_out_of_order_are_sorted_and_doubled_or_uneven_ones_told(tmp_path):
    made = make(tmp_path, long_csv([*reversed(ROWS[:STEPS]), *changed(n30={"time": 5}, n60={"time": 11.2})[STEPS:]]))
    assert "The rows of series s0 were not in the order of 'time'" in made.told
    assert "1 steps of series s1 have the same time" in made.told and "are not evenly spaced" in made.told
    assert np.allclose(made.x[0, :, 0] * made.spec.input["std"][0] + made.spec.input["mean"][0], VALUES[0, :, 0], atol=1e-3)


def test_series_of_one_person_are_split_together_and_who_it_is_is_no_channel(tmp_path):
    given = [{**row, "person": int(row["series_id"][1:]) // 4} for row in ROWS]
    made = make(tmp_path, long_csv(given), split={"way": "group", "column": "person", "share": 0.2})
    assert made.spec.input["channels"] == ["force", "heat"] and made.spec.input["split"]["column"] == "person"
    assert np.load(tmp_path / "split.npy").reshape(5, 4).std(axis=1).max() == 0 and made.spec.num_test == 4


# What cannot be used


@pytest.mark.parametrize(
    ("given", "what", "why"),
    [
        (changed(n30={"label": "swinger"}), "series s1", "its label changes (swing, swinger)"),
        ([row for row in ROWS if row["series_id"] != "s2" or row["time"] == 4], "series s2", "has one step"),
        ([{**r, "force": None, "heat": None} if r["series_id"] == "s4" else r for r in ROWS], "series s4", "has no values"),
        ([{**r, "label": None} if r["series_id"] == "s5" else r for r in ROWS], "series s5", "the target 'label' is missing"),
    ],
)
def test_a_series_that_cannot_be_used_is_refused_by_name(tmp_path, given, what, why):
    made = make(tmp_path, long_csv(given))
    assert (made.report["accepted"], made.report["refused"]) == (19, 1)
    [[told, reason, _]] = json.loads((tmp_path / made.report["refused_rows"]).read_text())
    assert told == what and why in reason


def test_rows_without_their_series_or_time_are_refused_by_number(tmp_path):
    made = make(tmp_path, long_csv(changed(n2={"series_id": None}, n40={"time": None})))
    assert made.report["reasons"] == [("row 3", "its series (series_id) is missing"), ("row 41", "its time (time) is missing")]
    assert made.report["accepted"] == 20


def test_text_among_the_numbers_is_a_missing_value_and_told(tmp_path):
    made = make(tmp_path, long_csv(changed(n30={"force": "broken"})))
    assert "force" in made.told and "broken" in made.told and "1 missing value of 1 series filled" in made.told


@pytest.mark.parametrize(
    ("data", "happened"),
    [
        ("series_id,time,force,label\n" + "".join(f"s{n},0,{n},{n % 2}\n" for n in range(40)), "Only 0 series can be used"),
        ("series_id,time,force,label\n" + "".join(f"s{n % 20},{n},,{n % 2}\n" for n in range(80)), "No column of numbers"),
        (long_csv(ROWS[: STEPS * 5]), "Only 5 series can be used"),
        (long_csv([{**row, "label": "same"} for row in ROWS]), "only one value"),
        ("a,b\n", "no rows"),
        ("", "is empty"),
        (wide_csv(VALUES[:, :1], LABELS), "Only 0 series can be used"),
    ],
)  # fmt: skip
def test_a_file_without_series_is_refused_in_words(tmp_path, data, happened):
    with pytest.raises(Invalid) as refused:
        make(tmp_path, data, reading={"layout": "wide"} if data.startswith("t0,") else {}, target="label")
    assert happened in refused.value.happened and refused.value.mend


@pytest.mark.parametrize(
    "reading",
    [
        {"length": 1},
        {"length": 10**7},
        {"length": "5"},
        {"fit": "fold"},
        {"layout": "round"},
        {"id": "nobody"},
        {"time": "label"},
    ],
)
def test_a_choice_that_does_not_fit_is_refused(tmp_path, reading):
    with pytest.raises(Invalid):
        make(tmp_path, long_csv(ROWS), reading=reading)


def test_series_that_do_not_fit_into_memory_are_refused_with_a_length_that_does(tmp_path, monkeypatch):
    monkeypatch.setenv("MHUB_PREPARE_MEMORY_MB", "10")
    with pytest.raises(TooLarge, match="Choose fewer steps, such as"):
        make(tmp_path, long_csv(ROWS), reading={"length": 100_000})


def test_a_hundred_thousand_steps_are_condensed_and_that_is_told(tmp_path):
    steps, num = 100_000, 8
    trial, t = np.repeat(np.arange(num), steps), np.tile(np.arange(steps), num)
    frame = pl.DataFrame({"trial": trial, "t": t, "v": trial % 2 + np.sin(t / 9), "label": trial % 2})
    frame.write_parquet(tmp_path / "written")
    made = make(tmp_path, (tmp_path / "written").read_bytes(), "a.parquet")
    assert made.x.shape == (num, 1_000, 1) and "8 are condensed" in made.told and "100,000" in made.told


# Predictions


def asked(made: Made, *given: dict) -> tuple:
    kind = require_kind("series")
    decoded = kind.decode(made.spec, kind.check_inputs(made.spec, list(given)))
    return decoded.x, decoded.problems, decoded.notes


def test_a_series_for_a_prediction_becomes_what_it_was_in_training(tmp_path):
    steps = changed(n5={"force": None})
    made = make(tmp_path, long_csv(steps))
    spec = DataSpec.from_json(json.loads(json.dumps(made.spec.to_json())))
    given = [
        {name: [row[name] for row in steps if row["series_id"] == who] for name in ("force", "heat")} for who in ("s0", "s7")
    ]
    x, problems, notes = asked(made._replace(spec=spec), *given)
    assert np.allclose(x, made.x[[0, 7]], atol=1e-6) and not problems
    assert notes == {0: "1 missing value was filled with the line between the neighbours."}


def test_what_a_prediction_cannot_use_is_told_by_its_place(tmp_path):
    made = make(tmp_path, long_csv(ROWS))
    good = {"force": [1.0] * 30, "heat": [2.0] * 30}
    x, problems, notes = asked(made, {"force": [1.0]}, good, {"force": [None, float("inf")]}, {"heat": [50.0, 51.0]})
    assert x.shape == (2, STEPS, 2) and sorted(problems) == [0, 2]
    assert "one step" in str(problems[0]) and "no numbers" in str(problems[2])
    assert "the end was cut off" in notes[1] and "Without numbers, so taken as the mean: force." in notes[3]
    with pytest.raises(Invalid):
        asked(made, {"other": [1.0, 2.0]})
    with pytest.raises(Invalid):
        asked(made)
    with pytest.raises(TooLarge):
        asked(made, *[good] * 1_001)


def test_huge_numbers_stay_finite(tmp_path):
    made = make(tmp_path, long_csv(ROWS))
    assert np.isfinite(asked(made, {"force": [1e308, -1e308], "heat": [0.0, 1.0]})[0]).all()
