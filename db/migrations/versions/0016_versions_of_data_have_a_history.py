"""A dataset version says who made it, why, and by which steps

What is there was made by the owner of its dataset; it has no steps, and nobody said why.
"""

import sqlalchemy as sa
from alembic import op

from db.base import Json

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLE = "dataset_versions"


def upgrade() -> None:
    newest = _newest_number()
    with op.batch_alter_table(TABLE, table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.add_column(sa.Column("author_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("note", sa.String(length=300), nullable=False, server_default=""))
        batch.add_column(sa.Column("recipe", Json, nullable=False, server_default="[]"))
        name = op.f("fk_dataset_versions_author_id_users")
        batch.create_foreign_key(name, "users", ["author_id"], ["id"], ondelete="SET NULL")
    _give_no_number_again(newest)
    op.execute(f"UPDATE {TABLE} SET author_id = (SELECT owner_id FROM datasets WHERE datasets.id = {TABLE}.dataset_id)")
    op.create_index(op.f("ix_dataset_versions_author_id"), TABLE, ["author_id"], unique=False)


def _newest_number() -> int:
    """Return the greatest number that a version ever had, which SQLite forgets with the table."""
    if op.get_bind().dialect.name != "sqlite":
        return 0
    return op.get_bind().scalar(sa.text(f"SELECT seq FROM sqlite_sequence WHERE name = '{TABLE}'")) or 0


def _give_no_number_again(newest: int) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DELETE FROM sqlite_sequence WHERE name = '{TABLE}'")
        op.execute(f"INSERT INTO sqlite_sequence (name, seq) VALUES ('{TABLE}', {newest:d})")
