"""Charts of several runs: their curves on each other, a setting against a score, each run as a line through its numbers."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import altair as alt

from mhub_core.charts import palette
from mhub_core.charts.confusion import MOST_COUNTS, label_angle, text_size
from mhub_core.charts.spec import ROWS, Rows, Spec, draft, fill

Points = list[tuple[float, float]]
TRAINING, VALIDATION = "training", "validation"


@dataclass(frozen=True)
class Line:
    """One curve of one run. `is_faint`: drawn pale behind the others, such as what was there before it was smoothed.

    `part` tells apart the curves of several runs under one name.
    """

    run: str
    curve: str
    points: Points
    is_faint: bool = False
    part: int = 0


def mean_curve(curves: Sequence[Points]) -> Points:
    """Return at each place the mean of the curves that have a value there that is finite."""
    found: dict[float, list[float]] = {}
    for curve in curves:
        for x, value in curve:
            if math.isfinite(value):
                found.setdefault(x, []).append(value)
    return [(x, statistics.fmean(values)) for x, values in sorted(found.items())]


def smooth(values: Sequence[float], weight: float) -> list[float]:
    """Return the moving average in which each value counts `weight` (0 to below 1) times as much as the one after it.

    The start is corrected as in Adam (Kingma and Ba 2015, section 3), so that it does not begin near 0. Values that are not
    finite stay as they are and count for nothing.
    """
    average, seen, smoothed = 0.0, 0.0, []
    for value in values:
        if math.isfinite(value):
            average, seen = weight * average + (1 - weight) * value, weight * seen + (1 - weight)
        smoothed.append(average / seen if math.isfinite(value) else value)
    return smoothed


_AS_DRAWING = {"embedOptions": {"renderer": "svg"}}  # so that it can be saved as one, see `static/drawing.js`
_PLOT = 300  # pixels of height, without the legend, which takes its place from the height of the whole
_LEGEND_ROW = 26
_DASHES = ([1, 0], [8, 4])  # of the runs that have a colour to themselves, and of those that have it for the second time


def _height(names: Sequence[str]) -> int:
    return _PLOT + _LEGEND_ROW * len(names)


def _highlight(names: Sequence[str]) -> tuple[alt.Parameter, alt.Color, alt.StrokeDash]:
    """Return what a click on the legend chooses, and the colours of the runs; where colours repeat, the lines are dashed."""
    chosen = alt.selection_point(name="chosen", fields=["run"], bind="legend")
    legend = alt.Legend(orient="bottom", columns=1, labelLimit=320, symbolType="stroke", symbolOpacity=1, rowPadding=2)
    numbers = range(len(names))
    colors = alt.Scale(domain=list(names), range=[palette.RUNS[number % len(palette.RUNS)] for number in numbers])
    dashes = alt.Scale(domain=list(names), range=[_DASHES[number // len(palette.RUNS) % len(_DASHES)] for number in numbers])
    color = alt.Color("run:N", title=None, scale=colors, legend=legend)
    return chosen, color, alt.StrokeDash("run:N", title=None, scale=dashes, legend=legend)


def overlaid(lines: Sequence[Line], names: Sequence[str], title: str, x_title: str, is_log: bool = False) -> Spec:
    """Draw one metric of several runs, in the order and colours of `names`: training thinner than validation.

    Values that are not finite leave a gap, and on a logarithmic axis those that are not positive.
    """
    rows = [
        {
            "x": x,
            "value": value,
            "run": line.run,
            "curve": line.curve,
            "faint": line.is_faint,
            "line": f"{line.run}{line.is_faint}{line.part}",
        }
        for line in lines
        for x, value in line.points
        if math.isfinite(value) and (value > 0 or not is_log)
    ]
    has_faint = any(row["faint"] for row in rows)
    spec = _overlaid(tuple(names), title, x_title, is_log, has_faint)
    return fill(spec, rows, height=_height(names), usermeta=_AS_DRAWING)


@cache
def _axis(title: str, is_whole: bool) -> alt.X:
    axis = alt.Axis(tickMinStep=1, format="d", grid=False) if is_whole else alt.Axis(grid=False)
    return alt.X("x:Q", title=title, axis=axis, scale=alt.Scale(nice=False, zero=False, padding=8))


@lru_cache(maxsize=64)
def _overlaid(names: tuple[str, ...], title: str, x_title: str, is_log: bool, has_faint: bool) -> Spec:
    """Draw up the layers that the rows need: one that finds no rows of its own has no extent, of which Vega warns."""
    chosen, color, dash = _highlight(names)
    scale = alt.Scale(type="log") if is_log else alt.Scale(zero=False)
    width = alt.condition(f"datum.curve == '{TRAINING}'", alt.value(1.5), alt.value(3))
    base = alt.Chart(ROWS).encode(
        x=_axis(x_title, x_title == "Epoch"),
        y=alt.Y("value:Q", title=None, scale=scale, axis=alt.Axis(tickCount=5)),
        color=color,
        strokeDash=dash,
        detail=["curve:N", "line:N"],
        tooltip=[
            alt.Tooltip("run:N", title="Run"),
            alt.Tooltip("curve:N", title="Curve"),
        ],
    )
    strong = base.transform_filter("!datum.faint").mark_line().add_params(chosen)
    strong = strong.encode(strokeWidth=width, opacity=alt.condition(chosen, alt.value(1), alt.value(0.12)))
    faint = base.transform_filter("datum.faint").mark_line(strokeWidth=1.5)
    faint = faint.encode(opacity=alt.condition(chosen, alt.value(0.3), alt.value(0.04)))
    return draft(alt.layer(*([faint] if has_faint else []), strong).properties(title=title))


def scatter(rows: Sequence[Mapping[str, Any]], names: Sequence[str], x_title: str, y_title: str) -> Spec:
    """Draw a setting against a score, a dot for each run: `[{"run", "x", "y"}, ...]`, the colours in the order of `names`."""
    chosen, color, _ = _highlight(names)
    dots = (
        alt.Chart(ROWS)
        .mark_circle(size=160)
        .encode(
            x=alt.X("x:Q", title=x_title, scale=alt.Scale(zero=False, nice=True, padding=14), axis=alt.Axis(tickCount=5)),
            y=alt.Y("y:Q", title=y_title, scale=alt.Scale(zero=False, nice=True), axis=alt.Axis(tickCount=5)),
            color=color,
            opacity=alt.condition(chosen, alt.value(0.9), alt.value(0.12)),
            tooltip=[
                alt.Tooltip("run:N", title="Run"),
                alt.Tooltip("x:Q", title=x_title, format=".6~g"),
                alt.Tooltip("y:Q", title=y_title, format=".4g"),
            ],
        )
        .add_params(chosen)
    )
    return fill(draft(dots), [dict(row) for row in rows], height=_height(names))


def parallel(numbers: Mapping[str, Mapping[str, float]], names: Sequence[str]) -> Spec:
    """Draw each run as a line through its numbers, `{"Batch size": {run: 32, ...}, ...}`: each axis from its least to its
    greatest value.
    """
    rows: Rows = []
    for axis, values in numbers.items():
        least, greatest = min(values.values()), max(values.values())
        width = greatest - least
        for run, value in values.items():
            place = (value - least) / width if width else 0.5
            rows.append({"run": run, "axis": axis, "place": place, "value": value})
        rows.append({"run": "", "axis": axis, "place": -0.1, "end": f"{least:.4g}"})
        rows.append({"run": "", "axis": axis, "place": 1.1, "end": f"{greatest:.4g}"})
    return fill(_parallel(tuple(names), tuple(numbers)), rows, height=_height(names))


@lru_cache(maxsize=64)
def _parallel(names: tuple[str, ...], axes: tuple[str, ...]) -> Spec:
    chosen, color, dash = _highlight(names)
    x = alt.X("axis:N", title=None, sort=list(axes), axis=alt.Axis(labelAngle=-30, domain=False, ticks=False, grid=True))
    y = alt.Y("place:Q", title=None, axis=None, scale=alt.Scale(domain=[-0.2, 1.2]))
    base = alt.Chart(ROWS).encode(x=x, y=y)
    lines = (
        base.transform_filter("datum.run")
        .mark_line(strokeWidth=3, point=alt.OverlayMarkDef(size=80))
        .encode(
            color=color,
            strokeDash=dash,
            opacity=alt.condition(chosen, alt.value(0.9), alt.value(0.08)),
            tooltip=[
                alt.Tooltip("run:N", title="Run"),
                alt.Tooltip("axis:N", title="Of"),
                alt.Tooltip("value:Q", title="Value", format=".6~g"),
            ],
        )
        .add_params(chosen)
    )
    ends = base.transform_filter("datum.end").mark_text(fontSize=15, color=palette.INK).encode(text="end:N")
    return draft(alt.layer(lines, ends))


def difference(one: Sequence[Sequence[int]], other: Sequence[Sequence[int]], classes: Sequence[str]) -> Spec:
    """Draw by how many percentage points the share of each cell of a confusion matrix rose (blue) or fell (orange)."""
    size = text_size(len(classes))
    rows = [
        {
            "truth": classes[i],
            "answer": classes[j],
            "change": change,
            "text": f"{100 * change:+.0f}" if abs(change) >= 0.005 and len(classes) <= MOST_COUNTS else "",
            "size": size,
        }
        for i in range(len(classes))
        for j in range(len(classes))
        for change in [other[i][j] / max(1, sum(other[i])) - one[i][j] / max(1, sum(one[i]))]
    ]
    return fill(_difference(label_angle(classes)), rows, height=min(640, 130 + 32 * len(classes)))


@cache
def _difference(angle: int) -> Spec:
    answer = alt.X("answer:N", title="Predicted", sort=None, axis=alt.Axis(orient="top", labelAngle=angle, labelLimit=90))
    truth = alt.Y("truth:N", title="True", sort=None, axis=alt.Axis(labelLimit=90))
    scale = alt.Scale(domain=[-1, 0, 1], range=[palette.ORANGE, palette.PAPER, palette.BLUE], interpolate="rgb")
    tooltip = [
        alt.Tooltip("truth:N", title="True"),
        alt.Tooltip("answer:N", title="Predicted"),
        alt.Tooltip("change:Q", title="Change of its share", format="+.1%"),
    ]
    base = alt.Chart(ROWS).encode(x=answer, y=truth, tooltip=tooltip)
    cells = base.mark_rect(stroke=palette.GRID).encode(color=alt.Color("change:Q", scale=scale, legend=None))
    ink = alt.condition("abs(datum.change) > 0.7", alt.value(palette.PAPER), alt.value(palette.INK))
    texts = base.mark_text().encode(text="text:N", color=ink, size=alt.Size("size:Q", scale=None, legend=None))
    return draft(cells + texts)
