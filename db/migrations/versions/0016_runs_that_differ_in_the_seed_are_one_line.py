"""Runs that differ in the seed alone are one line, with the mean of their scores: leaderboards and lists read lines

What they share is computed of the plans and designs of the runs that are there, as `mhub_core.runs.lines` does it.
"""

import hashlib
import json
import statistics
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

import db.base

revision = "0016"
down_revision = "0011"
branch_labels = None
depends_on = None

VISIBILITY = sa.String(length=10)
LISTED = (
    *("id", "owner_id", "model_id", "model_visibility", "dataset_id", "dataset_visibility"),
    *("state", "queued", "finished", "train_seconds", "num_parameters", "name"),
)
NARROWED = ("run_id", "model_id", "owner_id", "num_parameters")
BATCH = 500  # runs whose plans are read at once
SHARED = ("finished", "queued", "starting", "running", "stopping")  # states


def upgrade() -> None:
    op.add_column("runs", sa.Column("seedless", sa.String(length=64), nullable=True))
    op.add_column("runs", sa.Column("line_id", sa.Integer(), nullable=True))
    op.add_column("sessions", sa.Column("before", db.base.UtcTime(), nullable=True))  # for what is new since the last visit
    op.add_column("run_settings", sa.Column("line_id", sa.Integer(), nullable=True))
    _create_scores()
    _put_runs_in_lines()
    _fill_scores()
    _index()


