"""Scores know their model, so that a leaderboard counts its places without reading the runs"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("run_scores") as batch:
        batch.add_column(sa.Column("model_id", sa.Integer(), nullable=True))
    op.execute("UPDATE run_scores SET model_id = (SELECT model_id FROM runs WHERE runs.id = run_scores.run_id)")
    with op.batch_alter_table("run_scores") as batch:
        batch.alter_column("model_id", existing_type=sa.Integer(), nullable=False)
        batch.create_foreign_key(op.f("fk_run_scores_model_id_models"), "models", ["model_id"], ["id"], ondelete="CASCADE")
        batch.drop_index("ix_run_scores_board")
        batch.create_index("ix_run_scores_board", ["dataset_version_id", "name", "value", "run_id", "model_id"])
