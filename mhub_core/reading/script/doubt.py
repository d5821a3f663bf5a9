"""What a line that was left out leaves in doubt: the names it would have set, and all that it may have changed."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Any

from mhub_core.reading.records import Unreadable
from mhub_core.reading.script import loading
from mhub_core.reading.script.core import PYTHON_ERRORS, TooMuch
from mhub_core.reading.script.expressions import Expressions
from mhub_core.reading.script.options import Parser
from mhub_core.reading.script.values import Class, Derailed, Failure, Function, Harmless, Instance, Names, Network, Returned
from mhub_core.reading.sketch import Sketch

_CHANGING = ("add", "pop", "append", "extend", "insert", "update", "sort", "remove", "reverse", "clear", "setdefault", "popitem",
             "set_defaults")  # fmt: skip


_MOST_LEFT = 1_000


class Doubt(Expressions):
    """Spoils what a line may have changed that could not be followed."""

    def __init__(self, sketch: Sketch) -> None:
        super().__init__(sketch)
        self.num_doubtful = 0  # Lines left out that may have failed, or changed something.
        self.left: list[tuple[ast.stmt, Unreadable]] = []  # What was left out, and why.

    def left_out(self, statement: ast.stmt, names: Names, error: Unreadable) -> None:
        why = error.words if error.line == statement.lineno else f"line {error.line} could not be read ({error.words})"
        self.sketch.note(f"Left out: {why}", statement.lineno)
        self.num_doubtful += not isinstance(error, Harmless)
        if not isinstance(error, Harmless) and len(self.left) < _MOST_LEFT:
            self.left.append((statement, error))
        is_simple = isinstance(statement, (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign))
        if isinstance(statement, ast.Expr) and (owner := _changed(statement.value)):
            self._spoil_owner(owner, names, error)
        self.unsure(statement, names, error, is_whole=not is_simple)
        if isinstance(statement, (ast.If, ast.For, ast.While, ast.Match)):
            _derail(statement, error)

    def doubted(self, node: ast.expr, names: Names, error: Unreadable) -> None:
        self.num_doubtful += not isinstance(error, Harmless)
        self.unsure(node, names, error, is_whole=False)

    def unsure(self, statement: ast.AST, names: Names, error: Unreadable, is_whole: bool) -> None:
        """Put all in doubt that a statement would set, and when it was left out as a whole all that it may change."""
        kept = loading.only_used(statement)
        for node in ast.walk(statement):
            self.step()
            if name := named_by(node):
                names.set(name, Failure(error))
            elif isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
                if is_whole and node not in kept:
                    self._spoil_value(self._known(node, names), error)
            elif isinstance(node, ast.Attribute):
                self.spoil_attribute(self._known(node.value, names), node.attr, error)
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                self._spoil_part(names, node, error)
            elif isinstance(node, ast.Call):
                self._spoil_objects(node, names, error)
                if is_whole:
                    self._spoil_function(self._known(node.func, names), error, set())

    def _spoil_function(self, function: Any, error: Unreadable, seen: set[ast.AST]) -> None:
        """A function that may have been called may have changed what stands around it, and called others."""
        if not isinstance(function, Function) or function.node in seen:
            return
        seen.add(function.node)
        self._spoil_instances(function.bound, error)
        declared = {
            name for node in ast.walk(function.node) if isinstance(node, (ast.Global, ast.Nonlocal)) for name in node.names
        }
        own = (
            {item.arg for item in ast.walk(function.node) if isinstance(item, ast.arg)} | self.all_named_by([function.node])
        ) - declared
        kept = loading.only_used(function.node)
        for node in ast.walk(function.node):
            self.step()
            if isinstance(node, ast.Name) and node.id in declared and isinstance(node.ctx, ast.Store):
                (function.names.home(node.id) or function.names.outermost()).own[node.id] = Failure(error)
            elif isinstance(node, (ast.Name, ast.Attribute)) and node not in kept and _root(node) not in own:
                self._spoil_value(self._known(node, function.names), error)
                if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                    self.spoil_attribute(self._known(node.value, function.names), node.attr, error)
            elif isinstance(node, ast.Call) and _root(node.func) not in own:
                self._spoil_function(self._known(node.func, function.names), error, seen)

    def _spoil_owner(self, owner: ast.expr, names: Names, error: Unreadable) -> None:
        """Spoil what `owner.add(...)` would have changed; where that is a part that is not known, all objects that it names."""
        value = self._known(owner, names)
        if value is None:
            nodes = [node for node in ast.walk(owner) if isinstance(node, ast.Name)]
            self._spoil_instances([self._known(node, names) for node in nodes], error)
        self._spoil_value(value, error)

    def _spoil_instances(self, values: Iterable[Any], error: Unreadable) -> None:
        for value in values:
            if isinstance(value, (Class, Instance)):
                self.spoilt[id(value)] = (value, error)

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
        nodes += [keyword.value for keyword in call.keywords]
        values = [] if isinstance(error, Harmless) else [self._known(node, names) for node in nodes]
        self._spoil_instances([value for value in values if sets or getattr(value, "of", True)], error)

    def spoil_attribute(self, value: Any, name: str, error: Unreadable) -> None:
        if isinstance(value, (Class, Instance)):
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

    def attributes_set(self, statements: Sequence[ast.AST], names: Names) -> list[tuple[int, Any, str]]:
        """Return the attributes that statements change, of objects that have them already: (line, object, name)."""
        nodes = [node for statement in statements for node in ast.walk(statement) if isinstance(node, ast.Attribute)]
        self.step(len(nodes))
        found = [node for node in nodes if not isinstance(node.ctx, ast.Load) and self._known(node, names) is not None]
        return [(node.lineno, self._known(node.value, names), node.attr) for node in found]

    def all_named_by(self, statements: Sequence[ast.AST]) -> set[str]:
        """Return the names that statements give to something."""
        nodes = [node for statement in statements for node in ast.walk(statement)]
        self.step(len(nodes))
        return {name for node in nodes if (name := named_by(node))}


def _changed(node: ast.expr) -> ast.expr | None:
    """Return what `something.add(...)` and its like change, or nothing."""
    function = node.func if isinstance(node, ast.Call) else None
    return function.value if isinstance(function, ast.Attribute) and function.attr in _CHANGING else None


def _root(node: ast.expr) -> str:
    """Return the name that an attribute of an attribute begins with."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


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
