"""Where data is fetched from, and each time that it was fetched."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, now


class SourceRow(Base):
    """A source as its owner described it. It goes with its owner, whose password it may hold, and with its dataset."""

    __tablename__ = "data_sources"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    dataset_id: Mapped[int | None] = mapped_column(ForeignKey("datasets.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))  # a name of mhub_core/sources/registry.py
    config: Mapped[dict[str, Any]]  # without secrets
    secret: Mapped[str] = mapped_column(Text, default="")  # encrypted, see mhub_core/sources/sealing.py
    created: Mapped[datetime] = mapped_column(default=now)


class FetchRow(Base):
    """One time that a source was, or is to be, fetched."""

    __tablename__ = "data_fetches"
    __table_args__ = (Index("ix_data_fetches_state_id", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("data_sources.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)  # who asked for it
    refreshes: Mapped[bool] = mapped_column(default=False)  # it makes a version of the dataset
    tests: Mapped[bool] = mapped_column(default=False)  # it ends when the first of the data is there
    state: Mapped[str] = mapped_column(String(12), default="waiting")  # waiting | fetching | ready | failed | cancelled
    progress: Mapped[dict[str, Any]]  # {"done", "total", "words"} in bytes, and who is at it
    result: Mapped[dict[str, Any]]  # ready: {"file_name", "num_bytes", "receipt", "key", "version_id"}; failed: {"error"}
    created: Mapped[datetime] = mapped_column(default=now)
