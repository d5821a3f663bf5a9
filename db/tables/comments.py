"""What people say about a thing, and what others are told of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, now


class CommentRow(Base):
    """A comment on a thing, or a reply to one. It is deleted with its thing; of a person who left it stays.

    One that was deleted while there were replies stays as an empty one.
    """

    __tablename__ = "comments"
    __table_args__ = (
        Index("ix_comments_thing_kind_thing_id_deleted", "thing_kind", "thing_id", "deleted"),  # how many there are
        Index("ix_comments_parent_id_id", "parent_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    thing_kind: Mapped[str] = mapped_column(String(20))  # model | dataset | run | project
    thing_id: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    text: Mapped[str] = mapped_column(Text)  # Markdown
    created: Mapped[datetime] = mapped_column(default=now)
    edited: Mapped[datetime | None]
    deleted: Mapped[datetime | None]


_BEGINS = CommentRow.parent_id.is_(None)
# What a discussion is paged by: its comments that are no replies.
Index(
    *("ix_comments_threads", CommentRow.thing_kind, CommentRow.thing_id, CommentRow.id),
    sqlite_where=_BEGINS,
    postgresql_where=_BEGINS,
)


class NoticeRow(Base):
    """Something that a person is told. `words` were put together when it happened."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_person_id_id", "person_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))  # run_ended | comment | mention | invitation
    thing_kind: Mapped[str] = mapped_column(String(20))
    thing_id: Mapped[int]
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    words: Mapped[str] = mapped_column(String(400))
    created: Mapped[datetime] = mapped_column(default=now)
    read_at: Mapped[datetime | None]


_UNREAD = NoticeRow.read_at.is_(None)
Index(
    *("ix_notices_unread", NoticeRow.person_id, NoticeRow.id), sqlite_where=_UNREAD, postgresql_where=_UNREAD
)  # how many are unread


class NoticeChoiceRow(Base):
    """How a person wants to be told of one kind; without a row: in the hub alone."""

    __tablename__ = "notice_choices"

    person_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    in_hub: Mapped[bool]
    by_mail: Mapped[bool]
