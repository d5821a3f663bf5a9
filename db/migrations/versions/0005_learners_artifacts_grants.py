"""What made a version and a run; artifacts that they left, the blobs of the file store, and grants

The trained models that are there become artifacts. `blobs` stays empty: only the file store knows how large they are, and a
worker counts them when it starts (`storage.artifact_service.count_blobs`).
"""

import sqlalchemy as sa
from alembic import op

import db.base

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Added in place: to make the table anew would empty those that hang on it, because SQLite cascades when a table is dropped.
    op.add_column("model_versions", sa.Column("kind", sa.String(length=20), nullable=True))
    op.add_column("model_versions", sa.Column("content", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("runs", sa.Column("learner", sa.String(length=20), nullable=True))
    op.add_column("runs", sa.Column("source", sa.String(length=20), nullable=True))
    _create_blobs_and_artifacts()
    _create_grants()
    op.execute(
        "INSERT INTO artifacts (version_id, role, key, created)"
        " SELECT id, 'model', model_key, created FROM model_versions WHERE model_key IS NOT NULL ORDER BY id"
    )
    op.execute(
        "INSERT INTO artifacts (run_id, role, key, created)"
        " SELECT runs.id, 'model', made.model_key, made.created FROM runs"
        " JOIN model_versions made ON made.id = runs.trained_version_id WHERE made.model_key IS NOT NULL ORDER BY runs.id"
    )


def _create_blobs_and_artifacts() -> None:
    op.create_table(
        "blobs",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("num_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created", db.base.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_blobs")),
    )
    to_run, to_version = op.f("fk_artifacts_run_id_runs"), op.f("fk_artifacts_version_id_model_versions")
    op.create_table(
        "artifacts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("created", db.base.UtcTime(), nullable=False),
        sa.CheckConstraint("(run_id IS NULL) <> (version_id IS NULL)", name=op.f("ck_artifacts_one_origin")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=to_run, ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["version_id"], ["model_versions.id"], name=to_version, ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artifacts")),
    )
    for column in ("run_id", "version_id", "key"):
        op.create_index(op.f(f"ix_artifacts_{column}"), "artifacts", [column], unique=False)


def _create_grants() -> None:
    op.create_table(
        "grants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("thing_kind", sa.String(length=20), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("created", db.base.UtcTime(), nullable=False),
        sa.CheckConstraint("(person_id IS NULL) <> (project_id IS NULL)", name=op.f("ck_grants_one_holder")),
        sa.ForeignKeyConstraint(["person_id"], ["users.id"], name=op.f("fk_grants_person_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
        sa.UniqueConstraint("person_id", "thing_kind", "thing_id", name=op.f("uq_grants_person_id_thing_kind_thing_id")),
        sa.UniqueConstraint("project_id", "thing_kind", "thing_id", name=op.f("uq_grants_project_id_thing_kind_thing_id")),
    )
    op.create_index("ix_grants_thing_kind_thing_id", "grants", ["thing_kind", "thing_id"], unique=False)
