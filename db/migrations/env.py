"""Alembic's entry: runs migrations over the hub's own engine, in one transaction."""

from alembic import context
from sqlalchemy import Connection, text

from db import found
from db.engine import engine
from db.tables.all import Base


def is_table_of_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Tell whether a table is one of `db/tables`: what the search finds things by is none."""
    return kind != "table" or not (name or "").startswith(found.PREFIX)


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        include_name=is_table_of_ours,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = 0"))  # another machine's migration may take minutes
            connection.execute(text("SELECT pg_advisory_xact_lock(70116)"))  # one migrator at a time
        context.run_migrations()
        if context.get_context().get_current_revision() == context.get_head_revision():
            found.keep_up(connection)
            if connection.dialect.name == "sqlite":  # where Alembic commits its own steps alone
                connection.commit()


with engine().connect() as connection:
    # Some migrations make tables of SQLite anew. With foreign keys the rows that hang on an old table would go with it, and a
    # table could not get its name back while triggers of other tables speak of it (those of `found`). The pragmas do nothing
    # within a transaction, so it is the driver that is told.
    plain = connection.connection.driver_connection if connection.dialect.name == "sqlite" else None

    def make_tables_anew(is_allowed: bool) -> None:
        if plain:
            plain.execute(f"PRAGMA foreign_keys={'OFF' if is_allowed else 'ON'}")
            plain.execute(f"PRAGMA legacy_alter_table={'ON' if is_allowed else 'OFF'}")

    make_tables_anew(True)
    try:
        migrate(connection)
    finally:
        make_tables_anew(False)
