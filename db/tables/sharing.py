"""Who was given which right to whose thing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, now


class GrantRow(Base):
    """One person's level on one thing that belongs to another person: on a project this is who its members are.

    Or that a model or dataset belongs to a project, with the level up to which its members reach. It goes with the person and
    with the project, and is deleted with the thing.
    """

    __tablename__ = "grants"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (project_id IS NULL)", name="one_holder"),
        UniqueConstraint("person_id", "thing_kind", "thing_id"),
        UniqueConstraint("project_id", "thing_kind", "thing_id"),
        Index("ix_grants_thing_kind_thing_id", "thing_kind", "thing_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    thing_kind: Mapped[str] = mapped_column(String(20))  # model | dataset | project
    thing_id: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    level: Mapped[str] = mapped_column(String(10))  # read | edit | manage
    created: Mapped[datetime] = mapped_column(default=now)
