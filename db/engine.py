"""Connections. `writing()` and `reading()` are the only two ways to the database.

On SQLite a write transaction begins with BEGIN IMMEDIATE: with the default it fails with "database is locked" as soon as two
processes write, because a lock that was shared cannot be raised. Reads use a second engine with a plain BEGIN, whose transactions
can neither write nor lock rows: what a look at a page reads would stand in the way of what it writes.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, CursorResult, Delete, Engine, Select, Update, create_engine, event, func, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from db import damage, postgres
from db.base import now
from db.tables import all as all_tables  # noqa: F401  (foreign keys name tables that a process may not have imported)
from mhub_core import look, settings
from mhub_core.errors import Unavailable

_WRITES = "writes"  # in the info of a session
BUSY_MILLISECONDS = 15_000  # how long one who writes waits for another one
# So many KB at most; with the 2 MB of SQLite itself, lists of many rows read the same pages over and over.
_READS = ("query_only=ON", "cache_size=-32000")
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={BUSY_MILLISECONDS}", "foreign_keys=ON")


@cache
def _engine(url: str, write: bool, process_id: int) -> Engine:
    # The process id is part of the key: a connection must never be shared across a fork.
    if not url.startswith("sqlite"):
        made = create_engine(url, **postgres.POOL, execution_options={"postgresql_readonly": not write})
        return postgres.bound_waits(made, BUSY_MILLISECONDS)
    begin, pragmas = ("BEGIN IMMEDIATE", _PRAGMAS) if write else ("BEGIN", (*_PRAGMAS, *_READS))
    engine = create_engine(
        url, connect_args={"timeout": BUSY_MILLISECONDS / 1000, "isolation_level": None, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        cast("sqlite3.Connection", connection.connection.driver_connection).execute(begin)  # what the ORM adds costs more

    return engine


def engine(write: bool = True) -> Engine:
    """Return the engine of this process for the configured database."""
    return _engine(settings.database_url(), write, os.getpid())


@contextmanager
def _told() -> Iterator[None]:
    """Raise trouble with the database as Unavailable."""
    try:
        yield
    except (DBAPIError, sqlite3.DatabaseError, PoolTimeoutError) as error:  # SQLite's own: while a connection is made
        look.forget()  # its transaction may be lost
        if (trouble := _trouble(error)) is None:
            raise
        raise trouble from error


def _trouble(error: Exception) -> Unavailable | None:
    """Return in words what is wrong with the database, or None for an error of the statement."""
    if damage.means_damage(error.orig if isinstance(error, DBAPIError) else error):
        return damage.damaged()
    is_gone = isinstance(error, DBAPIError) and error.connection_invalidated
    if is_gone or isinstance(error, OperationalError | InterfaceError | PoolTimeoutError | sqlite3.OperationalError):
        return Unavailable(
            "The database did not answer.", "The hub connects to it through DATABASE_URL.", "Try again in a moment."
        )
    return None


@contextmanager
def writing() -> Iterator[Session]:
    """Open one write transaction: commits at the end of the block, rolls back on an error. Raises Unavailable."""
    try:
        with _told(), Session(engine(), expire_on_commit=False, info={_WRITES: True}) as session, session.begin():
            yield session
    finally:
        look.forget()


def may_lock(session: Session) -> bool:
    """Tell whether a session is of a write transaction, which may hold rows until its end."""
    return _WRITES in session.info


@contextmanager
def reading() -> Iterator[Session]:
    """Open one read transaction, or go on with that of the look at a page. Raises Unavailable."""
    shared = look.current()
    with _told():
        if shared is not None:
            yield shared.session(_begin)
        else:
            with Session(engine(write=False), expire_on_commit=False) as session, session.begin():
                yield session


class _KeepingSession(Session):
    """A session that holds on to the rows that it has read, so that it need not read them again. Others hold on to none.

    What selects columns alone goes straight to the connection: there is no row to hold on to, and half of the way is the ORM's.
    """

    def __init__(self, bind: Engine) -> None:
        super().__init__(bind, expire_on_commit=False)
        self.rows: list[Any] = []
        self._straight: Connection | None = None

    def execute(self, statement: Any, params: Any = None, **options: Any) -> Any:
        """Carry out a statement."""
        if options or not _selects_columns(statement):
            return super().execute(statement, params, **options)
        if self._straight is None:
            self._straight = self.connection()
        return self._straight.execute(statement, params)

    def scalar(self, statement: Any, params: Any = None, **options: Any) -> Any:
        """Return the first column of the first row, or None."""
        return self.execute(statement, params, **options).scalar()

    def scalars(self, statement: Any, params: Any = None, **options: Any) -> Any:
        """Return the first column of all rows."""
        return self.execute(statement, params, **options).scalars()


def _selects_columns(statement: Any) -> bool:
    return isinstance(statement, Select) and all(isinstance(one, ColumnElement) for one in statement._raw_columns)


@event.listens_for(_KeepingSession, "loaded_as_persistent")
def _keep(session: _KeepingSession, row: Any) -> None:
    session.rows.append(row)


def _begin() -> Session:
    session = _KeepingSession(engine(write=False))
    session.begin()
    return session


def is_writable(seconds: float) -> bool:
    """Tell whether a run could be changed now. Waits no longer than that for somebody who holds the database."""
    try:
        with engine().connect() as connection:
            if connection.dialect.name == "sqlite":
                return _takes_a_change(connection, seconds)
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, int(seconds * 1000))}")
            connection.exec_driver_sql("LOCK TABLE runs IN ROW EXCLUSIVE MODE")  # what every change takes
            return True
    except (DBAPIError, sqlite3.DatabaseError, PoolTimeoutError):
        return False


def _takes_a_change(connection: Connection, seconds: float) -> bool:
    """Write to a SQLite file what is there already, on a connection that waits less: a full disk refuses that, too."""
    plain = cast("sqlite3.Connection", connection.connection.driver_connection)
    plain.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}")
    try:
        plain.execute("BEGIN IMMEDIATE")
        plain.execute("PRAGMA user_version=0")  # writes the first page; nothing of the hub's reads it
        plain.execute("COMMIT")
        return True
    finally:
        plain.rollback()
        plain.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")


def database_now(session: Session) -> datetime:
    """Return the clock that all machines share: PostgreSQL's own; on SQLite there is one machine only."""
    if session.get_bind().dialect.name == "sqlite":
        return now()
    at: datetime = session.scalars(select(func.clock_timestamp())).one()
    return at


def num_changed(session: Session, statement: Update | Delete) -> int:
    """Carry out a statement and return how many rows it changed or deleted."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount
