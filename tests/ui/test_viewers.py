"""Fragments and downloads, which go on after a page is drawn, ask anew who is looking: somebody may have signed out elsewhere."""

import ast

import pytest

from mhub_core.settings import ROOT

FILES = [*sorted((ROOT / "pages").glob("*.py")), *sorted((ROOT / "mhub_core" / "ui").rglob("*.py"))]
PEOPLE = {"viewer", "user", "person", "admin"}


def calls(tree: ast.AST, name: str) -> list[ast.Call]:
    """Every call of `st.NAME`, also where it decorates."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and is_named(node.func, name)]


def is_named(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name


def fragments(tree: ast.AST) -> list[ast.FunctionDef]:
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    decorated = [
        function
        for function in functions.values()
        for mark in function.decorator_list
        if is_named(mark.func if isinstance(mark, ast.Call) else mark, "fragment")
    ]
    given = [call.args[0] for call in calls(tree, "fragment") if call.args]
    return decorated + [functions[name.id] for name in given if isinstance(name, ast.Name)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_fragment_is_given_a_person_and_no_download_keeps_one(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for function in fragments(tree):
        names = {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}
        assert not names & PEOPLE, f"{function.name} keeps the person it was drawn for; ask `get_viewer()` inside"
    for node in ast.walk(tree) if calls(tree, "download_button") else ():
        if isinstance(node, ast.Lambda):
            assert not {name.id for name in ast.walk(node) if isinstance(name, ast.Name)} & PEOPLE, ast.unparse(node)


def test_the_rule_finds_the_fragments():
    found = [function.name for path in FILES for function in fragments(ast.parse(path.read_text()))]
    assert {"_builder", "_preparation", "_gallery", "_rows"} <= set(found)
