"""The number of a deleted row is never given to another one: links, open pages and caches still hold it."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from alembic import command
from sqlalchemy import JSON, Table, delete, insert, text

from db import engine, migrate
from db.base import Base, now
from mhub_core.projects import service as projects
from tests import factories

COUNTED = [table for table in Base.metadata.sorted_tables if table.autoincrement_column is not None]
_numbers = itertools.count(1000)


def value_for(column: Any, known: dict[str, int]) -> Any:
    """A value that the column takes; of rows of other tables one that is there."""
    for key in column.foreign_keys:
        return known[key.column.table.name] if key.column.name == "id" else "public"
    if isinstance(column.type, JSON):
        return {}
    number = next(_numbers)
    return {str: f"value {number}", int: number, bool: False}.get(column.type.python_type, now())


@pytest.fixture
def known(hub) -> dict[str, int]:
    """A row of each of those tables to which others refer, by its number."""
    ada = factories.person("ada")
    version_id, dataset_version_id = factories.model(ada), factories.dataset(ada)
    run_id = factories.run_row(ada, version_id, dataset_version_id)
    ones = {"users": ada.id, "models": 1, "datasets": 1, "projects": projects.create(ada, "Class", "")}
    ones |= {"model_versions": version_id, "dataset_versions": dataset_version_id, "runs": run_id}
    return {**ones, "data_sources": add(Base.metadata.tables["data_sources"], ones)}


def add(table: Table, known: dict[str, int]) -> int:
    needed = [column for column in table.columns if not column.nullable and not column.primary_key]
    row = {column.name: value_for(column, known) for column in needed}
    row |= {"artifacts": {"run_id": known["runs"]}, "grants": {"person_id": known["users"]}}.get(table.name, {})
    with engine.writing() as session:
        return session.execute(insert(table).values(row).returning(table.c.id)).scalar_one()


def test_the_number_of_a_deleted_row_is_not_given_again(known: dict[str, int]):
    for table in COUNTED:
        add(table, known)
        newest = add(table, known)
        with engine.writing() as session:
            session.execute(delete(table).where(table.c.id == newest))

        assert add(table, known) > newest, table.name


def test_these_are_all_tables_whose_rows_have_numbers():
    assert {table.name for table in COUNTED} == {table.name for table in Base.metadata.sorted_tables if "id" in table.c}


def test_an_older_hub_gives_no_number_again_that_something_remembers(hub_home):
    hub_home.mkdir(parents=True, mode=0o700)
    command.upgrade(migrate.config(), "0007")
    with engine.engine().begin() as connection:
        connection.execute(text("INSERT INTO blobs (key, num_bytes, sender_id, created) VALUES ('k', 1, 41, '2026-01-01')"))
        connection.execute(
            text(
                "INSERT INTO grants (thing_kind, thing_id, project_id, level, created)"
                " VALUES ('model', 17, 1, 'read', '2026-01-01')"
            )
        )

    migrate.upgrade()

    ada = factories.person("ada")
    factories.model(ada)
    with engine.reading() as session:
        assert (ada.id, session.execute(text("SELECT id FROM models")).scalars().all()) == (42, [18])
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1, "a migration leaves foreign keys as it found them"


def test_a_number_of_a_run_that_an_older_hub_gave_and_deleted_is_not_given_again(hub_home):
    hub_home.mkdir(parents=True, mode=0o700)
    command.upgrade(migrate.config(), "0009")
    with engine.engine().begin() as connection:
        connection.execute(text("UPDATE sqlite_sequence SET seq = 41 WHERE name = 'runs'"))

    migrate.upgrade()

    ada = factories.person("ada")
    assert factories.run_row(ada, factories.model(ada), factories.dataset(ada)) == 42


def test_what_hangs_on_a_table_that_is_made_anew_stays(hub_home):
    hub_home.mkdir(parents=True, mode=0o700)
    migrate.upgrade()
    ada = factories.person("ada")
    run_id = factories.run_row(ada, factories.model(ada), factories.dataset(ada))
    factories.finish_run(run_id, {"accuracy": 0.9})
    before = everything()

    command.stamp(migrate.config(), "0007")  # The tables of today are made anew in the way in which those of then were.
    command.upgrade(migrate.config(), "0008")

    assert everything() == before and before["run_scores"][0]
    with engine.reading() as session:
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []


def everything() -> dict[str, tuple[Any, ...]]:
    """Rows, columns, indexes and references of each table."""
    with engine.reading() as session:

        def asked(statement: str) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in session.execute(text(statement))]

        def of(name: str) -> tuple[Any, ...]:
            indexes = sorted(
                (unique, asked(f"PRAGMA index_xinfo('{index}')")) for _, index, unique, *_ in asked(f"PRAGMA index_list({name})")
            )
            references = sorted(row[2:] for row in asked(f"PRAGMA foreign_key_list({name})"))
            return asked(f"SELECT * FROM {name}"), asked(f"PRAGMA table_info({name})"), indexes, references

        return {table.name: of(table.name) for table in Base.metadata.sorted_tables}
