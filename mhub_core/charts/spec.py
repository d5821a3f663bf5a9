"""What all charts share: the look, and how a chart drawn up once is filled with rows.

Drawing up a chart with Altair takes about 40 ms, filling a spec takes microseconds: so a chart is drawn up once for a process and
its spec kept; only the rows change.
"""

from __future__ import annotations

from typing import Any

import altair as alt

from mhub_core.charts import palette

Spec = dict[str, Any]
Rows = list[dict[str, Any]]

ROWS = alt.InlineData(values=[], name="rows")
_FONT = "VT323, ui-monospace, Menlo, Consolas, monospace"
# Body text of the page is 18 px; charts are read from the last row of a classroom.
_TEXT = 18
# Each side by itself: Streamlit would put a bottom of its own in the place of one number for all.
_PADDING = {"left": 8, "top": 8, "right": 8, "bottom": 8}


def draft(chart: alt.LayerChart | alt.FacetChart | alt.Chart, height: int = 300) -> Spec:
    """Return the spec of a chart in the hub's look, without rows. Keep it: this is the slow part."""
    chart = (
        chart.properties(height=height, padding=_PADDING)
        .configure(font=_FONT, background=palette.PAPER)
        .configure_axis(
            labelFont=_FONT,
            labelFontSize=_TEXT,
            labelColor=palette.INK,
            labelLimit=150,
            titleFont=_FONT,
            titleFontSize=_TEXT,
            titleFontWeight="normal",
            titleColor=palette.INK,
            gridColor=palette.GRID,
            domainColor=palette.INK,
            tickColor=palette.INK,
        )
        .configure_legend(labelFont=_FONT, labelFontSize=_TEXT, symbolSize=160, symbolStrokeWidth=4, labelColor=palette.INK)
        .configure_text(fontSize=_TEXT, font=_FONT)
        .configure_title(font=_FONT, fontSize=_TEXT + 2, fontWeight="normal", anchor="start", color=palette.INK)
        .configure_view(stroke=palette.GRAY)
    )
    return chart.to_dict()


def fill(spec: Spec, rows: Rows, **properties: Any) -> Spec:
    """Return a spec with these rows, and with other top-level properties such as `height` replaced."""
    return {**spec, "data": {"values": rows}, **properties}
