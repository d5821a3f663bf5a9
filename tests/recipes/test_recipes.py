"""Recipes on generated tables: they learn from training rows alone, do the same again, and give rows for predictions the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from mhub_core.data.splits import TEST
from mhub_core.errors import Invalid
from mhub_core.kinds.table import Table, features
from mhub_core.kinds.tables import dates, prepare
from mhub_core.recipes import run
from mhub_core.recipes.registry import STEPS

STEP_PARAMS: list[dict[str, Any]] = [
    {"step": "fill_missing", "params": {"columns": ["size", "weight"], "how": "mean"}},
    {"step": "fill_missing", "params": {"columns": ["size"], "how": "median"}},
    {"step": "fill_missing", "params": {"columns": ["color", "size"], "how": "most_frequent"}},
    {"step": "fill_missing", "params": {"columns": ["color"], "how": "constant", "value": "none"}},
    {"step": "drop_missing", "params": {"columns": ["color"]}},
    {"step": "drop_columns", "params": {"columns": ["weight"]}},
    {"step": "rename", "params": {"column": "size", "to": "length"}},
    {"step": "cast", "params": {"columns": ["doors"], "to": "text"}},
    {"step": "filter_rows", "params": {"column": "doors", "comparison": "at_most", "value": "4"}},
    {"step": "drop_duplicates", "params": {"columns": ["doors", "color"]}},
    {"step": "clip", "params": {"columns": ["size", "doors"], "by": "percentiles", "lower": 5, "upper": 95}},
    {"step": "log", "params": {"columns": ["weight"]}},
    {"step": "bins", "params": {"column": "weight", "number": 4, "by": "rows"}},
    {"step": "bins", "params": {"column": "doors", "number": 2, "by": "width"}},
    {"step": "group_rare", "params": {"columns": ["color", "town"], "share": 4, "name": "other"}},
    {"step": "fill_missing", "params": {"columns": ["size", "color", "day"], "how": "forward"}},
    {"step": "fill_missing", "params": {"columns": ["day"], "how": "most_frequent"}},
    {"step": "fill_missing", "params": {"columns": ["day"], "how": "constant", "value": "2024-02-29"}},
    {"step": "filter_rows", "params": {"column": "day", "comparison": "at_least", "value": "2024-03-01"}},
    {"step": "cast", "params": {"columns": ["day"], "to": "number"}},
    {"step": "cast", "params": {"columns": ["day"], "to": "text"}},
    {"step": "scale", "params": {"columns": ["size", "doors"], "how": "standardise"}},
    {"step": "scale", "params": {"columns": ["size", "doors"], "how": "normalise"}},
    {"step": "scale", "params": {"columns": ["size", "weight"], "how": "robust"}},
    {"step": "one_hot", "params": {"columns": ["color"], "most": 3}},
    {"step": "ordinal", "params": {"columns": ["color"]}},
    {"step": "order_categories", "params": {"column": "color", "order": "pink\n red\nblue"}},
    {"step": "hashed", "params": {"column": "town", "number": 6}},
    {"step": "target_mean", "params": {"columns": ["color", "town"]}},
    {"step": "date_parts", "params": {"column": "day", "parts": ["year", "month", "hour_cycle", "days"], "date": "drop"}},
    {"step": "date_parts", "params": {"column": "day", "parts": ["weekday", "month_cycle"], "date": "keep"}},
    {"step": "clean_text", "params": {"columns": ["town"], "ways": ["trim", "blanks"], "case": "upper", "remove": "OW"}},
    {"step": "clean_text", "params": {"columns": ["color"], "ways": ["accents", "unicode"], "case": "title"}},
]
CLASSES = [  # those that are for classes alone
    {"step": "balance", "params": {"how": "over"}},
    {"step": "balance", "params": {"how": "under"}},
]


def table(seed: int = 0, rows: int = 300) -> pl.DataFrame:
    """A tidy table with whole numbers, missing values, and a text of too many values for a model."""
    draw = np.random.default_rng(seed)
    size = draw.normal(50, 20, rows)
    size[draw.random(rows) < 0.1] = np.nan
    colors = draw.choice(["red", "blue", "green", "pink", ""], rows, p=[0.5, 0.3, 0.1, 0.05, 0.05])
    towns = [f"town {int(number)}" for number in draw.exponential(15, rows)]
    return pl.DataFrame(
        {
            "size": pl.Series(size).fill_nan(None),
            "weight": draw.lognormal(3, 2, rows),
            "doors": pl.Series(draw.integers(2, 6, rows), dtype=pl.Int64),
            "color": pl.Series(colors.tolist()).replace("", None),
            "town": towns,
            "day": pl.Series([None if n % 11 == 3 else datetime(2024, 1, 1) + n * timedelta(hours=15) for n in range(rows)]),
            "price": draw.normal(size=rows),
        }
    )


def parent(folder: Path, frame: pl.DataFrame) -> Any:
    """A version of a table, and where its arrays lie."""
    folder.mkdir()
    spec, _ = prepare.prepare_frame(frame, "price", "regression", folder, lambda *_: None)
    return spec, {name: folder / file for name, file in spec.arrays.items()}


def process(made: Any, folder: Path, recipe: list[dict[str, Any]]) -> Any:
    """Carry a recipe out as the sandbox does. Returns the spec and its arrays."""
    spec, paths = made
    folder.mkdir()
    clean = run.check(recipe, run.columns_of(pl.read_parquet_schema(paths["parquet"])), "price")
    done, report = Table().recipes.process(spec, paths, clean, folder, lambda *_: None)
    assert report["accepted"] + report["refused"] == spec.num_rows
    found = {name: folder / file if (folder / file).exists() else paths["parquet"] for name, file in done.arrays.items()}
    return done, found


def recipes() -> list[list[dict[str, Any]]]:
    """Each step alone, and twelve recipes that chance put together of steps that can follow each other."""
    draw, found = np.random.default_rng(5), [[step] for step in STEP_PARAMS]
    while len(found) < len(STEP_PARAMS) + 12:
        recipe = [STEP_PARAMS[at] for at in draw.choice(len(STEP_PARAMS), 4, replace=False)]
        try:
            run.check(recipe, run.columns_of(table().schema), "price")
        except Invalid:
            continue
        if sum(part["step"] == "drop_duplicates" for part in recipe) == 0:
            found.append(recipe)
    return found


SQL = {"step": "sql", "params": {"sql": "SELECT size, price FROM data"}}  # has tests of its own


def is_of_others(recipe: list[dict[str, Any]]) -> bool:
    return any(part["step"] == "target_mean" for part in recipe)


def test_every_step_is_tried():
    assert {part["step"] for part in [*STEP_PARAMS, *CLASSES, SQL]} == set(STEPS)


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: "+".join(part["step"] for part in recipe))
def test_a_recipe_gives_the_same_again_keeps_the_split_and_knows_raw_rows(tmp_path, recipe):
    start = parent(tmp_path / "parent", table())
    if [part["step"] for part in recipe] == ["drop_duplicates"]:
        recipe = [{"step": "drop_duplicates", "params": {"columns": ["size", "color"]}}]

    spec, paths = process(start, tmp_path / "one", recipe)
    again, others = process(start, tmp_path / "two", recipe)

    assert spec == again
    assert all(paths[name].read_bytes() == others[name].read_bytes() for name in ("x", "y", "split", "parquet"))
    x, split, old_split = (np.load(path) for path in (paths["x"], paths["split"], start[1]["split"]))
    assert np.isfinite(x).all()
    if spec.input.get("recipe"):
        rows = np.load(paths["raw_rows"])
        assert (old_split[rows] == split).all()
        looked_at = np.flatnonzero(split == TEST) if is_of_others(recipe) else np.arange(40)
        raw = pl.read_parquet(start[1]["parquet"])[rows[looked_at].tolist()]
        given = [{column.name: row[column.name] for column in features(spec)} for row in dates.in_words(raw).to_dicts()]
        decoded = Table().decode(spec, Table().check_inputs(spec, given)).x
        if not any(part["params"].get("how") == "forward" for part in recipe):
            assert np.allclose(decoded, x[looked_at], atol=1e-5)


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: "+".join(part["step"] for part in recipe))
def test_what_steps_learn_and_which_training_rows_stay_depends_on_no_test_row(recipe):
    frame, train = table(), np.arange(300) % 5 != 0
    wild = frame.with_columns(
        pl.when(pl.Series(train)).then(pl.col(name)).otherwise(pl.col(name).shuffle(3) * 1000) for name in ("size", "weight")
    ).with_columns(pl.when(pl.Series(train)).then(pl.col("color")).otherwise(pl.lit("purple")).alias("color"))
    clean = run.check(recipe, run.columns_of(frame.schema), "price")

    one, other = (run.make(table, train, clean, target="price") for table in (frame, wild))

    assert one.fitted == other.fitted
    assert one.rows[train[one.rows]].tolist() == other.rows[train[other.rows]].tolist()
    assert one.frame.filter(pl.Series(train[one.rows])).equals(other.frame.filter(pl.Series(train[other.rows])))


def test_a_second_recipe_goes_on_from_the_first_and_predictions_still_take_the_rows_of_the_upload(tmp_path):
    start = parent(tmp_path / "parent", table())
    first = process(start, tmp_path / "one", [STEP_PARAMS[0], STEP_PARAMS[6], STEP_PARAMS[8]])
    second, paths = process(first, tmp_path / "two", [{"step": "log", "params": {"columns": ["length"]}}, STEP_PARAMS[14]])
    paths["raw_parquet"] = start[1]["parquet"]

    rows = np.load(paths["raw_rows"])
    raw = pl.read_parquet(paths["raw_parquet"])[rows.tolist()]

    assert [part["step"] for part in second.input["recipe"]] == ["fill_missing", "rename", "log", "group_rare"]
    assert {column.name for column in features(second)} == {"size", "weight", "doors", "color", "town", "day"}
    assert (raw["doors"] <= 4).all() and np.load(paths["split"]).tolist() == np.load(start[1]["split"])[rows].tolist()
    assert np.allclose(Table().decode(second, {"rows": dates.in_words(raw).to_dicts()}).x, np.load(paths["x"]), atol=1e-5)


@pytest.mark.parametrize(
    ("recipe", "told"),
    [
        ([], "no steps"),
        ("drop all", "no steps"),
        ([{"step": "explode"}], "knows no step"),
        ([{"step": "log", "params": {"columns": ["color"]}}], "holds text"),
        ([{"step": "log", "params": {"columns": []}}], "at least one column"),
        ([{"step": "log", "params": {"columns": ["price"]}}], "is the target"),
        ([{"step": "log", "params": {"columns": "size"}}], "list of columns"),
        ([{"step": "fill_missing", "params": {"columns": ["color"], "how": "mean"}}], "there is no mean"),
        ([{"step": "fill_missing", "params": {"columns": ["size"], "how": "constant", "value": "x"}}], "must be a number"),
        ([{"step": "rename", "params": {"column": "size", "to": "color"}}], "another column"),
        ([{"step": "rename", "params": {"column": "size", "to": "x" * 10_000}}], "characters"),
        ([{"step": "filter_rows", "params": {"column": "color", "comparison": "less", "value": "red"}}], "no order"),
        ([{"step": "clip", "params": {"columns": ["size"], "by": "values", "lower": 5, "upper": 1}}], "above the lower"),
        ([{"step": "bins", "params": {"column": "size", "number": 1e9, "by": "rows"}}], "from 2 to 50"),
        ([{"step": "drop_columns", "params": {"columns": ["size", "weight", "doors", "color", "town", "day"]}}], "no column"),
        ([{"step": "drop_columns", "params": {"columns": ["size"]}}, {"step": "log", "params": {"columns": ["size"]}}], "Step 2"),
        ([{"step": "log", "params": {"columns": ["size"]}}] * 51, "51 steps"),
    ],
)  # fmt: skip
def test_a_recipe_that_cannot_be_done_is_refused_in_words(recipe, told):
    with pytest.raises(Invalid) as caught:
        run.check(recipe, run.columns_of(table().schema), "price")

    assert told in str(caught.value) + str(caught.value.problems)
