"""Whether a network answers each example by itself, so that questions of several people may go through it together."""

from __future__ import annotations

from typing import Any

import keras

# Layers that look at one example at a time when a model is used. What is not named here counts as one that may not.
_ALONE = frozenset(
    (
        *("InputLayer", "Dense", "EinsumDense", "Embedding", "Activation", "Identity", "Flatten", "Reshape", "Permute"),
        *("RepeatVector", "Rescaling", "Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise", "ActivityRegularization"),
        *(f"SpatialDropout{n}D" for n in (1, 2, 3)),
        *("ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax", "BatchNormalization", "LayerNormalization", "GroupNormalization"),
        *("UnitNormalization", "RMSNormalization", "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"),
        *("Dot", "Attention", "AdditiveAttention", "MultiHeadAttention", "GroupQueryAttention", "Masking"),
        *("LSTM", "GRU", "SimpleRNN", "RNN", "LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells", "Bidirectional"),
        *("TimeDistributed", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"),
        *(f"{kind}{n}D" for n in (1, 2, 3) for kind in ("Conv", "UpSampling", "ZeroPadding", "Cropping")),
        *(f"{kind}{n}D" for n in (1, 2) for kind in ("SeparableConv", "DepthwiseConv")),
        *(f"Conv{n}DTranspose" for n in (1, 2, 3)),
        *(f"{kind}Pooling{n}D" for n in (1, 2, 3) for kind in ("Max", "Average", "GlobalMax", "GlobalAverage")),
        *("Functional", "Sequential", "Model"),
    )
)


def is_by_row(model: keras.Model) -> bool:
    """Tell whether the output for an example is the same whatever examples stand beside it. In doubt it is not."""
    return _is_plain(model)


def _is_plain(layer: Any) -> bool:
    if not isinstance(layer, keras.layers.Layer) or type(layer).__name__ not in _ALONE:
        return False  # operations between layers may do anything with the first axis
    if isinstance(layer, keras.Model):
        return all(map(_is_plain, _parts(layer))) and not any(map(_is_called_for_training, _parts(layer)))
    inner = [getattr(layer, name, None) for name in ("layer", "forward_layer", "backward_layer", "cell")]
    return _keeps_first_axis(layer) and all(_is_plain(one) for one in inner if one is not None)


def _parts(model: keras.Model) -> list[Any]:
    return list(model.operations if isinstance(model, keras.src.models.Functional) else model.layers)


def _keeps_first_axis(layer: Any) -> bool:
    axis, axes = getattr(layer, "axis", -1), getattr(layer, "axes", None)
    told = [*(axis if isinstance(axis, list | tuple) else [axis]), *(axes if isinstance(axes, list | tuple) else [])]
    # Which axis another negative number means depends on the input.
    return all(one == -1 or one > 0 for one in told) and not getattr(layer, "stateful", False)


def _is_called_for_training(layer: Any) -> bool:
    """Tell whether a design calls a layer as in training, when some layers look at all examples together."""
    return any(node.arguments.kwargs.get("training") for node in getattr(layer, "_inbound_nodes", ()))
