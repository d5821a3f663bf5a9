"""What functions give that have nothing to do with layers, as far as it is known before the script runs."""

from __future__ import annotations

from typing import Any

from mhub_core.reading.records import Unreadable
from mhub_core.reading.script import arrays, loading, options
from mhub_core.reading.script.arrays import Array
from mhub_core.reading.script.options import Parser
from mhub_core.reading.script.values import Failure, Instance, Loaded

_SETS = "keras.datasets."
# Functions that make an array: of a shape that comes first or by its name, of sizes one by one, and of a list.
_BY_FIRST = ("numpy.zeros", "numpy.ones", "numpy.empty", "numpy.full", "numpy.random.random", "numpy.random.random_sample")
_FILLED = (*_BY_FIRST, "numpy.random.normal", "numpy.random.uniform", "numpy.random.randint")
_SIZED = ("numpy.random.rand", "numpy.random.randn")
_LISTED = ("numpy.array", "numpy.asarray")
_JOINED = {"concatenate": 0, "append": 0, "vstack": 0, "hstack": 1}


def is_known(path: str, args: list[Any]) -> bool:
    """Tell whether `call` knows a function, or why it is not known."""
    last = path.rpartition(".")[2]
    is_array = bool(args) and (isinstance(args[0], Array) or (last in _JOINED and _are_arrays(args[0])))
    is_option = path in options.PARSERS or options.is_definition(path) or (path == "vars" and _is_instance(args))
    is_copied = path.startswith("keras.utils") and last == "multi_gpu_model" and bool(args)
    is_made = path in _FILLED or path in _SIZED or (path in _LISTED and bool(args))
    return is_made or is_array or is_option or is_copied or (path.startswith(_SETS) and last == "load_data")


def is_split(path: str) -> bool:
    """Tell whether a function parts examples into those for training and those for testing."""
    return path.rpartition(".")[2] == "train_test_split"


def parted(args: list[Any]) -> list[Any]:
    """Return both parts of each of several arrays, of which some may not be known. Raises Unreadable when none is."""
    if not any(isinstance(item, Array) for item in args):
        raise next((item.error for item in args if isinstance(item, Failure)), arrays.unknown())
    return [_part(item) for item in args for _ in range(2)]


def _part(value: Any) -> Array | Failure:
    if isinstance(value, Array):
        return Array((None, *value.sizes[1:]), value.classes)
    return value if isinstance(value, Failure) else Failure(arrays.unknown())


def is_loading(path: str) -> bool:
    """Tell whether a function takes a model from a file."""
    return path.startswith("keras.models.") and path.rpartition(".")[2] in loading.LOADING


def loaded(path: str) -> Loaded:
    """Return why it is not known which model that is."""
    told = f"{path.rpartition('.')[2]} takes the model from a file that the script has beside it"
    return Loaded(told, mend="Import that file itself, as .keras or as .json.")


def _are_arrays(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, Array) for item in value)


def _is_instance(args: list[Any]) -> bool:
    return len(args) == 1 and isinstance(args[0], Instance)


def call(path: str, args: list[Any], named: dict[str, Any], flags: Instance) -> Any:
    """Return what a function gives. Raises Unreadable where that is known only when the script runs."""
    last = path.rpartition(".")[2]
    if path in options.PARSERS:
        return Parser(is_pair=path.startswith("optparse"))
    if path in (*_FILLED, *_SIZED) or (path in _LISTED and not isinstance(args[0], Array)):
        return _made(path, args, named)
    if last == "multi_gpu_model":
        return args[0]
    if path == "vars":
        return args[0].own
    if options.is_definition(path):
        return options.define(flags, args, named)
    return _of_set(path[len(_SETS) :].partition(".")[0], args, named) if path.startswith(_SETS) else of_array(last, args, named)


def _made(path: str, args: list[Any], named: dict[str, Any]) -> Array:
    """Return an array that a script makes of nothing, or of a list that it writes down."""
    if path in _LISTED and not named.keys() - {"dtype"}:
        return Array(_sizes_of(args[0]))
    if path in _LISTED:
        raise Unreadable("it creates an array in a way that is not supported")
    place = 0 if path in _BY_FIRST else 2  # Behind the numbers that say how they are drawn.
    usual = args[place] if len(args) > place else []
    shape = args if path in _SIZED else named.get("size", named.get("shape", usual))
    return Array(tuple(shape if isinstance(shape, list) else [shape]))


def _sizes_of(value: Any) -> tuple[int | None, ...]:
    if isinstance(value, Array):
        return value.sizes
    inner = {_sizes_of(item) for item in value} if isinstance(value, list) else None
    if inner is None or len(inner) > 1:
        if inner is None and isinstance(value, (int, float)):
            return ()
        raise Unreadable("it creates an array from something that is not supported")
    return (len(value), *next(iter(inner), ()))


def _of_set(name: str, args: list[Any], named: dict[str, Any]) -> Any:
    try:
        return arrays.load(name, args, named)
    except KeyError:
        raise Unreadable(f"keras.datasets has no {name[:40]} here, so that the shape of its data is not known") from None


def of_array(name: str, args: list[Any], named: dict[str, Any]) -> Any:
    """Return what a function or a method gives for arrays of which only the shape is known."""
    try:
        if name in _JOINED and not isinstance(args[0], Array):
            return arrays.joined(args[0], named.get("axis", args[1] if len(args) > 1 else _JOINED[name]))
        return arrays.call(name, args, named)
    except KeyError:
        raise Unreadable(f"what {name[:60]} gives depends on data, which is known only when the script runs") from None
