"""Count the workers that a run lost, and know when its newest epoch ended"""

import sqlalchemy as sa
from alembic import op

import db.base

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("runs") as batch:
        batch.add_column(sa.Column("deaths", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("epoch_at", db.base.UtcTime(), nullable=True))
