"""How a segmentation looks: masks laid over pictures, and how well they lie on the true ones, class by class."""

from __future__ import annotations

import base64
from typing import Any

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.charts import bars
from mhub_core.data.records import DataSpec
from mhub_core.runs.records import Run
from mhub_core.tasks.segmentation import BACKGROUND, color_of
from mhub_core.ui import charts, pictures, run_examples, table
from mhub_core.ui.kinds.view import Given
from mhub_core.ui.page import window
from mhub_core.ui.pictures import Figure
from mhub_core.ui.tasks.view import Told

COLUMNS: tuple[str, ...] = ("Found", "Share of the image")
OPACITY = 0.5
WHAT_DICE_IS = (
    "Dice measures how well the predicted area overlaps the true one: twice the shared area, divided by the sum of both "
    "areas. 1 means a perfect match, 0 no overlap at all."
)


def asks(data: DataSpec) -> str:
    """Name the classes."""
    return f"a class for each pixel: {', '.join(data.classes[:12])}"


def caption(told: Told, data: DataSpec) -> str:
    """Name what is there."""
    found = [data.classes[number] for number, _ in _found(told)]
    return ", ".join(found) or "nothing"


def _found(told: Told) -> list[tuple[int, float]]:
    """Return the classes of a mask without the background, with their share of the image."""
    return [(number, share) for number, share in enumerate(told["shares"]) if share > 0 and number != BACKGROUND]


def overlay(told: Told, data: DataSpec) -> bytes:
    """Return the mask: its palette colours the classes, and the background is clear."""
    return base64.b64decode(told["mask"])


def groups(data: DataSpec) -> list[tuple[str, int]]:
    """An image shows several classes, so there are none."""
    return []


def target(data: DataSpec) -> None:
    """Draw how many pixels each class has."""
    pixels, total = data.target["pixels"], max(1, sum(data.target["pixels"]))
    words = "Pixels: " + ", ".join(f"{name} {count / total:.1%}" for name, count in zip(data.classes, pixels, strict=True))
    charts.show(bars.class_balance(list(data.classes), pixels), words)
    st.caption(f"Pixels of each class in the training images. {words}.")


def is_guessing(result: dict[str, Any]) -> bool:
    """Tell whether nothing but background was found."""
    return bool(result["scores"].get("dice", 1.0) == 0.0)


def legend(data: DataSpec) -> None:
    """Draw which colour is which class."""
    named = [(name, color_of(number)) for number, name in enumerate(data.classes)]
    pictures.legend([one for number, one in enumerate(named) if number != BACKGROUND])


def _opacity(key: str) -> float:
    return st.slider("Mask opacity", 0, 100, 60, step=5, format="%d %%", key=key) / 100


def result(viewer: User | None, run: Run) -> None:
    """Draw Dice and IoU of each class, and masks over open images."""
    found = run.result or {}
    if "per_class" not in found:
        return
    left, right = st.columns(2)
    with left, window("Results by class", key="per-class"):
        st.caption(WHAT_DICE_IS)
        columns = [table.Column("Class"), *(table.Column(title, number=True) for title in ("Dice", "IoU", "Pixels"))]
        rows = [(one["name"], f"{one['dice']:.3f}", f"{one['iou']:.3f}", f"{one['support']:,}") for one in found["per_class"]]
        table.show(columns, rows)
        names, dice = [one["name"] for one in found["per_class"]], [one["dice"] for one in found["per_class"]]
        charts.show(bars.class_scores(names, dice, "Dice"), "Dice of each class.")
    with right, window("Predicted masks", key="masks"):
        run_examples.show(run, "masks", _figure, _control)


def _figure(png: bytes, told: Told, data: DataSpec) -> Figure:
    return png, overlay(told, data), caption(told, data)


def _control(data: DataSpec) -> float:
    legend(data)
    return _opacity("mask_opacity")


def answer(told: Told, data: DataSpec, given: Given, seen: bytes | None) -> None:
    """Draw the mask over the picture, beside the true one where it is known, and how much of the image each class takes."""
    if seen is None:
        return
    legend(data)
    opacity = _opacity("answer_opacity")
    drawn = [(seen, overlay(told, data), "Prediction")]
    if given.truth is not None:
        drawn.append((seen, overlay(given.truth, data), "True mask"))
    pictures.figures(drawn, opacity, large=True)
    rows = [(data.classes[number], f"{share:.1%}") for number, share in _found(told)]
    if rows:
        table.show([table.Column("Found"), table.Column("Share of the image", number=True)], rows)
    else:
        st.write("The prediction contains only background.")


def cells(told: Told, data: DataSpec) -> tuple[str, str]:
    """Return what was found, and how much of the image that is."""
    return caption(told, data), f"{sum(share for _, share in _found(told)):.1%}"


def csv_head(data: DataSpec) -> tuple[str, ...]:
    """Name all classes."""
    return tuple(f"share of {name}" for name in data.classes)


def csv_cells(told: Told, data: DataSpec) -> tuple[str, ...]:
    """Return the share of each class."""
    return tuple(f"{share:.6f}" for share in told["shares"])
