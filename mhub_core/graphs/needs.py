"""What a layer needs of what comes in: how many dimensions, an axis that is there. Pure Python.

Keras itself checks this only for a part of its layers, and for some not before the first batch of a training; the others would
look sound in the builder and break in the run. Shapes are those of one sample: (height, width, channels).
"""

from __future__ import annotations

import re
from typing import Any

from mhub_core.catalog import catalog
from mhub_core.errors import Invalid
from mhub_core.graphs import ports, walk, words
from mhub_core.graphs.walk import Node

READS_STEPS = ("LSTM", "GRU", "SimpleRNN", "RNN")
# A row and a sequence can be images to these: they are read as one image, and the batch is lost.
_IMAGES = ("Resizing", "CenterCrop")
# These work on everything behind the first dimensions too.
_MORE_IS_FINE = ("MultiHeadAttention", "TimeDistributed", "Attention", "AdditiveAttention")
# These work on colors, and break in training on images of other channels.
_CHANNELS = {"RandomHue": (3,), "RandomSaturation": (3,), "RandomGrayscale": (1, 3), "RandAugment": (1, 3), "AugMix": (1, 3)}
# These take words as they are, and so does what only changes the shape.
_TAKE_WORDS = ("Identity", "Concatenate", "StringLookup", "TextVectorization", "Hashing", "HashedCrossing")
_WITH_AXIS = ("Softmax", "BatchNormalization", "LayerNormalization", "GroupNormalization", "UnitNormalization", "Concatenate")


def rank(node: Node) -> int | None:
    """Return how many dimensions a sample must have for a layer, or None when several will do."""
    name, config = node["class"], node["config"]
    if name in READS_STEPS + ports.ATTENTION:
        return 2
    if name in ("RepeatVector", "Permute"):
        return 1 if name == "RepeatVector" else len(config.get("dims", ()))
    if name in ("Bidirectional", "SpectralNormalization", "TimeDistributed") and "layer" in config:
        inner = rank(walk.nested(config["layer"]))
        return (inner or 1) + 1 if name == "TimeDistributed" else inner
    found = re.search(r"(ConvLSTM|Conv|Pooling|Padding|Cropping|Sampling|Dropout)(\d)D", name)
    if found:
        return int(found.group(2)) + (2 if found.group(1) == "ConvLSTM" else 1)
    block = catalog.get_block("layer", name)
    return 3 if name in _IMAGES or (block and block.family == "augmentation") else None


def require(node: Node, shapes: list[list[Any]]) -> None:
    """Raise Invalid when what comes in is not what the layer needs. `shapes` have the batch first."""
    name = f"{node['name']} ({node['class']})"
    needed = rank(node)
    for shape in shapes[:1]:
        if not needed:
            break
        too_many = len(shape) - 1 > needed and node["class"] not in _MORE_IS_FINE
        if len(shape) - 1 < needed or too_many:
            told, mend = words.wrong_rank(name, needed, shape)
            raise Invalid(told, mend=mend)
    if node["class"] in _CHANNELS and shapes:
        _require_colors(name, _CHANNELS[node["class"]], shapes[0])
    for axis in _axes(node) if shapes else ():
        _require_axis(name, axis, shapes[0])
    if node["class"] == "EinsumDense" and shapes:
        _require_letters(name, node["config"].get("equation", "..."), shapes[0])


def require_numbers(node: Node, dtypes: list[str]) -> None:
    """Raise Invalid when words come in where only numbers can be computed with."""
    block = catalog.get_block("layer", node["class"])
    if "string" not in dtypes or node["class"] in _TAKE_WORDS or (block and block.family == "reshaping"):
        return
    mend = "Insert a TextVectorization or a StringLookup before it, or set a numeric dtype on the input."
    raise Invalid(f"{node['name']} ({node['class']}) works on numbers, but receives words.", mend=mend)


def _require_colors(name: str, channels: tuple[int, ...], shape: list[Any]) -> None:
    if shape[-1] is not None and shape[-1] not in channels:
        told = f"{name} needs images with {' or '.join(map(str, channels))} channels, but receives {words.thing(shape)}."
        raise Invalid(told, mend="Use it on color images only, or remove it.")


def _axes(node: Node) -> list[int]:
    axis = node["config"].get("axis") if node["class"] in _WITH_AXIS else None
    return [axis] if isinstance(axis, int) else list(axis or ())


def _require_axis(name: str, axis: int, shape: list[Any]) -> None:
    if not -len(shape) <= axis < len(shape):
        told = f"{name} works along axis {axis}, but {words.thing(shape)} has only the axes 1 to {len(shape) - 1}."
        raise Invalid(told, mend="Set its axis to -1, the last one.")


def _require_letters(name: str, equation: str, shape: list[Any]) -> None:
    letters = equation.replace(" ", "").split(",")[0]
    if "..." not in letters and len(letters) != len(shape):
        told = f'{name} has the equation "{equation}" for {len(letters)} dimensions with the batch, but receives {len(shape)}'
        raise Invalid(f"{told}: {words.shape_text(shape)}.", mend="Write one letter for each dimension, or use a Dense layer.")
