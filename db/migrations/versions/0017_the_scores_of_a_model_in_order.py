"""The scores of a model, in order"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_line_scores_model_id_visibility", "line_scores")
    columns = ["model_id", "visibility", "dataset_visibility", "name", "value", "run_id"]
    op.create_index("ix_line_scores_model", "line_scores", columns, unique=False)
