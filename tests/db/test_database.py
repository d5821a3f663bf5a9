"""The ground under every verb, on SQLite and on PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import select, text, update

from db import engine, migrate
from db.base import now
from db.tables.accounts import UserRow
from mhub_core import settings
from mhub_core.errors import Unavailable
from tests import factories


def test_the_migrations_make_exactly_what_the_tables_say(hub):
    command.check(migrate.config())


def test_migrating_twice_changes_nothing(hub):
    ada = factories.person("ada")

    migrate.upgrade()

    with engine.reading() as session:
        assert session.scalars(select(UserRow.name)).all() == [ada.name]


def test_eight_writers_at_once_lose_no_change(hub):
    ada = factories.person("ada")
    with engine.writing() as session:
        session.execute(update(UserRow).values(name="0"))

    def add_one(_: int) -> None:
        with engine.writing() as session:
            row = session.get_one(UserRow, ada.id, with_for_update=True)
            row.name = str(int(row.name) + 1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add_one, range(80)))
    with engine.reading() as session:
        assert session.get_one(UserRow, ada.id).name == "80"


def test_the_database_tells_the_time_of_all_machines(hub):
    with engine.reading() as session:
        assert abs(engine.database_now(session) - now()) < timedelta(seconds=5)


def test_a_database_that_is_away_is_said_in_words(hub_home, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://mhub@127.0.0.1:1/mhub")

    with pytest.raises(Unavailable, match="database did not answer"), engine.reading() as session:
        session.scalars(select(UserRow.id)).all()


FULL = """
import resource, signal
from db import damage, engine
assert engine.is_writable(5)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = damage.path().with_name("mhub.sqlite-wal").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
assert not engine.is_writable(5)
with engine.reading() as session:
    assert session.execute(__import__("sqlalchemy").text("SELECT count(*) FROM users")).scalar() == 0
"""


def test_a_database_that_can_be_read_and_not_grow_is_not_writable(database):
    """A limit on the size of files, in a process of its own, refuses what a full disk refuses."""
    subprocess.run([sys.executable, "-c", FULL], check=True, cwd=settings.ROOT)


def test_nobody_waits_for_ever_for_a_row_that_somebody_holds(large_hub, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_MILLISECONDS", 300)
    factories.person("ada")

    def rename() -> None:
        with engine.writing() as session:
            session.execute(update(UserRow).values(name="nobody"))

    with engine.writing() as holding, ThreadPoolExecutor(1) as pool:
        holding.execute(select(UserRow).with_for_update())
        try:
            told = pool.submit(rename).exception(timeout=60)
        finally:
            holding.rollback()
    assert isinstance(told, Unavailable)


def test_a_transaction_that_the_server_ended_is_told_in_words(large_hub):
    with pytest.raises(Unavailable, match="database did not answer"), engine.reading() as session:
        session.execute(text("SET idle_in_transaction_session_timeout = 50"))
        time.sleep(1)
        session.scalars(select(UserRow.id)).all()
