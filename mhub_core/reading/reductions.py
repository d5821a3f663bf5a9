"""Means, maxima and sums over all steps or positions: each is a global pooling, and a sum a mean times their number."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from mhub_core.reading.sketch import Tensor
from mhub_core.reading.work import Work

_POOLED = {3: ("1D", [1]), 4: ("2D", [1, 2]), 5: ("3D", [1, 2, 3])}


def pooled(kind: str) -> Callable[..., Tensor]:
    """Return what draws a mean or a maximum, as a function of (work, arguments, options)."""

    def draw(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
        tensor = work.tensor(args[0])
        axes, dims, places = _axes(work, tensor, options)
        channels = {} if axes == places else {"data_format": "channels_first"}
        keep = {"keepdims": True} if options.get("keepdims") else {}
        return work.draw(f"Global{kind}Pooling{dims}", tensor, **channels, **keep)

    return draw


def added(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
    """Return a sum. Raises Unreadable where it is not known over how many."""
    tensor = work.tensor(args[0])
    shape = work.shape(tensor)
    sizes = [size for axis in _axes(work, tensor, options)[0] if (size := shape[axis - 1]) is not None]
    if len(sizes) < len(shape) - 1:
        raise work.refused("it is not known over how many")
    mean = pooled("Average")(work, args, options)
    return work.draw("Rescaling", mean, scale=float(math.prod(sizes)))


def _axes(work: Work, tensor: Tensor, options: dict[str, Any]) -> tuple[list[int], str, list[int]]:
    """Return the axes, the ending of the pooling's name, and the axes of positions. Raises Unreadable when they differ."""
    rank = len(work.shape(tensor)) + 1
    given = options.get("axis")
    given = given if isinstance(given, list) else [given]
    axes = sorted(axis + rank if axis < 0 else axis for axis in given if isinstance(axis, int))
    dims, places = _POOLED.get(rank, ("", []))
    if axes not in (places, [place + 1 for place in places]) or len(axes) < len(given) or not dims:
        raise work.refused("it does not run over all positions")
    return axes, dims, places
