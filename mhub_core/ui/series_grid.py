"""Series drawn as lines beside each other, each with a caption above it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from mhub_core.charts import lines
from mhub_core.ui import charts, pictures
from mhub_core.ui.page import plain

IN_A_LINE = 3
MAX_CHANNELS = 6


def draw(shown: Sequence[tuple[str, Any]], channels: Sequence[str], in_a_line: int = IN_A_LINE) -> None:
    """Draw series, given as captions and values by channel."""
    if len(channels) > 1 and shown:
        named = [(name, lines.color_of(number)) for number, name in enumerate(channels[:MAX_CHANNELS])]
        pictures.legend([(name, (int(hex[1:3], 16), int(hex[3:5], 16), int(hex[5:7], 16))) for name, hex in named])
    for first in range(0, len(shown), in_a_line):  # line by line, so that a phone shows them in order
        for (caption, values), place in zip(shown[first : first + in_a_line], st.columns(in_a_line), strict=False):
            with place:
                st.caption(plain(caption))
                charts.show(lines.series(values[:MAX_CHANNELS], channels, has_legend=False), f"A series: {caption}.")
    if len(channels) > MAX_CHANNELS and shown:
        st.caption(f"The first {MAX_CHANNELS} of {len(channels):,} channels.")
