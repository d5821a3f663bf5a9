"""How a detection looks: boxes drawn over pictures, and how well they are found, class by class."""

from __future__ import annotations

import io
from typing import Any

import streamlit as st
from PIL import Image, ImageDraw, ImageFont

from mhub_core.accounts.records import User
from mhub_core.charts import bars
from mhub_core.data.records import DataSpec
from mhub_core.runs.records import Run
from mhub_core.tasks.detection import SHOWN
from mhub_core.tasks.segmentation import color_of
from mhub_core.ui import charts, pictures, run_examples, table
from mhub_core.ui.kinds.view import Given
from mhub_core.ui.page import window
from mhub_core.ui.pictures import Figure
from mhub_core.ui.tasks.view import Told

COLUMNS: tuple[str, ...] = ("Found", "Highest confidence")
OPACITY = 1.0
WHAT_AP_IS = (
    "AP (average precision) is the area under the curve of precision over recall: 1 means that every object is found before any "
    "wrong box. A box is correct when its class is right and it overlaps a true box by half. Precision and recall count boxes "
    f"with a confidence of {SHOWN:.0%} or more."
)
_LONGER_SIDE = 640  # of a drawing, in its own pixels: it is laid over pictures of any size
_THICK, _LINE, _LETTERS = 14, 5, 26  # lines over small pictures, and those with names over large ones
_NAMED = 12  # boxes in an image that have room for names


def asks(data: DataSpec) -> str:
    """Name the classes."""
    return f"a box and a class for each object: {', '.join(data.classes[:12])}"


def caption(told: Told, data: DataSpec) -> str:
    """Count what is there."""
    names = [one["class"] for one in told["boxes"]]
    counted = [(name, names.count(name)) for name in dict.fromkeys(names)]
    return ", ".join(name if number == 1 else f"{number} × {name}" for name, number in counted) or "nothing"


def overlay(told: Told, data: DataSpec) -> bytes:
    """Return the boxes in the colors of their classes; all else is clear."""
    return _drawn(told, data, is_named=False)


def _drawn(told: Told, data: DataSpec, is_named: bool) -> bytes:
    height, width = data.input_shape[:2]
    size = (round(_LONGER_SIDE * width / max(width, height)), round(_LONGER_SIDE * height / max(width, height)))
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    for one in reversed(told["boxes"]):  # the surest in front
        _draw(ImageDraw.Draw(image), one, size, data, is_named and len(told["boxes"]) <= _NAMED)
    buffer = io.BytesIO()
    image.quantize(256).save(buffer, "PNG")
    return buffer.getvalue()


def _draw(pen: ImageDraw.ImageDraw, one: dict[str, Any], size: tuple[int, int], data: DataSpec, is_named: bool) -> None:
    left, top, right, bottom = (side * size[place % 2] for place, side in enumerate(one["box"]))
    color = color_of(1 + data.classes.index(one["class"]))
    pen.rectangle((left, top, max(left, right), max(top, bottom)), outline=color, width=_LINE if is_named else _THICK)
    if not is_named:
        return
    confidence = "" if one["confidence"] == 1 else f" {one['confidence']:.0%}"
    words, font = f"{one['class'][:20]}{confidence}", ImageFont.load_default(_LETTERS)
    low = min(max(top - _LETTERS - 8, 0), size[1] - _LETTERS - 8)  # above the box, or inside of one that begins at the edge
    start = max(0, min(left, size[0] - pen.textlength(words, font) - 10))
    pen.rectangle((start, low, start + pen.textlength(words, font) + 10, low + _LETTERS + 8), fill=color)
    pen.text((start + 5, low + 2), words, fill=(0, 0, 0) if sum(color) > 330 else (255, 255, 255), font=font)


def groups(data: DataSpec) -> list[tuple[str, int]]:
    """An image shows several classes, so there are none."""
    return []


