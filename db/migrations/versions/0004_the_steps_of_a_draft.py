"""The steps of a draft for undo and redo; building blocks of one's own; a clipboard that reaches other tabs"""

import sqlalchemy as sa
from alembic import op

import db.base

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Added in place: to make the table anew would empty those that hang on it, because SQLite cascades when a table is dropped.
    op.add_column("models", sa.Column("draft_step", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "draft_steps",
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("num_bytes", sa.BigInteger(), nullable=False),
        sa.Column("change", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_draft_steps_model_id_models"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("model_id", "number", name=op.f("pk_draft_steps")),
    )
    op.create_table(
        "blocks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("help", sa.String(length=300), nullable=False),
        sa.Column("graph", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created", db.base.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_blocks_owner_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocks")),
    )
    op.create_index(op.f("ix_blocks_owner_id"), "blocks", ["owner_id"], unique=False)
    op.create_table(
        "clipboards",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("graph", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("updated", db.base.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_clipboards_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_clipboards")),
    )
