"""People and designs that the model tests share."""

from __future__ import annotations

import pytest

from db.engine import writing
from db.tables.accounts import UserRow
from mhub_core.accounts.records import User
from mhub_core.graphs import design, edit


def person(name: str, is_admin: bool = False) -> User:
    """Put a person into the database, without the cost of a password."""
    with writing() as session:
        row = UserRow(email=f"{name}@example.org", name=name.title(), is_admin=is_admin)
        session.add(row)
        session.flush()
        return User(row.id, row.email, row.name, row.is_admin)


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
