"""What every part of the interpreter of scripts needs: bounded work, values that are known, and why others are not."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mhub_core.reading.records import Unreadable
from mhub_core.reading.script import meanings
from mhub_core.reading.script.arrays import Array
from mhub_core.reading.script.values import Class, Failure, Function, Instance, Method, Names, Reference, Value, bounded
from mhub_core.reading.sketch import Sketch, Tensor

MOST_STEPS = 200_000
LOOP_STEPS = 80_000  # What a loop may take that stands in no other.
MAKING = {"Model", "Sequential", "Functional"}  # Who calls one of these builds a model.
DEEPEST = 20  # Functions that call functions.
PYTHON_ERRORS = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)


class TooMuch(Unreadable):
    """Raised when a script computes for longer than building a model takes. Ends the reading."""


class LoopTooLong(TooMuch):
    """Raised when a loop computes for longer than building a model takes. Ends the loop only."""


class Core(ABC):
    """Counts the work, and gives values. `call` and `attribute`, which know Keras, come from a class that builds on this one."""

    def __init__(self, sketch: Sketch) -> None:
        self.sketch = sketch
        self.steps = 0
        self.limit = MOST_STEPS
        self.depth = 0
        self.is_old = False  # Whether the script is one of Python 2, in which 7 / 2 is 3.
        self.stars: list[str] = []  # The modules that all names were imported from.
        # Lists and dictionaries that something left out may have changed, under whatever name, and why.
        self.spoilt: dict[int, tuple[Any, Unreadable]] = {}

    @abstractmethod
    def call(self, target: Any, args: list[Any], named: dict[str, Any]) -> Any:
        """Return what a call gives."""

    @abstractmethod
    def attribute(self, value: Any, name: str) -> Any:
        """Return what `value.name` stands for."""

    @abstractmethod
    def referred(self, path: str) -> Any:
        """Return what a name out of a module stands for."""

    def step(self, count: int = 1) -> None:
        """Count the work done. Raises TooMuch."""
        self.steps += count
        if self.steps > self.limit:
            kind, what = (LoopTooLong, "loop") if self.limit < MOST_STEPS else (TooMuch, "script")
            words = f"This {what} computes for longer than building a model takes."
            raise kind(words, mend="Import only the lines that build the model.")

    @contextmanager
    def looping(self) -> Iterator[None]:
        """Bound the work of a loop: one that goes on for longer prepares data or trains, and is left out. Raises Unreadable."""
        if self.limit < MOST_STEPS or self.sketch.is_quiet:
            yield  # It stands in another that is bounded, or it is one of Keras itself.
            return
        self.limit = min(MOST_STEPS, self.steps + LOOP_STEPS)
        try:
            yield
        except LoopTooLong as error:
            self.steps -= LOOP_STEPS // 2  # A script that prepares, trains and tests has several.
            raise Unreadable(error.words, error.expected, error.mend) from error
        finally:
            self.limit = MOST_STEPS

    def sized(self, value: Value) -> Value:
        """Return a computed value; a large one counts as work. Raises Unreadable when it is larger than anything in a model."""
        bounded(value)
        if isinstance(value, (str, list, tuple, range, dict)):
            self.step(len(value) // 10)
        return value

    def tried(self, node: ast.expr, names: Names) -> Any:
        """Return what an expression stands for, or the failure of it. Raises TooMuch."""
        try:
            return self.value(node, names)
        except TooMuch:
            raise
        except Unreadable as error:
            return Failure(error)

    def value(self, node: ast.AST, names: Names) -> Any:
        """Return what an expression stands for. Raises Unreadable with its line."""
        self.step()
        self.sketch.line = getattr(node, "lineno", self.sketch.line)
        line = self.sketch.line
        method: Callable[[Any, Names], Any] | None = getattr(self, f"_{type(node).__name__.lower()}", None)
        try:
            if method is None:
                raise Unreadable(f"an expression of the kind {type(node).__name__} is not supported")
            found = method(node, names)
        except Unreadable as error:
            raise error.at(line) from None
        except PYTHON_ERRORS as error:
            raise Unreadable(f"it cannot be computed: {str(error)[:200]}", line=line) from error
        return self.sure(found)

    def sure(self, value: Any) -> Any:
        """Return a value. Raises Unreadable when it is not known."""
        if isinstance(value, Failure):
            raise value.error.with_traceback(None)  # Else it would grow with every use.
        if id(value) in self.spoilt:
            raise self.spoilt[id(value)][1].with_traceback(None)
        return value

    def items(self, value: Any) -> list[Any]:
        """Return the items of something that can be walked through."""
        if isinstance(value, dict):
            value = list(value)
        if isinstance(value, Reference):
            raise meanings.unknown(value.path, self.stars, False)
        if not isinstance(value, (list, tuple, range, str)):
            raise Unreadable("it loops over something that is not a list")
        found = list(bounded(value))
        self.step(len(found))
        return found

    def truth(self, node: ast.expr, names: Names) -> bool:
        """Return whether a condition holds. Raises Unreadable when it depends on more than plain values."""
        return holds(self.value(node, names))


def holds(value: Any) -> bool:
    """Return whether a value counts as true. Raises Unreadable where that is known only when the script runs."""
    if isinstance(value, (Tensor, Reference, Function, Method, Array, Class, Instance)):
        raise Unreadable("its condition is known only when the script runs")
    return bool(value)
