"""Finds what an expression of a script stands for. Only models, layers and plain values exist here; nothing of Python runs."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, cast

from mhub_core.reading import operations, plain_json
from mhub_core.reading.records import Unreadable
from mhub_core.reading.script import arithmetic, arrays, meanings
from mhub_core.reading.script.arrays import Array
from mhub_core.reading.script.python import require_key
from mhub_core.reading.script.values import (
    Class,
    Component,
    Failure,
    Function,
    Instance,
    Method,
    Names,
    Reference,
    Value,
    bounded,
    canonical,
    is_scalar,
)
from mhub_core.reading.sketch import Layer, Sketch, Tensor

MOST_STEPS = 200_000
DEEPEST = 20  # Functions that call functions.
_OPERATORS: dict[type, str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.MatMult: "matmul",
    ast.Pow: "power",
}
PYTHON_ERRORS = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)


class TooMuch(Unreadable):
    """Raised when a script computes for longer than building a model takes. Ends the reading."""


class Expressions(ABC):
    """Evaluates expressions. `call` and `attribute`, which know Keras, come from the class that builds on this one."""

    def __init__(self, sketch: Sketch) -> None:
        self.sketch = sketch
        self.steps = 0
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
        if self.steps > MOST_STEPS:
            raise TooMuch("This script computes longer than building a model takes.", mend="Import only the lines of the model.")

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
            raise value.error
        if id(value) in self.spoilt:
            raise self.spoilt[id(value)][1]
        return value

    def items(self, value: Any) -> list[Any]:
        """Return the items of something that can be walked through."""
        if isinstance(value, dict):
            value = list(value)
        if isinstance(value, Reference):
            raise meanings.unknown(value.path, self.stars, False)
        if not isinstance(value, (list, tuple, range, str)):
            raise Unreadable("it walks through something that is not a list")
        found = list(bounded(value))
        self.step(len(found))
        return found

    def _constant(self, node: ast.Constant, names: Names) -> Any:
        is_text = not isinstance(node.value, str) or plain_json.is_text(node.value)
        if not is_text or not (is_scalar(node.value) or node.value is Ellipsis):
            raise Unreadable("it holds a constant that no model has")
        return {"class_name": "__ellipsis__"} if node.value is Ellipsis else bounded(node.value)

    def _name(self, node: ast.Name, names: Names) -> Any:
        try:
            return names.find(node.id)
        except KeyError:
            return meanings.starred(self.stars, node.id)

    def _attribute(self, node: ast.Attribute, names: Names) -> Any:
        owner = self.value(node.value, names)
        if isinstance(owner, Reference):
            return self.referred(canonical(f"{owner.path}.{node.attr}"))
        return self.attribute(owner, node.attr)

    def _call(self, node: ast.Call, names: Names) -> Any:
        try:
            target = self.value(node.func, names)
        except Unreadable as error:
            return self.uncallable(node, error)
        self.refuse_early(target, node)
        try:
            args, named = self._given(node, names)
            self.sketch.line = node.lineno
            return self.call(target, args, named)
        except Unreadable as error:
            return self.failed(target, error.at(node.lineno))
        except PYTHON_ERRORS as error:
            words = f"it cannot be computed: {str(error)[:200]}"
            return self.failed(target, Unreadable(words, line=node.lineno))

    def _given(self, node: ast.Call, names: Names) -> tuple[list[Any], dict[str, Any]]:
        args = [item for argument in node.args for item in self._argument(argument, names)]
        named: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self.value(keyword.value, names)
            named |= {keyword.arg: value} if keyword.arg else {str(key): value[key] for key in self.items(value)}
        return args, named

    def refuse_early(self, target: Any, node: ast.Call) -> None:
        """Raise Unreadable for a call that does not concern the model, before its arguments are looked at."""

    def uncallable(self, node: ast.Call, error: Unreadable) -> Any:
        """Return what stands for the result of a call when what is called is not known, or raise the error."""
        raise error

    def failed(self, target: Any, error: Unreadable) -> Any:
        """Return what stands for the result of a call that failed, or raise the error."""
        raise error

    def _argument(self, node: ast.expr, names: Names) -> list[Any]:
        if isinstance(node, ast.Starred):
            return self.items(self.value(node.value, names))
        return [self.value(node, names)]

    def _tuple(self, node: ast.Tuple, names: Names) -> Any:
        return self.sized(tuple(item for element in node.elts for item in self._argument(element, names)))

    def _list(self, node: ast.List, names: Names) -> Any:
        return self.sized([item for element in node.elts for item in self._argument(element, names)])

    def _set(self, node: ast.Set, names: Names) -> Any:
        found = [require_key(item) for element in node.elts for item in self._argument(element, names)]
        return self.sized(frozenset(found))  # Of no known order: one can only look whether it holds something.

    def _dict(self, node: ast.Dict, names: Names) -> Any:
        found: dict[Any, Any] = {}
        for key, item in zip(node.keys, node.values):
            value = self.value(item, names)
            found |= self.sized(value) if key is None else {require_key(self.value(key, names)): value}
        return self.sized(found)

    def _lambda(self, node: ast.Lambda, names: Names) -> Any:
        return Function(node, names, self.defaults(node.args, names))

    def defaults(self, given: ast.arguments, names: Names) -> dict[str, Any]:
        """Return what the parameters of a function stand for when it is called without them."""
        places = [*given.posonlyargs, *given.args]
        usual = [*zip(places[len(places) - len(given.defaults) :], given.defaults), *zip(given.kwonlyargs, given.kw_defaults)]
        return {place.arg: self.tried(default, names) for place, default in usual if default is not None}

    def _ifexp(self, node: ast.IfExp, names: Names) -> Any:
        return self.value(node.body if self.truth(node.test, names) else node.orelse, names)

    def truth(self, node: ast.expr, names: Names) -> bool:
        """Return whether a condition holds. Raises Unreadable when it depends on more than plain values."""
        return _holds(self.value(node, names))

    def _boolop(self, node: ast.BoolOp, names: Names) -> Any:
        found: Any = None
        for item in node.values:
            found = self.value(item, names)
            if item is node.values[-1] or _holds(found) is isinstance(node.op, ast.Or):
                break
        return found

    def _unaryop(self, node: ast.UnaryOp, names: Names) -> Any:
        if isinstance(node.op, ast.Not):
            return not self.truth(node.operand, names)
        value = self.value(node.operand, names)
        if isinstance(value, Tensor) and isinstance(node.op, ast.USub):
            return operations.apply("negative", self.sketch, [value], {})
        if not isinstance(value, (int, float)):
            raise Unreadable("it computes with something that is not a number")
        if isinstance(node.op, ast.Invert):
            return ~cast(int, value)  # A float raises, as it does in Python.
        return -value if isinstance(node.op, ast.USub) else value

    def _binop(self, node: ast.BinOp, names: Names) -> Any:
        return self.operate(type(node.op), self.value(node.left, names), self.value(node.right, names))

    def operate(self, kind: type, left: Any, right: Any) -> Any:
        """Return what an operator gives: a layer where outputs of layers are involved, else a plain value."""
        if isinstance(left, Array) or isinstance(right, Array):
            return arrays.operate(left, right)
        if isinstance(left, Tensor) or isinstance(right, Tensor):
            name = _OPERATORS.get(kind, kind.__name__.lower())
            return operations.apply(name, self.sketch, [self.plain(left), self.plain(right)], {})
        if any(isinstance(item, (Reference, Layer, Function, Method)) for item in (left, right)):
            raise Unreadable("it computes with something that is known only when the script runs")
        is_floored = self.is_old and kind is ast.Div and isinstance(left, int) and isinstance(right, int)
        return self.sized(arithmetic.binary(ast.FloorDiv if is_floored else kind, left, right))

    def _compare(self, node: ast.Compare, names: Names) -> bool:
        left = self.value(node.left, names)
        for kind, item in zip(node.ops, node.comparators):
            right = self.value(item, names)
            if not arithmetic.compared(type(kind), self.sized(left), self.sized(right)):
                return False
            left = right
        return True

    def _joinedstr(self, node: ast.JoinedStr, names: Names) -> str:
        return self.sized("".join(str(self.value(item, names)) for item in node.values))

    def _formattedvalue(self, node: ast.FormattedValue, names: Names) -> str:
        how = "" if node.format_spec is None else str(self.value(node.format_spec, names))
        return self.sized(arithmetic.formatted(self.value(node.value, names), how))

    def _subscript(self, node: ast.Subscript, names: Names) -> Any:
        owner, index = self.value(node.value, names), self.value(node.slice, names)
        if isinstance(owner, Array):
            return arrays.part(owner, index)
        if isinstance(owner, Tensor):
            places = list(index) if isinstance(index, tuple) else [index]
            return operations.apply("getitem", self.sketch, [owner, places], {})
        if isinstance(owner, (list, tuple, str, range)) and isinstance(index, dict):
            return self.sized(owner[slice(*(index["config"][key] for key in ("start", "stop", "step")))])
        if not isinstance(owner, (list, tuple, dict, str, range)) or not is_scalar(index):
            raise Unreadable("it takes a part of something that is known only when the script runs")
        return owner[index]

    def _slice(self, node: ast.Slice, names: Names) -> dict[str, Any]:
        parts = {"start": node.lower, "stop": node.upper, "step": node.step}
        config = {key: None if part is None else self.value(part, names) for key, part in parts.items()}
        return {"class_name": "__slice__", "config": config}

    def _listcomp(self, node: ast.ListComp, names: Names) -> Any:
        return self.sized([self.value(node.elt, inner) for inner in self._rounds(node.generators, names)])

    _generatorexp = _listcomp

    def _dictcomp(self, node: ast.DictComp, names: Names) -> Any:
        rounds = self._rounds(node.generators, names)
        return self.sized({require_key(self.value(node.key, inner)): self.value(node.value, inner) for inner in rounds})

    def _rounds(self, generators: list[ast.comprehension], names: Names) -> Iterator[Names]:
        if not generators:
            yield names
            return
        first, *rest = generators
        for item in self.items(self.value(first.iter, names)):
            inner = Names(names)
            self.assign(first.target, item, inner)
            if all(self.truth(test, inner) for test in first.ifs):
                yield from self._rounds(rest, inner)

    def assign(self, target: ast.expr, value: Any, names: Names) -> None:
        """Give a value its name, or its names."""
        if isinstance(target, ast.Name):
            names.set(target.id, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target.elts, value, names)
        elif isinstance(target, ast.Subscript):
            owner, index = self.value(target.value, names), self.value(target.slice, names)
            if not isinstance(owner, (list, dict)) or not is_scalar(index):
                raise Unreadable("it changes something that is not supported")
            owner[index] = value
        elif isinstance(target, ast.Attribute):
            self.set_attribute(self.value(target.value, names), target.attr, value)
        else:
            raise Unreadable("it names something in a way that is not supported")

    def set_attribute(self, owner: Any, name: str, value: Any) -> None:
        """Carry out `owner.name = value`."""
        raise Unreadable(f"setting {name} is not supported")

    def _unpack(self, targets: list[ast.expr], value: Any, names: Names) -> None:
        items = [value] * len(targets) if isinstance(value, Failure) else self.items(value)
        starred = next((place for place, target in enumerate(targets) if isinstance(target, ast.Starred)), None)
        if starred is not None:
            behind = len(targets) - starred - 1
            stop = len(items) - behind
            items = [*items[:starred], items[starred:stop], *items[stop:]]
        if len(items) != len(targets):
            raise Unreadable(f"it gives {len(items)} values to {len(targets)} names")
        for target, item in zip(targets, items):
            self.assign(target.value if isinstance(target, ast.Starred) else target, item, names)

    def copied(self, value: Any, depth: int = 0) -> Any:
        """Return a copy of lists and dictionaries and of those inside. Raises Unreadable for what else could be copied."""
        self.step()
        self.sure(value)
        if depth > 10 or not (is_scalar(value) or isinstance(value, (list, tuple, dict, Component, Reference))):
            raise Unreadable("it copies something that is not read")
        if isinstance(value, dict):
            return {key: self.copied(item, depth + 1) for key, item in value.items()}
        return type(value)(self.copied(item, depth + 1) for item in value) if isinstance(value, (list, tuple)) else value

    def plain(self, value: Any, depth: int = 0) -> Any:
        """Return a value with lists in the place of tuples, as the rest of the program knows them."""
        self.step()
        if depth > 10:
            raise Unreadable("it is nested too deeply")
        self.sure(value)
        if isinstance(value, (list, tuple, range)):
            return [self.plain(item, depth + 1) for item in value]
        if isinstance(value, dict):
            return {key: self.plain(item, depth + 1) for key, item in value.items()}
        return value


def _holds(value: Any) -> bool:
    """Return whether a value counts as true. Raises Unreadable where that is known only when the script runs."""
    if isinstance(value, (Tensor, Reference, Function, Method, Array, Class, Instance)):
        raise Unreadable("its condition is known only when the script runs")
    return bool(value)
