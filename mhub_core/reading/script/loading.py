"""Branches of a script that only load, save, show or train a model: they do not change what it is made of."""

from __future__ import annotations

import ast

from mhub_core.reading.script import networks

LOADING = ("load_model", "model_from_json", "model_from_yaml", "model_from_config")
_HARMLESS = {*networks.TRAINING, *networks.TESTING, *networks.SHOWING, "load_weights", "save_model", "to_yaml", "set_weights"}


def only_used(statement: ast.AST) -> set[ast.expr]:
    """Return the places in a statement where a model is named only to train, show, save, load, apply or look at it."""
    nodes = list(ast.walk(statement))
    functions = [node.func for node in nodes if isinstance(node, ast.Call)]
    trained = {item.value for item in functions if isinstance(item, ast.Attribute) and item.attr in _HARMLESS}
    seen = {node.value for node in nodes if isinstance(node, ast.Attribute) and node.attr in networks.LOOKED_AT}
    return trained | seen | set(functions)


def other_branch(statement: ast.If) -> list[ast.stmt] | None:
    """Return the branch that builds a model where the other only loads it from a file; None when it is not so."""
    for loads, builds in ((statement.body, statement.orelse), (statement.orelse, statement.body)):
        names = [_loaded(line) for line in loads]
        wanted = {name for name in names if name}
        if builds and len(wanted) == 1 and None not in names and wanted <= _set(builds):
            return builds
    return None


def _loaded(line: ast.stmt) -> str | None:
    """Return the name that a line gives to a loaded model, nothing for a line that only uses one; None for any other."""
    call = line.value if isinstance(line, (ast.Assign, ast.Expr)) else None
    called = _last(call.func) if isinstance(call, ast.Call) else ""
    if isinstance(line, ast.Expr):
        return "" if called in _HARMLESS or called == "print" else None
    target = line.targets[0] if isinstance(line, ast.Assign) and len(line.targets) == 1 else None
    return target.id if called in LOADING and isinstance(target, ast.Name) else None


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _set(lines: list[ast.stmt]) -> set[str]:
    targets = [target for line in lines if isinstance(line, ast.Assign) for target in line.targets]
    return {target.id for target in targets if isinstance(target, ast.Name)}
