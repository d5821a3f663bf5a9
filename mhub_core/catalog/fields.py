"""The form-field types: each knows how to check a value that a browser or a file sent, and returns it clean.

A check raises ValueError with a short sentence; `check_config` in catalog.py gathers them for a whole form.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from mhub_core.catalog.records import Argument

LARGEST_INT = 2**31 - 1
LARGEST_FLOAT = 1e30
LONGEST_TEXT = 2_000
LONGEST_LIST = 100_000
DEEPEST = 5
_NO_TEXT = re.compile("[\\0\ud800-\udfff]")  # Half a pair of a character, or none: no page or database takes it.
DTYPES = (
    "float32", "float16", "bfloat16", "float64", "mixed_float16", "mixed_bfloat16",
    "uint8", "int16", "int32", "int64", "bool", "string",
)  # fmt: skip
ACTIVATIONS = (
    "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "sigmoid",
    "hard_sigmoid", "log_sigmoid", "hard_silu", "tanh", "hard_tanh", "tanh_shrink", "hard_shrink", "soft_shrink",
    "squareplus", "softplus", "softsign", "softmax", "log_softmax", "sparsemax", "sparse_plus", "sparse_sigmoid", "exponential",
)  # fmt: skip
# What Keras 3.15 has among its activations but no layer can carry: such a model looks sound and breaks in training.
NO_ACTIVATIONS = {
    "glu": "cannot be glu: it outputs half as many numbers as it receives, which Keras layers do not account for",
    "threshold": "cannot be threshold: it needs two parameters, which a Keras layer does not pass to its activation",
}


def _whole(argument: Argument, value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number")
    _bounds(argument, value, LARGEST_INT)
    return value


def _number(argument: Argument, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("must be a number")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must be a finite number")
    _bounds(argument, value, LARGEST_FLOAT)
    return float(value)


def _bounds(argument: Argument, value: float, largest: float) -> None:
    low = -largest if argument.minimum is None else argument.minimum
    high = largest if argument.maximum is None else argument.maximum
    if value < low:
        raise ValueError(f"must be {_plain(low)} or more")
    if value > high:
        raise ValueError(f"must be {_plain(high)} or less")


def _plain(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) and abs(number) < 1e15 else f"{number:g}"


def _truth(argument: Argument, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _switch(argument: Argument, value: Any) -> bool | str:
    if value == "auto":
        return "auto"
    if not isinstance(value, bool):
        raise ValueError("must be auto, true or false")
    return value


def _text(argument: Argument, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text")
    if len(value) > LONGEST_TEXT:
        raise ValueError(f"must have at most {LONGEST_TEXT} characters")
    if _NO_TEXT.search(value):
        raise ValueError("must be text; it contains an invalid character")
    return value


def _one_of(choices: tuple[str, ...], value: Any) -> str:
    if not isinstance(value, str) or value not in choices:
        raise ValueError("must be one of " + ", ".join(choices))
    return value


def _activation(argument: Argument, value: Any) -> str:
    if isinstance(value, str) and value in NO_ACTIVATIONS:
        raise ValueError(NO_ACTIVATIONS[value])
    return _one_of(ACTIVATIONS, value)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("must be a list")
    if not 0 < len(value) <= LONGEST_LIST:
        raise ValueError(f"must have 1 to {LONGEST_LIST} entries")
    return value


def _one_or_many(check: Callable[[Argument, Any], Any]) -> Callable[[Argument, Any], Any]:
    """Return a check of one value, of a list of them, or of a list of pairs (as in ZeroPadding2D)."""

    def checked(argument: Argument, value: Any, depth: int = 0) -> Any:
        if isinstance(value, list) and depth < 2:
            return [checked(argument, item, depth + 1) for item in _list(value)]
        return check(argument, value)

    return checked


def _range(argument: Argument, value: Any) -> Any:
    if value == argument.default or value == [argument.default]:
        return argument.default
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError("must be two numbers, the minimum and the maximum, such as 0, 0.2")
    least, most = (_number(argument, item) for item in value)
    if least > most:
        raise ValueError("must have the smaller number first")
    return [least, most]


def _shape(argument: Argument, value: Any) -> list[int | None]:
    if not isinstance(value, list) or len(value) > 8:
        raise ValueError("must be a list of at most 8 whole numbers")
    sizes = [None if size is None else _whole(argument, size) for size in value]
    allowed = -1 if argument.name == "target_shape" else 1
    if any(size is not None and (size < allowed or size == 0) for size in sizes):
        raise ValueError("must hold whole numbers of 1 or more")
    return sizes


def _strings(argument: Argument, value: Any) -> list[str]:
    if isinstance(value, str):
        raise ValueError("must be a list of words, not a path")
    return [_text(argument, item) for item in _list(value)]


# A type that is not here is nested: the name of another group, whose entry and config stand in the value.
TYPES: dict[str, Callable[[Argument, Any], Any]] = {
    "int": _whole,
    "seed": _whole,
    "float": _number,
    "bool": _truth,
    "switch": _switch,
    "string": _text,
    "enum": lambda argument, value: _one_of(argument.choices, value),
    "ints": _one_or_many(_whole),
    "numbers": _one_or_many(_number),
    "int_list": lambda argument, value: [_whole(argument, item) for item in _list(value)],
    "number_list": lambda argument, value: [_number(argument, item) for item in _list(value)],
    "range": _range,
    "strings": _strings,
    "shape": _shape,
    "dtype": lambda argument, value: _one_of(DTYPES, value),
    "activation": _activation,
}
NESTED = ("layer", "layers", "initializer", "regularizer", "constraint", "schedule")
