"""How a regression looks: a number, and how far answers lie from the truth."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.charts import numbers
from mhub_core.data.records import DataSpec
from mhub_core.kinds.registry import require_kind
from mhub_core.runs.records import Run
from mhub_core.ui import charts, figures, pictures
from mhub_core.ui.figures import Figure
from mhub_core.ui.kinds.view import Given
from mhub_core.ui.page import plain, window
from mhub_core.ui.tasks.view import Told

COLUMNS: tuple[str, ...] = ("Prediction",)
OPACITY = 1.0
_BINS = 15
_LARGE, _HUGE = 1e5, 1e15  # numbers that are written with all their digits before the point


def asks(data: DataSpec) -> str:
    """Name the target."""
    return f"the number {data.target['name']}"


def caption(told: Told, data: DataSpec) -> str:
    """Write the number."""
    value = float(f"{told['value']:.5g}")
    return f"{value:,.0f}" if _LARGE <= abs(value) < _HUGE else f"{value:.5g}"


def overlay(told: Told, data: DataSpec) -> None:
    """A number has no place in a picture."""
    return None


def legend(data: DataSpec) -> None:
    """A number has no colour."""


def groups(data: DataSpec) -> list[tuple[str, int]]:
    """There are none."""
    return []


def target(data: DataSpec) -> None:
    """Tell mean and deviation."""
    facts = data.target
    st.write(
        f"The target **{plain(facts['name'])}** is {facts['mean']:,.4g} on average, with a standard deviation of "
        f"{facts['std']:,.4g}."
    )


def is_guessing(result: dict[str, Any]) -> bool:
    """Errors tell it by themselves: R² is about 0 then."""
    return False


def result(viewer: User | None, run: Run) -> None:
    """Draw answers against the truth, and a histogram of the errors."""
    found = run.result or {}
    if "residuals" not in found:
        return
    residuals, (noun, nouns) = found["residuals"], require_kind(run.spec["data"]["kind"]).noun
    left, right = st.columns(2)
    with left, window("Predictions against true values", key="scatter"):
        charts.show(
            numbers.truth_against_answer(residuals["true"], residuals["predicted"]),
            f"True value and prediction for each test {noun}.",
        )
        st.caption(f"Each dot is a test {noun}. On the dashed line, the prediction equals the true value.")
    with right, window("Distribution of errors", key="residuals"):
        edges, counts = _histogram(residuals["error"])
        charts.show(
            numbers.histogram(edges, counts, "Prediction minus true value"), f"Number of test {nouns} by size of the error."
        )
        st.caption("For a good model, the errors are close to 0 and not shifted to one side.")


def _histogram(values: list[float]) -> tuple[list[float], list[int]]:
    low, high = min(values, default=0.0), max(values, default=1.0)
    width = (high - low) / _BINS or 1.0
    counts = [0] * _BINS
    for value in values:
        counts[min(_BINS - 1, int((value - low) / width))] += 1
    return [low + width * step for step in range(_BINS + 1)], counts


def answer(told: Told, data: DataSpec, given: Given, seen: bytes | None) -> None:
    """Draw the number, and the truth where it is known."""
    pictures.as_seen(seen)
    figures.show([Figure(f"Predicted {data.target['name'] or 'number'}", caption(told, data))])
    if given.truth is not None:
        st.info(f"True value: **{plain(caption(given.truth, data))}**.")


def cells(told: Told, data: DataSpec) -> tuple[str]:
    """Return the number."""
    return (caption(told, data),)


def csv_head(data: DataSpec) -> tuple[str]:
    """Name the answer."""
    return ("prediction",)


def csv_cells(told: Told, data: DataSpec) -> tuple[str]:
    """Return the number with all its digits."""
    return (str(told["value"]),)
