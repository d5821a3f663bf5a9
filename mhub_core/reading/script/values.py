"""What the names of a script can stand for while it is read, besides plain numbers, texts, lists and dictionaries."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mhub_core.reading.records import Unreadable
from mhub_core.reading.sketch import Layer, Piece, Tensor

MOST_ITEMS = 20_000
LARGEST = 10**18
Value = TypeVar("Value")
# Other places where Keras can be found; what is read is the same.
_HOMES = (
    ("tensorflow.python.keras", "keras"), ("tensorflow.keras", "keras"), ("tf_keras", "keras"),
    ("keras._tf_keras.keras", "keras"), ("keras.src", "keras"), ("keras.api", "keras"),
    ("keras_applications", "keras.applications"), ("keras_core", "keras"), ("tensorflow.initializers", "keras.initializers"),
    ("tensorflow.contrib.keras", "keras"), ("tensorflow.compat.v1.keras", "keras"), ("tensorflow.compat.v2.keras", "keras"),
    ("tensorflow.compat.v1", "tensorflow"), ("tensorflow.compat.v2", "tensorflow"),
)  # fmt: skip
_SAME = {
    "keras.models.Sequential": "keras.Sequential",
    "keras.models.Model": "keras.Model",
    "keras.models.Functional": "keras.Model",
    "keras.engine.training.Model": "keras.Model",
    "keras.engine.topology.Input": "keras.Input",
    "keras.layers.Input": "keras.Input",
    "keras.layers.InputLayer": "keras.Input",
    **{
        f"tensorflow.{name}_initializer": f"keras.initializers.{name.title().replace('_', '')}"
        for name in ("random_normal", "random_uniform", "truncated_normal", "constant", "zeros", "ones", "orthogonal")
    },
}


@dataclass(frozen=True)
class Reference:
    """A name out of an imported module, such as keras.layers.Dense."""

    path: str


@dataclass(frozen=True)
class Method:
    """A method of a value, not yet called."""

    owner: Any
    name: str


@dataclass(frozen=True)
class Function:
    """A function of the script. `names` is where it was defined; its defaults were computed there, once, as Python does.

    `kind` is the decorator of a method (staticmethod, classmethod, property); `bound` are the values it is given first.
    """

    node: ast.FunctionDef | ast.Lambda
    names: Names
    defaults: dict[str, Any]
    title: str = "lambda"
    kind: str = ""
    bound: tuple[Any, ...] = ()


@dataclass(eq=False)
class Class:
    """A class of the script that builds on no other. `own` are its methods and values."""

    title: str
    own: dict[str, Any]


@dataclass(eq=False)
class Instance:
    """An object of a class of the script, or the options of a command line, which have no class."""

    own: dict[str, Any]
    of: Class | None = None


@dataclass(frozen=True)
class Component:
    """An initializer, regularizer or constraint with its settings."""

    name: str
    config: dict[str, Any]


@dataclass(frozen=True)
class Failure:
    """Stands where a value could not be read. Whoever uses it learns why."""

    error: Unreadable


class Loaded(Unreadable):
    """Raised for a model that the script loads from a file: what it is made of stands there."""


class OwnCode(Unreadable):
    """Raised for a class or a decorated function that somebody wrote in Python, and that builds a model."""


class OwnModel(OwnCode):
    """Raised for a class of models that somebody wrote in Python."""


class Harmless(Unreadable):
    """Raised for a line that is left out but surely does not fail, and does not change what the model is made of."""


@dataclass(eq=False)
class Network:
    """A model of the script. A Sequential one gets its `piece` when the shape of its input is known."""

    line: int
    name: str | None = None
    layers: list[Layer] = field(default_factory=list)
    shape: list[Any] | None = None
    start: Tensor | None = None
    piece: Piece | None = None
    layer: Layer | None = None
    failure: Unreadable | None = None
    is_trained: bool = False
    is_tested: bool = False  # Or asked for an answer.
    is_used: bool = False
    is_sequential: bool = True


class Names:
    """The names of a module or of one call of a function, and those around it.

    `elsewhere` says where the names live that are declared global or nonlocal.
    """

    def __init__(self, outer: Names | None = None) -> None:
        self.own: dict[str, Any] = {}
        self.outer = outer
        self.elsewhere: dict[str, Names] = {}

    def home(self, name: str) -> Names | None:
        """Return the names that a name is among, from here outwards; None when it is among none."""
        names: Names | None = self.elsewhere.get(name, self)
        while names is not None and name not in names.own:
            names = names.outer and names.outer.elsewhere.get(name, names.outer)
        return names

    def find(self, name: str) -> Any:
        """Return what a name stands for. Raises KeyError."""
        home = self.home(name)
        if home is None:
            raise KeyError(name)
        return home.own[name]

    def set(self, name: str, value: Any) -> None:
        """Give a name to a value, where Python would."""
        self.elsewhere.get(name, self).own[name] = value

    def outermost(self) -> Names:
        """Return the names of the module."""
        return self if self.outer is None else self.outer.outermost()


class Returned(Exception):
    """Ends a function of the script with its value."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Broken(Exception):
    """Ends a loop of the script."""


class Derailed(Exception):
    """Ends a loop of the script of which nobody knows how often it runs; `error` says why."""

    def __init__(self, error: Unreadable) -> None:
        self.error = error


class Continued(Exception):
    """Ends one round of a loop of the script."""


def canonical(path: str) -> str:
    """Return the one name of a thing of Keras, wherever it was imported from."""
    for home, name in _HOMES:
        if path == home or path.startswith(home + "."):
            path = name + path[len(home) :]
    return _SAME.get(path, path)


def is_scalar(value: Any) -> bool:
    """Tell whether a value is a number, a text, a truth value or None."""
    return value is None or isinstance(value, (bool, int, float, str))


def bounded(value: Value) -> Value:
    """Return a computed value. Raises Unreadable when it is larger than anything in a model."""
    too_large = isinstance(value, int) and abs(value) > LARGEST
    if too_large or (isinstance(value, (str, list, tuple, range, dict)) and len(value) > MOST_ITEMS):
        raise Unreadable("it computes something larger than anything in a model")
    return value
