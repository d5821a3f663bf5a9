"""What Keras 1 and 2 wrote into JSON in another way than Keras 3: calls of layers, calculations, and names."""

from __future__ import annotations

from typing import Any, TypeGuard

from mhub_core.catalog.records import Block
from mhub_core.reading.records import Unreadable
from mhub_core.reading.script import keras1

_CALCULATIONS = ("TFOpLambda", "SlicingOpLambda")


def is_history(value: Any) -> TypeGuard[list[Any]]:
    """Tell whether a value names an output of a layer: [layer, number of its call, output]."""
    return (
        isinstance(value, list) and len(value) == 3 and isinstance(value[0], str) and all(type(item) is int for item in value[1:])
    )


def call(node: list[Any]) -> dict[str, Any]:
    """Return a call as Keras 3 writes it; before, it was a list of [layer, number of its call, output, named values]."""
    node = [node] if is_history(node[:3]) else node  # So did calculations.
    if not all(isinstance(item, list) and len(item) in (3, 4) and is_history(item[:3]) for item in node):
        raise Unreadable("The connections of this model cannot be read.", mend="Save it again with Keras 3.")
    tensors = [_tensor(item) for item in node]
    named = next((item[3] for item in node if len(item) == 4 and isinstance(item[3], dict)), {})
    return {"args": tensors if len(tensors) == 1 else [tensors], "kwargs": {key: _value(value) for key, value in named.items()}}


def _tensor(item: list[Any]) -> dict[str, Any]:
    return {"class_name": "__keras_tensor__", "config": {"keras_history": item[:3]}}


def _value(value: Any) -> Any:
    """Return a named value of a call: it may name an output, or hold lists of such names."""
    if is_history(value):
        return _tensor(value)
    return [_value(item) for item in value] if isinstance(value, list) else value


def calculation(entry: dict[str, Any]) -> str | None:
    """Return which calculation an entry is: "math.add", "__operators__.add" and "nn.relu" are add and relu; None for a layer."""
    if entry["class_name"] not in _CALCULATIONS:
        return None
    config = entry.get("config")
    function = config.get("function") if isinstance(config, dict) else None
    return function.rpartition(".")[2] if isinstance(function, str) else "?"


def arguments(args: list[Any], named: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return what a calculation was called with: without its name, and with parts of a tensor as Keras 3 writes them."""
    named = {key: value for key, value in named.items() if key != "name"}
    places = named.pop("slice_spec", None)
    if not isinstance(places, list):
        return args, named
    ranges = [{"class_name": "__slice__", "config": item} if isinstance(item, dict) else item for item in places]
    return [*args, ranges], named


def settings(class_name: str, block: Block, config: Any) -> Any:
    """Return the settings of a layer under the names of now."""
    return keras1.settings(class_name, block, [], dict(config))[1] if isinstance(config, dict) else config


def is_other_sigmoid(entry: dict[str, Any]) -> bool:
    """Tell whether an entry of before Keras 3, which names no module, has the activation whose slope is another now."""
    config = entry.get("config")
    return (
        "module" not in entry
        and isinstance(config, dict)
        and "hard_sigmoid" in [item for item in config.values() if isinstance(item, str)]
    )
