"""Puts a chart on the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import streamlit as st

_NAME = "rows_of_chart"


@dataclass(frozen=True)
class Chart:
    """A chart made ready for the browser, which may be kept and drawn again. `spec` is None where there are no rows."""

    spec: dict[str, Any] | None
    words: str
    key: str | None

    def draw(self) -> None:
        """Draw it as wide as there is room; without rows, nothing."""
        if self.spec is not None:
            st.vega_lite_chart(None, self.spec, width="stretch", theme=None, key=self.key, alt=self.words)


def make(spec: dict[str, Any], words: str, key: str | None = None) -> Chart:
    """Make a spec of `mhub_core.charts` ready. `words` say what it shows to those who do not see it.

    The rows go as an Arrow table: Streamlit would make one by way of pandas, which takes ten times as long. The table has a
    name, because only named data are there when the browser draws a chart for the first time.
    """
    rows = spec["data"]["values"]
    named = {**spec, "data": {"name": _NAME}, "datasets": {_NAME: _table(rows)}} if rows else None
    return Chart(named, words, key)


def show(spec: dict[str, Any], words: str, key: str | None = None) -> None:
    """Draw a spec of `mhub_core.charts`, see `make`."""
    make(spec, words, key).draw()


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: [row.get(name) for row in rows] for name in names})
