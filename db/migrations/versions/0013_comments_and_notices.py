"""Comments on models, datasets and runs; what people are told, and how each wants to be told
"""

import sqlalchemy as sa
from alembic import op

import db.base

revision = "0013"
down_revision = "0015"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_comments()
    _create_notices()
    to_person = op.f("fk_notice_choices_person_id_users")
    op.create_table(
        "notice_choices",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("in_hub", sa.Boolean(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["users.id"], name=to_person, ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_notice_choices")),
    )


def _create_comments() -> None:
    to_parent, to_author = op.f("fk_comments_parent_id_comments"), op.f("fk_comments_author_id_users")
    op.create_table(
        "comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("thing_kind", sa.String(length=20), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created", db.base.UtcTime(), nullable=False),
        sa.Column("edited", db.base.UtcTime(), nullable=True),
        sa.Column("deleted", db.base.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["comments.id"], name=to_parent, ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=to_author, ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sqlite_autoincrement=True,
    )
    counted = ["thing_kind", "thing_id", "deleted"]
    op.create_index("ix_comments_thing_kind_thing_id_deleted", "comments", counted, unique=False)
    op.create_index("ix_comments_parent_id_id", "comments", ["parent_id", "id"], unique=False)
    op.create_index(op.f("ix_comments_author_id"), "comments", ["author_id"], unique=False)
    begins = sa.text("parent_id IS NULL")
    columns = ["thing_kind", "thing_id", "id"]
    op.create_index("ix_comments_threads", "comments", columns, unique=False, sqlite_where=begins, postgresql_where=begins)


def _create_notices() -> None:
    to_person, to_actor = op.f("fk_notices_person_id_users"), op.f("fk_notices_actor_id_users")
    to_comment = op.f("fk_notices_comment_id_comments")
    op.create_table(
        "notices",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("thing_kind", sa.String(length=20), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(length=400), nullable=False),
        sa.Column("created", db.base.UtcTime(), nullable=False),
        sa.Column("read_at", db.base.UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["users.id"], name=to_person, ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=to_comment, ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=to_actor, ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notices_person_id_id", "notices", ["person_id", "id"], unique=False)
    op.create_index(op.f("ix_notices_comment_id"), "notices", ["comment_id"], unique=False)
    op.create_index(op.f("ix_notices_actor_id"), "notices", ["actor_id"], unique=False)
    unread, columns = sa.text("read_at IS NULL"), ["person_id", "id"]
    op.create_index("ix_notices_unread", "notices", columns, unique=False, sqlite_where=unread, postgresql_where=unread)
