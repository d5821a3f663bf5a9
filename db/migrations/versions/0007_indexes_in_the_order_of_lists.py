"""Indexes that hold the rows of each list in its order, in place of those that only find them; scores know who may see them

An index that begins with the same column serves whatever the one that goes was for.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MADE = (
    ("models", ("visibility", "updated", "id")),
    ("models", ("owner_id", "updated", "id")),
    ("models", ("updated", "id")),
    ("model_versions", ("model_id", "id", "model_key")),
    ("datasets", ("visibility", "id")),
    ("datasets", ("owner_id", "id")),
    ("dataset_versions", ("dataset_id", "state", "id")),
    ("dataset_versions", ("state", "id")),
    ("runs", ("owner_id", "id")),
    ("runs", ("model_id", "id")),
    # What goes with a deleted row is looked for in each of these.
    ("runs", ("model_version_id",)),
    ("model_versions", ("parent_id",)),
    ("dataset_versions", ("parent_id",)),
)
GONE = (
    ("models", "visibility"),
    ("models", "owner_id"),
    ("model_versions", "model_id"),
    ("datasets", "visibility"),
    ("datasets", "owner_id"),
    ("dataset_versions", "dataset_id"),
    ("runs", "owner_id"),
    ("runs", "model_id"),
)


def upgrade() -> None:
    for table, columns in MADE:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns), unique=False)
    for table, column in GONE:
        op.drop_index(f"ix_{table}_{column}", table_name=table)
    op.create_index("uq_models_id_visibility", "models", ["id", "visibility"], unique=True)
    _let_scores_know_their_visibility()


def _let_scores_know_their_visibility() -> None:
    """A reference to the model together with its visibility: whoever changes that changes it in the scores, too."""
    with op.batch_alter_table("run_scores") as batch:
        batch.add_column(sa.Column("visibility", sa.String(length=10), nullable=True))
    op.execute("UPDATE run_scores SET visibility = (SELECT visibility FROM models WHERE models.id = run_scores.model_id)")
    with op.batch_alter_table("run_scores") as batch:
        batch.alter_column("visibility", existing_type=sa.String(length=10), nullable=False)
        batch.drop_constraint(op.f("fk_run_scores_model_id_models"), type_="foreignkey")
        batch.create_foreign_key(
            op.f("fk_run_scores_model_id_visibility_models"),
            "models",
            ["model_id", "visibility"],
            ["id", "visibility"],
            onupdate="CASCADE",
            ondelete="CASCADE",
        )
        batch.create_index("ix_run_scores_public_board", ["dataset_version_id", "name", "visibility", "value", "run_id"])
        batch.create_index("ix_run_scores_model_id_visibility", ["model_id", "visibility"])
