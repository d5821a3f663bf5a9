"""Which shape the output of a layer has, and whether that is all that Keras knows of it.

`graphs.shapes` says None also for a size that it does not follow; a script that asks for it must not be told that it is open.
"""

from __future__ import annotations

from typing import Any

from mhub_core.graphs import shapes

Shape = tuple[int | None, ...]


def of(class_name: str, config: dict[str, Any], call: dict[str, Any], given: list[Shape]) -> Shape:
    """Return the shape of what a layer gives, one sample's."""
    if class_name.startswith(("ZeroPadding", "Cropping")) and config.get("data_format") != "channels_first":
        sign = 1 if class_name.startswith("Zero") else -1
        return _framed(given[0], config.get("padding", config.get("cropping")), sign, 0 if class_name == "Cropping2D" else 1)
    if class_name.startswith("Global") and config.get("keepdims") and config.get("data_format") != "channels_first":
        return (*[1] * (len(given[0]) - 1), given[0][-1])
    node = {"class": class_name, "config": config, "call": call}
    return tuple(shapes.output_shape(node, [list(shape) for shape in given]))


def _framed(shape: Shape, told: Any, sign: int, usual: int) -> Shape:
    """Return a shape with so many positions more, or fewer, at both ends of each dimension but the channels."""
    dims = len(shape) - 1
    frame = usual if told is None else told
    if dims == 1:
        pairs = [frame if isinstance(frame, list) else [frame, frame]]
    else:
        each = frame if isinstance(frame, list) else [frame] * dims
        pairs = [item if isinstance(item, list) else [item, item] for item in each]
    return (*(None if size is None else size + sign * sum(pair) for size, pair in zip(shape, pairs)), shape[-1])


def is_sure(shape: Shape | None, given: list[tuple[Shape | None, bool]]) -> bool:
    """Tell whether a size that is None is open for Keras too: it is where one of those that came in was."""
    if shape is None or not all(sure for _, sure in given):
        return False
    return None not in shape or any(item is not None and None in item for item, _ in given)
