"""The number of a deleted row is never given again, on SQLite as on PostgreSQL

Each table with numbers is made anew, because SQLite cannot add AUTOINCREMENT in place. Its rows, indexes and references stay:
`db/migrations/env.py` migrates without foreign keys, so that nothing that hangs on a table goes with the old one.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = (
    *("attempts", "users", "datasets", "dataset_versions", "models", "model_versions"),
    *("blocks", "runs", "run_logs", "grants", "artifacts"),
)
# Where numbers of rows that are gone may still stand, because no foreign key removed them.
REMEMBERED = {
    "users": "SELECT sender_id FROM blobs",
    "runs": "SELECT run_id FROM model_versions",
    "model_versions": "SELECT trained_version_id FROM runs",
    "models": "SELECT thing_id FROM grants WHERE thing_kind = 'model'",
    "datasets": "SELECT thing_id FROM grants WHERE thing_kind = 'dataset'",
    "artifacts": "SELECT json_extract(spec, '$.start.artifact') FROM runs",
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for table in TABLES:
        with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_autoincrement": True}):
            pass
    for table, numbers in REMEMBERED.items():
        op.execute(f"DELETE FROM sqlite_sequence WHERE name = '{table}'")
        op.execute(
            f"INSERT INTO sqlite_sequence (name, seq) SELECT '{table}', coalesce(max(id), 0)"
            f" FROM (SELECT id FROM {table} UNION ALL {numbers})"
        )
