"""Finds what an expression of a script stands for. Only models, layers and plain values exist here; nothing of Python runs."""

from __future__ import annotations

import ast
from typing import Any, cast

from mhub_core.reading import operations, plain_json
from mhub_core.reading.records import Unreadable
from mhub_core.reading.script import arithmetic, arrays, library, meanings
from mhub_core.reading.script.arrays import Array
from mhub_core.reading.script.assigning import Assigning
from mhub_core.reading.script.core import holds
from mhub_core.reading.script.python import compared_types, require_key
from mhub_core.reading.script.values import (
    Function,
    Method,
    Names,
    Reference,
    bounded,
    canonical,
    is_scalar,
)
from mhub_core.reading.sketch import Layer, Tensor

_OPERATORS: dict[type, str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.MatMult: "matmul",
    ast.Pow: "power",
}


class Expressions(Assigning):
    """Evaluates expressions: each kind has a method of its name."""

    def _constant(self, node: ast.Constant, names: Names) -> Any:
        is_text = not isinstance(node.value, str) or plain_json.is_text(node.value)
        if not is_text or not (is_scalar(node.value) or node.value is Ellipsis):
            raise Unreadable("it contains a constant that no model uses")
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

    def _ifexp(self, node: ast.IfExp, names: Names) -> Any:
        return self.value(node.body if self.truth(node.test, names) else node.orelse, names)

    def _boolop(self, node: ast.BoolOp, names: Names) -> Any:
        found: Any = None
        for item in node.values:
            found = self.value(item, names)
            if item is node.values[-1] or holds(found) is isinstance(node.op, ast.Or):
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
        self.require_values(left, right)
        if any(isinstance(item, (Layer, Function, Method)) for item in (left, right)):
            raise Unreadable("it computes with something that is known only when the script runs")
        is_floored = self.is_old and kind is ast.Div and isinstance(left, int) and isinstance(right, int)
        return self.sized(arithmetic.binary(ast.FloorDiv if is_floored else kind, left, right))

    def require_values(self, *values: Any) -> None:
        """Raise Unreadable for a name of another module where a plain value must stand."""
        for value in values:
            if isinstance(value, Reference):
                raise library.not_read(value.path)

    def _compare(self, node: ast.Compare, names: Names) -> Any:
        left = self.value(node.left, names)
        for kind, item in zip(node.ops, node.comparators):
            right = self.value(item, names)
            if len(node.ops) == 1 and any(isinstance(side, Array) for side in (left, right)):
                return arrays.operate(left, right)  # Which of them hold is known only when the script runs.
            if (holding := compared_types(type(kind), left, right)) is None:
                if not isinstance(kind, (ast.Is, ast.IsNot)):
                    self.require_values(left, right)
                holding = arithmetic.compared(type(kind), self.sized(left), self.sized(right))
            if not holding:
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
        self.require_values(owner, index)
        if isinstance(owner, Array):
            return arrays.part(owner, index)
        if isinstance(owner, Tensor):
            places = list(index) if isinstance(index, tuple) else [index]
            return operations.apply("getitem", self.sketch, [owner, places], {})
        if isinstance(owner, (list, tuple, str, range)) and isinstance(index, dict):
            return self.sized(owner[slice(*(index["config"][key] for key in ("start", "stop", "step")))])
        if not isinstance(owner, (list, tuple, dict, str, range)) or not is_scalar(index):
            raise Unreadable("it takes an item or a slice of something that is known only when the script runs")
        return owner[index]

    def _slice(self, node: ast.Slice, names: Names) -> dict[str, Any]:
        parts = {"start": node.lower, "stop": node.upper, "step": node.step}
        config = {key: None if part is None else self.value(part, names) for key, part in parts.items()}
        return {"class_name": "__slice__", "config": config}
