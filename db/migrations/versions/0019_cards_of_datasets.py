"""The card of a dataset tells its known faults, and its owner says who downloads the test rows"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("datasets", sa.Column("faults", sa.Text(), nullable=False, server_default=""))
    op.add_column("datasets", sa.Column("test_rows", sa.String(length=10), nullable=False, server_default="managers"))
