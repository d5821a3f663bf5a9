"""What a line that was left out leaves in doubt: the names it would have set, and all that it may have changed."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from mhub_core.reading.records import Unreadable
from mhub_core.reading.script import loading
from mhub_core.reading.script.core import PYTHON_ERRORS, TooMuch
from mhub_core.reading.script.expressions import Expressions
from mhub_core.reading.script.options import Parser
from mhub_core.reading.script.values import Class, Derailed, Failure, Harmless, Instance, Names, Network, Returned
from mhub_core.reading.sketch import Sketch

_CHANGING = ("add", "pop", "append", "extend", "insert", "update", "sort", "remove", "reverse", "clear", "setdefault", "popitem",
             "set_defaults")  # fmt: skip


class Doubt(Expressions):
    """Spoils what a line may have changed that could not be followed."""

    def __init__(self, sketch: Sketch) -> None:
        super().__init__(sketch)
        self.num_doubtful = 0  # Lines left out that may have failed, or changed something.

    def left_out(self, statement: ast.stmt, names: Names, error: Unreadable) -> None:
        why = error.words if error.line == statement.lineno else f"line {error.line} could not be read ({error.words})"
        self.sketch.note(f"Left out: {why}", statement.lineno)
        self.num_doubtful += not isinstance(error, Harmless)
        if isinstance(statement, ast.Expr) and (owner := _changed(statement.value)):
            self._spoil_value(self._known(owner, names), error)
        is_simple = isinstance(statement, (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign))
        kept = loading.only_used(statement)
        for node in ast.walk(statement):
            self.step()
            if name := named_by(node):
                names.set(name, Failure(error))
            elif (
                isinstance(node, (ast.Name, ast.Attribute))
                and isinstance(node.ctx, ast.Load)
                and not is_simple
                and node not in kept
            ):
                self._spoil_value(self._known(node, names), error)
            elif isinstance(node, ast.Call):
                self._spoil_objects(node, names, error)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                self._spoil_attribute(self._known(node.value, names), node.attr, error)
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                self._spoil_part(names, node, error)
        if isinstance(statement, (ast.If, ast.For, ast.While, ast.Match)):
            _derail(statement, error)

    def _known(self, node: ast.expr, names: Names) -> Any:
        """Return what a name, or an attribute of one, stands for; None for any other expression."""
        if isinstance(node, ast.Name):
            home = names.home(node.id)
            return None if home is None else home.own[node.id]
        owner = self._known(node.value, names) if isinstance(node, ast.Attribute) else None
        if not isinstance(node, ast.Attribute) or not isinstance(owner, (Class, Instance)):
            return None
        shared = owner.of.own if isinstance(owner, Instance) and owner.of else {}
        return owner.own.get(node.attr, shared.get(node.attr))

    def _spoil_objects(self, call: ast.Call, names: Names, error: Unreadable) -> None:
        """What was not called may have changed anything in its object, and in those that it was given."""
        sets = isinstance(call.func, ast.Name) and call.func.id in ("setattr", "delattr")
        nodes = [*([call.func.value] if isinstance(call.func, ast.Attribute) else []), *call.args]
        for value in [] if isinstance(error, Harmless) else [self._known(node, names) for node in nodes]:
            if isinstance(value, (Class, Instance)) and (sets or getattr(value, "of", True)):
                self.spoilt[id(value)] = (value, error)

    def _spoil_attribute(self, value: Any, name: str, error: Unreadable) -> None:
        if isinstance(value, Instance):
            value.own[name] = Failure(error)

    def _spoil_value(self, value: Any, error: Unreadable) -> None:
        """What was left out as a whole (a loop, a condition) may have changed the models and lists that it mentions."""
        if isinstance(value, Network) and value.is_sequential and value.piece is None:
            value.failure = value.failure or error
        elif isinstance(value, (list, dict, Parser)):
            self.spoilt[id(value)] = (value, error)

    def _spoil_part(self, names: Names, target: ast.Subscript, error: Unreadable) -> None:
        """What would have stood in a list or a dictionary is not known; where it would have stood may not be known either."""
        try:
            self.assign(target, Failure(error), names)
        except TooMuch:
            raise
        except (Unreadable, *PYTHON_ERRORS):
            self._spoil_value(self._known(target.value, names), error)

    def all_named_by(self, statements: Sequence[ast.AST]) -> set[str]:
        nodes = [node for statement in statements for node in ast.walk(statement)]
        self.step(len(nodes))
        return {name for node in nodes if (name := named_by(node))}


def _changed(node: ast.expr) -> ast.expr | None:
    """Return what `something.add(...)` and its like change, or nothing."""
    function = node.func if isinstance(node, ast.Call) else None
    return function.value if isinstance(function, ast.Attribute) and function.attr in _CHANGING else None


def named_by(node: ast.AST) -> str:
    """Return the name that a part of a statement gives to something, or nothing."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return node.name
    return node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else ""


def _derail(statement: ast.stmt, error: Unreadable) -> None:
    """Raise what ends a function or a loop when something left out may have ended it: what then comes back is not known."""
    may_return, may_break = False, False
    waiting: list[tuple[ast.AST, bool]] = [(statement, False)]
    while waiting:
        node, is_looped = waiting.pop()
        may_return |= isinstance(node, ast.Return)
        may_break |= isinstance(node, (ast.Break, ast.Continue)) and not is_looped  # One in an inner loop ends only that.
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            inner = is_looped or isinstance(node, (ast.For, ast.AsyncFor, ast.While))
            waiting += [(child, inner) for child in ast.iter_child_nodes(node)]
    if may_return:
        raise Returned(Failure(error))
    if may_break:
        raise Derailed(error)
