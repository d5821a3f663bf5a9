"""Carries out the statements of a script; a line that cannot be followed spoils only the names that it would have set."""

from __future__ import annotations

import ast
from typing import Any

from mhub_core.graphs.reading.records import Unreadable
from mhub_core.graphs.reading.script import expressions
from mhub_core.graphs.reading.script.expressions import Expressions, TooMuch
from mhub_core.graphs.reading.script.values import (
    Broken,
    Continued,
    Failure,
    Function,
    Names,
    Network,
    Reference,
    Returned,
    bounded,
    canonical,
)  # fmt: skip

OWN_LAYER = "is a class that somebody wrote in Python, and nothing of a script is run here"
_CHANGING = ("add", "pop", "append", "extend", "insert", "update")
_SILENT = (ast.Pass, ast.Global, ast.Nonlocal, ast.Assert)


class Statements(Expressions):
    """Carries out statements. What calls mean is told by the class that builds on this one."""

    DEEPEST = expressions.DEEPEST

    def run(self, body: list[ast.stmt], names: Names) -> None:
        """Carry out statements in order, and note those that are left out."""
        for statement in body:
            self.step()
            self.sketch.line = statement.lineno
            try:
                self._one(statement, names)
            except TooMuch:
                raise
            except RecursionError as error:
                raise TooMuch(
                    "this line is nested too deeply.", mend="Write it in several lines.", line=statement.lineno
                ) from error
            except Unreadable as error:
                self._left_out(statement, names, error.at(statement.lineno))

    def _left_out(self, statement: ast.stmt, names: Names, error: Unreadable) -> None:
        why = error.words if error.line == statement.lineno else f"line {error.line} could not be read ({error.words})"
        self.sketch.note(f"Left out: {why}", statement.lineno)
        if isinstance(statement, ast.Expr) and (owner := _changed(statement.value)):
            self._spoil(names, owner, error)
        for node in ast.walk(statement):
            self.step()
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.own[node.id] = Failure(error)
            elif isinstance(node, ast.Name) and not isinstance(statement, (ast.Expr, ast.Assign, ast.AnnAssign)):
                self._spoil(names, node.id, error)

    def _spoil(self, names: Names, name: str, error: Unreadable) -> None:
        """What was left out as a whole (a loop, a condition) may have changed the models and lists that it mentions."""
        value = names.own.get(name)
        if isinstance(value, Network) and value.is_sequential and value.piece is None:
            value.failure = value.failure or error
        elif isinstance(value, (list, dict)):
            names.own[name] = Failure(error)

    def _one(self, statement: ast.stmt, names: Names) -> None:
        if isinstance(statement, _SILENT):
            return
        method = getattr(self, f"_do_{type(statement).__name__.lower()}", None)
        if method is None:
            raise Unreadable(f"a statement of the kind {type(statement).__name__} is not read")
        method(statement, names)

    def _do_import(self, statement: ast.Import, names: Names) -> None:
        for alias in statement.names:
            top = alias.name.partition(".")[0]
            names.own[alias.asname or top] = Reference(canonical(alias.name if alias.asname else top))

    def _do_importfrom(self, statement: ast.ImportFrom, names: Names) -> None:
        for alias in statement.names:
            if alias.name == "*":
                self.sketch.note(
                    f"Left out: the names that come from {str(statement.module)[:60]} are not known", statement.lineno
                )
            names.own[alias.asname or alias.name] = Reference(canonical(f"{statement.module}.{alias.name}"))

    def _do_expr(self, statement: ast.Expr, names: Names) -> None:
        if not isinstance(statement.value, ast.Constant):
            self.value(statement.value, names)

    def _do_assign(self, statement: ast.Assign, names: Names) -> None:
        value = self.value(statement.value, names)
        for target in statement.targets:
            self.assign(target, value, names)

    def _do_annassign(self, statement: ast.AnnAssign, names: Names) -> None:
        if statement.value is not None:
            self.assign(statement.target, self.value(statement.value, names), names)

    def _do_augassign(self, statement: ast.AugAssign, names: Names) -> None:
        target = ast.copy_location(_as_load(statement.target), statement)
        left, right = self.value(target, names), self.value(statement.value, names)
        self.assign(statement.target, self.operate(type(statement.op), left, right), names)

    def _do_functiondef(self, statement: ast.FunctionDef, names: Names) -> None:
        names.own[statement.name] = Function(statement, names, statement.name)
        is_plain = all("register_keras_serializable" in ast.unparse(item) for item in statement.decorator_list)
        if not is_plain or any(isinstance(node, (ast.Yield, ast.YieldFrom, ast.Await)) for node in ast.walk(statement)):
            error = Unreadable(f"{statement.name} is a function of a kind that is not read", line=statement.lineno)
            names.own[statement.name] = Failure(error)

    def _do_classdef(self, statement: ast.ClassDef, names: Names) -> None:
        mend = "Build this part from layers of Keras, in a function."
        names.own[statement.name] = Failure(Unreadable(f"{statement.name} {OWN_LAYER}", mend=mend, line=statement.lineno))

    def _do_return(self, statement: ast.Return, names: Names) -> None:
        try:
            value = None if statement.value is None else self.value(statement.value, names)
        except TooMuch:
            raise
        except Unreadable as error:
            value = Failure(error)
        raise Returned(value)

    def _do_if(self, statement: ast.If, names: Names) -> None:
        if _is_main(statement.test):
            self.run(statement.body, names)
            return
        self.run(statement.body if self.truth(statement.test, names) else statement.orelse, names)

    def _do_for(self, statement: ast.For, names: Names) -> None:
        for item in self.items(self.value(statement.iter, names)):
            self.assign(statement.target, item, names)
            if self._round(statement.body, names):
                return
        self.run(statement.orelse, names)

    def _do_while(self, statement: ast.While, names: Names) -> None:
        while self.truth(statement.test, names):
            if self._round(statement.body, names):
                return

    def _round(self, body: list[ast.stmt], names: Names) -> bool:
        """Carry out a loop's body once, and tell whether the loop ends."""
        self.step()
        try:
            self.run(body, names)
        except Continued:
            return False
        except Broken:
            return True
        return False

    def _do_break(self, statement: ast.Break, names: Names) -> None:
        raise Broken

    def _do_continue(self, statement: ast.Continue, names: Names) -> None:
        raise Continued

    def _do_with(self, statement: ast.With, names: Names) -> None:
        for item in statement.items:
            if isinstance(item.optional_vars, ast.Name):
                names.own[item.optional_vars.id] = Failure(
                    Unreadable("it is known only when the script runs", line=statement.lineno)
                )
        self.run(statement.body, names)

    def _do_try(self, statement: ast.Try, names: Names) -> None:
        for body in (statement.body, statement.orelse, statement.finalbody):
            self.run(body, names)

    def _do_delete(self, statement: ast.Delete, names: Names) -> None:
        for target in statement.targets:
            if isinstance(target, ast.Name):
                names.own.pop(target.id, None)

    def _do_raise(self, statement: ast.Raise, names: Names) -> None:
        raise Returned(Failure(Unreadable("the script stops here with an error of its own", line=statement.lineno)))

    def check_size(self, value: Any) -> None:
        """Raise Unreadable when a list or a dictionary has grown larger than anything in a model."""
        bounded(value)


def _changed(node: ast.expr) -> str:
    """Return the name of what `name.add(...)` and its like change, or nothing."""
    function = node.func if isinstance(node, ast.Call) else None
    is_method = isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name)
    return function.value.id if is_method and function.attr in _CHANGING else ""


def _as_load(target: ast.expr) -> ast.expr:
    if isinstance(target, ast.Name):
        return ast.Name(target.id, ast.Load())
    if isinstance(target, ast.Subscript):
        return ast.Subscript(target.value, target.slice, ast.Load())
    raise Unreadable("it changes something in a way that is not read")


def _is_main(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"
