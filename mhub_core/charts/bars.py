"""Horizontal bars with names that may be long: confidences, class balance, scores per class."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import altair as alt

from mhub_core.charts import palette
from mhub_core.charts.spec import ROWS, Spec, draft, fill

_BAR = 34


@cache
def _draft(value_title: str) -> Spec:
    name = alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=120, ticks=False, domain=False))
    value = alt.X("value:Q", title=value_title, axis=alt.Axis(tickCount=3), scale=alt.Scale(domainMin=0, nice=False))
    base = alt.Chart(ROWS).encode(
        x=value, y=name, tooltip=[alt.Tooltip("name:N", title="Name"), alt.Tooltip("text:N", title=value_title)]
    )
    color = alt.condition("datum.lead", alt.value(palette.BLUE), alt.value(palette.LIGHT_BLUE))
    bars = base.mark_bar(stroke=palette.INK, strokeWidth=1).encode(color=color)
    # An unseen mark as wide as the words keeps room for them at the end of the longest bar.
    room = alt.Chart(ROWS).mark_point(opacity=0).encode(x="room:Q")
    words = base.mark_text(align="left", dx=6).encode(text="text:N", color=alt.value(palette.INK))
    return draft(alt.layer(room, bars, words))


def bars(names: Sequence[str], values: Sequence[float], texts: Sequence[str], title: str, lead: int | None = None) -> Spec:
    """Draw one bar for each name, in the given order, its text at the end; `lead` is the index of the one that stands out."""
    room = max(values, default=0.0) * 1.45
    rows = [
        {"name": name, "value": value, "text": text, "lead": index == lead, "room": room}
        for index, (name, value, text) in enumerate(zip(names, values, texts, strict=True))
    ]
    return fill(_in_order(_draft(title), names), rows, height=70 + _BAR * len(rows))


def _in_order(spec: Spec, names: Sequence[str]) -> Spec:
    """Return the spec with the order of the names in it: else a browser keeps that of the rows it drew the chart with first."""

    def ordered(layer: Spec) -> Spec:
        encoding = layer["encoding"]
        return {**layer, "encoding": {**encoding, "y": {**encoding["y"], "sort": list(names)}}} if "y" in encoding else layer

    return {**spec, "layer": [ordered(layer) for layer in spec["layer"]]}


def confidences(classes: Sequence[str], probabilities: Sequence[float], most: int = 20) -> Spec:
    """Draw how sure a model is of each class, the surest first; of very many classes only the `most` surest."""
    ranked = sorted(zip(classes, probabilities, strict=True), key=lambda pair: -pair[1])[:most]
    names, values = [name for name, _ in ranked], [float(value) for _, value in ranked]
    return bars(names, values, [f"{value:.1%}" for value in values], "Confidence", lead=0)


def class_balance(classes: Sequence[str], counts: Sequence[int]) -> Spec:
    """Draw how many rows or images each class has."""
    return bars(classes, list(counts), [f"{count:,}" for count in counts], "Number")


def class_scores(classes: Sequence[str], scores: Sequence[float], title: str) -> Spec:
    """Draw one score between 0 and 1 for each class."""
    return bars(classes, list(scores), [f"{score:.3f}" for score in scores], title)
