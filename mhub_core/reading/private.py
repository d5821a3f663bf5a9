"""Layers that keras.applications brings along for itself, drawn with layers that everybody may use. Each is exactly equal."""

from __future__ import annotations

from typing import Any

from mhub_core.reading.records import Unreadable
from mhub_core.reading.sketch import Layer, Sketch

_MODULE = "keras.src.applications.convnext"
_CLASSES = ("LayerScale", "StochasticDepth")


def is_known(entry: dict[str, Any]) -> bool:
    """Tell whether an entry is one of these layers."""
    return entry.get("module") == _MODULE and entry["class_name"] in _CLASSES


def layer(entry: dict[str, Any], sketch: Sketch, name: str | None, shape: list[Any] | None) -> Layer:
    """Return the public layer that does the same. `shape`, with the batch, is that of what comes in."""
    config = entry.get("config")
    if not isinstance(config, dict) or not shape:
        raise Unreadable(f"The settings of {name} cannot be read.", mend="Export the model again.")
    if entry["class_name"] == "LayerScale":
        sketch.note(
            "LayerScale of ConvNeXt multiplies each channel by a learned number: in the diagram an EinsumDense does that."
        )
        return sketch.layer("EinsumDense", _scale(config, shape), name)
    sketch.note("StochasticDepth of ConvNeXt drops whole samples: in the diagram a Dropout with noise_shape does that.")
    noise = [None] + [1] * (len(shape) - 1)
    return sketch.layer("Dropout", {"rate": config.get("drop_path_rate"), "noise_shape": noise}, name)


def _scale(config: dict[str, Any], shape: list[Any]) -> dict[str, Any]:
    """A learned number for each channel (Touvron et al. 2021, arXiv 2103.17239, section 3)."""
    letters = "abcdefgh"[: len(shape)]
    initial = {"class": "Constant", "config": {"value": config.get("init_values")}}
    settings = {"equation": f"{letters},{letters[-1]}->{letters}", "kernel_initializer": initial}
    return settings | {"output_shape": shape[1:-1] + [config.get("projection_dim")]}
