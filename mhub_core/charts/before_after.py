"""Counts before a step and after it, beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import altair as alt

from mhub_core.charts import palette
from mhub_core.charts.spec import ROWS, Spec, draft, fill

_WHEN = ("before", "after")
_BAR = 26
_AROUND = 110  # the legend and the axis


@cache
def _draft() -> Spec:
    color = alt.Scale(domain=list(_WHEN), range=[palette.GRAY, palette.BLUE])
    bars = (
        alt.Chart(ROWS)
        .mark_bar()
        .encode(
            y=alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=140, ticks=False)),
            yOffset=alt.YOffset("when:N", sort=list(_WHEN)),
            x=alt.X("count:Q", title="Rows", axis=alt.Axis(tickCount=3, tickMinStep=1)),
            color=alt.Color("when:N", scale=color, legend=alt.Legend(title=None, orient="top")),
            tooltip=[
                alt.Tooltip("name:N", title="Value"),
                alt.Tooltip("when:N", title="When"),
                alt.Tooltip("count:Q", title="Rows"),
            ],
        )
    )
    return draft(bars)


def before_after(names: Sequence[str], before: Sequence[int], after: Sequence[int]) -> Spec:
    """Draw two bars for each name, in the given order. What is nothing on both sides is left out."""
    shown = [(name, *counts) for name, *counts in zip(names, before, after, strict=True) if any(counts)]
    rows = [
        {"name": name, "when": when, "count": count} for name, *counts in shown for when, count in zip(_WHEN, counts, strict=True)
    ]
    spec = _draft()
    encoding = spec["encoding"]
    ordered = {**encoding, "y": {**encoding["y"], "sort": [name for name, *_ in shown]}}
    return fill({**spec, "encoding": ordered}, rows, height=_AROUND + _BAR * len(shown))
