"""Projects: people, models and datasets that belong together

SQLite makes `grants` anew for its reference to them.
"""

import sqlalchemy as sa
from alembic import op

import db.base

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "projects",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("visibility", sa.String(length=10), nullable=False),
        sa.Column("join_code", sa.String(length=8), nullable=True),
        sa.Column("join_level", sa.String(length=10), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("created", db.base.UtcTime(), nullable=False),
        sa.Column("updated", db.base.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_projects_owner_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("join_code", name=op.f("uq_projects_join_code")),
        sqlite_autoincrement=True,
    )
    for columns in (["visibility", "updated", "id"], ["owner_id", "updated", "id"], ["updated", "id"]):
        op.create_index(f"ix_projects_{'_'.join(columns)}", "projects", columns, unique=False)
    op.create_table(
        "new_things",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["users.id"], name=op.f("fk_new_things_person_id_users"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_new_things_project_id_projects"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "project_id", name=op.f("pk_new_things")),
    )
    op.create_index(op.f("ix_new_things_project_id"), "new_things", ["project_id"], unique=False)
    op.execute("DELETE FROM grants WHERE project_id IS NOT NULL")  # there was nothing yet that they could name
    newest = _newest_number()
    with op.batch_alter_table("grants", table_kwargs={"sqlite_autoincrement": True}) as batch:
        name = op.f("fk_grants_project_id_projects")
        batch.create_foreign_key(name, "projects", ["project_id"], ["id"], ondelete="CASCADE")
    _give_no_number_again(newest)


def _newest_number() -> int:
    """Return the greatest number that a grant ever had, which SQLite forgets with the table."""
    if op.get_bind().dialect.name != "sqlite":
        return 0
    return op.get_bind().scalar(sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'grants'")) or 0


def _give_no_number_again(newest: int) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DELETE FROM sqlite_sequence WHERE name = 'grants'")
        op.execute(f"INSERT INTO sqlite_sequence (name, seq) VALUES ('grants', {newest:d})")
