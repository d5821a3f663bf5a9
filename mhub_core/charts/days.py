"""A small chart of what happened on each of some days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache

import altair as alt

from mhub_core.charts import palette
from mhub_core.charts.spec import ROWS, Spec, draft, fill


@cache
def _draft(title: str) -> Spec:
    # As text, a day stays the day that it is in UTC wherever the browser is.
    axis = alt.Axis(labelAngle=0, ticks=False, labelExpr="datum.index % 9 == 0 ? slice(datum.value, 5) : ''", labelOverlap=False)
    bars = (
        alt.Chart(ROWS)
        .mark_bar(stroke=palette.INK, strokeWidth=1, color=palette.LIGHT_BLUE)
        .encode(
            x=alt.X("day:O", title=None, axis=axis, scale=alt.Scale(paddingInner=0.1)),
            y=alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=3, format="~g"), scale=alt.Scale(domainMin=0)),
            tooltip=[alt.Tooltip("day:N", title="Day"), alt.Tooltip("text:N", title=title)],
        )
    )
    return draft(bars, height=130)


def by_day(days: Sequence[date], values: Sequence[float], texts: Sequence[str], title: str) -> Spec:
    """Draw one bar for each day, in order; `texts` say each value in words."""
    rows = [{"day": day.isoformat(), "value": value, "text": text} for day, value, text in zip(days, values, texts, strict=True)]
    return fill(_draft(title), rows)
