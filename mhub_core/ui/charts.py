"""Puts a chart on the page."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import streamlit as st

_NAME = "rows_of_chart"


def show(spec: dict[str, Any], words: str, key: str | None = None) -> None:
    """Draw a spec of `mhub_core.charts` as wide as there is room. `words` say what it shows to those who do not see it.

    Nothing is drawn of no rows. The rows go as an Arrow table: Streamlit would make one by way of pandas, which takes ten times
    as long. The table has a name, because only named data are there when the browser draws a chart for the first time.
    """
    if rows := spec["data"]["values"]:
        named = {**spec, "data": {"name": _NAME}, "datasets": {_NAME: _table(rows)}}
        st.vega_lite_chart(None, named, width="stretch", theme=None, key=key, alt=words)


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: [row.get(name) for row in rows] for name in names})
