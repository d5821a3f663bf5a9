"""What lists of models, datasets and projects are narrowed to, and how a page of one is cut out of the indexes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, false, select, union

from mhub_core.sharing import policy
from mhub_core.sharing import service as sharing
from mhub_core.sharing.policy import Person
from mhub_core.sharing.reach_service import in_project


def reasons(
    viewer: Person | None, row: Any, mine: bool = False, shared: bool = False, project_id: int | None = None
) -> tuple[ColumnElement[bool], ...]:
    """Return as SQL why rows are in a list: any part is enough, and each can be looked up in an index of its own.

    `mine`: only the viewer's own. `shared`: only what others let them reach. `project_id`: only what belongs to that project.
    """
    if project_id is not None:
        belongs = row.id.in_(in_project(project_id, sharing.KINDS[row]))
        return tuple(and_(belongs, reason) for reason in reasons(viewer, row))
    if mine:
        return (row.owner_id == viewer.id if viewer else false(),)
    if shared and viewer:
        granted = row.id.in_(sharing.granted_to(viewer, policy.READ, row))
        return (and_(granted, row.owner_id.is_distinct_from(viewer.id)),)
    return (false(),) if shared else policy.reasons(viewer, policy.READ, row, sharing.granted_to(viewer, policy.READ, row))


def newest(
    row: Any,
    by: tuple[Any, ...],
    reasons: tuple[ColumnElement[bool], ...],
    conditions: list[ColumnElement[bool]],
    limit: int,
    offset: int,
) -> Subquery:
    """Select the ids of one page of a list, the greatest first by `by`, which ends with the id. `reasons`: see there.

    Each reason gives its first rows out of an index that begins with that reason and ends with `by`; only these are put together.
    For reasons joined by OR, or for a join, the database would read every row of a large table.
    """
    rows = select(*by).where(*conditions).order_by(*(column.desc() for column in by))
    if len(reasons) == 1:
        return rows.where(reasons[0]).limit(limit).offset(offset).subquery()
    parts = [rows.where(reason).limit(offset + limit).subquery() for reason in reasons]
    found = union(*(select(part) for part in parts)).subquery()
    return select(found.c.id).order_by(*(found.c[column.key].desc() for column in by)).limit(limit).offset(offset).subquery()
