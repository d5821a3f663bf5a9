"""The rows of models that a viewer may use, and what they may know of them: asked by the verbs, in their transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from db.engine import may_lock
from db.tables.datasets import DatasetRow, DatasetVersionRow
from db.tables.models import ModelRow, ModelVersionRow
from db.tables.runs import RunRow
from mhub_core.accounts.records import User
from mhub_core.models.records import KERAS, LEARNED_FROM, VersionCard
from mhub_core.sharing import policy
from mhub_core.sharing import service as sharing
from mhub_core.sharing.policy import Thing

CARD = ("id", "model_id", "number", "model_key", "serving", "run_id", "note", "created")
CARDS: Select[Any] = select(*(getattr(ModelVersionRow, name) for name in CARD), func.coalesce(ModelVersionRow.kind, KERAS))
_CARD_AND_MODEL = (
    CARDS.add_columns(ModelRow.owner_id, ModelRow.visibility, ModelRow.shares_data)
    .join(ModelRow, ModelRow.id == ModelVersionRow.model_id)
    .where(ModelVersionRow.id == bindparam("version_id"))
)


def require(session: Session, viewer: User | None, level: str, model_id: int) -> ModelRow:
    """Return a model. Raises NotFound when it does not exist or is private, and Forbidden below the level."""
    # Who changes a model holds its row, so that two of them cannot give the same number to two versions.
    row = session.get(ModelRow, model_id, with_for_update=level != policy.READ and may_lock(session))
    if row is None:
        raise policy.hidden("model")
    sharing.require(session, viewer, level, sharing.thing_of(row))
    return row


def require_card(session: Session, viewer: User | None, version_id: int) -> VersionCard:
    """Return a version without any design, in one look: what each prediction asks for. Raises NotFound."""
    row = session.execute(_CARD_AND_MODEL, {"version_id": version_id}).one_or_none()
    if row is None:
        raise policy.hidden("model")
    *told, owner_id, visibility, shares_data = row
    card = VersionCard(*told)
    level = sharing.level(session, viewer, Thing(sharing.MODEL, card.model_id, owner_id, visibility))
    policy.demand(viewer, level, policy.READ, "model")
    return card if knows_data_of(session, viewer, level, shares_data, [card]) else replace(card, serving=None)


def newest(session: Session, model_id: int) -> ModelVersionRow:
    """Return the newest version of a model."""
    query = select(ModelVersionRow).where(ModelVersionRow.model_id == model_id)
    return session.scalars(query.order_by(ModelVersionRow.number.desc()).limit(1)).one()


def knows_data_of(
    session: Session, viewer: User | None, level: str | None, shares_data: bool, versions: Sequence[VersionCard]
) -> set[int]:
    """Return of which versions of a model, on which the viewer has a level, the viewer may know what the data looked like:
    columns, categories, classes, ranges."""
    if shares_data or policy.reaches(level, policy.EDIT):
        return {version.id for version in versions}
    with_run = _with_open_data(session, viewer, [version.run_id for version in versions if version.run_id])
    found = {version.id for version in versions if version.run_id in with_run}
    return found | _without_run(session, viewer, [version for version in versions if not version.run_id and version.serving])


def _with_open_data(session: Session, viewer: User | None, run_ids: Sequence[int]) -> set[int | None]:
    """Return the runs whose data the viewer may see."""
    query = select(RunRow.id).join(DatasetVersionRow, DatasetVersionRow.id == RunRow.dataset_version_id)
    query = query.join(DatasetRow, DatasetRow.id == DatasetVersionRow.dataset_id)
    query = query.where(RunRow.id.in_(run_ids), sharing.allowed(viewer, policy.READ, DatasetRow))
    return set(session.scalars(query)) if run_ids else set()


def _without_run(session: Session, viewer: User | None, versions: Sequence[VersionCard]) -> set[int]:
    """Return the versions whose run was deleted and whose data the viewer may see."""
    named = {version.id: (version.serving or {}).get(LEARNED_FROM) for version in versions}
    ids = {dataset_version_id for dataset_version_id in named.values() if dataset_version_id}
    if not ids:
        return set()
    query = select(DatasetVersionRow.id).join(DatasetRow, DatasetRow.id == DatasetVersionRow.dataset_id)
    query = query.where(DatasetVersionRow.id.in_(ids), sharing.allowed(viewer, policy.READ, DatasetRow))
    open_data = set(session.scalars(query))
    return {version_id for version_id, dataset_version_id in named.items() if dataset_version_id in open_data}
