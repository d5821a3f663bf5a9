"""Calls in a script: what is called, what it is given, and what happens when either is not known."""

from __future__ import annotations

import ast
from typing import Any

from mhub_core.reading.records import Unreadable
from mhub_core.reading.script import arrays, outside
from mhub_core.reading.script.arrays import Array
from mhub_core.reading.script.core import PYTHON_ERRORS, Core, TooMuch
from mhub_core.reading.script.values import Class, Component, Failure, Function, Loaded, Names, OwnCode, Reference, is_scalar

_KINDS = ("staticmethod", "classmethod", "property")


class Calls(Core):
    """Evaluates calls."""

    def _call(self, node: ast.Call, names: Names) -> Any:
        try:
            target = self.value(node.func, names)
        except Unreadable as error:
            return self._as_told(node, names, error) or self.uncallable(node, error)
        self.refuse_early(target, node)
        try:
            args, named = self._given(node, names, self.takes_any(target))
            self.sketch.line = node.lineno
            return self.call(target, args, named)
        except Unreadable as error:
            return self.failed(target, error.at(node.lineno))
        except PYTHON_ERRORS as error:
            words = f"it cannot be computed: {str(error)[:200]}"
            return self.failed(target, Unreadable(words, line=node.lineno))

    def _as_told(self, node: ast.Call, names: Names, error: Unreadable) -> Array | None:
        """Return what `data.reshape(-1, 28, 28, 1)` gives: whatever the data are, their shape stands there."""
        is_data = not isinstance(error, (TooMuch, Loaded, OwnCode))
        if not is_data or not isinstance(node.func, ast.Attribute) or node.func.attr != "reshape":
            return None
        args, named = self._given(node, names)
        return None if named else arrays.reshaped(Array((None,)), self.plain(args))

    def _given(self, node: ast.Call, names: Names, is_own: bool = False) -> tuple[list[Any], dict[str, Any]]:
        args = [item for argument in node.args for item in self._argument(argument, names, is_own)]
        named: dict[str, Any] = {}
        for keyword in node.keywords:
            # Weights that a layer or a network begins with are left out anyway.
            if keyword.arg == "weights":
                value = self.tried(keyword.value, names)
            else:
                value = self._for_own(keyword.value, names) if is_own and keyword.arg else self.value(keyword.value, names)
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

    def _argument(self, node: ast.expr, names: Names, is_own: bool = False) -> list[Any]:
        if isinstance(node, ast.Starred):
            return self.items(self.value(node.value, names))
        return [self._for_own(node, names) if is_own else self.value(node, names)]

    def _for_own(self, node: ast.expr, names: Names) -> Any:
        """Return what a function of the script is given, or the failure of it: what it builds may not need that."""
        try:
            return self.value(node, names)
        except (TooMuch, Loaded, OwnCode):
            raise  # No function goes on without the model that it is given.
        except Unreadable as error:
            self.doubted(node, names, error)
            return Failure(error)

    def takes_any(self, target: Any) -> bool:
        """Tell whether what is called may be given something that is not known."""
        return isinstance(target, (Class, Function)) or (isinstance(target, Reference) and outside.is_split(target.path))

    def doubted(self, node: ast.expr, names: Names, error: Unreadable) -> None:
        """Put in doubt what an argument may have changed that could not be followed."""

    def _lambda(self, node: ast.Lambda, names: Names) -> Any:
        return Function(node, names, self.defaults(node.args, names))

    def defaults(self, given: ast.arguments, names: Names) -> dict[str, Any]:
        """Return what the parameters of a function stand for when it is called without them."""
        places = [*given.posonlyargs, *given.args]
        usual = [*zip(places[len(places) - len(given.defaults) :], given.defaults), *zip(given.kwonlyargs, given.kw_defaults)]
        return {place.arg: self.tried(default, names) for place, default in usual if default is not None}

    def copied(self, value: Any, depth: int = 0) -> Any:
        """Return a copy of lists and dictionaries and of those inside. Raises Unreadable for what else could be copied."""
        self.step()
        self.sure(value)
        if depth > 10 or not (is_scalar(value) or isinstance(value, (list, tuple, dict, Component, Reference))):
            raise Unreadable("it copies something that is not supported")
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


def called_in(node: ast.AST) -> set[str]:
    """Return the names, and the last parts of the names, of what is called in a part of a script."""
    called = [item.func for item in ast.walk(node) if isinstance(item, ast.Call)]
    return {
        item.attr if isinstance(item, ast.Attribute) else item.id
        for item in called
        if isinstance(item, (ast.Attribute, ast.Name))
    }


def kind_of(function: ast.FunctionDef) -> str:
    """Return what a decorator makes of a function of a class."""
    return next((item.id for item in function.decorator_list if isinstance(item, ast.Name) and item.id in _KINDS), "")


def is_plain(function: ast.FunctionDef) -> bool:
    """Tell whether a function only computes: it has no decorator that means anything, and gives no values one by one."""
    meaningless = ("register_keras_serializable", "keras_export", "tf.function", *_KINDS)
    is_decorated = not all(any(name in ast.unparse(item) for name in meaningless) for item in function.decorator_list)
    return not is_decorated and not any(isinstance(node, (ast.Yield, ast.YieldFrom, ast.Await)) for node in ast.walk(function))
