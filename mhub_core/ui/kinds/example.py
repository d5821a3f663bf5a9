"""The choice of one of the examples that a model learned from."""

from __future__ import annotations

import random

import streamlit as st


def example_number(num_train: int, scope: str) -> int | None:
    """Choose a training example by its number, from 1, or let chance choose."""
    key = f"example_{scope}"

    def draw_lots() -> None:
        st.session_state[key] = random.randint(1, num_train)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = st.number_input("Training example", 1, num_train, None, key=key, placeholder="number", width=200)
        st.button("Random example", on_click=draw_lots, key=f"any_{scope}")
    return number
