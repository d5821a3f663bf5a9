"""Charts of series: one of them, and the mean of each class."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import altair as alt

from mhub_core.charts import palette
from mhub_core.charts.spec import ROWS, Spec, draft, fill

MAX_STEPS = 400  # that are drawn of one line: a screen has no more
_NEAR = alt.Scale(zero=False, nice=True)
_STEP = alt.X("step:Q", title="Step", axis=alt.Axis(tickCount=4, grid=False, format="d"), scale=alt.Scale(nice=False))
Values = Sequence[Sequence[float | None]]  # by channel


def color_of(number: int) -> str:
    """Return the color of a line by its number."""
    return palette.RUNS[number % len(palette.RUNS)]


def _colors(names: tuple[str, ...], is_shown: bool) -> alt.Color:
    legend = alt.Legend(orient="top", columns=3, symbolType="stroke", symbolOpacity=1, labelLimit=150) if is_shown else None
    colors = [color_of(number) for number in range(len(names))]
    return alt.Color("line:N", title=None, scale=alt.Scale(domain=list(names), range=colors), legend=legend)


@cache
def _series(names: tuple[str, ...], has_legend: bool) -> Spec:
    tooltip = [
        alt.Tooltip("line:N", title="Channel"),
        alt.Tooltip("step:Q", title="Step", format="d"),
        alt.Tooltip("value:Q", title="Value", format=".4g"),
    ]
    lines = alt.Chart(ROWS).mark_line(strokeWidth=2)
    y = alt.Y("value:Q", title=None, scale=_NEAR, axis=alt.Axis(tickCount=3))
    x = _STEP if has_legend else _STEP.copy().title(None)
    height = 240 if has_legend else 150
    return draft(lines.encode(x=x, y=y, color=_colors(names, has_legend and len(names) > 1), tooltip=tooltip), height=height)


def series(values: Values, channels: Sequence[str], has_legend: bool = True) -> Spec:
    """Draw one series, a line for each channel; a small one without a legend. Missing values leave gaps; of very many steps some
    are drawn."""
    rows: list[dict[str, Any]] = []
    for name, line in zip(channels, values, strict=False):
        leap = -(-len(line) // MAX_STEPS) if line else 1
        rows += [{"line": name, "step": step + 1, "value": line[step]} for step in range(0, len(line), leap)]
    return fill(_series(tuple(channels[: len(values)]), has_legend), rows)


@cache
def _means(names: tuple[str, ...], title: str) -> Spec:
    base = alt.Chart(ROWS).encode(x=_STEP, color=_colors(names, len(names) > 1))
    around = base.mark_area(opacity=0.15).encode(y=alt.Y("low:Q", title=None, scale=_NEAR), y2="high:Q")
    tooltip = [
        alt.Tooltip("line:N", title="Class"),
        alt.Tooltip("step:Q", title="Step", format="d"),
        alt.Tooltip("mean:Q", title="Mean", format=".4g"),
    ]
    lines = base.mark_line(strokeWidth=3).encode(y=alt.Y("mean:Q", title=None, scale=_NEAR), tooltip=tooltip)
    return draft(alt.layer(around, lines).properties(title=title), height=280)


def means(classes: Sequence[tuple[str, Sequence[float], Sequence[float]]], title: str, steps: int) -> Spec:
    """Draw the mean of each class, as `(name, means, deviations)`, with one deviation around it. `steps`: of the whole series."""
    rows = [
        {"line": name, "step": 1 + place * (steps - 1) / max(1, len(mean) - 1), "mean": one, "low": one - off, "high": one + off}
        for name, mean, spread in classes
        for place, (one, off) in enumerate(zip(mean, spread, strict=True))
    ]
    return fill(_means(tuple(name for name, _, _ in classes), title), rows)
