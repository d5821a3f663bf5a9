"""The curves of several runs on each other, and how a person wants them drawn."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from mhub_core.charts import compare as charting
from mhub_core.charts.compare import TRAINING, VALIDATION, Line
from mhub_core.charts.curves import metrics
from mhub_core.runs.records import Comparison, Run
from mhub_core.tasks.registry import find_score
from mhub_core.ui import address, charts, live_words
from mhub_core.ui.compare.told import Told

BOTH = "both"
CURVES = {VALIDATION: "Validation", TRAINING: "Training", BOTH: "Both"}
EPOCH, SECONDS = "epoch", "seconds"
AXES = {EPOCH: "Epoch", SECONDS: "Training time"}
MAX_SMOOTH = 0.95


def draw(comparison: Comparison, told: Sequence[Told]) -> None:
    """Draw the choices and the chart. Everything chosen is kept in the address."""
    names = metrics({name: curve for points in comparison.points.values() for name, curve in points.items()})
    if not names:
        st.write("The curves start after the first epoch.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare_choices"):
        kept = address.kept("metric", names[0], address.one_of(names), "compare")
        metric = st.selectbox("Curve", names, format_func=lambda name: find_score(name).label, width=220, **kept)
        which = _choice("curves", "Measured on", CURVES, BOTH if len(told) == 1 else VALIDATION)
        axis = _choice("by", "Horizontal axis", AXES, EPOCH)
        smooth = st.slider(
            "Smoothing",
            0.0,
            MAX_SMOOTH,
            step=0.05,
            width=180,
            help="A moving average takes out the noise; the measured values stay in the background. 0: none.",
            **address.kept("smooth", 0.0, _smoothing, "compare"),
        )
        is_log = st.toggle(
            "Logarithmic",
            help="Equal distances on the vertical axis are equal ratios, which shows small values of a loss.",
            **address.kept("log", False, address.flag, "compare"),
        )
    lines = [line for one in told for line in _lines(one, comparison.points[one.run.id], metric, which, axis, smooth)]
    x_title = "Epoch" if axis == EPOCH else "Training time in seconds"
    spec = charting.overlaid(lines, [one.name for one in told], live_words.title(metric), x_title, is_log)
    charts.show(spec, f"{live_words.title(metric)} of {len(told)} runs.", key="compare_curves")
    dashed = " The thin curves were measured on the training data." if which == BOTH else ""
    st.caption(f"Click a run below the chart to highlight its curves; click the chart to show all again.{dashed}")


def _choice(name: str, label: str, options: dict[str, str], default: str) -> str:
    kept = address.kept(name, default, address.one_of(options), "compare")
    chosen: str = st.selectbox(label, list(options), format_func=options.__getitem__, width=160, **kept)
    return chosen


def _smoothing(text: str) -> float | None:
    number = address.number(text)
    return number if number is not None and 0 <= number <= MAX_SMOOTH else None


def _lines(
    one: Told, points: dict[str, list[tuple[int, float]]], metric: str, which: str, axis: str, weight: float
) -> list[Line]:
    """Return the curves of a run. One that was trained without validation has the curve of its training instead."""
    curves = {TRAINING: points.get(metric, []), VALIDATION: points.get(f"val_{metric}", [])}
    wanted = list(curves) if which == BOTH else [which if curves[which] else TRAINING]
    scale = 1.0 if axis == EPOCH else seconds_an_epoch(one.run)
    found = []
    for name in wanted:
        steps, values = [step * scale for step, _ in curves[name]], [value for _, value in curves[name]]
        found.append(Line(one.name, name, list(zip(steps, charting.smooth(values, weight), strict=True))))
        if weight:
            found.append(Line(one.name, name, list(zip(steps, values, strict=True)), is_faint=True))
    return found


def seconds_an_epoch(run: Run) -> float:
    """Return how long an epoch of a run took on average; 0 before the first."""
    if not run.epoch or run.epoch_at is None or run.started is None:
        return 0.0
    seconds = run.train_seconds if run.train_seconds is not None else (run.epoch_at - run.started).total_seconds()
    return seconds / run.epoch
