"""Says in plain words why a layer could not be built: what came in, what it needs, and what helps.

Shapes have the batch first, as Keras tells them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from mhub_core.errors import MHubError

Shape = list[Any]
Told = tuple[str, str]  # What happened, and how to mend it.

# What a sample of so many dimensions is, for people.
_KINDS = {
    0: "a single number for each example",
    1: "a row of numbers for each example",
    2: "a sequence for each example (steps, numbers per step)",
    3: "images (height, width, channels)",
    4: "volumes or videos (depth or time, height, width, channels)",
    5: "videos of volumes (time, depth, height, width, channels)",
}
_TO_RANK = {
    1: "Insert a Flatten or a GlobalAveragePooling layer before it.",
    2: "Set return_sequences in the recurrent layer before it, or insert a Reshape to (steps, numbers per step).",
    3: "Place it before any Flatten, or insert a Reshape to (height, width, channels) before it.",
    4: "Insert a Reshape to four dimensions before it, or use a layer for images.",
}


def shape_text(shape: Shape) -> str:
    """Return a shape without its batch, as people write it: 28 × 28 × 1."""
    return " × ".join("any" if size is None else f"{size:,}" for size in shape[1:]) or "a single number"


def thing(shape: Shape) -> str:
    """Return what a sample of this shape is: images of 28 × 28 with 3 channels."""
    sizes = ["any" if size is None else f"{size:,}" for size in shape[1:]]
    if len(sizes) == 1:
        return f"a row of {sizes[0]} number{'s' if sizes != ['1'] else ''}"
    if len(sizes) == 2:
        return f"a sequence of {sizes[0]} steps with {sizes[1]} number{'s' if sizes[1] != '1' else ''} each"
    if len(sizes) == 3:
        return f"images of {sizes[0]} × {sizes[1]} with {sizes[2]} channel{'s' if sizes[2] != '1' else ''}"
    return shape_text(shape) if sizes else "a single number"


def explain(node: dict[str, Any], shapes: list[Shape], error: Exception) -> Told:
    """Return what happened and how to mend it. `shapes` are those of what comes in."""
    if isinstance(error, MHubError):
        return error.happened, error.mend
    text = str(error)
    name = f"{node['name']} ({node['class']})"
    for pattern, answer in _KNOWN:
        match = re.search(pattern, text, re.IGNORECASE | re.DOTALL)
        if match:
            return answer(name, shapes, match)
    return f"{name} cannot be built: {_first_line(text, type(error).__name__)}", _came_in(shapes)


def wrong_rank(name: str, needed: int, shape: Shape) -> Told:
    """Say that a layer needs samples of another number of dimensions."""
    told = f"{name} needs {_KINDS.get(needed, f'{needed} dimensions')}, but receives {thing(shape)}."
    return told, _TO_RANK.get(needed, "Insert a Reshape before it.")


def _first_line(text: str, otherwise: str) -> str:
    """Return the line of a Keras message that says most; its first is often only a heading."""
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line).strip() for line in text.splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith(("Exception encountered", "Arguments received", "•"))]
    return (lines[0] if lines else otherwise)[:300]


def _came_in(shapes: list[Shape]) -> str:
    told = " and ".join(thing(shape) for shape in shapes)
    mend = "Change this layer's settings or the layer before it."
    return f"Its input is {told}. {mend}" if shapes else "Change its settings."


def _all(shapes: list[Shape]) -> str:
    return " and ".join(shape_text(shape) for shape in shapes)


def _known_rank(name: str, shapes: list[Shape], match: re.Match[str]) -> Told:
    return wrong_rank(name, int(match.group(1)) - 1, shapes[0])


def _too_small(name: str, shapes: list[Shape], match: re.Match[str]) -> Told:
    mend = 'Set its padding to "same", make its window smaller, or use larger images.'
    return f"{name} has a window larger than its input, which is only {shape_text(shapes[0])}.", mend


def _shapes_differ(name: str, shapes: list[Shape], match: re.Match[str]) -> Told:
    mend = "Give them the same shape, for example with a Dense, Conv2D or Resizing layer."
    return f"{name} merges inputs of different shapes: {_all(shapes)}.", mend


def _only_two(name: str, shapes: list[Shape], match: re.Match[str]) -> Told:
    return f"{name} takes exactly two inputs, and {len(shapes)} are connected.", "Remove one, or merge some of them first."


def _no_reshape(name: str, shapes: list[Shape], match: re.Match[str]) -> Told:
    mend = "Choose a target shape with the same number of values; -1 means whatever is left."
    return f"{name} cannot reshape {shape_text(shapes[0])} to its target shape: the number of values differs.", mend


def _unknown_size(name: str, shapes: list[Shape], match: re.Match[str]) -> Told:
    mend = "Give the input a fixed size, or insert a global pooling layer before it."
    return f"{name} needs an input of known size, but part of {shape_text(shapes[0])} is open.", mend


def _cropped_away(name: str, shapes: list[Shape], match: re.Match[str]) -> Told:
    return f"{name} crops more than there is: {thing(shapes[0])} arrive.", "Crop less."


def _groups(name: str, shapes: list[Shape], match: re.Match[str]) -> Told:
    told = f"{name} splits channels into equal groups, which is not possible: {shape_text(shapes[0])} comes in."
    return told, "Choose a number of groups that divides both the input channels and the filters; 1 always works."


def _stride_and_dilation(name: str, shapes: list[Shape], match: re.Match[str]) -> Told:
    return (
        f"{name} has both strides and a dilation_rate above 1; Keras supports only one of them at a time.",
        "Set one of them to 1.",
    )


def _axis_missing(name: str, shapes: list[Shape], match: re.Match[str]) -> Told:
    told = f"{name} is set for more dimensions than its input has: {_all(shapes)}."
    return told, "Set its axis to -1, the last one, or change its input."


def _other_size(name: str, shapes: list[Shape], match: re.Match[str]) -> Told:
    told = f"{name} was made for {match.group(1)} numbers in the last dimension, but receives {shape_text(shapes[0])}."
    return (
        told,
        "A layer that is used twice needs the same input size in both places: stop sharing its weights, or make the sizes equal.",
    )


def _no_product(name: str, shapes: list[Shape], match: re.Match[str]) -> Told:
    told = f"{name} compares inputs whose sizes do not match: {_all(shapes)}."
    return told, "Give them the same last dimension, for example with a Dense layer."


_KNOWN: tuple[tuple[str, Callable[[str, list[Shape], re.Match[str]], Told]], ...] = (
    (r"expected (?:min_)?ndim=(\d+), found", _known_rank),
    (r"must have rank (\d+)", _known_rank),
    (r"zero or negative|negative dimension|non-positive|output shape .* (?:<= 0|zero)", _too_small),
    (r"exactly 2 inputs", _only_two),
    (r"inputs? (?:have|has) incompatible shapes|matching shapes except|incompatible shapes|cannot merge", _shapes_differ),
    (r"total size of .* must be unchanged|cannot be reshaped|incompatible with the size", _no_reshape),
    (r"`cropping` argument should be smaller", _cropped_away),
    (r"divisible by the number of groups|Number of groups \(|evenly divisible", _groups),
    (r"strides > 1.*dilation_rate > 1", _stride_and_dilation),
    (r"expected axis -?\d+ of input shape to have value (\d+)", _other_size),
    (r"dimension incompatibility|inner dimensions|must be equal, but are", _no_product),
    (r"index out of range|axis .* out of (?:range|bounds)", _axis_missing),
    (r"last dimension of the inputs? .*(?:should be defined|None)", _unknown_size),
    (r"must be fully|fully[- ]defined|dimension .* defined\. Found .?None", _unknown_size),
)
