"""Functions and classes of a script that build a model, for scripts in which nothing calls them."""

from __future__ import annotations

import ast

from mhub_core.reading.records import Unreadable
from mhub_core.reading.script.calls import called_in
from mhub_core.reading.script.core import MAKING
from mhub_core.reading.script.interpreter import Interpreter
from mhub_core.reading.script.values import Class, Failure, Function, Names

_MAKE = "__init__"


def call(interpreter: Interpreter, names: Names) -> None:
    """Call the one function that builds a model, with its defaults. Raises Unreadable when it is not clear which, or how."""
    roots = _roots(interpreter, names)
    found = [function for function in roots if _missing(function) is None and _is_plain(function)]
    if not found:  # One that only trains wants more than those that give the model.
        roots = _roots(interpreter, names, only_giving=True) or roots
        found = [function for function in roots if _missing(function) is None and _is_plain(function)] or roots
    if not found:
        return
    if len(found) > 1:
        told = ", ".join(f"{_title(item)} (line {item.node.lineno})" for item in found[:8])
        words = f"This script defines several functions that build a model, and calls none of them: {told}."
        mend = f"Add a line that calls the one that you want: model = {_title(found[0])}(...)"
        raise Unreadable(words, "The script must call one of them.", mend)
    function = found[0]
    if not _is_plain(function):
        raise _in_class(function)
    if (name := _missing(function)) is not None:
        words = f"{function.title} builds a model, but nothing in the script calls it, and its {name} has no default."
        raise Unreadable(words, mend=f"Add a line that calls it: model = {function.title}({name}=...)", line=function.node.lineno)
    interpreter.sketch.note(
        f"Nothing in the script calls {function.title}: it was called with its defaults.", function.node.lineno
    )
    names.set("model", interpreter.tried_call(function))


def lost(interpreter: Interpreter, names: Names) -> Failure | None:
    """Return why a line was left out that would have called what builds a model; None when there is no such line."""
    interpreter.step(sum(len(list(ast.walk(statement))) for statement, _ in interpreter.left))
    makers = _makers(_mentioned(interpreter, _all(names)))
    return next((Failure(error) for statement, error in interpreter.left if called_in(statement) & makers), None)


def _in_class(function: Function) -> Unreadable:
    """Return the error for what belongs to an object that nothing makes."""
    home, _, method = function.title.rpartition(".")
    rest = ".model" if method == _MAKE else f".{method}(...)"
    words = f"{_title(function)} builds a model, but nothing in the script calls it."
    return Unreadable(words, mend=f"Add a line that does: model = {home}(...){rest}", line=function.node.lineno)


def _is_plain(function: Function) -> bool:
    """Tell whether a function can be called as it stands: it needs no object."""
    return "." not in function.title or function.kind == "staticmethod"


def _title(function: Function) -> str:
    return function.title.removesuffix(f".{_MAKE}")


def _name(function: Function) -> str:
    """Return the name by which a script calls a function: to make an object is to call its class."""
    return _title(function).rpartition(".")[2]


def _roots(interpreter: Interpreter, names: Names, only_giving: bool = False) -> list[Function]:
    """Return the functions that build a model (and give it back), and that neither the script nor another calls."""
    functions = _all(names)
    inner = _mentioned(interpreter, functions)
    makers = _makers(inner)
    wanted = [item for item in functions if _name(item) in makers and (not only_giving or _gives(item))]
    others = {_name(item) for item in wanted} if only_giving else inner.keys()
    used = {name for title in others for name in inner[title] if name != title}
    return [item for item in wanted if _name(item) not in used and item.node not in interpreter.called]


def _makers(inner: dict[str, set[str]]) -> set[str]:
    """Return the names of all that builds a model, by itself or by calling another that does."""
    makers = set(MAKING)
    while new := {title for title, mentioned in inner.items() if mentioned & makers} - makers:
        makers |= new
    return makers


def _gives(function: Function) -> bool:
    returns = [node for node in ast.walk(function.node) if isinstance(node, ast.Return)]
    return function.title.endswith(_MAKE) or any(node.value is not None for node in returns)


def _all(names: Names) -> list[Function]:
    return [item for value in names.own.values() for item in _functions(value)]


def _functions(value: object) -> list[Function]:
    if isinstance(value, Class):
        return [item for item in value.own.values() if isinstance(item, Function) and _is_called(item)]
    return [value] if isinstance(value, Function) and isinstance(value.node, ast.FunctionDef) else []


def _is_called(function: Function) -> bool:
    """Tell whether a method is one that a script calls by a name."""
    name = function.title.rpartition(".")[2]
    return name == _MAKE or not name.startswith("__")


def _mentioned(interpreter: Interpreter, functions: list[Function]) -> dict[str, set[str]]:
    """Return the names, and the last parts of the names, of what each function calls."""
    interpreter.step(sum(len(list(ast.walk(function.node))) for function in functions))
    return {_name(function): called_in(function.node) for function in functions}


def _missing(function: Function) -> str | None:
    """Return the first argument that has no default, or None."""
    given = function.node.args
    places = [item.arg for item in [*given.posonlyargs, *given.args]][len(function.bound) :] + [
        item.arg for item in given.kwonlyargs
    ]
    return next((name for name in places if name not in function.defaults), None)
