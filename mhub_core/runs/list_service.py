"""The statements by which runs are found. Each is put together once for a viewer, which takes longer than to run it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from db.tables.accounts import UserRow
from db.tables.datasets import DatasetRow, DatasetVersionRow
from db.tables.models import ModelRow, ModelVersionRow
from db.tables.runs import RunRow, RunScoreRow
from mhub_core.accounts.records import User
from mhub_core.sharing import policy
from mhub_core.sharing import service as sharing

# What a `RunCard` says, but for its scores.
CARD = (
    *(RunRow.id, RunRow.name, UserRow.name, RunRow.model_id, ModelRow.name, DatasetRow.id, DatasetRow.name),
    *(RunRow.state, RunRow.epoch, RunRow.epochs, RunRow.queued, RunRow.finished),
)


def seen(viewer: User | None, *columns: Any) -> Select[Any]:
    """Select the run `run_id`, if the viewer may see it, joined with its owner, model and dataset."""
    return joined(*columns).where(sharing.allowed_run(viewer, policy.READ), RunRow.id == bindparam("run_id"))


def joined(*columns: Any) -> Select[Any]:
    """Select columns of runs, their owners, models and datasets."""
    return (
        select(*columns)
        .select_from(RunRow)
        .join(UserRow, UserRow.id == RunRow.owner_id)
        .join(ModelRow, ModelRow.id == RunRow.model_id)
        .join(DatasetRow, DatasetRow.id == RunRow.dataset_id)
    )


@lru_cache(maxsize=256)
def whole(viewer: User | None) -> Select[Any]:
    """Select a run in full, what it is about, and whether the viewer may change it."""
    made = select(ModelVersionRow.number).where(ModelVersionRow.id == RunRow.trained_version_id).scalar_subquery()
    names = (UserRow.name, ModelRow.name, DatasetRow.id, DatasetRow.name, DatasetVersionRow.number, made)
    query = seen(viewer, RunRow, *names, sharing.allowed_run(viewer, policy.OWN))
    return query.join(DatasetVersionRow, DatasetVersionRow.id == RunRow.dataset_version_id)


@lru_cache(maxsize=256)
def number(viewer: User | None) -> Select[Any]:
    """Select the number of the run `run_id`, if the viewer may see it."""
    return seen(viewer, RunRow.id)


@lru_cache(maxsize=128)  # to put the statement together takes longer than to run it
def list_of(viewer: User | None, mine: bool, model_id: int | None, limit: int, folded: bool) -> Select[Any]:
    """Select the cards of a list of runs, newest first; `folded`: of each line one."""
    page = _newest_runs(viewer, mine, model_id, limit, folded).subquery()
    return joined(*CARD).join(page, page.c.id == RunRow.id).order_by(RunRow.id.desc())


def _newest_runs(viewer: User | None, mine: bool, model_id: int | None, limit: int, folded: bool) -> Select[int]:
    """Select the ids of a list. It goes through the runs from the newest on, and stops when it has enough that may be seen."""
    query = select(RunRow.id).order_by(RunRow.id.desc()).limit(limit)
    if model_id is not None:
        query = query.where(RunRow.model_id == model_id)
    if folded:
        query = query.where(RunRow.line_id.is_(None))
    if mine:
        return query.where(RunRow.owner_id == (viewer.id if viewer else 0))  # nobody has the number 0
    return query.where(sharing.allowed_run(viewer, policy.READ))


def scores_of(session: Session, run_ids: Sequence[int]) -> dict[int, dict[str, float]]:
    """Return the scores of each of these runs by name: none before its end."""
    found: dict[int, dict[str, float]] = {run_id: {} for run_id in run_ids}
    if not run_ids:
        return found
    for run_id, name, value in session.execute(_SCORES, {"runs": run_ids}):
        found[run_id][name] = value
    return found


# Put together once, because that takes as long as to ask.
_SCORES = select(RunScoreRow.run_id, RunScoreRow.name, RunScoreRow.value).where(
    RunScoreRow.run_id.in_(bindparam("runs", expanding=True))
)
