"""Who sent a blob, how much of the file store a person may fill, and what a public model tells of private data

Blobs that are there have no sender: the datasets and runs that name them say whose they are. Models that are public already
tell nothing of private data until their owners allow it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("quota_mb", sa.Integer(), nullable=True))
    # No foreign key: SQLite cannot add one in place, and a person who is gone has no quota to count against.
    op.add_column("blobs", sa.Column("sender_id", sa.Integer(), nullable=True))
    op.add_column("models", sa.Column("shares_data", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(op.f("ix_blobs_sender_id"), "blobs", ["sender_id"], unique=False)
