"""The curves of a training: training and validation over the epochs, with the best epoch marked."""

from __future__ import annotations

import math
from functools import cache

import altair as alt

from mhub_core.charts import palette
from mhub_core.charts.spec import ROWS, Rows, Spec, draft, fill

Points = list[tuple[int, float]]
# More points than this stand so close that dots only make the line thick.
_DOTS = 20


def best_point(points: dict[str, Points], metric: str, higher_is_better: bool) -> tuple[int, float] | None:
    """Return epoch and value of the best epoch: by validation when there is one, else by training."""
    candidates = [point for point in points.get(f"val_{metric}") or points.get(metric) or [] if math.isfinite(point[1])]
    if not candidates:
        return None
    sign = -1 if higher_is_better else 1
    return min(candidates, key=lambda point: sign * point[1])


def _rows(points: dict[str, Points], metric: str, higher_is_better: bool) -> Rows:
    best = best_point(points, metric, higher_is_better)
    marked = "validation" if points.get(f"val_{metric}") else "training"
    curves = {"training": points.get(metric, []), "validation": points.get(f"val_{metric}", [])}
    return [
        {
            "epoch": epoch,
            "value": value,
            "curve": curve,
            "dot": len(pairs) <= _DOTS,
            "best": best is not None and curve == marked and epoch == best[0],
        }
        for curve, pairs in curves.items()
        for epoch, value in pairs
        if math.isfinite(value)
    ]


@cache
def _draft(title: str, has_dots: bool, has_best: bool) -> Spec:
    """Draw up the layers that the rows need: one that finds no rows of its own has no extent, of which Vega warns."""
    legend = alt.Legend(orient="top", direction="horizontal", symbolType="stroke", symbolSize=700)
    names = alt.Scale(domain=list(palette.CURVES), range=list(palette.CURVES.values()))
    color = alt.Color("curve:N", title=None, scale=names, legend=legend)
    epoch = alt.X(
        "epoch:Q",
        title="Epoch",
        axis=alt.Axis(tickMinStep=1, format="d", grid=False),
        scale=alt.Scale(nice=False, zero=False, padding=14),
    )
    value = alt.Y("value:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5))
    base = alt.Chart(ROWS).encode(x=epoch, y=value, color=color)
    dashes = alt.Scale(domain=list(palette.CURVES), range=[[1, 0], [8, 3]])
    dash = alt.StrokeDash("curve:N", title=None, scale=dashes, legend=legend)
    layers = [base.mark_line(strokeWidth=3).encode(strokeDash=dash)]
    if has_dots:
        layers.append(base.mark_point(filled=True, size=60, opacity=1).transform_filter("datum.dot"))
    if has_best:  # without words, which would lie over a curve: the sentence below the chart begins with the mark
        mark = base.transform_filter("datum.best").mark_point(
            shape="diamond", size=260, filled=True, color=palette.INK, opacity=1
        )
        layers.append(mark.encode(color=alt.value(palette.INK)))
    tooltip = [
        alt.Tooltip("epoch:Q", title="Epoch"),
        alt.Tooltip("training:Q", title="Training", format=".4g"),
        alt.Tooltip("validation:Q", title="Validation", format=".4g"),
    ]
    nearest = alt.selection_point(
        name="nearest", nearest=True, on="pointerover", fields=["epoch"], empty=False, clear="pointerout"
    )
    ruler = (
        alt.Chart(ROWS)
        .transform_pivot("curve", value="value", groupby=["epoch"])
        .mark_rule(color=palette.GRAY, strokeWidth=2)
        .encode(x=epoch, opacity=alt.condition(nearest, alt.value(0.8), alt.value(0)), tooltip=tooltip)
        .add_params(nearest)
    )
    return draft(alt.layer(ruler, *layers).properties(title=title), height=280)


def curves(points: dict[str, Points], metric: str, title: str, higher_is_better: bool = False) -> Spec:
    """Draw one metric, such as `loss`, from points by name: `{"loss": [(1, 0.7), ...], "val_loss": [...]}`.

    Values that are not finite leave a gap.
    """
    rows = _rows(points, metric, higher_is_better)
    return fill(_draft(title, any(row["dot"] for row in rows), any(row["best"] for row in rows)), rows)


def metrics(points: dict[str, Points]) -> list[str]:
    """Return the metrics that have a curve, loss first, each once for training and validation together."""
    names = dict.fromkeys(name.removeprefix("val_") for name in points)
    return sorted(names, key=lambda name: name != "loss")
