"""Arrays of a script, of which only the shape is known: those of the sets that Keras brings along, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from mhub_core.reading.records import Unreadable
from mhub_core.reading.script.values import LARGEST, Failure

Sizes = tuple[int | None, ...]
_MOST_SIZES = 32
_DATA = "the size depends on data, which is known only when the script runs"
_PLAIN = "Write the plain number in its place."


@dataclass(frozen=True)
class Array:
    """An array with its sizes, None for one that depends on data. `classes` is the number of classes where it holds labels."""

    sizes: Sizes
    classes: int | None = None

    def __post_init__(self) -> None:
        is_plain = all(item is None or (type(item) is int and 0 <= item <= LARGEST) for item in self.sizes)
        if len(self.sizes) > _MOST_SIZES or not is_plain:
            raise unknown()


def unknown() -> Unreadable:
    """Return the error for a size that nobody knows before the script runs."""
    return Unreadable(_DATA, mend=_PLAIN)


def size(array: Array, axis: int = 0) -> int:
    """Return how many there are along an axis. Raises Unreadable."""
    found = array.sizes[axis]
    if found is None:
        raise unknown()
    return found


def operate(left: Any, right: Any) -> Array:
    """Return what an operator gives for arrays: sizes of 1 are stretched, as NumPy does."""
    sides = [_sizes(side) for side in (left, right)]
    rank = max(map(len, sides))
    first, second = ((1,) * (rank - len(side)) + side for side in sides)
    return Array(tuple(_stretched(a, b) for a, b in zip(first, second)))


def _sizes(side: Any) -> Sizes:
    if isinstance(side, Array):
        return side.sizes
    if isinstance(side, (int, float)):
        return ()
    raise Unreadable("it computes with data, which is known only when the script runs")


def _stretched(a: int | None, b: int | None) -> int | None:
    if a == 1 or b == 1:
        return b if a == 1 else a
    if None not in (a, b) and a != b:
        raise Unreadable("it computes with arrays of unequal sizes")
    return b if a is None else a


def part(array: Array, index: Any) -> Array:
    """Return `array[index]`."""
    places = list(index) if isinstance(index, tuple) else [index]
    left, found = list(array.sizes), []
    for at, place in enumerate(places):
        if isinstance(place, dict) and place.get("class_name") == "__ellipsis__":
            rest = sum(item is not None for item in places[at + 1 :])
            found += [left.pop(0) for _ in range(len(left) - rest)]
        elif place is None:
            found.append(1)
        else:
            found += _cut(left.pop(0), place)
    return Array((*found, *left), array.classes)


def _cut(length: int | None, place: Any) -> list[int | None]:
    if isinstance(place, int) and not isinstance(place, bool):
        return []
    config = place.get("config") if isinstance(place, dict) and place.get("class_name") == "__slice__" else None
    if config is None:
        return [None]  # By a list or a mask: how many remain depends on the data.
    parts = [config["start"], config["stop"], config["step"]]
    if parts in ([None] * 3, [0, None, None]):
        return [length]
    if length is None or not all(item is None or type(item) is int for item in parts):
        return [None]
    return [len(range(length)[slice(*parts)])]


def reshaped(array: Array, shape: list[Any]) -> Array:
    """Return an array in another shape, of which one size may be -1."""
    shape = shape[0] if len(shape) == 1 and isinstance(shape[0], list) else shape
    if not all(type(item) is int and item >= -1 for item in shape) or shape.count(-1) > 1:
        raise Unreadable("it reshapes an array in a way that is not supported")
    total = _product(array.sizes)
    rest = _product(tuple(item for item in shape if item != -1)) or 1
    filled = None if total is None else total // rest
    return Array(tuple(filled if item == -1 else item for item in shape), array.classes)


def _product(sizes: Sizes) -> int | None:
    total = 1
    for item in sizes:
        if item is None:
            return None
        total *= item
    return total


def joined(parts: list[Array], axis: Any) -> Array:
    """Return what NumPy's concatenate gives."""
    first = parts[0].sizes
    place = axis % len(first)
    sizes = [item.sizes[place] for item in parts]
    total = None if None in sizes else sum(item or 0 for item in sizes)
    return replace(parts[0], sizes=(*first[:place], total, *first[place + 1 :]))


def attribute(array: Array, name: str) -> Any:
    """Return `array.name` where it tells a size. Raises KeyError for anything else."""
    if name == "shape":
        return tuple(Failure(unknown()) if item is None else item for item in array.sizes)
    if name == "T":
        return replace(array, sizes=array.sizes[::-1])
    if name == "size":
        if (total := _product(array.sizes)) is None:
            raise unknown()
        return total
    return {"ndim": len(array.sizes), "dtype": "float32"}[name]


def _reduced(array: Array, args: list[Any], named: dict[str, Any]) -> Array:
    axis: Any = named.get("axis", args[0] if args else None)
    axes = axis if isinstance(axis, list) else [axis]
    if axis is None:
        return Array(())
    rank = len(array.sizes)
    gone = {item % rank for item in axes}
    if named.get("keepdims"):
        return Array(tuple(1 if place in gone else item for place, item in enumerate(array.sizes)))
    return Array(tuple(item for place, item in enumerate(array.sizes) if place not in gone))


