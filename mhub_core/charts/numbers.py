"""Charts of numbers: a histogram, and predictions against the truth."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import altair as alt

from mhub_core.charts import palette
from mhub_core.charts.spec import ROWS, Spec, draft, fill


@cache
def _histogram(title: str) -> Spec:
    bars = (
        alt.Chart(ROWS)
        .mark_bar(stroke=palette.INK, strokeWidth=1, color=palette.LIGHT_BLUE)
        .encode(
            x=alt.X("low:Q", bin="binned", title=title, scale=alt.Scale(zero=False, nice=False), axis=alt.Axis(tickCount=5)),
            x2="high:Q",
            y=alt.Y("count:Q", title="Count", axis=alt.Axis(tickMinStep=1, tickCount=5)),
            tooltip=[
                alt.Tooltip("low:Q", title="From", format=".4g"),
                alt.Tooltip("high:Q", title="To", format=".4g"),
                alt.Tooltip("count:Q", title="Count"),
            ],
        )
    )
    return draft(bars, height=260)


def histogram(edges: Sequence[float], counts: Sequence[int], title: str) -> Spec:
    """Draw counts between `edges`, as `numpy.histogram` gives them: one more edge than counts."""
    rows = [{"low": low, "high": high, "count": count} for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)]
    return fill(_histogram(title), rows)


@cache
def _scatter() -> Spec:
    near = alt.Scale(zero=False, nice=True)
    base = alt.Chart(ROWS)
    dots = (
        base.transform_filter("!datum.line")
        .mark_circle(size=70, opacity=0.55, color=palette.BLUE)
        .encode(
            x=alt.X("truth:Q", title="True", scale=near, axis=alt.Axis(tickCount=5)),
            y=alt.Y("answer:Q", title="Predicted", scale=near, axis=alt.Axis(tickCount=5)),
            tooltip=[
                alt.Tooltip("truth:Q", title="True", format=".4g"),
                alt.Tooltip("answer:Q", title="Predicted", format=".4g"),
            ],
        )
    )
    line = base.transform_filter("datum.line").mark_line(color=palette.INK, strokeDash=[6, 4]).encode(x="truth:Q", y="answer:Q")
    return draft(line + dots, height=340)


def truth_against_answer(truth: Sequence[float], answers: Sequence[float]) -> Spec:
    """Draw predictions against the truth; on the dashed line they are equal."""
    rows = [{"truth": true, "answer": answer, "line": False} for true, answer in zip(truth, answers, strict=True)]
    if rows:
        ends = (min(*truth, *answers), max(*truth, *answers))
        rows += [{"truth": end, "answer": end, "line": True} for end in ends]
    return fill(_scatter(), rows)