def target(data: DataSpec) -> None:
    """Draw how many boxes each class has."""
    counts = data.target["counts"]
    words = "Boxes: " + ", ".join(f"{name} {count:,}" for name, count in zip(data.classes, counts, strict=True))
    charts.show(bars.class_balance(list(data.classes), counts), words)
    st.caption(f"Boxes of each class in the training images: {sum(counts):,} in {data.num_train:,} images.")


def is_guessing(result: dict[str, Any]) -> bool:
    """Tell whether no object was found."""
    return bool(result["scores"].get("map50", 1.0) == 0.0)


def legend(data: DataSpec) -> None:
    """Draw which color is which class."""
    pictures.legend([(name, color_of(1 + number)) for number, name in enumerate(data.classes)])


def result(viewer: User | None, run: Run) -> None:
    """Draw what each class scores, and boxes over open images."""
    found = run.result or {}
    if "per_class" not in found:
        return
    left, right = st.columns(2)
    with left, window("Results by class", key="per-class"):
        st.caption(WHAT_AP_IS)
        titles = ("AP", "Precision", "Recall", "True boxes")
        rows = [
            (one["name"], f"{one['ap']:.3f}", f"{one['precision']:.3f}", f"{one['recall']:.3f}", f"{one['support']:,}")
            for one in found["per_class"]
        ]
        table.show([table.Column("Class"), *(table.Column(title, number=True) for title in titles)], rows)
        names = [one["name"] for one in found["per_class"]]
        charts.show(bars.class_scores(names, [one["ap"] for one in found["per_class"]], "AP"), "AP of each class.")
    with right, window("Predicted boxes", key="boxes"):
        run_examples.show(run, "boxes", _figure, _control)


def _figure(png: bytes, told: Told, data: DataSpec) -> Figure:
    return png, overlay(told, data), caption(told, data)


def _control(data: DataSpec) -> float:
    legend(data)
    return OPACITY


def answer(told: Told, data: DataSpec, given: Given, seen: bytes | None) -> None:
    """Draw the boxes over the picture, beside the true ones where they are known, and list them."""
    if seen is None:
        return
    legend(data)
    drawn = [(seen, _drawn(told, data, is_named=True), "Prediction")]
    if given.truth is not None:
        drawn.append((seen, _drawn(given.truth, data, is_named=True), "True boxes"))
    pictures.figures(drawn, OPACITY, large=True)
    if not told["boxes"]:
        st.write(f"The model finds no object with a confidence of {SHOWN:.0%} or more.")
        return
    titles = ("Confidence", "Left", "Top", "Right", "Bottom")
    rows = [(one["class"], f"{one['confidence']:.1%}", *_sides(one)) for one in told["boxes"]]
    table.show([table.Column("Class"), *(table.Column(title, number=True) for title in titles)], rows)
    if "pixels" in told["boxes"][0]:
        st.caption("Left, top, right and bottom are pixels of your image, counted from its upper left corner.")


def _sides(one: dict[str, Any]) -> list[str]:
    """Return the sides in pixels of the photo, or as shares of what the model sees."""
    return [f"{side:,}" for side in one["pixels"]] if "pixels" in one else [f"{side:.1%}" for side in one["box"]]


def cells(told: Told, data: DataSpec) -> tuple[str, str]:
    """Return what was found, and how sure the surest is."""
    surest = max((one["confidence"] for one in told["boxes"]), default=None)
    return caption(told, data), "" if surest is None else f"{surest:.1%}"


def csv_head(data: DataSpec) -> tuple[str, ...]:
    """Name the objects, and a list of boxes."""
    return ("objects", "boxes (class confidence left top right bottom)")


def csv_cells(told: Told, data: DataSpec) -> tuple[str, ...]:
    """Return how many objects there are, and each in one cell, in pixels of the photo."""
    listed = [f"{one['class']} {one['confidence']:.4f} {' '.join(_plain(one))}" for one in told["boxes"]]
    return str(len(listed)), "; ".join(listed)


def _plain(one: dict[str, Any]) -> list[str]:
    return [str(side) for side in one.get("pixels", one["box"])]
