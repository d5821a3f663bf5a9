"""The networks of keras.applications that a script only names: the code that builds them is read as any other script is.

It is the code of the installed Keras, found as text beside it; neither it nor Keras is run or imported.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from functools import cache
from pathlib import Path
from typing import Any

from mhub_core.reading import operations, private
from mhub_core.reading.records import Unreadable
from mhub_core.reading.script.values import Function
from mhub_core.reading.sketch import Layer, Sketch, Tensor

HOME = "keras.applications."
STEPS = 20_000  # What one of these networks counts as; each may take as many by itself as a whole script.
_WEIGHTED = ("efficientnet",)  # Modules whose networks have one layer more when they are built for weights of ImageNet.
_PLACE = re.compile(r"[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)?\Z")
_EXPORTED = re.compile(r"^from keras\.src\.applications\.(\w+) import \(?\s*(\w+) as (\w+)", re.MULTILINE)
# The arguments of functions of keras.applications.imagenet_utils, as they were called before Keras 3.
_RENAMED = {"include_top": "require_flatten", "dim_ordering": "data_format"}
# Layers that these modules keep for themselves.
SCALING = "_preprocess_tensor_input"
# How it scales images: the mean and the deviation of each channel, of pixels in BGR from 0 to 255, and in RGB from 0 to 1.
_SCALES = {
    "caffe": ([103.939, 116.779, 123.68], [1.0, 1.0, 1.0]),
    "torch": ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
}
PRIVATE = ("LayerScale", "StochasticDepth", "CustomScaleLayer")


@cache
def _folder() -> Path | None:
    found = importlib.util.find_spec("keras")
    return None if found is None or found.origin is None else Path(found.origin).parent


@cache
def _text(*parts: str) -> str:
    folder = _folder()
    path = None if folder is None else folder.joinpath(*parts)
    return path.read_text("utf-8") if path is not None and path.is_file() else ""


def place(path: str) -> tuple[str, str]:
    """Return the module and the name in it of something in keras.applications. Raises Unreadable."""
    rest = path[len(HOME) :]
    *home, name = rest.split(".") if _PLACE.match(rest) else [""]
    for module, inner, outer in _EXPORTED.findall(_text("applications", *home, "__init__.py")):
        if outer == name:
            return module, inner
    if home and f"def {name.lstrip('_')}(" in _text("src", "applications", f"{home[0]}.py"):
        return home[0], name.lstrip("_")  # Keras 2 kept some for itself that were used all the same.
    raise Unreadable(f"{path[:80]} is not a network of the installed Keras", mend="Use one that keras.applications has.")


@cache
def has(path: str) -> bool:
    """Tell whether keras.applications has something of this name."""
    try:
        place(path)
    except Unreadable:
        return False
    return True


@cache
def body(module: str) -> list[ast.stmt]:
    """Return the statements of a module."""
    return ast.parse(_text("src", "applications", f"{module}.py")).body


def without_weights(module: str, function: Function, args: list[Any], named: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """Return what a network is built with when it gets no weights, and the weights that were meant (None for random ones).

    Some get the name of the weights all the same: what would load them is left out as any other line that is not read.
    """
    places = [item.arg for item in function.node.args.args]
    named = dict(zip(places, args)) | {key if key in places else _RENAMED.get(key, key): value for key, value in named.items()}
    if "weights" not in places:
        return named, None
    meant = named.get("weights", function.defaults.get("weights"))
    is_kept = module in _WEIGHTED and meant == "imagenet"
    return named | {"weights": meant if is_kept else None}, meant


def scaled(image: Any, data_format: Any = None, mode: str = "caffe", *, sketch: Sketch) -> Tensor:
    """Return an image as a network takes it: what Keras computes with arrays, drawn as layers. Raises Unreadable."""
    if data_format not in (None, "channels_last"):
        raise Unreadable("it scales images whose channels stand first", mend="Put the channels last.")
    if mode == "tf":
        part = operations.apply("divide", sketch, [image, 127.5], {})
        return operations.apply("subtract", sketch, [part, 1.0], {})
    mean, deviation = _SCALES[mode]
    if mode == "caffe":
        whole = {"class_name": "__ellipsis__"}
        channels = [operations.apply("getitem", sketch, [image, [whole, place]], {}) for place in (2, 1, 0)]
        image = operations.apply("stack", sketch, [channels], {"axis": -1})
    else:
        image = operations.apply("divide", sketch, [image, 255.0], {})
    offset = [-center / width for center, width in zip(mean, deviation)]
    return sketch.apply("Rescaling", image, scale=[1 / width for width in deviation], offset=offset)


def own_layer(name: str, args: list[Any], named: dict[str, Any], sketch: Sketch) -> Layer:
    """Return a layer that these modules keep for themselves: it is drawn as public ones that do the same."""
    title = named.get("name")
    keys = {"LayerScale": ("init_values", "projection_dim"), "StochasticDepth": ("drop_path_rate",)}.get(name, ("scale",))
    config = dict(zip(keys, args)) | named

    def draw(given: list[Any], more: dict[str, Any]) -> list[Tensor]:
        if name == "CustomScaleLayer":
            first, second = given[0]
            scaled = operations.apply("multiply", sketch, [second, config["scale"]], {})
            return [operations.apply("add", sketch, [first, scaled], {}, title)]
        entry = {"class_name": name, "config": config}
        return sketch.call(private.layer(entry, sketch, title, [None, *(given[0].shape or ())]), given)

    return Layer(name, {}, title, drawn=draw)