def _largest(array: Array, args: list[Any], named: dict[str, Any]) -> Any:
    """The largest of labels that count from 0 is known, as scripts take it for the number of classes."""
    return array.classes - 1 if array.classes and not args and not named else _reduced(array, args, named)


def _unique(array: Array, args: list[Any], named: dict[str, Any]) -> Array:
    return Array((array.classes,))


def _expanded(array: Array, args: list[Any], named: dict[str, Any]) -> Array:
    axis = named.get("axis", args[0] if args else 0)
    place = axis if axis >= 0 else axis + len(array.sizes) + 1
    return replace(array, sizes=(*array.sizes[:place], 1, *array.sizes[place:]))


def _squeezed(array: Array, args: list[Any], named: dict[str, Any]) -> Array:
    return replace(array, sizes=tuple(item for item in array.sizes if item != 1))


def _coded(array: Array, args: list[Any], named: dict[str, Any]) -> Array:
    count = next((named[key] for key in ("num_classes", "nb_classes") if key in named), args[0] if args else array.classes)
    kept = array.sizes[:-1] if array.sizes[-1:] == (1,) and len(array.sizes) > 1 else array.sizes
    return Array((*kept, count))


def _padded(array: Array, args: list[Any], named: dict[str, Any]) -> Array:
    return Array((array.sizes[0], named.get("maxlen", args[0] if args else None)))


def _same(array: Array, args: list[Any], named: dict[str, Any]) -> Array:
    return array


def _reshaped(array: Array, args: list[Any], named: dict[str, Any]) -> Array:
    return reshaped(array, args or [named.get("newshape", named.get("shape"))])


def _flat(array: Array, args: list[Any], named: dict[str, Any]) -> Array:
    return reshaped(array, [-1])


# By the last part of a function's or a method's name; other arguments follow the array.
_FUNCTIONS: dict[str, Callable[[Array, list[Any], dict[str, Any]], Any]] = {
    **dict.fromkeys(("astype", "copy", "asarray", "array", "float32", "normalize", "cast", "abs", "sqrt"), _same),
    **dict.fromkeys(("mean", "std", "sum", "min", "var", "median"), _reduced),
    **dict.fromkeys(("max", "amax"), _largest),
    **dict.fromkeys(("flatten", "ravel"), _flat),
    **dict.fromkeys(("unique", "set"), _unique),
    **dict.fromkeys(("pad_sequences",), _padded),
    "to_categorical": _coded, "reshape": _reshaped, "expand_dims": _expanded, "squeeze": _squeezed,
}  # fmt: skip


def call(name: str, args: list[Any], named: dict[str, Any]) -> Any:
    """Return what a function gives whose first value is an array. Raises KeyError for one that is not known."""
    if name == "len":
        return size(args[0])
    if name in ("int", "float"):
        raise unknown()
    return _FUNCTIONS[name](args[0], args[1:], named)


# Shapes of (images or rows, labels), for training and test, and the number of classes.
_SETS: dict[str, tuple[tuple[Sizes, Sizes], tuple[Sizes, Sizes], int | None]] = {
    "mnist": (((60_000, 28, 28), (60_000,)), ((10_000, 28, 28), (10_000,)), 10),
    "fashion_mnist": (((60_000, 28, 28), (60_000,)), ((10_000, 28, 28), (10_000,)), 10),
    "cifar10": (((50_000, 32, 32, 3), (50_000, 1)), ((10_000, 32, 32, 3), (10_000, 1)), 10),
    "cifar100": (((50_000, 32, 32, 3), (50_000, 1)), ((10_000, 32, 32, 3), (10_000, 1)), 100),
    "imdb": (((25_000,), (25_000,)), ((25_000,), (25_000,)), 2),
    "reuters": (((8_982,), (8_982,)), ((2_246,), (2_246,)), 46),
    "boston_housing": (((404, 13), (404,)), ((102, 13), (102,)), None),
    "california_housing": (((16_512, 8), (16_512,)), ((4_128, 8), (4_128,)), None),
}
# Arguments that change how many examples there are.
_FEWER = ("maxlen", "test_split", "version")


def load(name: str, args: list[Any], named: dict[str, Any]) -> Any:
    """Return what `keras.datasets.NAME.load_data()` gives. Raises KeyError for a set that is not known."""
    *pairs, classes = _SETS[name]
    if named.get("label_mode", args[0] if args else None) == "coarse":
        classes = 20
    is_other = any(named.get(key) is not None for key in _FEWER) or (len(args) > 1 and not isinstance(args[1], (int, str)))
    return tuple((_counted(data, is_other), replace(_counted(labels, is_other), classes=classes)) for data, labels in pairs)


def _counted(sizes: Sizes, is_other: bool) -> Array:
    return Array((None, *sizes[1:]) if is_other else sizes)
