"""The statement behind the list of models."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Select, Subquery, case, func, or_, select

from db.tables.accounts import UserRow
from db.tables.models import ModelRow, ModelVersionRow
from mhub_core.accounts.records import User
from mhub_core.comments import count_service as comments
from mhub_core.sharing import list_service as lists
from mhub_core.sharing import service as sharing
from mhub_core.sharing import texts


@lru_cache(maxsize=128)  # to put the statement together takes longer than to run it
def list_of(viewer: User | None, search: str, limit: int, offset: int, **narrowed: Any) -> Select[Any]:
    """Select a page of the cards of models, last changed first. `narrowed`: as `sharing.list_service.reasons` takes it."""
    conditions = [
        or_(*(text.icontains(word, autoescape=True) for text in (ModelRow.name, ModelRow.description)))
        for word in texts.search_words(search)
    ]
    newest = (ModelRow.updated, ModelRow.id)
    reasons = lists.reasons(viewer, ModelRow, **narrowed)
    return _cards(lists.newest(ModelRow, newest, reasons, conditions, limit, offset))


def _cards(page: Subquery) -> Select[Any]:
    """Select the cards of one page of models. Only their versions are counted, each time out of the index alone."""

    def of_versions(told: Any) -> Any:
        return select(told).where(ModelVersionRow.model_id == ModelRow.id).scalar_subquery()

    trained = func.max(case((ModelVersionRow.model_key.is_not(None), 1), else_=0))
    versions = (of_versions(func.max(ModelVersionRow.id)), of_versions(func.count()), of_versions(trained) == 1)
    columns = (ModelRow.id, ModelRow.name, ModelRow.description, ModelRow.owner_id, UserRow.name, ModelRow.visibility)
    num_comments = comments.num_of(sharing.MODEL, ModelRow.id)
    query = select(*columns, *versions, ModelRow.updated, num_comments).select_from(page)
    query = query.join(ModelRow, ModelRow.id == page.c.id).join(UserRow, UserRow.id == ModelRow.owner_id)
    return query.order_by(ModelRow.updated.desc(), ModelRow.id.desc())
