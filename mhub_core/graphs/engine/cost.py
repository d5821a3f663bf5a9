"""Counts the multiply-adds of a layer for one sample. Imports Keras.

What is counted, as the field does it (Howard et al. 2017, MobileNets, arXiv:1704.04861, section 3.1; He et al. 2015,
arXiv:1512.03385, table 1): the multiplications, each with its addition, of convolutions and matrix products:

- convolution: output positions x window x input channels per group x filters; depthwise: without the input channels;
  separable: both parts; transposed: input positions instead of output positions
- dense: positions x inputs x units; EinsumDense: the product of all sizes that its equation names
- attention (Vaswani et al. 2017, arXiv:1706.03762): the projections, and query x key and scores x value for each head
- recurrent: steps x (inputs + units) x units x gates; wrappers: what is inside, as often as it runs

Everything else counts 0: look-ups (Embedding), normalisation, pooling, activations, merging but for Dot, biases.
A size that is open counts as 1.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import keras
from keras import layers

Shape = tuple[int | None, ...]
_CONVOLUTIONS = (layers.Conv1D, layers.Conv2D, layers.Conv3D)
_TRANSPOSED = (layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose)
_DEPTHWISE = (layers.DepthwiseConv1D, layers.DepthwiseConv2D)
_SEPARABLE = (layers.SeparableConv1D, layers.SeparableConv2D)
_CONV_RECURRENT = (layers.ConvLSTM1D, layers.ConvLSTM2D, layers.ConvLSTM3D)


def multiply_adds(layer: keras.Layer, inputs: list[Shape], outputs: list[Shape]) -> int:
    """Return the multiply-adds of a built layer for one sample. The shapes have the batch first."""
    for classes, count in _COUNTS:
        if isinstance(layer, classes):
            return count(layer, inputs, outputs)
    return 0


def _size(sizes: Any) -> int:
    return math.prod(size or 1 for size in sizes)


def _spatial(layer: Any, shape: Shape) -> int:
    """Return the number of positions of an image or a sequence."""
    return _size(shape[2:] if layer.data_format == "channels_first" else shape[1:-1])


def _convolution(layer: Any, inputs: list[Shape], outputs: list[Shape]) -> int:
    # The kernel is (window..., input channels per group, filters).
    return _spatial(layer, outputs[0]) * _size(layer.kernel.shape)


def _transposed(layer: Any, inputs: list[Shape], outputs: list[Shape]) -> int:
    return _spatial(layer, inputs[0]) * _size(layer.kernel.shape)


def _depthwise(layer: Any, inputs: list[Shape], outputs: list[Shape]) -> int:
    return _spatial(layer, outputs[0]) * _size(layer.kernel.shape)


def _separable(layer: Any, inputs: list[Shape], outputs: list[Shape]) -> int:
    kernels = _size(layer.depthwise_kernel.shape) + _size(layer.pointwise_kernel.shape)
    return _spatial(layer, outputs[0]) * kernels


def _dense(layer: Any, inputs: list[Shape], outputs: list[Shape]) -> int:
    return _size(outputs[0][1:]) * (inputs[0][-1] or 1)


def _einsum(layer: Any, inputs: list[Shape], outputs: list[Shape]) -> int:
    given, kernel, output = re.split(",|->", layer.equation.replace(" ", ""))
    if "..." in given:
        summed = [size for letter, size in zip(kernel, layer.kernel.shape) if letter not in output]
        return _size(outputs[0][1:]) * _size(summed)
    # A size that is open in the output is often known from what comes in. The first letter is the batch.
    sizes = dict(zip(given, inputs[0])) | dict(zip(kernel, layer.kernel.shape))
    return _size(size for letter, size in sizes.items() if letter != given[0])


def _multi_head(layer: Any, inputs: list[Shape], outputs: list[Shape]) -> int:
    query, value = inputs[0], inputs[1]
    key = inputs[2] if len(inputs) > 2 else value
    queries, keys, wide = _size(query[1:-1]), _size(key[1:-1]), layer.key_dim
    value_wide = getattr(layer, "value_dim", None) or wide
    projections = layer.num_heads * (
        queries * (query[-1] or 1) * wide + keys * (key[-1] or 1) * wide + keys * (value[-1] or 1) * value_wide
        + queries * value_wide * (outputs[0][-1] or 1)
    )  # fmt: skip
    return int(projections + layer.num_heads * queries * keys * (wide + value_wide))


def _grouped_query(layer: Any, inputs: list[Shape], outputs: list[Shape]) -> int:
    query, value = inputs[0], inputs[1]
    key = inputs[2] if len(inputs) > 2 else value
    queries, keys, wide = _size(query[1:-1]), _size(key[1:-1]), layer.head_dim
    own = layer.num_query_heads * queries * wide * ((query[-1] or 1) + (outputs[0][-1] or 1))
    shared = layer.num_key_value_heads * keys * wide * ((key[-1] or 1) + (value[-1] or 1))
    return int(own + shared + layer.num_query_heads * queries * keys * 2 * wide)


def _attention(layer: Any, inputs: list[Shape], outputs: list[Shape]) -> int:
    """Also of AdditiveAttention, which weighs the sum of query and key with one number for each feature."""
    query, value = inputs[0], inputs[1]
    return _size(query[1:-1]) * _size(value[1:-1]) * ((query[-1] or 1) + (value[-1] or 1))


def _recurrent(layer: Any, inputs: list[Shape], outputs: list[Shape]) -> int:
    return (inputs[0][1] or 1) * sum(_cell(cell) for cell in getattr(layer.cell, "cells", [layer.cell]))


def _cell(cell: Any) -> int:
    return _size(cell.kernel.shape) + _size(cell.recurrent_kernel.shape)


def _conv_recurrent(layer: Any, inputs: list[Shape], outputs: list[Shape]) -> int:
    places = outputs[0][2:] if layer.return_sequences else outputs[0][1:]
    positions = _size(places[1:] if layer.data_format == "channels_first" else places[:-1])
    return (inputs[0][1] or 1) * positions * _cell(layer.cell)


def _both_ways(layer: Any, inputs: list[Shape], outputs: list[Shape]) -> int:
    # Merging changes the channels of the output only, which no recurrent layer's count looks at.
    ways = (layer.forward_layer, layer.backward_layer)
    return sum(multiply_adds(way, inputs, outputs) for way in ways)


def _each_step(layer: Any, inputs: list[Shape], outputs: list[Shape]) -> int:
    taken, given = ([shape[:1] + shape[2:] for shape in shapes] for shapes in (inputs, outputs))
    return (inputs[0][1] or 1) * multiply_adds(layer.layer, taken, given)


def _wrapped(layer: Any, inputs: list[Shape], outputs: list[Shape]) -> int:
    return multiply_adds(layer.layer, inputs, outputs)


def _dot(layer: Any, inputs: list[Shape], outputs: list[Shape]) -> int:
    axis = layer.axes if isinstance(layer.axes, int) else layer.axes[0]
    return _size(outputs[0][1:]) * (inputs[0][axis] or 1)


_Count = Callable[[Any, list[Shape], list[Shape]], int]
_COUNTS: tuple[tuple[Any, _Count], ...] = (
    (_TRANSPOSED, _transposed),
    (_DEPTHWISE, _depthwise),
    (_SEPARABLE, _separable),
    (_CONVOLUTIONS, _convolution),
    (layers.Dense, _dense),
    (layers.EinsumDense, _einsum),
    (layers.MultiHeadAttention, _multi_head),
    (layers.GroupQueryAttention, _grouped_query),
    ((layers.Attention, layers.AdditiveAttention), _attention),
    (_CONV_RECURRENT, _conv_recurrent),
    (layers.Bidirectional, _both_ways),
    (layers.RNN, _recurrent),
    (layers.TimeDistributed, _each_step),
    (layers.SpectralNormalization, _wrapped),
    (layers.Dot, _dot),
)
