"""Data comes from the web, from S3 and from databases, and is fetched again"""

import sqlalchemy as sa
from alembic import op

import db.base

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_sources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("config", db.base.Json, nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created", db.base.UtcTime(), nullable=False),
        _to("data_sources", "owner_id", "users"),
        _to("data_sources", "dataset_id", "datasets"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_sources")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "data_fetches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("refreshes", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("progress", db.base.Json, nullable=False),
        sa.Column("result", db.base.Json, nullable=False),
        sa.Column("created", db.base.UtcTime(), nullable=False),
        _to("data_fetches", "source_id", "data_sources"),
        _to("data_fetches", "user_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_fetches")),
        sqlite_autoincrement=True,
    )
    for table, column in (
        ("data_sources", "owner_id"),
        ("data_sources", "dataset_id"),
        ("data_fetches", "source_id"),
        ("data_fetches", "user_id"),
    ):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)
    op.create_index("ix_data_fetches_state_id", "data_fetches", ["state", "id"], unique=False)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="CASCADE")
