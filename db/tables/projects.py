"""Projects: people and things that belong together. Members and what belongs to a project are rows of `grants`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, now


class ProjectRow(Base):
    """A project as people know it. Its owner has no grant on it; every other member has."""

    __tablename__ = "projects"
    __table_args__ = (  # one for each reason to see a project, in the order of lists
        Index("ix_projects_visibility_updated_id", "visibility", "updated", "id"),
        Index("ix_projects_owner_id_updated_id", "owner_id", "updated", "id"),
        Index("ix_projects_updated_id", "updated", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text, default="")
    visibility: Mapped[str] = mapped_column(String(10), default="private")  # public | private
    join_code: Mapped[str | None] = mapped_column(String(8), unique=True)  # None: there never was one
    join_level: Mapped[str] = mapped_column(String(10), default="edit")  # read | edit: of those who join by it
    is_open: Mapped[bool] = mapped_column(default=False)  # whether the code lets anybody in
    created: Mapped[datetime] = mapped_column(default=now)
    updated: Mapped[datetime] = mapped_column(default=now)


class NewThingsRow(Base):
    """A person's choice that what they make from now on belongs to a project."""

    __tablename__ = "new_things"

    person_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    project_id: Mapped[int] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
