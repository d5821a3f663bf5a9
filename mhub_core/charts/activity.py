"""The days of a year as small squares, a column for each week: how much somebody did on each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

import altair as alt

from mhub_core.charts import palette
from mhub_core.charts.spec import ROWS, Spec, draft, fill

WEEKS = 53
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_STEPS = (1, 2, 4, 8)  # from so many things on a day takes the next colour
_MONTH = "substring(datum.value, 8, 10) <= '07' ? timeFormat(toDate(datum.value), '%b') : ''"  # over the first week of each


@cache
def _draft() -> Spec:
    axis = alt.Axis(labelExpr=_MONTH, labelAngle=0, labelOverlap=False, ticks=False, domain=False, orient="top", labelFontSize=14)
    days = alt.Axis(values=["Mon", "Wed", "Fri"], ticks=False, domain=False)
    color = alt.Scale(type="threshold", domain=list(_STEPS), range=list(palette.HEAT))
    chart = alt.Chart(ROWS).mark_rect(stroke=palette.GRID, strokeWidth=1)
    return draft(
        chart.encode(
            x=alt.X("week:O", title=None, axis=axis),
            y=alt.Y("day:O", title=None, sort=list(_DAYS), axis=days),
            color=alt.Color("count:Q", scale=color, legend=None),
            tooltip=[alt.Tooltip("date:N", title="Day"), alt.Tooltip("count:Q", title="Runs, versions and datasets")],
        ),
        height=190,
    )


def activity(counts: Mapping[date, int], today: date) -> Spec:
    """Draw the days of the last 53 weeks, the last one up to `today`. Days without a count are empty."""
    monday = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    days = (monday + timedelta(days=number) for number in range((today - monday).days + 1))
    rows = [
        {
            "week": str(day - timedelta(days=day.weekday())),
            "day": _DAYS[day.weekday()],
            "date": str(day),
            "count": counts.get(day, 0),
        }
        for day in days
    ]
    return fill(_draft(), rows)
