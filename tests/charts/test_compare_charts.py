"""Charts of several runs, by what a reader sees in their rows."""

from __future__ import annotations

import math

import pytest

from mhub_core.charts import compare, palette
from mhub_core.charts.compare import Line
from tests.charts.test_charts import rows

NAMES = ["Run 3", "Run 7"]


def test_smoothing_leaves_a_constant_as_it_is_and_begins_at_the_first_value():
    assert compare.smooth([2.0] * 5, 0.9) == pytest.approx([2.0] * 5)
    assert compare.smooth([4.0, 0.0, 0.0], 0.5) == pytest.approx([4.0, 4 / 3, 4 / 7])
    assert compare.smooth([1.0, 5.0], 0.0) == [1.0, 5.0]


def test_a_value_that_is_not_finite_spoils_none_of_the_smoothed_ones_after_it():
    smoothed = compare.smooth([1.0, math.nan, 3.0], 0.5)
    assert math.isnan(smoothed[1]) and smoothed[2] == pytest.approx((1 * 0.25 + 3 * 0.5) / 0.75)


def test_a_logarithmic_axis_leaves_out_what_it_cannot_show():
    line = Line("Run 3", compare.VALIDATION, [(1, 0.5), (2, 0.0), (3, -1.0), (4, math.inf)])
    assert [row["x"] for row in rows(compare.overlaid([line], NAMES, "Loss", "Epoch", is_log=True))] == [1]
    assert [row["x"] for row in rows(compare.overlaid([line], NAMES, "Loss", "Epoch"))] == [1, 2, 3]


def test_a_run_keeps_its_colour_whichever_curves_are_there():
    spec = compare.overlaid([Line("Run 7", compare.VALIDATION, [(1, 0.5)])], NAMES, "Loss", "Epoch")
    [scale] = {str(layer["encoding"]["color"]["scale"]) for layer in spec["layer"]}
    assert scale == str({"domain": NAMES, "range": list(palette.RUNS[:2])})


def test_runs_that_share_a_colour_are_dashed_differently():
    names = [f"Run {number}" for number in range(2 * len(palette.RUNS))]
    for spec in (compare.overlaid([], names, "Loss", "Epoch"), compare.parallel({}, names)):
        encoding = spec["layer"][0]["encoding"]
        looks = zip(encoding["color"]["scale"]["range"], map(str, encoding["strokeDash"]["scale"]["range"]), strict=True)
        assert len(set(looks)) == len(names)


@pytest.mark.parametrize("color", palette.RUNS)
def test_the_colours_of_runs_can_be_read_on_white(color):
    assert palette.contrast(color, palette.PAPER) >= 4.5


def test_each_axis_of_the_parallel_coordinates_goes_from_the_least_to_the_greatest_value():
    numbers = {"Batch size": {"Run 3": 8.0, "Run 7": 32.0}, "Epochs": {"Run 3": 5.0, "Run 7": 5.0}}
    found = {(row["run"], row["axis"]): row["place"] for row in rows(compare.parallel(numbers, NAMES)) if row["run"]}
    assert found == {("Run 3", "Batch size"): 0, ("Run 7", "Batch size"): 1, ("Run 3", "Epochs"): 0.5, ("Run 7", "Epochs"): 0.5}


def test_the_difference_of_two_matrices_compares_shares_and_not_counts():
    cells = rows(compare.difference([[8, 2], [0, 5]], [[40, 10], [5, 5]], ["no", "yes"]))
    assert [(cell["truth"], cell["answer"], cell["text"]) for cell in cells] == [
        ("no", "no", ""),
        ("no", "yes", ""),
        ("yes", "no", "+50"),
        ("yes", "yes", "-50"),
    ]


def test_a_mean_curve_is_of_the_curves_that_have_a_value_there():
    curves = [[(1, 0.2), (2, 0.4)], [(1, 0.6), (2, float("nan")), (3, 0.5)]]
    assert compare.mean_curve(curves) == [(1, pytest.approx(0.4)), (2, 0.4), (3, 0.5)]
