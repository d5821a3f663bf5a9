"""Alembic's entry: runs migrations over the hub's own engine, in one transaction."""

from alembic import context
from sqlalchemy import Connection, text

from db.engine import engine
from db.tables.all import Base


def migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = 0"))  # another machine's migration may take minutes
            connection.execute(text("SELECT pg_advisory_xact_lock(70116)"))  # one migrator at a time
        context.run_migrations()


with engine().connect() as connection:
    # Some migrations make tables of SQLite anew. With foreign keys the rows that hang on an old table would go with it. The
    # pragma does nothing within a transaction, so it is the driver that is told.
    plain = connection.connection.driver_connection if connection.dialect.name == "sqlite" else None
    if plain:
        plain.execute("PRAGMA foreign_keys=OFF")
    try:
        migrate(connection)
    finally:
        if plain:
            plain.execute("PRAGMA foreign_keys=ON")
