"""What each of the steps does, on tables small enough to do it by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.preprocessing import TargetEncoder

from mhub_core.errors import Invalid
from mhub_core.recipes import run


def made(frame: pl.DataFrame, step: str, train: Any = None, classes: tuple[str, ...] = (), **params: Any) -> run.Made:
    """Check and carry out one step on a table whose target is `y`."""
    recipe = run.check([{"step": step, "params": params}], run.columns_of(frame.schema), "y", classes)
    rows = np.ones(frame.height, bool) if train is None else np.array(train, bool)
    return run.make(frame, rows, recipe, target="y", classes=classes)


def towns(rows: int = 300) -> pl.DataFrame:
    draw = np.random.default_rng(0)
    town = draw.choice(["a", "b", "c", "d", "e"], rows, p=[0.5, 0.3, 0.1, 0.07, 0.03])
    return pl.DataFrame({"town": town.tolist(), "y": draw.normal(size=rows) + (town == "b")})


@pytest.mark.parametrize("is_number", [True, False])
def test_the_mean_of_the_target_is_that_of_scikit_learn_for_rows_that_nothing_was_learned_from(is_number):
    frame, train = towns(), np.arange(300) < 200
    if not is_number:
        frame = frame.with_columns(pl.when(pl.col("y") > 0).then(pl.lit("yes")).otherwise(pl.lit("no")).alias("y"))
    classes = () if is_number else ("no", "yes")
    told = made(frame, "target_mean", train, classes, columns=["town"])

    encoder = TargetEncoder(target_type="continuous" if is_number else "binary", smooth="auto")
    y = frame["y"].to_numpy() if is_number else (frame["y"] == "yes").to_numpy()
    encoder.fit(frame["town"].to_numpy()[train].reshape(-1, 1), y[train])
    expected = encoder.transform(frame["town"].to_numpy()[~train].reshape(-1, 1))[:, 0]

    assert np.allclose(told.frame[:, -1].to_numpy()[~train], expected)
    raw = pl.DataFrame({"town": ["a", "elsewhere"]})
    assert run.replay(raw, told.fitted)[1, 0] == pytest.approx(y[train].mean())


def test_no_training_row_sees_its_own_answer_in_the_mean_of_the_target():
    frame = towns().with_columns(pl.int_range(300).cast(pl.String).alias("town"))  # each row is its own town

    told = made(frame, "target_mean", columns=["town"]).frame[:, -1].to_numpy()

    assert abs(np.corrcoef(told, frame["y"].to_numpy())[0, 1]) < 0.3
    assert len(np.unique(told)) <= 5


def test_copies_of_a_row_tell_nothing_of_its_answer_in_the_mean_of_the_target():
    frame = pl.DataFrame({"town": [f"town {n}" for n in range(60)], "y": ["rare" if n % 10 == 0 else "usual" for n in range(60)]})
    recipe = [{"step": "balance", "params": {"how": "over"}}, {"step": "target_mean", "params": {"columns": ["town"]}}]

    at_once = run.make(frame, np.ones(60, bool), recipe, target="y", classes=("rare", "usual"))
    first = run.make(frame, np.ones(60, bool), recipe[:1], target="y", classes=("rare", "usual"))
    then = run.make(first.frame, first.train, recipe[1:], target="y", classes=("rare", "usual"), sources=first.rows)

    assert at_once.frame.equals(then.frame)
    for row in range(60):  # each row is its own town, so all of its copies get the mean of the other folds
        assert at_once.frame.filter(pl.Series(at_once.rows == row))[:, -1].n_unique() == 1
    assert at_once.frame[:, -1].n_unique() <= 5


def test_each_of_three_classes_gets_its_mean():
    frame = pl.DataFrame({"town": ["a", "b"] * 30, "y": ["x", "y", "z"] * 20})

    assert made(frame, "target_mean", classes=("x", "y", "z"), columns=["town"]).frame.columns == [
        "y", "town → y=x", "town → y=y", "town → y=z",
    ]  # fmt: skip


def test_classes_are_balanced_in_the_training_rows_alone_and_every_copy_stands_beside_its_row():
    frame = pl.DataFrame({"n": range(100), "y": ["rare" if n % 10 == 0 else "usual" for n in range(100)]})
    train = np.arange(100) < 80

    over = made(frame, "balance", train, ("rare", "usual"), how="over")
    under = made(frame, "balance", train, ("rare", "usual"), how="under")

    assert over.frame.filter(over.train)["y"].value_counts(sort=True)["count"].to_list() == [72, 72]
    assert under.frame.filter(under.train)["y"].value_counts()["count"].to_list() == [8, 8]
    for one in (over, under):
        assert one.frame["n"].to_list() == one.rows.tolist() == sorted(one.rows)
        assert one.frame.filter(~one.train).equals(frame[80:])
    assert over.changes == [(0, 0, 64, 144)] and under.changes == [(64, 0, 0, 16)]


def test_only_classes_can_be_balanced():
    with pytest.raises(Invalid, match="is a number, not classes"):
        made(towns(), "balance", how="over")


def test_forward_fill_takes_the_training_row_above_and_for_a_prediction_the_last_one():
    frame = pl.DataFrame({"n": [None, 1, None, 7, None, 3, None], "y": [0.0] * 7}, schema_overrides={"n": pl.Int64})

    told = made(frame, "fill_missing", [1, 1, 1, 0, 0, 1, 1], columns=["n"], how="forward")

    assert told.frame["n"].to_list() == [None, 1, 1, 7, 1, 3, 3]
    assert run.replay(pl.DataFrame({"n": [None, 5]}), told.fitted)["n"].to_list() == [3, 5]


def test_one_hot_numbers_orders_and_hashes_stand_for_categories():
    frame = pl.DataFrame({"size": ["S", "L", None, "M", "L"], "size=L": [1, 2, 3, 4, 5], "y": [0.0] * 5})

    one_hot = made(frame, "one_hot", columns=["size"], most=2)
    assert one_hot.frame.columns == ["size=L", "y", "size=L_", "size=M"]
    assert one_hot.frame["size=L_"].to_list() == [0, 1, 0, 0, 1]
    assert run.needed(one_hot.fitted, ["size=L_"]) == {"size"} and run.needed(one_hot.fitted, ["size=L"]) == {"size=L"}
    assert made(frame, "ordinal", columns=["size"]).frame["size"].to_list() == [2, 0, None, 1, 0]
    order = made(frame, "order_categories", column="size", order="S\nM\n L ")
    assert order.frame["size"].to_list() == [0, 2, None, 1, 2]
    hashed = made(frame, "hashed", column="size", number=4).frame.select(pl.selectors.contains("hash")).to_numpy()
    assert hashed.sum(1).tolist() == [1, 1, 0, 1, 1] and (hashed[1] == hashed[4]).all()


def test_numbers_are_scaled_by_what_the_training_rows_are():
    frame = pl.DataFrame({"n": [0.0, 5.0, 10.0, 1000.0], "y": [0.0] * 4})
    train = [1, 1, 1, 0]

    assert made(frame, "scale", train, columns=["n"], how="normalise").frame["n"].to_list() == [0, 0.5, 1, 100]
    assert made(frame, "scale", train, columns=["n"], how="robust").frame["n"].to_list() == [-1, 0, 1, 199]
    standard = made(frame, "scale", train, columns=["n"], how="standardise").frame["n"][:3].to_numpy()
    assert standard.mean() == pytest.approx(0) and standard.std() == pytest.approx(1)


def test_a_date_becomes_its_parts_and_the_end_of_a_circle_meets_its_beginning():
    days = [datetime(2024, 12, 31, 23), datetime(2025, 1, 1), None, datetime(2024, 6, 30)]
    frame = pl.DataFrame({"when": days, "y": [0.0] * 4})
    parts = ["year", "month", "weekday", "hour", "days", "month_cycle"]

    told = made(frame, "date_parts", [1, 1, 1, 0], column="when", parts=parts, date="drop").frame

    assert told.columns[1:6] == ["when year", "when month", "when weekday", "when hour", "when days"]
    assert told.row(0)[1:6] == (2024, 12, 2, 23, 0) and told.row(1)[1:6] == (2025, 1, 3, 0, 1)
    assert told.row(2)[1:] == (None,) * 7 and told["when days"][3] == -184
    near, far = (np.hypot(*(np.array(told.row(0)[6:]) - told.row(n)[6:])) for n in (1, 3))
    assert near < 0.6 and far > 1.9


def test_text_that_means_the_same_becomes_the_same():
    frame = pl.DataFrame({"town": [" Müńchen", "MÜŃCHEN ", "Mün\u0303chen", "x  y (x)", "(x)", "ﬁ"], "y": [0.0] * 6})
    ways = ["trim", "blanks", "unicode", "accents"]

    told = made(frame, "clean_text", columns=["town"], ways=ways, case="lower", remove="(x)")

    assert told.frame["town"].to_list() == ["munchen", "munchen", "munchen", "x y", None, "fi"]


def test_dates_are_filled_filtered_and_turned_into_text_and_days():
    frame = pl.DataFrame({"when": [datetime(2024, 1, 1), None, datetime(2024, 1, 1), datetime(2024, 5, 3, 6)], "y": [0.0] * 4})

    filled = made(frame, "fill_missing", columns=["when"], how="most_frequent")
    assert (
        filled.frame["when"][1] == datetime(2024, 1, 1) and filled.fitted[0]["state"]["values"]["when"] == "2024-01-01T00:00:00"
    )
    assert made(frame, "filter_rows", column="when", comparison="more", value="2024-02-01").rows.tolist() == [3]
    text = made(frame, "cast", columns=["when"], to="text").frame["when"].to_list()
    assert text == ["2024-01-01", None, "2024-01-01", "2024-05-03 06:00:00"]
    assert made(frame, "cast", columns=["when"], to="number").frame["when"].to_list() == [19723, None, 19723, 19846.25]
    with pytest.raises(Invalid, match="must be a date"):
        made(frame, "filter_rows", column="when", comparison="more", value="soon")
    with pytest.raises(Invalid, match="holds dates, not text"):
        made(frame, "ordinal", columns=["when"])


def test_a_new_column_takes_no_other_ones_name():
    frame = pl.DataFrame({"t": ["a"] * 3, "t hash 1": [1, 2, 3], "y": [0.0] * 3})

    with pytest.raises(Invalid, match="there is a column “t hash 1” already"):
        made(frame, "hashed", column="t", number=2)
