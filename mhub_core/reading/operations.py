"""Calculations that stand in a model without being layers, such as `x + y`: each becomes the layer that does the same.

The names are those of `keras.ops`; what a script calls elsewhere under such a name means the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mhub_core.catalog import fields
from mhub_core.graphs.editing.common import automatic_name
from mhub_core.reading import images, part, reductions, settings
from mhub_core.reading.sketch import Sketch, Tensor
from mhub_core.reading.work import Work

_ACTIVATIONS = {"exp": "exponential", "identity": "linear", **settings.RENAMED}
# How many arguments an operation takes besides what it computes on, in the order of Keras, when they come without names.
_PARAMETERS = {
    "concatenate": ("axis",), "concat": ("axis",), "stack": ("axis",), "reshape": ("newshape",), "transpose": ("axes",),
    "mean": ("axis", "keepdims"), "max": ("axis", "keepdims"), "sum": ("axis", "keepdims"),
    "expand_dims": ("axis",), "squeeze": ("axis",),
    "clip": ("x_min", "x_max"), "softmax": ("axis",), "leaky_relu": ("negative_slope",), "elu": ("alpha",),
    "l2_normalize": ("axis",), "space_to_depth": ("block_size", "data_format"), "depth_to_space": ("block_size", "data_format"),
    "gelu": ("approximate",), "pad": ("pad_width", "mode", "constant_values"), "resize": ("size", "interpolation"),
}  # fmt: skip
_ALIASES = {
    "concat": "concatenate", "true_divide": "divide", "reduce_mean": "mean", "reduce_max": "max", "reduce_sum": "sum",
    "neg": "negative",
    "permute_dimensions": "transpose", "clip_by_value": "clip", "get_item": "getitem", "max_axis": "max",
    "abs": "absolute",
}  # fmt: skip
_NAMED = {
    "shape": "newshape",
    "perm": "axes",
    "pattern": "axes",
    "values": "xs",
    "clip_value_min": "x_min",
    "clip_value_max": "x_max",
}


def is_operation(entry: dict[str, Any]) -> bool:
    """Tell whether an entry of a config is a calculation of keras.ops and not a layer."""
    module = entry.get("module")
    return isinstance(module, str) and module.startswith(("keras.src.ops.", "keras.ops"))


def from_config(entry: dict[str, Any], sketch: Sketch, name: str, args: list[Any], named: dict[str, Any]) -> list[Tensor]:
    """Return what an operation of a config gives. Its settings stand partly in its config, partly at its call."""
    if not str(entry["module"]).startswith("keras."):
        raise settings.own_code(entry["class_name"], name)
    config = entry.get("config")
    options = {key: value for key, value in config.items() if key != "name"} if isinstance(config, dict) else {}
    options |= named
    # The function of a class is called as Keras calls its first layer: ExpandDims is expand_dims.
    return [apply(automatic_name(entry["class_name"]), sketch, args, options, name)]


def is_known(operation: str) -> bool:
    """Tell whether there is a layer for an operation."""
    return operation in _HANDLERS or _ALIASES.get(operation) in _HANDLERS or _activation(operation) is not None


def _activation(operation: str) -> str | None:
    name = _ACTIVATIONS.get(operation, operation)
    return name if name in fields.ACTIVATIONS else None


def apply(operation: str, sketch: Sketch, args: list[Any], options: dict[str, Any], name: str | None = None) -> Tensor:
    """Return what an operation gives, computed by layers. Raises Unreadable for one that no layer computes."""
    operation = _ALIASES.get(operation, operation)
    work = Work(operation, sketch, name)
    options = {_NAMED.get(key, key): value for key, value in options.items()}
    taken = _PARAMETERS.get(operation, ())
    if taken and len(args) > 1:
        options = dict(zip(taken, args[1:])) | options
        args = args[:1]
    args = args or [options.pop(key) for key in ("x", "xs", "x1", "inputs", "tensor", "images") if key in options][:1]
    args += [options.pop(key) for key in ("x2", "y") if key in options]
    if operation in _HANDLERS and args:
        return _HANDLERS[operation](work, args, options)
    activation = _activation(operation)
    if activation and len(args) == 1 and isinstance(args[0], Tensor):
        return _activate(work, activation, args[0], options)
    raise work.refused()


def _constant(work: Work, value: Any) -> float | list[float]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in values):
        raise work.refused("one side is neither a layer nor a number")
    return [float(item) for item in values] if isinstance(value, list) else float(value)


def _merge(class_name: str) -> Callable[..., Tensor]:
    def draw(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
        values = args[0] if len(args) == 1 and isinstance(args[0], list) else args
        tensors = [work.tensor(value) for value in values]
        ranks = {len(tensor.shape) for tensor in tensors if tensor.shape is not None}
        if len(tensors) < 2 or len(ranks) > 1:
            raise work.refused("its sides have different numbers of dimensions")
        return work.draw(class_name, tensors, **options)

    return draw


def _arithmetic(class_name: str) -> Callable[..., Tensor]:
    """Two layers are merged; a layer and a number become a Rescaling."""
    merge = _merge(class_name)

    def draw(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
        if len(args) != 2 or all(isinstance(item, Tensor) for item in args):
            return merge(work, args, {})
        is_first = isinstance(args[0], Tensor)
        tensor, number = (args[0], args[1]) if is_first else (args[1], args[0])
        value = _constant(work, number)
        return work.draw("Rescaling", work.tensor(tensor), **_rescaling(class_name, value, is_first))

    return draw


def _rescaling(class_name: str, value: Any, is_first: bool) -> dict[str, Any]:
    if class_name == "Multiply":
        return {"scale": value}
    if class_name == "Add":
        return {"scale": 1.0, "offset": value}
    return {"scale": 1.0, "offset": _each(value, lambda item: -item)} if is_first else {"scale": -1.0, "offset": value}


def _each(value: Any, change: Callable[[float], float]) -> Any:
    return [change(item) for item in value] if isinstance(value, list) else change(value)


def _divide(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
    if len(args) != 2 or isinstance(args[1], Tensor):
        raise work.refused()
    value = _constant(work, args[1])
    if value == 0 or (isinstance(value, list) and 0 in value):
        raise work.refused("it divides by zero")
    return work.draw("Rescaling", work.tensor(args[0]), scale=_each(value, lambda item: 1 / item))


def _negative(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
    return work.draw("Rescaling", work.tensor(args[0]), scale=-1.0)


def _extreme(class_name: str) -> Callable[..., Tensor]:
    merge = _merge(class_name)

    def draw(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
        numbers = [item for item in args if not isinstance(item, (Tensor, list))]
        if class_name == "Maximum" and numbers == [0] and len(args) == 2:
            return work.draw("ReLU", work.tensor(next(item for item in args if isinstance(item, Tensor))))
        return merge(work, args, {})

    return draw


def _square(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
    return work.draw("Multiply", [work.tensor(args[0]), work.tensor(args[0])])


def _absolute(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
    """The larger of a number and its opposite."""
    tensor = work.tensor(args[0])
    return work.draw("Maximum", [tensor, work.draw("Rescaling", tensor, scale=-1.0)])


def _unit(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
    """Both keep a length below 1e-6 (a square below 1e-12) from dividing by zero."""
    if not isinstance(options.get("axis"), (int, list)) or options.keys() - {"axis"}:
        raise work.refused("only along an axis has one")
    return work.draw("UnitNormalization", work.tensor(args[0]), axis=options["axis"])


def _power(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
    if len(args) != 2 or args[1] != 2 or isinstance(args[1], Tensor):
        raise work.refused("only the square has one")
    return _square(work, args, options)


def _concatenate(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
    axis = options.get("axis", 0 if work.name else -1)
    if axis == 0 or not isinstance(args[0], list):
        raise work.refused("it joins samples, not features")
    return work.draw("Concatenate", [work.tensor(item) for item in args[0]], axis=axis)


def _reshape(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
    target = options.get("newshape")
    if not isinstance(target, list) or not target or target[0] not in (-1, None):
        raise work.refused("it does not leave the samples apart")
    target = [-1 if size is None else size for size in target[1:]]
    return work.draw("Reshape", work.tensor(args[0]), target_shape=target)


def _transpose(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
    axes = options.get("axes")
    if not isinstance(axes, list) or not axes or axes[0] != 0:
        raise work.refused("it does not leave the samples apart")
    return work.draw("Permute", work.tensor(args[0]), dims=axes[1:])


def _expand_dims(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
    tensor = work.tensor(args[0])
    shape = [-1 if size is None else size for size in work.shape(tensor)]
    axis = options.get("axis")
    place = axis if isinstance(axis, int) and axis >= 0 else len(shape) + 2 + (axis if isinstance(axis, int) else -99)
    if not 1 <= place <= len(shape) + 1 or shape.count(-1) > 1:
        raise work.refused("it needs a known shape and a dimension behind the samples")
    return work.draw("Reshape", tensor, target_shape=[*shape[: place - 1], 1, *shape[place - 1 :]])


def _stack(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
    """Each gets a dimension of size 1, along which they are joined."""
    if not isinstance(args[0], list):
        raise work.refused()
    parts = [_expand_dims(work, [item], {"axis": options.get("axis", 0)}) for item in args[0]]
    return work.draw("Concatenate", parts, axis=options["axis"]) if len(parts) > 1 else parts[0]


def _squeeze(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
    tensor = work.tensor(args[0])
    shape = [-1 if size is None else size for size in work.shape(tensor)]
    axis = options.get("axis")
    place = (axis + len(shape) + 1 if axis < 0 else axis) if isinstance(axis, int) else 0
    if not 1 <= place <= len(shape) or shape[place - 1] != 1 or shape.count(-1) > 1:
        raise work.refused("it needs a known shape and a dimension of size 1 behind the samples")
    return work.draw("Reshape", tensor, target_shape=shape[: place - 1] + shape[place:])


def _clip(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
    low, high = options.get("x_min"), options.get("x_max")
    if low != 0 or not isinstance(high, (int, float)):
        raise work.refused("only a lower end of 0 has one")
    return work.draw("ReLU", work.tensor(args[0]), max_value=float(high))


def _matmul(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
    tensors = [work.tensor(item) for item in args]
    if len(tensors) != 2 or any(len(work.shape(tensor)) != 2 for tensor in tensors):
        raise work.refused("only that of two sequences has one")
    return work.draw("Dot", tensors, axes=[2, 1])


def _activate(work: Work, activation: str, tensor: Tensor, options: dict[str, Any]) -> Tensor:
    if activation == "gelu" and options.pop("approximate", False):
        work.sketch.note("gelu is computed exactly here, not by its approximation: the difference is below 0.001.")
    if activation == "leaky_relu":
        return work.draw("LeakyReLU", tensor, negative_slope=float(options.get("negative_slope", options.get("alpha", 0.2))))
    if activation == "elu" and options.get("alpha", 1.0) != 1.0:
        return work.draw("ELU", tensor, alpha=options["alpha"])
    if activation == "softmax" and options.get("axis", -1) != -1:
        return work.draw("Softmax", tensor, axis=options["axis"])
    if activation == "relu" and options.keys() & {"max_value", "negative_slope", "threshold"}:
        return work.draw("ReLU", tensor, **options)
    usual = {"alpha": 1.0, "axis": -1, "b": 4, "threshold": 0.5, "name": None}
    if any(value != usual.get(key) for key, value in options.items()):
        raise work.refused("its settings differ from the usual ones")
    return work.draw("Activation", tensor, activation=activation)


_HANDLERS: dict[str, Callable[..., Tensor]] = {
    "add": _arithmetic("Add"),
    "subtract": _arithmetic("Subtract"),
    "multiply": _arithmetic("Multiply"),
    "divide": _divide,
    "negative": _negative,
    "maximum": _extreme("Maximum"),
    "minimum": _extreme("Minimum"),
    "average": _merge("Average"),
    "square": _square,
    "l2_normalize": _unit,
    "absolute": _absolute,
    "power": _power,
    "concatenate": _concatenate,
    "reshape": _reshape,
    "transpose": _transpose,
    "mean": reductions.pooled("Average"),
    "max": reductions.pooled("Max"),
    "sum": reductions.added,
    "expand_dims": _expand_dims,
    "squeeze": _squeeze,
    "stack": _stack,
    "clip": _clip,
    "pad": images.pad,
    "matmul": _matmul,
    "resize": images.resize,
    "getitem": part.of,
    "space_to_depth": images.to_depth,
    "depth_to_space": images.to_space,
}
