"""Fragments and downloads, which go on after a page is drawn, ask anew who is looking: somebody may have signed out elsewhere."""

import ast
import threading

import pytest
from streamlit.testing.v1 import AppTest

from mhub_core.accounts import service as accounts
from mhub_core.settings import ROOT
from mhub_core.ui.session import TOKEN
from tests import factories

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
    assert {"_builder", "_preparation", "_gallery", "_making"} <= set(found)


@pytest.mark.usefixtures("database")
def test_a_download_knows_outside_of_the_page_who_asks_until_they_sign_out():
    def page() -> None:
        import streamlit as st

        from mhub_core.ui import session

        st.session_state["ask"] = session.viewer_later()

    ada = factories.person("ada")
    app = AppTest.from_function(page, default_timeout=120)
    app.session_state[TOKEN] = accounts.redeem_ticket(accounts.issue_ticket(ada.id), "test")
    ask, told = app.run().session_state["ask"], []
    for _ in range(2):
        thread = threading.Thread(target=lambda: told.append(ask()))
        thread.start()
        thread.join()
        accounts.sign_out_everywhere(ada)
    assert told[0] and told[0].id == ada.id and told[1] is None


def test_no_deferred_download_asks_the_page_which_is_gone_by_then():
    for path in FILES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree) if calls(tree, "download_button") else ():
            if isinstance(node, ast.Lambda):
                assert not calls(node, "get_viewer") and not calls(node, "require_user"), f"{path.name}: {ast.unparse(node)}"
