"""Puts a chart on the page."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import streamlit as st


def show(spec: dict[str, Any], words: str, key: str | None = None) -> None:
    """Draw a spec of `mhub_core.charts` as wide as there is room. `words` say what it shows to those who do not see it.

    The rows go as an Arrow table: Streamlit would make one by way of pandas, which takes ten times as long.
    """
    rows = spec.get("data", {}).get("values")
    if rows:
        spec = {name: value for name, value in spec.items() if name != "data"}
    st.vega_lite_chart(_table(rows) if rows else None, spec, width="stretch", theme=None, key=key, alt=words)


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: [row.get(name) for row in rows] for name in names})
