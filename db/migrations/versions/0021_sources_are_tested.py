"""Sources are tested, and one that is no longer its dataset's owner's is forgotten"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("data_fetches", sa.Column("tests", sa.Boolean(), nullable=False, server_default=sa.false()))
    # A dataset that was handed over before kept the source with the password of its former owner.
    own = "SELECT id FROM datasets WHERE datasets.owner_id = data_sources.owner_id"
    of_another = f"dataset_id IS NOT NULL AND dataset_id NOT IN ({own})"
    # Foreign keys are off on SQLite while tables change, so nothing goes along by itself.
    op.execute(f"DELETE FROM data_fetches WHERE source_id IN (SELECT id FROM data_sources WHERE {of_another})")
    op.execute(f"DELETE FROM data_sources WHERE {of_another}")
