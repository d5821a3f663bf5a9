"""Functions of a script that build a model, for scripts in which nothing calls them."""

from __future__ import annotations

import ast

from mhub_core.reading.records import Unreadable
from mhub_core.reading.script.interpreter import Interpreter
from mhub_core.reading.script.values import Class, Function, Names

_MAKING = ("Model", "Sequential", "Functional")


def call(interpreter: Interpreter, names: Names) -> None:
    """Call the one function that builds a model, with its defaults. Raises Unreadable when it is not clear which, or how."""
    found = [function for function in _roots(interpreter, names) if _missing(function) is None] or _roots(interpreter, names)
    if not found:
        return
    if len(found) > 1:
        told = ", ".join(f"{item.title} (line {item.node.lineno})" for item in found[:8])
        words = f"This script defines several functions that build a model, and calls none of them: {told}."
        raise Unreadable(
            words, "One that is called.", f"Add a line that calls the one that you want: model = {found[0].title}(...)"
        )
    function = found[0]
    home, _, method = function.title.rpartition(".")
    if home and function.kind != "staticmethod":
        words = f"{function.title} builds a model, but nothing in the script calls it."
        mend = f"Add a line that does: model = {home}(...).{method}(...)"
        raise Unreadable(words, mend=mend, line=function.node.lineno)
    if (name := _missing(function)) is not None:
        words = f"{function.title} builds a model, but nothing in the script calls it, and its {name} has no default."
        raise Unreadable(words, mend=f"Add a line that calls it: model = {function.title}({name}=...)", line=function.node.lineno)
    interpreter.sketch.note(
        f"Nothing in the script calls {function.title}: it was called with its defaults.", function.node.lineno
    )
    names.set("model", interpreter.tried_call(function))


def _roots(interpreter: Interpreter, names: Names) -> list[Function]:
    """Return the functions that build a model, and that neither the script nor another of them calls."""
    functions = [item for value in names.own.values() for item in _functions(value)]
    inner = {function.title.rpartition(".")[2]: _mentioned(interpreter, function) for function in functions}
    makers = set(_MAKING)
    while new := {title for title, mentioned in inner.items() if mentioned & makers} - makers:
        makers |= new
    used = {name for title, mentioned in inner.items() for name in mentioned if name != title}
    titles = makers - set(_MAKING) - used
    return [item for item in functions if item.title.rpartition(".")[2] in titles and item.node not in interpreter.called]


def _functions(value: object) -> list[Function]:
    if isinstance(value, Class):
        return [
            item
            for item in value.own.values()
            if isinstance(item, Function) and not item.title.rpartition(".")[2].startswith("__")
        ]
    return [value] if isinstance(value, Function) and isinstance(value.node, ast.FunctionDef) else []


def _mentioned(interpreter: Interpreter, function: Function) -> set[str]:
    """Return the names, and the last parts of the names, of what a function calls."""
    nodes = list(ast.walk(function.node))
    interpreter.step(len(nodes))
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    return {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in called
        if isinstance(node, (ast.Attribute, ast.Name))
    }


def _missing(function: Function) -> str | None:
    """Return the first argument that has no default, or None."""
    given = function.node.args
    places = [item.arg for item in [*given.posonlyargs, *given.args]][len(function.bound) :] + [
        item.arg for item in given.kwonlyargs
    ]
    return next((name for name in places if name not in function.defaults), None)
