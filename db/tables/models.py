"""Models, their immutable versions, the steps of their drafts; building blocks that people keep, and their clipboards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, now


class ModelRow(Base):
    """A model as people know it. `draft` is the design being edited; `draft_revision` guards it against a second tab."""

    __tablename__ = "models"
    __table_args__ = (  # one for each reason to see a model, in the order of lists
        Index("ix_models_visibility_updated_id", "visibility", "updated", "id"),
        Index("ix_models_owner_id_updated_id", "owner_id", "updated", "id"),
        Index("ix_models_updated_id", "updated", "id"),
        Index("uq_models_id_visibility", "id", "visibility", unique=True),  # what runs refer to
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text, default="")
    visibility: Mapped[str] = mapped_column(String(10), default="private")  # public | private
    # Whether who may see the model may know what private data it learned from looks like, and so predict with it.
    shares_data: Mapped[bool] = mapped_column(default=False, server_default=false())
    draft: Mapped[dict[str, Any] | None]
    draft_revision: Mapped[int] = mapped_column(default=0)
    draft_step: Mapped[int] = mapped_column(default=0)  # the step that led to the draft; those after it were undone
    created: Mapped[datetime] = mapped_column(default=now)
    updated: Mapped[datetime] = mapped_column(default=now)


class ModelVersionRow(Base):
    """One version: a graph, and the weights when a run made it."""

    __tablename__ = "model_versions"
    __table_args__ = (
        UniqueConstraint("model_id", "number"),
        Index("ix_model_versions_model_id_id_model_key", "model_id", "id", "model_key"),  # all that a list asks of them
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id", ondelete="CASCADE"))
    number: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("model_versions.id"), index=True)
    run_id: Mapped[int | None] = mapped_column(index=True)  # the run that made it; no key: runs name versions too
    kind: Mapped[str | None] = mapped_column(String(20))  # which learner reads it; None in old rows: keras
    content: Mapped[dict[str, Any] | None]  # what a kind without a graph is made of
    graph: Mapped[dict[str, Any]]
    model_key: Mapped[str | None] = mapped_column(String(64))  # blob of the trained .keras file
    serving: Mapped[dict[str, Any] | None]  # what prediction needs: DataSpec, num_parameters, see docs/architecture.md
    note: Mapped[str] = mapped_column(String(300), default="")
    created: Mapped[datetime] = mapped_column(default=now)


class DraftStepRow(Base):
    """One change of a draft, as `mhub_core.models.steps` writes it. `num_bytes` counts all steps of the model up to this one."""

    __tablename__ = "draft_steps"

    model_id: Mapped[int] = mapped_column(ForeignKey("models.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    num_bytes: Mapped[int] = mapped_column(BigInteger)
    change: Mapped[bytes] = mapped_column(LargeBinary)


class BlockRow(Base):
    """A piece of a design that somebody keeps under a name, to use it again in any model."""

    __tablename__ = "blocks"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    help: Mapped[str] = mapped_column(String(300), default="")
    graph: Mapped[dict[str, Any]]
    created: Mapped[datetime] = mapped_column(default=now)


class ClipboardRow(Base):
    """What somebody copied last in a diagram. It lies here so that it reaches their other tabs and machines."""

    __tablename__ = "clipboards"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    graph: Mapped[dict[str, Any]]
    updated: Mapped[datetime] = mapped_column(default=now)
