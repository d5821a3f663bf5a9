"""How strongly columns go together, as a heat map."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import altair as alt

from mhub_core.charts import palette
from mhub_core.charts.spec import ROWS, Spec, draft, fill

_STEPS = [-1, -0.5, 0, 0.5, 1]
_COLORS = (palette.ORANGE, "#f0b088", palette.PAPER, "#8ec5f2", palette.BLUE)
_DARK = 0.8  # from here on white is easier to read than black
MAX_FIGURES = 14  # with more columns the figures no longer fit their cells; the tooltip still tells them


@cache
def _draft() -> Spec:
    names = alt.Axis(labelLimit=110, ticks=False, domain=False)
    base = alt.Chart(ROWS).encode(
        x=alt.X("other:N", title=None, sort=None, axis=alt.Axis(orient="top", labelAngle=-60, labelLimit=110)),
        y=alt.Y("one:N", title=None, sort=None, axis=names),
        tooltip=[
            alt.Tooltip("one:N", title="Column"),
            alt.Tooltip("other:N", title="With"),
            alt.Tooltip("words:N", title="Strength"),
        ],
    )
    heat = alt.Color("value:Q", scale=alt.Scale(domain=_STEPS, range=list(_COLORS), interpolate="rgb"), legend=None)
    cells = base.mark_rect(stroke=palette.GRID).encode(color=heat)
    ink = alt.condition(f"abs(datum.value) > {_DARK}", alt.value(palette.PAPER), alt.value(palette.INK))
    figures = base.mark_text(fontSize=15).encode(text="text:N", color=ink)
    return draft(alt.layer(cells, figures))


def heat_map(names: Sequence[str], values: Sequence[Sequence[float | None]]) -> Spec:
    """Draw -1 to 1 for each pair of columns; None, where one of them does not vary, is left empty."""
    few = len(names) <= MAX_FIGURES
    rows = [
        {
            "one": one,
            "other": other,
            "value": value,
            "words": f"{value:.2f}",
            "text": f"{value:.1f}".replace("0.", ".") if few else "",
        }
        for one, line in zip(names, values, strict=True)
        for other, value in zip(names, line, strict=True)
        if value is not None and one != other
    ]
    spec = _draft()
    layers = [_in_order(layer, list(names)) for layer in spec["layer"]]
    return fill({**spec, "layer": layers}, rows, height=150 + 28 * len(names))


def _in_order(layer: Spec, names: list[str]) -> Spec:
    """Return a layer with the order of the names in it, so that a browser does not keep that of other rows."""
    encoding = layer["encoding"]
    return {**layer, "encoding": {**encoding, **{side: {**encoding[side], "sort": names} for side in ("x", "y")}}}
