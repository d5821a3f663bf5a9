"""Large numbers beside each other, each with its name and a sentence. All are one element, for every element has its cost."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class Figure:
    """A value with its name and, below it, what it means. All three are shown as they were typed."""

    name: str
    value: str
    help: str = ""

    def to_html(self) -> str:
        """Return it as a part of a description list."""
        explained = f"<dd class='help'>{html.escape(self.help)}</dd>" if self.help else ""
        return f"<div><dt>{html.escape(self.name)}</dt><dd>{html.escape(self.value)}</dd>{explained}</div>"


def show(figures: Iterable[Figure]) -> None:
    """Draw figures, in as many rows as they need; without any, nothing."""
    if drawn := "".join(figure.to_html() for figure in figures):
        st.html(f"<dl class='mhub-figures'>{drawn}</dl>")
