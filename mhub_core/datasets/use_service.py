"""Which models were trained on a dataset, and so keep it from being deleted."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.engine import reading
from db.tables.datasets import DatasetVersionRow
from db.tables.models import ModelRow
from db.tables.runs import RunRow
from mhub_core.accounts.records import User
from mhub_core.datasets.records import Uses
from mhub_core.sharing import policy
from mhub_core.sharing import service as sharing


def uses(user: User | None, dataset_id: int) -> Uses:
    """Return what keeps a dataset from being deleted. Raises NotFound and Forbidden for whoever does not manage it."""
    with reading() as session:
        sharing.require_row(session, user, policy.MANAGE, sharing.DATASET, dataset_id)
        return uses_of(session, user, dataset_id)


def uses_of(session: Session, user: User | None, dataset_id: int) -> Uses:
    """Return the same within a transaction that has asked who wants to know."""
    may_see = sharing.allowed(user, policy.READ, ModelRow)
    query = select(ModelRow.id, ModelRow.name, may_see).join(RunRow, RunRow.model_id == ModelRow.id).distinct()
    versions = select(DatasetVersionRow.id).where(DatasetVersionRow.dataset_id == dataset_id)
    rows = session.execute(query.where(RunRow.dataset_version_id.in_(versions)).order_by(ModelRow.id)).all()
    seen = tuple((model_id, name) for model_id, name, may_see in rows if may_see)
    return Uses(seen, len(rows) - len(seen))


def in_words(uses: Uses) -> str:
    """Return the names of some of these models; those that the user may not see are only counted."""
    names, more = [name for _, name in uses.models[:10]], len(uses.models) - 10
    names += [f"{more} more"] if more > 0 else []
    return ", ".join(names + ([f"{uses.num_hidden} private models"] if uses.num_hidden else []))
