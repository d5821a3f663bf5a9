"""How a classification looks: classes with their probabilities, a confusion matrix, a table by class."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.charts import bars, confusion
from mhub_core.data.records import DataSpec
from mhub_core.kinds.registry import require_kind
from mhub_core.runs.records import Run
from mhub_core.tasks.classification import best
from mhub_core.ui import charts, figures, pictures, table
from mhub_core.ui.figures import Figure
from mhub_core.ui.kinds.view import Given
from mhub_core.ui.page import plain, window
from mhub_core.ui.tasks.view import Told

COLUMNS: tuple[str, ...] = ("Prediction", "Confidence")
OPACITY = 1.0
_MAX_BARS = 40
_MAX_CLASSES = 30


def asks(data: DataSpec) -> str:
    """Name the first classes."""
    return f"one of {len(data.classes)} classes: {', '.join(data.classes[:12])}"


def caption(told: Told, data: DataSpec) -> str:
    """Name the class."""
    return str(told["class"]) if "class" in told else best(told, data.classes)[0]


def overlay(told: Told, data: DataSpec) -> None:
    """A class has no place in a picture."""
    return None


def legend(data: DataSpec) -> None:
    """A class has no colour."""


def groups(data: DataSpec) -> list[tuple[str, int]]:
    """Every class is one."""
    return list(zip(data.classes, data.target["counts"], strict=True))


def target(data: DataSpec) -> None:
    """Draw how many examples each class has."""
    counted = groups(data)
    ranked = sorted(counted, key=lambda pair: -pair[1])
    shown = ranked[:_MAX_CLASSES] if len(ranked) > _MAX_CLASSES else counted
    words = "Classes: " + ", ".join(f"{name} {count:,}" for name, count in shown)
    charts.show(bars.class_balance([name for name, _ in shown], [count for _, count in shown]), words)
    if len(ranked) > len(shown):
        st.caption(f"Showing the {len(shown)} largest of {len(ranked):,} classes.")


def is_guessing(result: dict[str, Any]) -> bool:
    """Compare with always naming the most frequent class of the test rows."""
    supports = [one["support"] for one in result.get("per_class", [])]
    return bool(supports) and result["scores"].get("accuracy", 1.0) <= max(supports) / max(1, sum(supports))


def result(viewer: User | None, run: Run) -> None:
    """Draw the confusion matrix and the table by class."""
    found = run.result or {}
    if "confusion" not in found:
        return
    classes = found["classes"]
    left, right = st.columns(2)
    with left, window("Confusion matrix", key="confusion"):
        charts.show(
            confusion.confusion(found["confusion"], classes),
            "Confusion matrix: rows are the true classes, columns the predicted classes.",
        )
        st.caption(
            "Each row is a true class, each column a predicted class. Correct predictions are on the diagonal, mistakes "
            "off it; the darker a cell, the larger its share of the true class."
        )
    with right, window("Results by class", key="per-class"):
        noun = require_kind(run.spec["data"]["kind"]).noun[1]
        columns = [
            table.Column("Class"),
            *(table.Column(title, number=True) for title in ("Precision", "Recall", "F1", f"Test {noun}")),
        ]
        rows = [
            (one["name"], *(f"{one[score]:.3f}" for score in ("precision", "recall", "f1")), str(one["support"]))
            for one in found["per_class"]
        ]
        table.show(columns, rows)
        if len(classes) <= _MAX_BARS:
            charts.show(bars.class_scores(classes, [one["f1"] for one in found["per_class"]], "F1"), "F1 of each class.")


def answer(told: Told, data: DataSpec, given: Given, seen: bytes | None) -> None:
    """Draw the likeliest class, whether it is right where that is known, and how sure the model is of each."""
    pictures.as_seen(seen)
    name, probability = best(told, data.classes)
    figures.show([Figure(f"Predicted {data.target['name'] or 'class'}", name, f"{probability:.1%} confidence")])
    if given.truth is not None:
        true = caption(given.truth, data)
        right = true == name
        (st.success if right else st.warning)(
            f"True class: **{plain(true)}**. " + ("The prediction is correct." if right else "The prediction is wrong.")
        )
    charts.show(bars.confidences(data.classes, told["probabilities"]), "Predicted probability of each class.")


def cells(told: Told, data: DataSpec) -> tuple[str, str]:
    """Return class and confidence."""
    name, probability = best(told, data.classes)
    return name, f"{probability:.1%}"


def csv_head(data: DataSpec) -> tuple[str, ...]:
    """Name the answer and all classes."""
    return ("prediction", *data.classes)


def csv_cells(told: Told, data: DataSpec) -> tuple[str, ...]:
    """Return the class and all probabilities."""
    return (best(told, data.classes)[0], *(f"{value:.6f}" for value in told["probabilities"]))
