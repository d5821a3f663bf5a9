"""Pictures on a page: as HTML figures, perhaps with something laid over them."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence

import streamlit as st

Figure = tuple[bytes, bytes | None, str]  # a PNG, a transparent PNG to lay over it, a caption


def figures(shown: Sequence[Figure], opacity: float = 0.5, large: bool = False) -> None:
    """Draw pictures side by side; `opacity`, 0 to 1, is that of what is laid over them. Every caption is escaped here."""
    classes = "mhub-gallery large" if large else "mhub-gallery"
    st.html(f"<div class='{classes}'>{''.join(_figure(*one, opacity) for one in shown)}</div>")


def legend(named: Sequence[tuple[str, tuple[int, int, int]]]) -> None:
    """Draw which color is what. Every name is escaped here."""
    marks = [f"<span><i style='background: rgb{color}'></i>{html.escape(name)}</span>" for name, color in named]
    st.html(f"<div class='mhub-legend'>{''.join(marks)}</div>")


def _figure(png: bytes, over: bytes | None, caption: str, opacity: float) -> str:
    words = html.escape(caption, quote=True)
    picture = f"<img src='{_address(png)}' alt='{words}'>"
    if over is not None:
        laid = f"<img src='{_address(over)}' alt='' class='mhub-overlay' style='opacity: {opacity:.2f}'>"
        picture = f"<span class='mhub-layers'>{picture}{laid}</span>"
    return f"<figure>{picture}<figcaption>{words}</figcaption></figure>"


def _address(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def as_seen(png: bytes | None) -> None:
    """Show what a model sees, when that is a picture."""
    if png is not None:
        with st.container(key="picture"):
            st.image(png, caption="What the model sees", width=200)
