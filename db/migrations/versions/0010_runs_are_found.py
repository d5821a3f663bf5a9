"""Runs are found: they know who may see them, what was chosen for each stands in rows, and they have tags

What is chosen is taken out of the plans of the runs that are there. SQLite makes two tables anew for their references, and
`runs` with its short columns in front: what stands behind a long one is found only by reading through it.
"""

import math

import sqlalchemy as sa
from alembic import op

import db.base

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

FRONT = (
    *("id", "owner_id", "model_id", "model_visibility", "model_version_id"),
    *("dataset_id", "dataset_visibility", "dataset_version_id", "submission_key", "learner", "source", "state", "name"),
    *("attempt", "deaths", "lease_owner", "lease_until", "stop_requested", "epoch", "epoch_at", "epochs"),
    *("queued", "started", "finished", "train_seconds", "num_parameters", "trained_version_id", "notes"),
)
LISTED = (
    *("id", "owner_id", "model_id", "model_visibility", "dataset_id", "dataset_visibility"),
    *("state", "queued", "finished", "train_seconds", "num_parameters", "name"),
)
VISIBILITY = sa.String(length=10)
CASCADE = {"onupdate": "CASCADE", "ondelete": "CASCADE"}
BATCH = 500  # runs whose plans are read at once


def upgrade() -> None:
    op.create_index("uq_datasets_id_visibility", "datasets", ["id", "visibility"], unique=True)
    _let_runs_know_who_may_see_them()
    _let_scores_know_the_same()
    _create_settings_and_tags()
    _fill_settings()


def _let_runs_know_who_may_see_them() -> None:
    for name, kind in (("model_visibility", VISIBILITY), ("dataset_id", sa.Integer()), ("dataset_visibility", VISIBILITY)):
        op.add_column("runs", sa.Column(name, kind, nullable=True))
    op.execute(
        "UPDATE runs SET model_visibility = (SELECT visibility FROM models WHERE models.id = runs.model_id),"
        " dataset_id = (SELECT dataset_id FROM dataset_versions WHERE dataset_versions.id = runs.dataset_version_id)"
    )
    op.execute("UPDATE runs SET dataset_visibility = (SELECT visibility FROM datasets WHERE datasets.id = runs.dataset_id)")
    newest = _newest_number()
    with op.batch_alter_table("runs", partial_reordering=[FRONT], table_kwargs={"sqlite_autoincrement": True}) as batch:
        for name, kind in (("model_visibility", VISIBILITY), ("dataset_id", sa.Integer()), ("dataset_visibility", VISIBILITY)):
            batch.alter_column(name, existing_type=kind, nullable=False)
        batch.drop_constraint(op.f("fk_runs_model_id_models"), type_="foreignkey")
        name = op.f("fk_runs_model_id_model_visibility_models")
        batch.create_foreign_key(name, "models", ["model_id", "model_visibility"], ["id", "visibility"], **CASCADE)
        name, columns = op.f("fk_runs_dataset_id_dataset_visibility_datasets"), ["dataset_id", "dataset_visibility"]
        batch.create_foreign_key(name, "datasets", columns, ["id", "visibility"], onupdate="CASCADE")
    _give_no_number_again(newest)
    op.create_index("ix_runs_dataset_id_id", "runs", ["dataset_id", "id"], unique=False)
    op.create_index("uq_runs_id_visibility", "runs", ["id", "model_visibility", "dataset_visibility"], unique=True)
    op.create_index("ix_runs_list", "runs", list(LISTED), unique=False)


def _newest_number() -> int:
    """Return the greatest number that a run ever had, which SQLite forgets with the table."""
    if op.get_bind().dialect.name != "sqlite":
        return 0
    return op.get_bind().scalar(sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'runs'")) or 0


def _give_no_number_again(newest: int) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DELETE FROM sqlite_sequence WHERE name = 'runs'")
        op.execute(f"INSERT INTO sqlite_sequence (name, seq) VALUES ('runs', {newest:d})")


def _let_scores_know_the_same() -> None:
    op.add_column("run_scores", sa.Column("dataset_visibility", VISIBILITY, nullable=True))
    op.execute(
        "UPDATE run_scores SET dataset_visibility = (SELECT dataset_visibility FROM runs WHERE runs.id = run_scores.run_id)"
    )
    with op.batch_alter_table("run_scores") as batch:
        batch.alter_column("dataset_visibility", existing_type=VISIBILITY, nullable=False)
        for name in ("fk_run_scores_model_id_visibility_models", "fk_run_scores_run_id_runs"):
            batch.drop_constraint(op.f(name), type_="foreignkey")
        name, columns = op.f("fk_run_scores_run_id_visibility_dataset_visibility_runs"), ["run_id", "visibility"]
        seen = ["id", "model_visibility", "dataset_visibility"]
        batch.create_foreign_key(name, "runs", [*columns, "dataset_visibility"], seen, **CASCADE)
    listed = ["visibility", "dataset_visibility", "name", "value", "run_id"]
    op.create_index("ix_run_scores_list", "run_scores", listed, unique=False)


def _create_settings_and_tags() -> None:
    columns = ["run_id", "model_visibility", "dataset_visibility"]
    seen = ["runs.id", "runs.model_visibility", "runs.dataset_visibility"]
    name = op.f("fk_run_settings_run_id_model_visibility_dataset_visibility_runs")
    op.create_table(
        "run_settings",
        sa.Column("run_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("model_visibility", VISIBILITY, nullable=False),
        sa.Column("dataset_visibility", VISIBILITY, nullable=False),
        sa.Column("number", sa.Double(), nullable=True),
        sa.Column("text", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(columns, seen, name=name, **CASCADE),
        sa.PrimaryKeyConstraint("run_id", "name", name=op.f("pk_run_settings")),
    )
    op.create_table(
        "run_tags",
        sa.Column("run_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tag", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_tags_run_id_runs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "tag", name=op.f("pk_run_tags")),
    )
    op.create_index("ix_run_tags_tag_run_id", "run_tags", ["tag", "run_id"], unique=False)


def _fill_settings() -> None:
    runs = sa.table(
        *("runs", sa.column("id", sa.Integer), sa.column("spec", db.base.Json)),
        *(sa.column("model_visibility", VISIBILITY), sa.column("dataset_visibility", VISIBILITY)),
    )
    names = ("run_id", "name", "model_visibility", "dataset_visibility", "number", "text")
    settings = sa.table("run_settings", *(sa.column(name) for name in names))
    query = sa.select(runs.c.id, runs.c.model_visibility, runs.c.dataset_visibility, runs.c.spec["plan"].label("plan"))
    last = 0
    while found := op.get_bind().execute(query.where(runs.c.id > last).order_by(runs.c.id).limit(BATCH)).all():
        last = found[-1].id
        rows = [
            dict(zip(names, (run_id, name[:60], *visible, *_kept(value)), strict=True))
            for run_id, *visible, plan in found
            for name, value in (plan or {}).items()
            if _kept(value) != (None, None)
        ]
        if rows:
            op.get_bind().execute(sa.insert(settings), rows)
    op.create_index(
        "ix_run_settings_list",
        "run_settings",
        ["model_visibility", "dataset_visibility", "name", "number", "text", "run_id"],
        unique=False,
    )


def _kept(value: object) -> tuple[float | None, str | None]:
    """Return a value of a plan as a number or as a text; neither for what has no order."""
    if isinstance(value, int | float):
        return (float(value), None) if math.isfinite(value) else (None, None)
    return (None, value[:60]) if isinstance(value, str) else (None, None)
