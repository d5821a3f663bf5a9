"""A run has a name, which tells it apart from others of its model, and notes

Runs that are there have neither: they are called by their number, as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("name", sa.String(length=120), nullable=False, server_default=""))
    op.add_column("runs", sa.Column("notes", sa.Text(), nullable=False, server_default=""))
