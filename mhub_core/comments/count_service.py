"""How much was said about a thing, for the statements of other rooms' lists."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ScalarSelect, func, select

from db.tables.comments import CommentRow


def num_of(kind: str, thing_id: Any) -> ScalarSelect[int]:
    """Count the comments on a thing, out of an index alone. `thing_id`: a column of the statement that this stands in."""
    of_thing = (CommentRow.thing_kind == kind, CommentRow.thing_id == thing_id, CommentRow.deleted.is_(None))
    return select(func.count()).select_from(CommentRow).where(*of_thing).scalar_subquery()
