"""What the names of Keras mean in a script: layers, inputs, models, initializers, and calculations on the outputs of layers."""

from __future__ import annotations

import builtins
import re
from typing import Any

from mhub_core.catalog import catalog, fields
from mhub_core.catalog.records import Argument, Block
from mhub_core.reading import operations, settings
from mhub_core.reading.records import Unreadable
from mhub_core.reading.script import arithmetic, keras1
from mhub_core.reading.script.values import Component, Function, Network, Reference
from mhub_core.reading.settings import RENAMED
from mhub_core.reading.sketch import Layer, Sketch, Tensor

GROUPS = {"keras.initializers": "initializer", "keras.regularizers": "regularizer", "keras.constraints": "constraint"}
_MERGING = {name.lower(): name for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot")}
_CALCULATIONS = (
    "keras.ops", "keras.activations", "keras.backend", "tensorflow", "tensorflow.nn", "tensorflow.math",
    "tensorflow.image", "keras.ops.nn", "keras.ops.numpy", "keras.ops.image",
)  # fmt: skip
_SHORT = {"l1_l2": "L1L2", "l1": "L1", "l2": "L2", "orthogonal_regularizer": "OrthogonalRegularizer"}
# What these give in the Keras that the hub has.
CONSTANTS = {
    "keras.backend.image_data_format": "channels_last", "keras.config.image_data_format": "channels_last",
    "keras.backend.image_dim_ordering": "tf", "keras.backend.backend": "tensorflow", "keras.config.backend": "tensorflow",
}  # fmt: skip
SET_CHANNELS = (
    "keras.backend.set_image_data_format", "keras.config.set_image_data_format", "keras.backend.set_image_dim_ordering",
)  # fmt: skip
_DTYPE = re.compile(r"(?:tensorflow|numpy|keras\.backend|jax\.numpy)\.((?:u?int|float|bfloat)[0-9]+|bool|string)\Z")
_KNOWN = ("keras", "tensorflow", "numpy", "os", "sys", "math")
OWN_WEIGHTS = "the script gives it weights of its own; here it starts untrained."
PRETRAINED = "the script takes it with trained weights; here it is built as with weights=None, and starts untrained."


def is_layer(path: str) -> bool:
    """Tell whether a name is that of a layer class."""
    home, _, name = path.rpartition(".")
    return home.startswith("keras.layers") and name[:1].isupper()


def class_name(name: str) -> str:
    """Return the class that Keras means by a name: MaxPool2D is MaxPooling2D."""
    name = keras1.class_name(name).replace("Convolution", "Conv").replace("GroupedQuery", "GroupQuery")
    return re.sub(r"Pool(?=\dD)", "Pooling", re.sub(r"Avg(?=Pool)", "Average", name))


def layer(sketch: Sketch, path: str, args: list[Any], named: dict[str, Any]) -> tuple[Layer, list[Any] | None]:
    """Return a layer, and the shape (without the batch) that it says its input has, as scripts of before Keras 3 do."""
    name = class_name(path.rpartition(".")[2])
    if name == "Merge":
        name, named = keras1.merging(args, named)
    block = catalog.require_layer(name)
    own = named.pop("name", None)
    args, named = keras1.settings(path.rpartition(".")[2], block, args, named)
    shape = old_shape(block, named)
    config = _settings(block, args, named)
    return sketch.layer(block.name, config, own if isinstance(own, str) else None), shape


def old_shape(block: Block, named: dict[str, Any]) -> list[Any] | None:
    """Take out what a first layer of before Keras 3 says about what comes in, and return it as a shape."""
    shape, batch_shape, length = (plain(named.pop(key, None)) for key in ("input_shape", "batch_input_shape", "input_length"))
    width = named.pop("input_dim", None) if block.argument("input_dim") is None else None
    if isinstance(batch_shape, list):
        return batch_shape[1:]
    if isinstance(shape, list):
        return shape
    if block.name == "Embedding" and length is not None:
        return length if isinstance(length, list) else [length]
    if block.family == "rnn" and (width, length) != (None, None):
        return [length, width]
    return None if width is None else [width]


def _settings(block: Block, args: list[Any], named: dict[str, Any]) -> dict[str, Any]:
    if len(args) > len(block.arguments):
        raise Unreadable(f"{block.name} receives more arguments than it accepts")
    ordered = {argument.name: value for argument, value in zip(block.arguments, args)}
    ordered |= named
    return {key: _setting(block, key, value) for key, value in ordered.items() if not _is_unused(block, key, value)}


def _is_unused(block: Block, key: str, value: Any) -> bool:
    """Tell whether a setting is one that says nothing, such as weights=None or dtype="float32"."""
    return (block.argument(key) is None and value is None) or (key == "dtype" and plain(value) == "float32")


def _setting(block: Block, key: str, value: Any) -> Any:
    argument = block.argument(key)
    if argument is not None and settings.is_object(value):
        return settings.clean(block, {key: value}, block.name)[key]
    value = settings.renamed(key, value)
    if argument is not None and argument.type == "enum" and isinstance(value, str):
        return value.lower() if value.lower() in argument.choices else value  # Keras takes padding="SAME" too.
    if argument is not None and argument.type in ("layer", "layers", "activation"):
        return _inner(argument, value)
    return plain(value)


def _inner(argument: Argument, value: Any) -> Any:
    if isinstance(value, list):
        return [_inner(argument, item) for item in value]
    if isinstance(value, Layer) and value.inside is None and value.then is None:
        return {"class": value.class_name, "config": value.config}
    if isinstance(value, Network):
        raise Unreadable("a whole model cannot be used inside another layer here", mend="Use a single layer there.")
    return plain(value)


def plain(value: Any) -> Any:
    """Return a setting as the catalogue knows it. Raises Unreadable for what no setting can be."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, Component):
        return {"class": value.name, "config": value.config}
    if isinstance(value, Reference):
        return _named_value(value.path)
    if isinstance(value, (Function, Layer, Tensor, Network)):
        raise Unreadable("one of its settings is something that is computed when the script runs", mend="Give it a plain value.")
    return RENAMED.get(value, value) if isinstance(value, str) else value


def _named_value(path: str) -> Any:
    """Return what a name stands for as a setting: an activation, a number format, a class of initializers."""
    home, _, last = path.rpartition(".")
    name = RENAMED.get(last, last)
    if home in _CALCULATIONS and (name in fields.ACTIVATIONS or name in fields.NO_ACTIVATIONS):
        return name  # The catalogue says why some cannot be.
    if match := _DTYPE.match(path):
        return match.group(1)
    if home in GROUPS and catalog.get_block(GROUPS[home], last):
        return {"class": last, "config": {}}
    raise not_read(path)


def not_read(path: str) -> Unreadable:
    """Return why a name that no line gives a value cannot stand where a plain value must."""
    home, _, _ = path.rpartition(".")
    top = path.lstrip(".").partition(".")[0]
    what = path.lstrip(".")[:80]
    if path.startswith("."):
        return Unreadable(
            f"{what} is defined in another file, which the importer cannot see",
            mend="Copy the lines of that file into this script.",
        )
    if not home and not hasattr(builtins, path):
        return Unreadable(f"{what} is not defined in this script", mend="Add the lines that define it to this script.")
    if home and top not in _KNOWN:
        return Unreadable(
            f"{what} comes from the module {home[:60]}, which the importer cannot see", mend="Write a plain value in its place."
        )
    return Unreadable(f"{what} is known only when the script runs", mend="Write a plain value in its place.")


def component(path: str, args: list[Any], named: dict[str, Any]) -> Component:
    """Return an initializer, regularizer or constraint."""
    home, _, last = path.rpartition(".")
    if last == "get" and args:
        found = plain(args[0])
        return found if isinstance(found, Component) else Component(str(found), {})
    block = catalog.require_block(GROUPS[home], _SHORT.get(last, last))
    named.pop("name", None)
    if last == "l1_l2":
        named = {"l1": 0.01, "l2": 0.01} | named
    return Component(block.name, _settings(block, args, named))


def is_calculation(path: str) -> bool:
    """Tell whether a name is that of a calculation that can be tried on the outputs of layers."""
    home, _, last = path.rpartition(".")
    return home in _CALCULATIONS and operations.is_known(last)


def merged(sketch: Sketch, path: str, args: list[Any], named: dict[str, Any]) -> Tensor | None:
    """Return what `layers.add([a, b])` and its like give; None for any other name."""
    home, _, last = path.rpartition(".")
    if last == "merge" and len(args) > 1:
        named["mode"] = args.pop(1)
    if last == "merge" and named.get("mode", "sum") in keras1.MERGING:
        last = keras1.MERGING[named.pop("mode", "sum")].lower()
        named = {key: value for key, value in named.items() if key != "concat_axis" or last == "concatenate"}
    if not home.startswith("keras.layers") or last not in _MERGING:
        return None
    given = args.pop(0) if args else named.pop("inputs", None)
    made, _ = layer(sketch, f"keras.layers.{_MERGING[last]}", args, named)
    return sketch.call(made, [given])[0]


def constant(path: str, args: list[Any], named: dict[str, Any]) -> Any:
    """Return what a function gives that has nothing to do with layers. Raises KeyError for any other."""
    if path in arithmetic.NUMBERS:
        return arithmetic.compute(path, args, named)
    if path in CONSTANTS:
        return CONSTANTS[path]
    raise KeyError(path)
