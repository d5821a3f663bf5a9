"""What shape the JSON of a Sequential model says that its input has: each version of Keras wrote it to another place."""

from __future__ import annotations

from typing import Any

from mhub_core.reading import settings
from mhub_core.reading.records import Unreadable
from mhub_core.reading.sketch import Sketch, Tensor

MODELS = ("Functional", "Model", "Sequential")


def is_model(value: Any) -> bool:
    """Tell whether a value could be the config of a model."""
    return settings.is_object(value) and value["class_name"] in MODELS


def start(entry: dict[str, Any], first: dict[str, Any], sketch: Sketch, shape: Any) -> Tensor:
    """Return the input of a Sequential model without an InputLayer; the file tells its shape in other places."""
    config = entry.get("config")
    built = entry.get("build_config")
    own = first.get("config")
    places = (
        config.get("build_input_shape") if isinstance(config, dict) else None,
        built.get("input_shape") if isinstance(built, dict) else None,
        own.get("batch_input_shape") if isinstance(own, dict) else None,
        shape,
    )
    found = next((place for place in places if isinstance(place, list) and place), None)
    if found is None and is_model(first):
        found = _own_input(first)
    if found is None:
        told = "This Sequential model does not say what shape its input has."
        raise Unreadable(told, mend="Put keras.Input(shape=...) in front of its layers and export it again.")
    return sketch.input({"shape": found[1:]})


def _own_input(entry: dict[str, Any]) -> list[Any] | None:
    """Return the shape (with the batch) that a model says its first layer takes, wherever in it that layer stands."""
    config = entry.get("config")
    layers = config if isinstance(config, list) else config.get("layers") if isinstance(config, dict) else None
    first = layers[0] if isinstance(layers, list) and layers and settings.is_object(layers[0]) else None
    if first is None or is_model(first):
        return None if first is None else _own_input(first)
    own = first.get("config") or {}
    shape = own.get("batch_shape") or own.get("batch_input_shape") if isinstance(own, dict) else None
    return shape if isinstance(shape, list) else None
