"""The statement behind the list of datasets."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, false, func, or_, select
from sqlalchemy.orm import aliased

from db.tables.accounts import UserRow
from db.tables.datasets import DatasetRow, DatasetVersionRow
from mhub_core.accounts.records import User
from mhub_core.comments import count_service as comments
from mhub_core.sharing import list_service as lists
from mhub_core.sharing import service as sharing
from mhub_core.sharing import texts


@lru_cache(maxsize=128)  # to put the statement together takes longer than to run it
def list_of(
    viewer: User | None, search: str, limit: int, offset: int, built_in: bool, mine: bool, **narrowed: Any
) -> Select[Any]:
    """Select a page of the cards of datasets, newest first. `mine`, `narrowed`: as `sharing.list_service.reasons` takes them."""
    searched = (DatasetRow.name, DatasetRow.description, DatasetRow.source)
    conditions = [or_(*(text.icontains(word, autoescape=True) for text in searched)) for word in texts.search_words(search)]
    if built_in:
        few = aliased(DatasetRow)
        conditions.append(DatasetRow.id.in_(select(few.id).where(few.owner_id.is_(None))))  # looked up first, for they are few
    if not mine:
        own = DatasetRow.owner_id == viewer.id if viewer else false()  # what came with the hub has no owner
        conditions.append(or_(own, _newest_version(DatasetVersionRow.state == "ready").is_not(None)))
    reasons = lists.reasons(viewer, DatasetRow, mine=mine, **narrowed)
    return _cards(lists.newest(DatasetRow, (DatasetRow.id,), reasons, conditions, limit, offset))


def _newest_version(*conditions: ColumnElement[bool]) -> Any:
    """Select the id of the newest version of a dataset, looked up for one dataset after the other."""
    of_dataset = select(func.max(DatasetVersionRow.id)).where(DatasetVersionRow.dataset_id == DatasetRow.id, *conditions)
    return of_dataset.correlate(DatasetRow).scalar_subquery()


def _cards(page: Subquery) -> Select[Any]:
    shown = func.coalesce(_newest_version(DatasetVersionRow.state == "ready"), _newest_version())
    spec, request = DatasetVersionRow.spec, DatasetVersionRow.request
    columns = (
        DatasetRow.id,
        DatasetRow.name,
        DatasetRow.description,
        DatasetRow.owner_id,
        UserRow.name,
        DatasetRow.visibility,
        DatasetVersionRow.id,
        DatasetVersionRow.state,
        func.coalesce(spec["kind"].as_string(), request["kind"].as_string()),
        func.coalesce(spec["task"].as_string(), request["task"].as_string()),
        func.coalesce(spec["num_rows"].as_integer(), 0),
        # Release 0.1 wrote the classes elsewhere; what is not there counts as nothing.
        func.coalesce(func.json_array_length(spec["target"]["classes"]), 0)
        + func.coalesce(func.json_array_length(spec["classes"]), 0),
        DatasetRow.licence,
        DatasetRow.source,
        comments.num_of(sharing.DATASET, DatasetRow.id),
    )
    return (
        select(*columns)
        .select_from(page)
        .join(DatasetRow, DatasetRow.id == page.c.id)
        .join(DatasetVersionRow, DatasetVersionRow.id == shown)
        .outerjoin(UserRow, UserRow.id == DatasetRow.owner_id)
        .order_by(DatasetRow.id.desc())
    )
