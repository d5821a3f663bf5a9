"""The runs that a viewer may use: asked by the verbs, in their transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from db.tables.datasets import DatasetRow
from db.tables.models import ModelRow
from db.tables.runs import RunRow
from mhub_core.accounts.records import User
from mhub_core.errors import MHubError, NotFound
from mhub_core.runs import list_service
from mhub_core.sharing import policy
from mhub_core.sharing import service as sharing


def require_row(session: Session, asked: Select[Any], run_id: int) -> Any:
    """Return what a statement of `list_service` selects of a run. Raises NotFound when the viewer may not see it."""
    row = session.execute(asked, {"run_id": run_id}).one_or_none()
    if row is None:
        raise policy.hidden("run")
    return row


def require_own(session: Session, user: User | None, run_id: int) -> str:
    """Return the state of a run of the user's own. Raises NotFound, SignInRequired and Forbidden as `policy.demand` does."""
    asked = list_service.seen(user, RunRow.state, sharing.allowed_run(user, policy.OWN).label("is_own"))
    run = require_row(session, asked, run_id)
    policy.demand(user, policy.OWN if run.is_own else policy.READ, policy.OWN, "run")
    return str(run.state)


def visibilities(session: Session, model_id: int, dataset_id: int) -> tuple[str, str]:
    """Return who may see a model and a dataset, and keep both as they are until the transaction ends. Raises NotFound."""
    query = select(ModelRow.visibility, DatasetRow.visibility).select_from(ModelRow)
    query = query.join(DatasetRow, DatasetRow.id == dataset_id).where(ModelRow.id == model_id)
    found = session.execute(query.with_for_update(read=True)).one_or_none()
    if found is None:
        raise gone()
    return found[0], found[1]


def gone() -> MHubError:
    """Return the error for a run that begins while what it needs is deleted."""
    return NotFound("The model or the dataset has been deleted in the meantime.", mend="Choose another one.")
