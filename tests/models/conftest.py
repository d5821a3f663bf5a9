"""People and designs that the model tests share."""

from __future__ import annotations

import pytest

from mhub_core.accounts.records import User
from mhub_core.graphs import design, edit
from tests.factories import person


@pytest.fixture
def ada(database) -> User:
    return person("ada")


@pytest.fixture
def bob(database) -> User:
    return person("bob")


@pytest.fixture
def admin(database) -> User:
    return person("root", is_admin=True)


@pytest.fixture
def chain() -> dict:
    """Input, Dense 8, Dense 3."""
    graph, last = edit.add_node(design.empty(), "InputLayer", config={"shape": [4]})
    for units in (8, 3):
        graph, last = edit.add_node(graph, "Dense", config={"units": units}, after=last)
    return graph
