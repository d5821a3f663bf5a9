"""The target of a table against one of its columns: numbers by group, shares of classes by value, two numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import altair as alt

from mhub_core.charts import palette
from mhub_core.charts.spec import ROWS, Spec, draft, fill

_BAND = 34
_NAMES = alt.Axis(labelLimit=120, ticks=False, domain=False)
_PARTS = ("low", "first", "median", "third", "high")


@cache
def _boxes(title: str) -> Spec:
    names = alt.Y("group:N", title=None, sort=None, axis=_NAMES)
    tooltip = [
        alt.Tooltip("group:N", title="Group"),
        alt.Tooltip("rows:Q", title="Rows", format=","),
        *(
            alt.Tooltip(f"{part}:Q", title=words, format=".4g")
            for part, words in zip(_PARTS, ("5 %", "25 %", "Median", "75 %", "95 %"), strict=True)
        ),
    ]
    near = alt.Scale(zero=False, nice=True)
    base = alt.Chart(ROWS).encode(y=names, tooltip=tooltip)
    whole = base.mark_rule(color=palette.INK).encode(
        x=alt.X("low:Q", title=title, scale=near, axis=alt.Axis(tickCount=5)), x2="high:Q"
    )
    half = base.mark_bar(color=palette.LIGHT_BLUE, stroke=palette.INK, strokeWidth=1, height=16).encode(x="first:Q", x2="third:Q")
    median = base.mark_tick(color=palette.INK, thickness=3, size=22).encode(x="median:Q")
    return draft(alt.layer(whole, half, median))


def boxes(groups: Sequence[Sequence[Any]], title: str) -> Spec:
    """Draw for each `(name, rows, *parts)` where its numbers lie: a line from 5 to 95 %, a box from 25 to 75 %, the median."""
    rows = [{"group": name, "rows": number, **dict(zip(_PARTS, parts, strict=True))} for name, number, *parts in groups]
    return fill(_in_order(_boxes(title), [row["group"] for row in rows]), rows, height=70 + _BAND * len(rows))


def _in_order(spec: Spec, names: Sequence[str]) -> Spec:
    """Return the spec with the order of the names in it, so that a browser does not keep that of other rows."""
    layers = [
        {**layer, "encoding": {**layer["encoding"], "y": {**layer["encoding"]["y"], "sort": list(names)}}}
        for layer in spec["layer"]
    ]
    return {**spec, "layer": layers}


def shares(rows: Sequence[Sequence[Any]]) -> Spec:
    """Draw for each value of a column, as `(value, class, rows, share)`, which share of its rows each class has."""
    told = [dict(zip(("value", "class", "rows", "share"), row, strict=True)) for row in rows]
    values = list(dict.fromkeys(row["value"] for row in told))
    classes = sorted({row["class"] for row in told})
    colors = [palette.RUNS[number % len(palette.RUNS)] for number in range(len(classes))]
    legend = alt.Legend(orient="bottom", columns=2, labelLimit=150, symbolType="square")
    bars = (
        alt.Chart(ROWS)
        .mark_bar(stroke=palette.PAPER, strokeWidth=1)
        .encode(
            y=alt.Y("value:N", title=None, sort=values, axis=_NAMES),
            x=alt.X("share:Q", title="Share of the rows", stack="zero", axis=alt.Axis(tickCount=4, format="%")),
            color=alt.Color("class:N", title=None, scale=alt.Scale(domain=classes, range=colors), legend=legend),
            tooltip=[
                alt.Tooltip("value:N", title="Value"),
                alt.Tooltip("class:N", title="Class"),
                alt.Tooltip("rows:Q", title="Rows", format=","),
                alt.Tooltip("share:Q", title="Share", format=".1%"),
            ],
        )
    )
    return fill(draft(bars), told, height=90 + 13 * len(classes) + _BAND * len(values))


def points(rows: Sequence[Sequence[float]], x_title: str, y_title: str) -> Spec:
    """Draw a dot for each `(x, y)`."""
    near = alt.Scale(zero=False, nice=True)
    dots = (
        alt.Chart(ROWS)
        .mark_circle(size=60, opacity=0.5, color=palette.BLUE)
        .encode(
            x=alt.X("x:Q", title=x_title, scale=near, axis=alt.Axis(tickCount=5)),
            y=alt.Y("y:Q", title=y_title, scale=near, axis=alt.Axis(tickCount=5)),
            tooltip=[alt.Tooltip("x:Q", title=x_title, format=".4g"), alt.Tooltip("y:Q", title=y_title, format=".4g")],
        )
    )
    return fill(draft(dots), [{"x": x, "y": y} for x, y in rows], height=340)
