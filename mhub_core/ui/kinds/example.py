"""What is given to a model to predict from, as the address keeps it: the number of a training example, and what was changed."""

from __future__ import annotations

import random
import re

import streamlit as st

from mhub_core.ui import address

EXAMPLE, WAY = "example", "input"
_VALUE = re.compile(r"value\d+")


def value_name(place: int) -> str:
    """Return under which name the address keeps the value of a column, by its place among the columns."""
    return f"value{place}"


def forget_values() -> None:
    """Forget what was changed: the fields go back to what they started with."""
    address.forget(*filter(_VALUE.fullmatch, address.names()))


def forget_all() -> None:
    """Forget everything, for another model."""
    address.forget(EXAMPLE, WAY)
    forget_values()


def example_number(num_train: int, scope: str) -> int | None:
    """Choose a training example by its number, from 1, or let chance choose."""

    def draw_lots() -> None:
        forget_values()
        address.put(EXAMPLE, random.randint(1, num_train))

    kept = address.kept(EXAMPLE, None, address.whole_number(1, num_train), f"example_{scope}", forget_values)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = f"Training example, 1 to {num_train:,}"
        number: int | None = st.number_input(label, 1, num_train, None, placeholder="number", width=250, **kept)
        st.button("Random example", on_click=draw_lots, key=f"any_{scope}")
    return number
