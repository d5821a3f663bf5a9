"""Which models were trained on a dataset, and so keep it from being deleted; and on which datasets a model was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from db.engine import reading
from db.tables.datasets import DatasetRow, DatasetVersionRow
from db.tables.models import ModelRow
from db.tables.runs import RunRow
from mhub_core.accounts.records import User
from mhub_core.datasets.records import LinkedDatasets, Uses
from mhub_core.sharing import policy
from mhub_core.sharing import service as sharing


def uses(user: User | None, dataset_id: int) -> Uses:
    """Return what keeps a dataset from being deleted. Raises NotFound and Forbidden for whoever does not manage it."""
    with reading() as session:
        sharing.require_row(session, user, policy.MANAGE, sharing.DATASET, dataset_id)
        return uses_of(session, user, dataset_id)


def uses_of(session: Session, user: User | None, dataset_id: int) -> Uses:
    """Return the same within a transaction that has asked who wants to know."""
    versions = select(DatasetVersionRow.id).where(DatasetVersionRow.dataset_id == dataset_id)
    return _uses(session.execute(_models(user, RunRow.dataset_version_id.in_(versions))).all())


def uses_of_version(session: Session, user: User | None, version_id: int) -> Uses:
    """Return what keeps one version from being deleted, within a transaction that has asked who wants to know."""
    return _uses(session.execute(_models(user, RunRow.dataset_version_id == version_id)).all())


def uses_by_version(viewer: User | None, dataset_id: int) -> dict[int, Uses]:
    """Return which models were trained on which version. Raises NotFound for whoever may not see the dataset."""
    of_dataset = _models(viewer, DatasetVersionRow.dataset_id == dataset_id, DatasetVersionRow.id)
    with reading() as session:
        sharing.require_row(session, viewer, policy.READ, sharing.DATASET, dataset_id)
        found: dict[int, list[Any]] = {}
        for *model, version_id in session.execute(of_dataset.join(DatasetVersionRow, _ON)):
            found.setdefault(version_id, []).append(model)
    return {version_id: _uses(models) for version_id, models in found.items()}


def datasets_of_model(viewer: User | None, model_id: int) -> LinkedDatasets:
    """Return on which datasets the runs of a model learned. Raises NotFound for whoever may not see the model."""
    may_see = sharing.allowed(viewer, policy.READ, DatasetRow)
    query = select(DatasetRow.id, DatasetRow.name, DatasetVersionRow.number, may_see).distinct()
    query = query.join(DatasetVersionRow, DatasetVersionRow.dataset_id == DatasetRow.id).join(RunRow, _ON)
    query = query.where(RunRow.model_id == model_id).order_by(DatasetRow.id, DatasetVersionRow.number)
    with reading() as session:
        sharing.require_row(session, viewer, policy.READ, sharing.MODEL, model_id)
        rows = session.execute(query).all()
    found: dict[tuple[int, str], list[int]] = {}
    for dataset_id, name, number, seen in rows:
        if seen:
            found.setdefault((dataset_id, name), []).append(number)
    hidden = {dataset_id for dataset_id, _, _, seen in rows if not seen}
    return LinkedDatasets(tuple((*dataset, tuple(numbers)) for dataset, numbers in found.items()), len(hidden))


_ON = DatasetVersionRow.id == RunRow.dataset_version_id


def _models(user: User | None, where: ColumnElement[bool], *more: Any) -> Select[Any]:
    """Select id, name and whether the user may see it of each model that has a run, and what `more` tells of the run."""
    may_see = sharing.allowed(user, policy.READ, ModelRow)
    query = select(ModelRow.id, ModelRow.name, may_see, *more).join(RunRow, RunRow.model_id == ModelRow.id).distinct()
    return query.where(where).order_by(ModelRow.id)


def _uses(rows: Sequence[Any]) -> Uses:
    seen = tuple((model_id, name) for model_id, name, may_see in rows if may_see)
    return Uses(seen, len(rows) - len(seen))


def in_words(uses: Uses) -> str:
    """Return the names of some of these models; those that the user may not see are only counted."""
    names, more = [name for _, name in uses.models[:10]], len(uses.models) - 10
    names += [f"{more} more"] if more > 0 else []
    return ", ".join(names + ([f"{uses.num_hidden} private models"] if uses.num_hidden else []))