def _create_scores() -> None:
    seen = ["runs.id", "runs.model_visibility", "runs.dataset_visibility"]
    op.create_table(
        "line_scores",
        sa.Column("run_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("dataset_version_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("num_parameters", sa.Integer(), nullable=True),
        sa.Column("visibility", VISIBILITY, nullable=False),
        sa.Column("dataset_visibility", VISIBILITY, nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("deviation", sa.Double(), nullable=True),
        sa.Column("num_runs", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id", "visibility", "dataset_visibility"],
            seen,
            name=op.f("fk_line_scores_run_id_visibility_dataset_visibility_runs"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["dataset_version_id"], ["dataset_versions.id"], name=op.f("fk_line_scores_dataset_version_id_dataset_versions")
        ),
        sa.PrimaryKeyConstraint("run_id", "name", name=op.f("pk_line_scores")),
    )


def _index() -> None:
    for name in ("ix_run_scores_board", "ix_run_scores_public_board", "ix_run_scores_model_id_visibility"):
        op.drop_index(name, table_name="run_scores")
    op.drop_index("ix_run_settings_list", table_name="run_settings")
    op.drop_index("ix_runs_list", table_name="runs")
    settings = ["model_visibility", "dataset_visibility", "name", "number", "text", "run_id", "line_id"]
    op.create_index("ix_run_settings_list", "run_settings", settings, unique=False)
    op.create_index("ix_runs_list", "runs", [*LISTED, "line_id"], unique=False)
    in_line = sa.text("line_id IS NOT NULL")
    where = {"sqlite_where": in_line, "postgresql_where": in_line}
    op.create_index("ix_runs_line_id_state", "runs", ["line_id", "state"], unique=False, **where)
    op.create_index("ix_run_scores_dataset_version_id", "run_scores", ["dataset_version_id"], unique=False)
    op.create_index("ix_runs_seedless", "runs", ["seedless"], unique=False)
    board, public = ["dataset_version_id", "name"], ["dataset_version_id", "name", "visibility"]
    op.create_index("ix_line_scores_board", "line_scores", [*board, "value", *NARROWED], unique=False)
    op.create_index("ix_line_scores_public_board", "line_scores", [*public, "value", *NARROWED], unique=False)
    op.create_index("ix_line_scores_model_id_visibility", "line_scores", ["model_id", "visibility"], unique=False)
    op.create_index("ix_line_scores_best", "line_scores", ["owner_id", *board, "value"], unique=False)
    listed = ["visibility", "dataset_visibility", "name", "value", "run_id"]
    op.create_index("ix_line_scores_list", "line_scores", listed, unique=False)


def _put_runs_in_lines() -> None:
    numbers = ("id", "owner_id", "model_id", "dataset_version_id", "line_id")
    runs = sa.table(
        "runs",
        *(sa.column(name, sa.Integer) for name in numbers),
        *(sa.column(name, sa.String) for name in ("state", "seedless", "learner")),
        sa.column("spec", db.base.Json),
    )
    settings = sa.table("run_settings", sa.column("run_id", sa.Integer), sa.column("line_id", sa.Integer))
    connection, last = op.get_bind(), 0
    members: dict[str, list[tuple[bool, int]]] = defaultdict(list)
    about = (runs.c.id, runs.c.owner_id, runs.c.model_id, runs.c.dataset_version_id, runs.c.state, runs.c.learner, runs.c.spec)
    while found := connection.execute(sa.select(*about).where(runs.c.id > last).order_by(runs.c.id).limit(BATCH)).all():
        last = found[-1].id
        keys = {run.id: key for run in found if (key := _key_of(run))}
        for run in found:
            if run.id in keys and run.state in SHARED:
                members[keys[run.id]].append((run.state != "finished", run.id))
        if keys:
            keyed = sa.update(runs).where(runs.c.id == sa.bindparam("run")).values(seedless=sa.bindparam("key"))
            connection.execute(keyed, [{"run": run_id, "key": key} for run_id, key in keys.items()])
    lines = [{"run": one, "line": min(line)[1]} for line in members.values() for _, one in line if one != min(line)[1]]
    for table, run_id in ((runs, runs.c.id), (settings, settings.c.run_id)):
        if lines:
            stands = sa.update(table).where(run_id == sa.bindparam("run")).values(line_id=sa.bindparam("line"))
            connection.execute(stands, lines)


def _key_of(run: sa.Row) -> str | None:
    """Return what is the same for all runs that differ in their seed alone."""
    spec = run.spec or {}
    if "seed" not in spec.get("plan", {}) or "graph" not in spec:
        return None
    plan = {name: value for name, value in spec["plan"].items() if name != "seed"}
    start = (spec.get("start") or {}).get("key") or spec.get("start_model_key")
    learner = spec.get("learner") or "keras"
    decides = [run.owner_id, run.model_id, run.dataset_version_id, learner, spec["graph"], plan, start]
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


def _fill_scores() -> None:
    """Write down one score of each line: of most it is that of a single run, which the database copies itself."""
    told = "dataset_version_id, model_id, visibility, dataset_visibility"
    scores = ", ".join(f"s.{name}" for name in told.split(", "))
    op.execute(
        f"INSERT INTO line_scores (run_id, name, {told}, owner_id, num_parameters, value, num_runs)"
        f" SELECT r.id, s.name, {scores}, r.owner_id, r.num_parameters, s.value, 1"
        " FROM run_scores s JOIN runs r ON r.id = s.run_id WHERE r.line_id IS NULL"
    )
    values: dict[tuple[int, str], list[float]] = defaultdict(list)
    others = (
        "SELECT coalesce(r.line_id, r.id), s.name, s.value FROM run_scores s JOIN runs r ON r.id = s.run_id"
        " WHERE r.line_id IS NOT NULL OR r.id IN (SELECT line_id FROM runs WHERE line_id IS NOT NULL) ORDER BY r.id"
    )
    connection = op.get_bind()
    for line_id, name, value in connection.execute(sa.text(others)):
        values[line_id, name].append(value)
    changed = [
        {"line": line_id, "called": name, "mean": statistics.fmean(found), "spread": statistics.stdev(found), "many": len(found)}
        for (line_id, name), found in values.items()
        if len(found) > 1
    ]
    if changed:
        update = "UPDATE line_scores SET value = :mean, deviation = :spread, num_runs = :many WHERE run_id = :line AND name = :called"
        connection.execute(sa.text(update), changed)
