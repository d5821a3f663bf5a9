"""How long the hub waits for PostgreSQL. By itself it waits for ever: for a lock that a frozen process holds, and for a server
that has vanished from the network.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection

IDLE_MILLISECONDS = 120_000  # after which the server ends a transaction in which nothing happens, and lets go of its locks
# A server that acknowledges nothing for 20 seconds is gone. Milliseconds in the last line, seconds in the others.
CONNECT: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 20_000,
}
# Each process has two pools, one that reads and one that writes: 32 connections together.
POOL: dict[str, Any] = {"pool_size": 8, "max_overflow": 8, "pool_pre_ping": True, "connect_args": CONNECT}


def bound_waits(engine: Engine, lock_milliseconds: int) -> Engine:
    """Let no connection of an engine wait longer than that for a lock, nor hold one and do nothing. Returns the engine."""

    @event.listens_for(engine, "connect")
    def set_bounds(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"SET lock_timeout = {lock_milliseconds}")
        cursor.execute(f"SET idle_in_transaction_session_timeout = {IDLE_MILLISECONDS}")
        cursor.close()
        connection.commit()

    return engine
