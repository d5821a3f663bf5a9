"""Says in plain words why a layer could not be built: what came in, what it needs, and what helps."""

from __future__ import annotations

import re
from typing import Any

from mhub_core.errors import MHubError

_RANKS = {
    2: "a row of numbers for each sample",
    3: "a sequence (steps, features) for each sample",
    4: "pictures (height, width, channels)",
    5: "volumes (depth, height, width, channels)",
}
_TO_RANK = {
    2: "Insert Flatten or GlobalAveragePooling before it.",
    3: "Set return_sequences in a recurrent layer before it, or insert Reshape to (steps, features).",
    4: "Insert Reshape before it, to (height, width, channels), and place it before any Flatten.",
    5: "Insert Reshape before it, to (depth, height, width, channels).",
}


def shape_text(shape: list[Any]) -> str:
    """Return a shape without its batch, as people write it: 28 × 28 × 1."""
    return " × ".join("any" if size is None else str(size) for size in shape[1:]) or "a single number"


def explain(node: dict[str, Any], shapes: list[list[Any]], error: Exception) -> tuple[str, str]:
    """Return what happened and how to mend it. `shapes` are those of what comes in, with the batch first."""
    if isinstance(error, MHubError):
        return error.happened, error.mend
    text = str(error)
    name = f"{node['name']} ({node['class']})"
    for pattern, answer in _KNOWN:
        match = re.search(pattern, text, re.IGNORECASE | re.DOTALL)
        if match:
            return answer(name, shapes, match)
    return f"{name} cannot be built: {_first_line(text, type(error).__name__)}", _came_in(shapes)


def _first_line(text: str, otherwise: str) -> str:
    """Return the line of a Keras message that says most; its first is often only a heading."""
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line).strip() for line in text.splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith(("Exception encountered", "Arguments received", "•"))]
    return (lines[0] if lines else otherwise)[:300]


def _came_in(shapes: list[list[Any]]) -> str:
    told = " and ".join(shape_text(shape) for shape in shapes)
    mend = "Change this layer's settings or the layer before it."
    return f"What comes in is {told}. {mend}" if shapes else "Change its settings."


def _wrong_rank(name: str, shapes: list[list[Any]], match: re.Match[str]) -> tuple[str, str]:
    needed = int(match.group(1))
    got = f"{_RANKS.get(len(shapes[0]), 'something else')}: {shape_text(shapes[0])}"
    told = f"{name} needs {_RANKS.get(needed, f'{needed} dimensions')}, but got {got}."
    return told, _TO_RANK.get(needed, "Insert Reshape before it.")


def _too_small(name: str, shapes: list[list[Any]], match: re.Match[str]) -> tuple[str, str]:
    mend = 'Set its padding to "same", make its window smaller, or remove a pooling layer before it.'
    return f"{name} has a window larger than what comes in, which is only {shape_text(shapes[0])}.", mend


def _shapes_differ(name: str, shapes: list[list[Any]], match: re.Match[str]) -> tuple[str, str]:
    told = " and ".join(shape_text(shape) for shape in shapes)
    mend = "Bring them to one shape, for example by a Dense, Conv2D or Reshape."
    return f"{name} merges inputs of different shapes: {told}.", mend


def _no_reshape(name: str, shapes: list[list[Any]], match: re.Match[str]) -> tuple[str, str]:
    mend = "Choose a target shape with the same number of values; -1 stands for what is left."
    return f"{name} cannot bring {shape_text(shapes[0])} into its target shape: the numbers of values differ.", mend


def _unknown_size(name: str, shapes: list[list[Any]], match: re.Match[str]) -> tuple[str, str]:
    mend = "Give the input a fixed size, or insert a global pooling layer before it."
    return f"{name} must know the size of what comes in, but a part of {shape_text(shapes[0])} is open.", mend


_KNOWN = (
    (r"expected (?:min_)?ndim=(\d+), found", _wrong_rank),
    (r"must have rank (\d+)", _wrong_rank),
    (r"zero or negative|negative dimension|non-positive|output shape .* (?:<= 0|zero)", _too_small),
    (r"inputs? (?:have|has) incompatible shapes|matching shapes except|incompatible shapes", _shapes_differ),
    (r"total size of .* must be unchanged|cannot be reshaped|incompatible with the size", _no_reshape),
    (r"last dimension of the inputs? .*(?:should be defined|None)", _unknown_size),
    (r"must be fully|fully[- ]defined|dimension .* defined\. Found .?None", _unknown_size),
)
