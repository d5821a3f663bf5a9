"""People say who they are: a few lines about themselves, and an image"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("about", sa.Text(), nullable=False, server_default=""))
    op.add_column("users", sa.Column("picture_key", sa.String(length=64), nullable=True))
