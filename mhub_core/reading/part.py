"""Taking a part of a tensor, such as `x[:, 1:-1]` or `x[:, 0]`: a range is a Cropping, one step is a Cropping and a Reshape."""

from __future__ import annotations

from typing import Any

from mhub_core.reading.sketch import Tensor
from mhub_core.reading.work import Work

INDEX_CLASSES = ("__slice__", "__ellipsis__")  # What Keras writes for them into a config; a script's reader does the same.
_WHOLE = {"class_name": "__slice__", "config": {}}


def of(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
    """Return what `tensor[places]` gives. The batch must stay whole, and so must the features."""
    tensor = work.tensor(args[0])
    shape = work.shape(tensor)
    places = args[1] if len(args) > 1 and isinstance(args[1], list) else args[1:]
    places = _filled(list(places), len(shape) + 1)
    if len(places) != len(shape) + 1 or not _is_whole(places[0]) or len(shape) not in (1, 2, 3):
        raise work.refused("only a part of the steps, positions or features has one")
    places = places[1:]
    cuts = [_cut(work, place, size) for place, size in zip(places, shape)]
    found = tensor
    if any(cut != (0, 0) for cut in cuts[:-1]):
        cropping = list(cuts[0]) if len(shape) == 2 else [list(cut) for cut in cuts[:-1]]
        found = work.draw(f"Cropping{len(shape) - 1}D", tensor, cropping=cropping)
    if cuts[-1] != (0, 0):
        found = _features(work, found, cuts[-1])
    left = [size for place, size in zip(places, found.shape or shape) if type(place) is not int]
    return (
        found
        if len(left) == len(shape)
        else work.draw("Reshape", found, target_shape=[-1 if size is None else size for size in left])
    )


def _features(work: Work, tensor: Tensor, cut: tuple[int, int]) -> Tensor:
    """Return some of the features: they are turned to where the steps or positions are, cropped there, and turned back."""
    shape = work.shape(tensor)
    if len(shape) == 1:
        steps = work.draw("Reshape", tensor, target_shape=[shape[0], 1])
        return work.draw("Reshape", work.draw("Cropping1D", steps, cropping=list(cut)), target_shape=[-1])
    dims = [2, 1] if len(shape) == 2 else [1, 3, 2]
    turned = work.draw("Permute", tensor, dims=dims)
    cropping = list(cut) if len(shape) == 2 else [[0, 0], list(cut)]
    return work.draw("Permute", work.draw(f"Cropping{len(shape) - 1}D", turned, cropping=cropping), dims=dims)


def _filled(places: list[Any], rank: int) -> list[Any]:
    """Return one place for each dimension: an ellipsis, or nothing at the end, stands for as many whole ones as fit."""
    at = next((place for place, item in enumerate(places) if _is_class(item, "__ellipsis__")), len(places))
    missing = max(rank - len(places) + (at < len(places)), 0)
    return places[:at] + [_WHOLE] * missing + places[at + 1 :]


def _is_class(value: Any, name: str) -> bool:
    return isinstance(value, dict) and value.get("class_name") == name


def _slice(value: Any) -> tuple[Any, Any, Any]:
    config = value.get("config") if _is_class(value, "__slice__") else None
    if not isinstance(config, dict):
        return None, None, None
    return config.get("start"), config.get("stop"), config.get("step")


def _is_whole(value: Any) -> bool:
    return _is_class(value, "__slice__") and _slice(value) in ((None,) * 3, (0, None, None))


def _cut(work: Work, place: Any, size: int | None) -> tuple[int, int]:
    """Return how much is cut off at both ends."""
    if _is_whole(place):
        return 0, 0
    if size is None or not (type(place) is int or _is_class(place, "__slice__")):
        raise work.refused("the size of what it takes from is not known")
    start, stop, step = (place, place + 1 or None, None) if type(place) is int else _slice(place)
    if step not in (None, 1) or not all(item is None or type(item) is int for item in (start, stop)):
        raise work.refused("it leaves some out in between")
    first, last, _ = slice(start, stop).indices(size)
    if first >= last:
        raise work.refused("it takes nothing")
    return first, size - last
