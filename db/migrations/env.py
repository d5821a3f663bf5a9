"""Alembic's entry: runs migrations over the hub's own engine, in one transaction."""

from alembic import context
from sqlalchemy import text

from db.engine import engine
from db.tables.all import Base

with engine().connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(70116)"))  # one migrator at a time
        context.run_migrations()
