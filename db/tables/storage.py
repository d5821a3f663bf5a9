"""What lies in the file store: its blobs, and what runs and model versions left there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, now


class BlobRow(Base):
    """A blob of the store. `created` is when it was put last: what nothing names is kept for a while after that."""

    __tablename__ = "blobs"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)  # sha256 of its bytes
    num_bytes: Mapped[int] = mapped_column(BigInteger)
    created: Mapped[datetime] = mapped_column(default=now)
    sender_id: Mapped[int | None] = mapped_column(index=True)  # who uploaded it; None for what the hub made itself


class ArtifactRow(Base):
    """A blob that a run or a model version left, and what it is good for: its `role`, such as "model"."""

    __tablename__ = "artifacts"
    __table_args__ = (CheckConstraint("(run_id IS NULL) <> (version_id IS NULL)", name="one_origin"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("model_versions.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    epoch: Mapped[int | None]  # of a checkpoint; None for what a run left at its end
    key: Mapped[str] = mapped_column(String(64), index=True)  # no foreign key: blobs of older hubs are counted later
    created: Mapped[datetime] = mapped_column(default=now)
