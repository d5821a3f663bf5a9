"""Charts by their spec: the rows a reader sees, the marks, and colours that can be told apart."""

from __future__ import annotations

import json
import math
import time

import pytest

from mhub_core.charts import bars, confusion, curves, numbers, palette

POINTS = {
    "loss": [(1, 0.9), (2, 0.5), (3, 0.2)],
    "val_loss": [(1, 0.8), (2, 0.4), (3, 0.6)],
    "accuracy": [(1, 0.5), (2, 0.7), (3, 0.9)],
}


def rows(spec: dict) -> list[dict]:
    return spec["data"]["values"]


def test_the_best_epoch_is_the_one_with_the_lowest_validation_loss():
    marked = [row for row in rows(curves.curves(POINTS, "loss", "Loss")) if row["best"]]
    assert [(row["epoch"], row["value"], row["curve"]) for row in marked] == [(2, 0.4, "validation")]


def test_without_validation_the_best_accuracy_is_the_highest_of_the_training():
    assert curves.best_point(POINTS, "accuracy", higher_is_better=True) == (3, 0.9)


def test_training_and_validation_are_both_drawn_from_one_name():
    assert curves.metrics(POINTS) == ["loss", "accuracy"]
    assert {row["curve"] for row in rows(curves.curves(POINTS, "loss", "Loss"))} == {"training", "validation"}


def test_a_loss_that_is_not_a_number_leaves_a_gap_and_is_never_the_best():
    spec = curves.curves({"loss": [(1, 0.5), (2, math.nan), (3, math.inf)]}, "loss", "Loss")
    assert [row["epoch"] for row in rows(spec)] == [1]
    assert rows(spec)[0]["best"]


def test_every_layer_of_a_curve_finds_rows_of_its_own():
    def filters(spec: dict) -> set[str]:
        return {step["filter"] for layer in spec["layer"] for step in layer.get("transform", []) if "filter" in step}

    many = {"loss": [(epoch, 1 / epoch) for epoch in range(1, 90)]}
    assert filters(curves.curves(POINTS, "loss", "Loss")) == {"datum.dot", "datum.best"}
    assert filters(curves.curves(many, "loss", "Loss")) == {"datum.best"}
    assert filters(curves.curves({}, "loss", "Loss")) == set()


def test_a_curve_of_two_thousand_points_is_filled_within_a_few_milliseconds():
    points = {name: [(epoch, 1 / epoch) for epoch in range(1, 1001)] for name in ("loss", "val_loss")}
    curves.curves(points, "loss", "Loss")
    start = time.thread_time()
    curves.curves(points, "loss", "Loss")
    assert time.thread_time() - start < 0.1


def test_the_confusion_matrix_shows_each_count_and_its_share_of_the_true_class():
    cells = rows(confusion.confusion([[8, 2], [0, 5]], ["no", "yes"]))
    assert [(cell["truth"], cell["answer"], cell["text"]) for cell in cells[:2]] == [("no", "no", "8"), ("no", "yes", "2")]
    assert [cell["share"] for cell in cells] == [0.8, 0.2, 0.0, 1.0]


def test_a_class_without_test_rows_does_not_divide_by_zero():
    assert [cell["share"] for cell in rows(confusion.confusion([[0, 0], [1, 1]], ["a", "b"]))] == [0, 0, 0.5, 0.5]


def test_class_names_of_one_letter_stand_level_and_longer_ones_aslant():
    axes = [confusion.confusion([[1]], [name])["layer"][0]["encoding"]["x"]["axis"]["labelAngle"] for name in ("7", "malignant")]
    assert axes == [0, -45]


def test_counts_of_fifty_classes_are_left_to_the_tooltip():
    cells = rows(confusion.confusion([[1] * 50] * 50, [str(i) for i in range(50)]))
    assert {cell["text"] for cell in cells} == {""}


def test_the_surest_class_stands_first_and_stands_out():
    shown = rows(bars.confidences(["cat", "dog", "owl"], [0.2, 0.7, 0.1]))
    assert [row["name"] for row in shown] == ["dog", "cat", "owl"]
    assert [row["lead"] for row in shown] == [True, False, False]
    assert shown[0]["text"] == "70.0%"


def test_class_balance_keeps_the_order_of_the_classes_and_writes_large_numbers_readably():
    assert [(row["name"], row["text"]) for row in rows(bars.class_balance(["b", "a"], [12000, 3]))] == [
        ("b", "12,000"),
        ("a", "3"),
    ]


def test_a_histogram_has_one_bar_between_two_edges():
    assert rows(numbers.histogram([0, 1, 2], [4, 6], "x")) == [
        {"low": 0, "high": 1, "count": 4},
        {"low": 1, "high": 2, "count": 6},
    ]


def test_the_line_of_right_answers_spans_truth_and_answers():
    line = [row for row in rows(numbers.truth_against_answer([1.0, 5.0], [2.0, 9.0])) if row["line"]]
    assert [(row["truth"], row["answer"]) for row in line] == [(1.0, 1.0), (9.0, 9.0)]


def test_class_names_that_contain_html_stay_values_and_every_spec_is_plain_json():
    spec = confusion.confusion([[1]], ["<script>alert(1)</script>"])
    assert rows(spec)[0]["truth"] == "<script>alert(1)</script>"
    json.dumps(spec)


@pytest.mark.parametrize("color", [palette.INK, palette.BLUE, palette.ORANGE, palette.GREEN])
def test_colours_of_text_reach_the_contrast_that_wcag_aa_asks_for(color):
    assert palette.contrast(color, palette.PAPER) >= 4.5


@pytest.mark.parametrize("color", [*palette.CURVES.values(), palette.LIGHT_BLUE, palette.GRAY])
def test_marks_reach_three_to_one_on_paper(color):
    assert palette.contrast(color, palette.PAPER) >= 3


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.75, 0.87, 0.88, 1.0])
def test_counts_are_readable_on_every_cell_of_the_heat_map(share):
    ink = palette.PAPER if share > confusion._DARK else palette.INK
    assert palette.contrast(_cell_color(share), ink) >= 4.0


def _cell_color(share: float) -> str:
    step = min(3, int(share * 4))
    low, high = palette.HEAT[step], palette.HEAT[step + 1]
    part = share * 4 - step
    mixed = [int(low[i : i + 2], 16) * (1 - part) + int(high[i : i + 2], 16) * part for i in (1, 3, 5)]
    return "#" + "".join(f"{round(value):02x}" for value in mixed)


def test_no_words_lie_over_a_curve():
    marks = [layer["mark"]["type"] for layer in curves.curves(POINTS, "loss", "Loss")["layer"]]
    assert "point" in marks and "text" not in marks
