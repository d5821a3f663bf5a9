"""What the whole design comes to: weights, work, memory. It stands where a layer's form would, while nothing is selected."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mhub_core.ui.builder.desk_parts import Desk
from mhub_core.ui.dataset_words import counted
from mhub_core.ui.page import plain

LARGEST_BATCH = 65_536
_STEPS = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand"))


def draw(desk: Desk, facts: dict[str, Any] | None) -> None:
    """Draw the sums of the open design, once there is something to sum up."""
    if facts is not None and not facts["nodes"]:
        st.write("When you click a layer, its settings open here.")
        return
    st.write("Click a layer to open its settings here.")
    st.caption("The sizes of the input and the output are fitted to the dataset when you train the model.")
    if facts is None:
        st.caption("Size and cost of the model: waiting for the worker that computes them.")
        return
    totals = facts["totals"]
    rows = [
        f"**{totals['parameters']:,}** parameters{_trainable(totals)}",
        f"**{count_words(totals['multiply_adds'])}** multiply-adds (mult-adds) per example: "
        "each is one multiplication and one addition, the work of a prediction",
        f"**{size_words(totals['weight_bytes'])}** of memory for the parameters",
        f"about **{size_words(totals['activation_bytes'] * desk['view']['batch_size'])}** more during training, "
        "for the layer outputs of one batch",
    ]
    st.markdown("\n".join(f"- {row}" for row in rows))
    _batch_size(desk)


def _trainable(totals: dict[str, Any]) -> str:
    fixed = totals["parameters"] - totals["trainable_parameters"]
    return f", of them {totals['trainable_parameters']:,} trainable" if fixed else ", all trainable"


def _batch_size(desk: Desk) -> None:
    key = f"{desk['model_id']}_batch_size"

    def take() -> None:
        desk["view"]["batch_size"] = int(st.session_state[key] or 1)

    help = "How many examples the model processes at once during training. Larger batches are faster and take more memory."
    held = desk["view"]["batch_size"]
    st.number_input("Batch size", 1, LARGEST_BATCH, held, 1, key=key, help=help, on_change=take, width=170)


def line(num_layers: int, facts: dict[str, Any] | None) -> str:
    """Say the whole in one line."""
    words = counted(num_layers, "layer")
    if facts is None:
        return f"{words} · shapes and parameters: waiting for the worker that computes them; you can continue drawing"
    totals = facts["totals"]
    work = totals["multiply_adds"]
    broken = sum("error" in fact for fact in facts["nodes"].values())
    parts = [words, f"{totals['parameters']:,} parameters", f"{count_words(work)} multiply-adds per example" if work else ""]
    return plain(" · ".join(part for part in [*parts, f"{broken} with a problem" if broken else ""] if part))


def count_words(number: int) -> str:
    """Say a large number as people do: 300 million."""
    for size, word in _STEPS:
        if number >= size * 0.9995:
            return f"{_short(number / size)} {word}"
    return str(number)


def size_words(num_bytes: int) -> str:
    """Say an amount of memory: 13.6 MB."""
    for size, word in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if num_bytes >= size * 0.9995:
            return f"{_short(num_bytes / size)} {word}"
    return f"{num_bytes} bytes"


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 99.95 else f"{number:.3g}"
