"""What the steps for series do to a version, and to a series that a model is asked about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from mhub_core.errors import Invalid
from mhub_core.kinds.registry import require_kind
from mhub_core.kinds.signals import carrying, gather, layout, prepare, roots
from mhub_core.recipes import run
from mhub_core.recipes.registry import SIGNAL_STEPS
from tests.datasets.series_at_hand import waves

SERIES = require_kind("series")
NAN = float("nan")


def step(step: str, /, **params: Any) -> dict[str, Any]:
    return {"step": step, "params": params}


def version(folder: Path, values: np.ndarray | None = None, labels: list[str] | None = None) -> Any:
    """Series of two channels with gaps, some of which end early."""
    folder.mkdir()
    found, kinds = waves(40)
    values = found if values is None else values
    values[::5, 3:6, 0] = np.nan
    lengths = np.where(np.arange(len(values)) % 4 == 3, 18, values.shape[1])
    inside = np.arange(values.shape[1]) < lengths[:, None]
    ends = np.concatenate([[0], np.cumsum(lengths)])
    names = [f"series {n}" for n in range(len(values))]
    series = gather.Gathered(values[inside], ends, names, ("force", "heat"), pl.Series("kind", labels or kinds))
    found_layout = layout.Layout(layout.LONG, ("force", "heat"), "kind", "id", "")
    spec, _ = prepare.keep_series(series, found_layout, "classification", (0, ""), folder, lambda *_: None)
    return spec, {name: folder / file for name, file in spec.arrays.items()}


def made(version: Any, recipe: list[dict[str, Any]], folder: Path) -> Any:
    (spec, paths), _ = version, folder.mkdir()
    clean = run.check(recipe, SERIES.recipes.before(spec, lambda name: paths[name]), "kind", spec.classes, SIGNAL_STEPS)
    done, report = SERIES.recipes.process(spec, paths, clean, folder, lambda *_: None)
    own = {name: folder / file for name, file in done.arrays.items() if not name.startswith("raw_") or name == "raw_rows"}
    root = {f"raw_{name}": paths[f"raw_{name}" if f"raw_{name}" in paths else name] for name in roots.NAMES}
    return (done, {**own, **root}), report


def test_values_are_changed_and_a_raw_series_for_a_prediction_passes_the_same_steps(tmp_path):
    recipe = [
        step("fill_gaps", how="mean", columns=["force"]),
        step("clip", columns=["heat"], by="percentiles", lower=5, upper=95),
        step("smooth", how="median", window=3),
        step("scale", columns=["heat"], how="robust"),
        step("log", columns=["heat"]),
        step("scale_each", how="center", columns=["force"]),
        step("series_length", how="resample", steps=12),
    ]
    first = version(tmp_path / "first")

    second, report = made(first, recipe, tmp_path / "second")

    assert second[0].input_shape == (12, 2) and report["accepted"] == 40 and not np.load(second[1]["gaps"]).any()
    root = roots.read(second[0], second[1].__getitem__)
    given = [{name: list(line) for name, line in zip(("force", "heat"), one.T, strict=True)} for one in root.series]
    decoded = SERIES.decode(second[0], SERIES.check_inputs(second[0], given))
    assert np.allclose(decoded.x, np.load(second[1]["x"]), atol=1e-6) and not decoded.notes
    assert (np.load(second[1]["split"]) == np.load(first[1]["split"])).all() and second[0].input["raw_steps"] == 24


def test_every_step_for_series_has_a_form_and_words():
    assert all(one.title and one.help and one.name == name for name, one in SIGNAL_STEPS.items())


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (step("fill_gaps", how="forward"), [1, 1, 3, 3, 7]),
        (step("fill_gaps", how="line"), [1, 2, 3, 5, 7]),
        (step("fill_gaps", how="constant", value=9), [1, 9, 3, 9, 7]),
        (step("smooth", how="mean", window=3), [1, NAN, 3, NAN, 7]),
        (step("smooth", how="mean", window=5), [2, NAN, 11 / 3, NAN, 5]),
        (step("series_length", how="end", steps=7, fill="edge"), [1, NAN, 3, NAN, 7, 7, 7]),
        (step("series_length", how="start", steps=3), [3, NAN, 7]),
        (step("series_length", how="start", steps=6, fill="zero"), [0, 1, NAN, 3, NAN, 7]),
        (step("series_length", how="resample", steps=9), [1, 1.5, 2, 2.5, 3, 4, 5, 6, 7]),
        (step("scale_each", how="range"), [0, NAN, 1 / 3, NAN, 1]),
        (step("clip", columns=["a"], by="values", lower=2, upper=4), [2, NAN, 3, NAN, 4]),
    ],
)
def test_what_each_step_makes_of_a_series(part, expected):
    (clean,) = run.check([part], {"a": "number"}, "y", (), SIGNAL_STEPS)
    values = np.array([[1], [NAN], [3], [NAN], [7]])
    here = carrying.Carried([values], pl.Series("y", ["x"]), np.ones(1, bool), np.arange(1), [], [])

    carrying.carry_out(here, [clean], ["a"], (), lambda *_: None)

    assert np.allclose(here.series[0][:, 0], expected, equal_nan=True)
    assert np.allclose(carrying.replayed(values, {"recipe": here.fitted, "channels": ["a"]})[:, 0], expected, equal_nan=True)


def test_series_are_dropped_repeated_and_grouped_and_test_series_stay_in_the_test(tmp_path):
    labels = ["odd" if n % 10 == 1 else ("rise", "swing")[n % 2] for n in range(40)]
    values = waves(40)[0]
    values[20:30] = values[10:20]
    first = version(tmp_path / "first", values, labels)
    recipe = [
        step("drop_series", least=20, missing=50),
        step("drop_repeated"),
        step("group_labels", least=5, name="rest"),
        step("balance", how="over"),
        step("keep_labels", how="drop", labels=["rest"]),
    ]

    second, report = made(first, recipe, tmp_path / "second")

    rows, split = np.load(second[1]["raw_rows"]), np.load(second[1]["split"])
    assert second[0].classes == ("rise", "swing") and report["repeated"] > 0
    assert report["reasons"][0] == (
        "10 series, 2 of them for the test",
        "step “Drop series with fewer than 20 steps or over 50 % missing values”",
    )
    assert (np.load(first[1]["split"])[rows] == split).all() and second[0].num_rows == report["accepted"] == len(rows)
    assert np.bincount(np.load(second[1]["y"])[split == 0]).tolist() == second[0].target["open"]


def test_a_second_recipe_goes_on_from_the_first_as_if_both_were_one(tmp_path):
    recipe = [
        step("series_length", how="end", steps=16),
        step("balance", how="under"),
        step("scale", columns=["force"], how="normalise"),
    ]
    first = version(tmp_path / "first")

    second, _ = made(first, recipe[:2], tmp_path / "second")
    third, report = made(second, recipe[2:], tmp_path / "third")

    at_once, _ = made(first, recipe, tmp_path / "at_once")
    assert third[0].input == at_once[0].input and third[0].target == at_once[0].target and report["refused"] == 0
    assert all(np.array_equal(np.load(third[1][name]), np.load(at_once[1][name])) for name in ("x", "y", "split", "raw_rows"))
    assert third[0].arrays["raw_values"] == first[0].arrays["values"]


def test_a_preview_draws_series_before_and_after_further_steps(tmp_path):
    second, _ = made(version(tmp_path / "first"), [step("series_length", how="resample", steps=12)], tmp_path / "second")
    spec, paths = second

    told = SERIES.recipes.preview(
        spec, lambda name: paths[name], lambda _: None, [step("fill_gaps", columns=[], how="constant", value=0.0)]
    )

    assert len(told.lines) == 3 and len(told.lines[0].before) == 2 and len(told.lines[0].before[0]) == 12
    assert told.rows_before == spec.num_train and told.missing_after == 0 and told.bars is None


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (step("series_length", how="end", steps=1), "from 2 to 100,000"),
        (step("smooth", how="mean", window=4), "odd number from 3"),
        (step("drop_series", least=None, missing=None), "give one of both"),
        (step("clip", columns=["cold"], by="values", lower=0, upper=1), "there is no column 'cold'"),
        (step("clean_text", columns=["force"]), "knows no step"),
    ],
)
def test_steps_that_cannot_be_done_to_series_are_refused_in_words(part, told):
    with pytest.raises(Invalid) as caught:
        run.check([part], {"force": "number"}, "kind", ("a", "b"), SIGNAL_STEPS)

    assert told in str(caught.value)


def test_a_version_of_which_the_series_were_not_kept_says_so(tmp_path):
    spec, paths = version(tmp_path / "first")
    del spec.arrays["values"]

    with pytest.raises(Invalid, match="before series were kept as they were uploaded"):
        SERIES.recipes.before(spec, lambda name: paths[name])


def test_a_preview_takes_fewer_series_where_a_step_makes_them_long(tmp_path):
    (spec, paths), long = version(tmp_path / "first"), [step("series_length", how="resample", steps=100_000)]

    told = SERIES.recipes.preview(spec, paths.__getitem__, [], long)

    assert told.is_part and told.rows_before * 100_000 * 2 <= 2_000_000
