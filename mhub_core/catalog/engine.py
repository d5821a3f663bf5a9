"""Turns a class name and a checked form into the Keras object. Imports Keras."""

from __future__ import annotations

from typing import Any

import keras

from mhub_core.catalog import catalog
from mhub_core.catalog.records import Argument, Block

MODULES = {
    "layer": keras.layers,
    "optimizer": keras.optimizers,
    "schedule": keras.optimizers.schedules,
    "loss": keras.losses,
    "metric": keras.metrics,
    "callback": keras.callbacks,
    "initializer": keras.initializers,
    "regularizer": keras.regularizers,
    "constraint": keras.constraints,
}


def construct(group: str, class_name: str, config: dict[str, Any], **extra: Any) -> Any:
    """Return a Keras object. `config` must have passed `catalog.check_config`; `extra` is given to Keras as it is."""
    return construct_block(catalog.require_block(group, class_name), config, **extra)


def construct_block(block: Block, config: dict[str, Any], **extra: Any) -> Any:
    """Return a Keras object of a catalogue entry."""
    values = {name: _value(block.argument(name), value) for name, value in config.items()}
    return getattr(MODULES[block.group], block.name)(**values, **extra)


def _value(argument: Argument | None, value: Any) -> Any:
    assert argument is not None
    if argument.type == "layers":
        return [construct("layer", item["class"], item["config"]) for item in value]
    if isinstance(value, dict):
        return construct(argument.type, value["class"], value["config"])
    if isinstance(value, list) and argument.type != "strings":
        return _tuple(value)
    return value


def _tuple(value: Any) -> Any:
    return tuple(_tuple(item) for item in value) if isinstance(value, list) else value
