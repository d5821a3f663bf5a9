"""Datasets and their immutable versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, now


class DatasetRow(Base):
    """A dataset as people know it."""

    __tablename__ = "datasets"
    __table_args__ = (  # one for each reason to see a dataset, in the order of lists
        Index("ix_datasets_visibility_id", "visibility", "id"),
        Index("ix_datasets_owner_id_id", "owner_id", "id"),
        Index("uq_datasets_id_visibility", "id", "visibility", unique=True),  # what runs refer to
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: came with the hub
    slug: Mapped[str | None] = mapped_column(String(80), unique=True)  # name of a built-in set
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text, default="")
    licence: Mapped[str] = mapped_column(String(120), default="")
    source: Mapped[str] = mapped_column(String(300), default="")
    faults: Mapped[str] = mapped_column(Text, default="")  # what people know to be wrong with it, Markdown
    test_rows: Mapped[str] = mapped_column(String(10), default="managers")  # managers | everyone | nobody downloads them
    visibility: Mapped[str] = mapped_column(String(10), default="public")  # public | private
    created: Mapped[datetime] = mapped_column(default=now)


class DatasetVersionRow(Base):
    """One version: never changed once it is ready."""

    __tablename__ = "dataset_versions"
    __table_args__ = (
        UniqueConstraint("dataset_id", "number"),
        Index("ix_dataset_versions_dataset_id_state_id", "dataset_id", "state", "id"),
        Index("ix_dataset_versions_state_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("datasets.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(default=1)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("dataset_versions.id"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)  # who made it
    note: Mapped[str] = mapped_column(String(300), default="")  # why, in a line
    recipe: Mapped[list[Any]] = mapped_column(default=list)  # the steps from the parent: see mhub_core/recipes; empty: none
    state: Mapped[str] = mapped_column(String(12), default="waiting")  # waiting | preparing | ready | refused
    request: Mapped[dict[str, Any]]  # what was asked: upload key, file name, target, task, image size ...
    progress: Mapped[dict[str, Any]]  # {"done": n, "total": n, "words": "..."} while it is prepared
    spec: Mapped[dict[str, Any] | None]  # DataSpec as JSON, see docs/architecture.md
    report: Mapped[dict[str, Any] | None]  # accepted, refused and why
    created: Mapped[datetime] = mapped_column(default=now)
