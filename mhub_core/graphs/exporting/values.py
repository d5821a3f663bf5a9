"""A layer as the Python expression that makes it: defaults left out, the obvious arguments without their names."""

from __future__ import annotations

from typing import Any

from mhub_core.catalog import catalog
from mhub_core.catalog.records import Argument, Block
from mhub_core.graphs.exporting.expression import Call, Items, literal, quoted

MODULES = {
    "layer": "layers",
    "initializer": "keras.initializers",
    "regularizer": "keras.regularizers",
    "constraint": "keras.constraints",
    "schedule": "keras.optimizers.schedules",
}
# Clear without their names, where they stand first.
NAMELESS = {
    "activation", "cell", "cells", "dims", "equation", "filters", "input_dim", "kernel_size", "layer", "layers", "n",
    "output_dim", "pool_size", "rate", "scale", "size", "target_shape", "units",
}  # fmt: skip


def layer(class_name: str, config: dict[str, Any], name: str = "") -> Call:
    """Return the expression that makes a layer, with a name of its own if one is given."""
    block = catalog.require_layer(class_name)
    call = _call(block, config, "keras.Input" if class_name == "InputLayer" else f"layers.{class_name}")
    named = (("name", quoted(name)),) if name else ()
    return Call(call.function, call.arguments + named)


def _call(block: Block, config: dict[str, Any], function: str) -> Call:
    clean = catalog.check_config(block.name, config, block.group)
    given = [argument for argument in block.arguments if argument.name in clean]
    nameless = _num_nameless(block, given)
    names = ("" if place < nameless else argument.name for place, argument in enumerate(given))
    return Call(function, tuple((name, _value(argument, clean[argument.name])) for name, argument in zip(names, given)))


def _num_nameless(block: Block, given: list[Argument]) -> int:
    """Return how many arguments can do without their names: Dense(10), Conv2D(32, 3), Embedding(1000, 64)."""
    count = 0
    for argument, expected in zip(given, block.arguments):
        is_second_thought = count and not argument.required  # Not the activation of Dense(10, activation="relu").
        if argument is not expected or argument.name not in NAMELESS or is_second_thought:
            break
        count += 1
    return count


def _value(argument: Argument, value: Any) -> Any:
    if argument.type == "layers":
        return Items(tuple(_nested("layer", item) for item in value))
    if isinstance(value, dict):
        return _nested(argument.type, value)
    if argument.type == "strings":
        return Items(tuple(quoted(text) for text in value)) if value is not None else "None"
    return literal(value)


def _nested(group: str, value: dict[str, Any]) -> Call:
    block = catalog.require_block(group, value["class"])
    return _call(block, value["config"], f"{MODULES[group]}.{block.name}")
