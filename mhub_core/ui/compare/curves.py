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

Points = list[tuple[int, float]]  # epoch, value
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
    lines = [line for one in told for line in _lines(one, comparison.points, metric, which, axis, smooth)]
    x_title = "Epoch" if axis == EPOCH else "Training time in seconds"
    spec = charting.overlaid(lines, [one.name for one in told], live_words.title(metric), x_title, is_log)
    charts.show(spec, f"{live_words.title(metric)} of {len(told)} runs.", key="compare_curves")
    st.html("<button type='button' class='mhub-svg' data-name='curves'>Download as SVG</button>")
    dashed = " The thin curves were measured on the training data." if which == BOTH else ""
    seeds = (
        " The pale curves are single seeds, the strong one is their mean." if any(len(one.members) > 1 for one in told) else ""
    )
    st.caption(
        f"Click a run below the chart to highlight its curves; click the chart to show all again.{dashed}{seeds} "
        "The toolbar over the chart saves it as PNG."
    )


def _choice(name: str, label: str, options: dict[str, str], default: str) -> str:
    kept = address.kept(name, default, address.one_of(options), "compare")
    chosen: str = st.selectbox(label, list(options), format_func=options.__getitem__, width=160, **kept)
    return chosen


def _smoothing(text: str) -> float | None:
    number = address.number(text)
    return number if number is not None and 0 <= number <= MAX_SMOOTH else None


def _lines(one: Told, points: dict[int, dict[str, Points]], metric: str, which: str, axis: str, weight: float) -> list[Line]:
    """Return the curves of a run, or of several seeds their mean before each. Runs without validation have those of training."""
    found = []
    of_runs = [_curves(run, points[run.id], metric, axis) for run in one.members]
    has_both = any(curves[VALIDATION] for curves in of_runs)
    for name in (TRAINING, VALIDATION) if which == BOTH else [which if has_both else TRAINING]:
        measured = [curves[name] for curves in of_runs]
        shown = measured[0] if len(measured) == 1 else charting.mean_curve(measured)
        values = charting.smooth([value for _, value in shown], weight)
        found.append(Line(one.name, name, [(x, value) for (x, _), value in zip(shown, values, strict=True)]))
        if weight or len(measured) > 1:
            found += [Line(one.name, name, curve, is_faint=True, part=part) for part, curve in enumerate(measured)]
    return found


def _curves(run: Run, points: dict[str, Points], metric: str, axis: str) -> dict[str, list[tuple[float, float]]]:
    """Return the curve of training and that of validation, along the axis."""
    scale = 1.0 if axis == EPOCH else seconds_an_epoch(run)
    named = {TRAINING: metric, VALIDATION: f"val_{metric}"}
    return {curve: [(step * scale, value) for step, value in points.get(name, [])] for curve, name in named.items()}


def seconds_an_epoch(run: Run) -> float:
    """Return how long an epoch of a run took on average; 0 before the first."""
    if not run.epoch or run.epoch_at is None or run.started is None:
        return 0.0
    seconds = run.train_seconds if run.train_seconds is not None else (run.epoch_at - run.started).total_seconds()
    return seconds / run.epoch
