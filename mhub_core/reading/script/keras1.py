"""What layers and their settings were called in Keras 1 and 2, and what they are called now."""

from __future__ import annotations

from typing import Any

from mhub_core.catalog.records import Block
from mhub_core.reading.records import Unreadable

_CLASSES = {
    "Deconvolution2D": "Conv2DTranspose", "Deconv2D": "Conv2DTranspose", "AtrousConvolution2D": "Conv2D",
    "AtrousConv2D": "Conv2D", "AtrousConvolution1D": "Conv1D", "CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU",
}  # fmt: skip
# What a setting may be called now: the first of these that the layer has.
_SETTINGS: dict[str, tuple[str, ...]] = {
    "nb_filter": ("filters",), "border_mode": ("padding",), "subsample": ("strides",), "subsample_length": ("strides",),
    "stride": ("strides",), "init": ("kernel_initializer", "embeddings_initializer", "alpha_initializer"), "bias": ("use_bias",),
    "W_regularizer": ("kernel_regularizer", "embeddings_regularizer"), "b_regularizer": ("bias_regularizer",),
    "W_constraint": ("kernel_constraint", "embeddings_constraint"), "b_constraint": ("bias_constraint",),
    "dim_ordering": ("data_format",), "output_dim": ("units",), "inner_init": ("recurrent_initializer",),
    "inner_activation": ("recurrent_activation",), "U_regularizer": ("recurrent_regularizer",), "dropout_W": ("dropout",),
    "dropout_U": ("recurrent_dropout",), "filter_length": ("kernel_size",), "pool_length": ("pool_size",), "length": ("size",),
    "sigma": ("stddev",), "p": ("rate",), "atrous_rate": ("dilation_rate",), "beta_init": ("beta_initializer",),
    "gamma_init": ("gamma_initializer",), "concat_axis": ("axis",), "alpha": ("negative_slope",),
    "dims": ("target_shape", "dims"),
}  # fmt: skip
# Settings that said how to compute, not what.
_GONE = ("consume_less", "implementation", "unroll", "forget_bias_init")
_WORDS = {"tf": "channels_last", "th": "channels_first", "default": "channels_last"}
_INITIALIZERS = {"normal": "random_normal", "uniform": "random_uniform", "one": "ones", "zero": "zeros"}
_SIZES = ("nb_row", "nb_col", "kernel_dim1", "kernel_dim2", "kernel_dim3")
# The modes of `merge`.
MERGING = {
    "sum": "Add", "mul": "Multiply", "concat": "Concatenate", "ave": "Average", "max": "Maximum", "dot": "Dot", "sub": "Subtract",
}  # fmt: skip


def class_name(name: str) -> str:
    """Return what a class of layers is called now."""
    return _CLASSES.get(name, name)


def settings(written: str, block: Block, args: list[Any], named: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return what a layer was called with under the names of now. `written` is the name that the script has for the class."""
    found: dict[str, Any] = {}
    sizes = [named[key] for key in _SIZES if key in named]
    for key, value in named.items():
        if key in _SIZES or (block.argument(key) is None and key in _GONE):
            continue
        now = _now(block, key)
        found[now] = _value(block, now, key, value)
    if block.name == "BatchNormalization" and found.get("mode") in (0, 2):
        del found["mode"]
    if block.name.startswith("AveragePooling") and not args and "pool_size" not in found:
        found["pool_size"] = 2  # It had this default until Keras 3.
    if sizes and "kernel_size" not in found:
        found["kernel_size"] = sizes
    is_old = "Convolution" in written or len(found.keys() - named.keys()) > 0
    return (_with_size(block, args) if is_old else args), found


def merging(args: list[Any], named: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the class that a `Merge` of Keras 1 is now, and what it is called with. Raises Unreadable."""
    mode = named.get("mode", "sum")
    if args or named.get("layers") or not isinstance(mode, str) or mode not in MERGING:
        told = "Merge joins models or computes with a function of its own, which Keras no longer has"
        raise Unreadable(told, mend="Join the outputs of layers, such as concatenate([a, b]).")
    found = MERGING[mode]
    gone = ("mode",) if found == "Concatenate" else ("mode", "concat_axis")
    return found, {key: value for key, value in named.items() if key not in gone}


def _now(block: Block, key: str) -> str:
    if block.argument(key) is not None:
        return key
    return next((name for name in _SETTINGS.get(key, ()) if block.argument(name) is not None), key)


def _value(block: Block, now: str, key: str, value: Any) -> Any:
    argument = block.argument(now)
    if argument is None or not isinstance(value, str):
        return value
    if key == "dim_ordering":
        return _WORDS.get(value, value)
    return _INITIALIZERS.get(value, value) if argument.type == "initializer" else value


def _with_size(block: Block, args: list[Any]) -> list[Any]:
    """Return the values of a convolution with its kernel in one: Convolution2D(24, 5, 5) has a kernel of 5 x 5."""
    rank = next((int(digit) for digit in "23" if f"{digit}D" in block.name and "Conv" in block.name), 0)
    is_apart = rank and len(args) > rank and all(type(item) is int for item in args[: rank + 1])
    return [args[0], list(args[1 : rank + 1]), *args[rank + 1 :]] if is_apart else args
