"""The confusion matrix as a heat map: which class was taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import altair as alt

from mhub_core.charts import palette
from mhub_core.charts.spec import ROWS, Rows, Spec, draft, fill

# With more classes the counts no longer fit their cells on a phone; the tooltip still tells them.
MOST_COUNTS = 20
# Up to how many classes counts of three digits fit a phone in figures of which size.
_TEXT_SIZES = ((7, 18), (10, 16), (MOST_COUNTS, 12))
_LEVEL_LETTERS = 2  # names up to this length stand level over the columns; longer ones aslant
_STEPS = [0, 0.25, 0.5, 0.75, 1]
_DARK = 0.88  # from here on white is easier to read than black


def text_size(num_classes: int) -> int:
    """Return the size of the figures in the cells of a matrix of so many classes."""
    return next((size for most, size in _TEXT_SIZES if num_classes <= most), _TEXT_SIZES[-1][1])


def label_angle(classes: Sequence[str]) -> int:
    """Return by how many degrees the names over the columns are turned."""
    return 0 if max(map(len, classes), default=0) <= _LEVEL_LETTERS else -45


def _rows(matrix: Sequence[Sequence[int]], classes: Sequence[str]) -> Rows:
    return [
        {
            "truth": classes[i],
            "answer": classes[j],
            "count": count,
            "share": count / max(1, sum(row)),
            "text": str(count) if len(classes) <= MOST_COUNTS else "",
            "size": text_size(len(classes)),
        }
        for i, row in enumerate(matrix)
        for j, count in enumerate(row)
    ]


@cache
def _draft(angle: int) -> Spec:
    answer = alt.X("answer:N", title="Predicted", sort=None, axis=alt.Axis(orient="top", labelAngle=angle, labelLimit=90))
    truth = alt.Y("truth:N", title="True", sort=None, axis=alt.Axis(labelLimit=90))
    tooltip = [
        alt.Tooltip("truth:N", title="True"),
        alt.Tooltip("answer:N", title="Predicted"),
        alt.Tooltip("count:Q", title="Count"),
        alt.Tooltip("share:Q", title="Share of the true class", format=".1%"),
    ]
    base = alt.Chart(ROWS).encode(x=answer, y=truth, tooltip=tooltip)
    heat = alt.Color("share:Q", scale=alt.Scale(domain=_STEPS, range=list(palette.HEAT), interpolate="rgb"), legend=None)
    cells = base.mark_rect(stroke=palette.GRID).encode(color=heat)
    ink = alt.condition(f"datum.share > {_DARK}", alt.value(palette.PAPER), alt.value(palette.INK))
    counts = base.mark_text().encode(text="text:N", color=ink, size=alt.Size("size:Q", scale=None, legend=None))
    return draft(cells + counts)


def confusion(matrix: Sequence[Sequence[int]], classes: Sequence[str]) -> Spec:
    """Draw counts `matrix[truth][answer]`, coloured by their share of the true class, in the order of `classes`."""
    return fill(_draft(label_angle(classes)), _rows(matrix, classes), height=min(640, 130 + 32 * len(classes)))
